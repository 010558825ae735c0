"""What is wrong with an installation, and how to mend it. Every check answers for itself; none changes anything."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from flask import Flask
from redis.exceptions import RedisError

from panel import config, migrate
from panel.config import Settings
from panel.database import db
from panel.jobs.queue import client
from panel.jobs.worker import alive

State = Literal["ok", "warning", "failure"]
FREE = 500 * 2**20  # bytes; below it an upload or a backup soon fails


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at: `mend` says what to do where it is not ok."""

    name: str
    state: State
    found: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def examine(app: Flask) -> list[Diagnosis]:
    """Everything that can be asked of a running or stopped installation, in the order worth mending it in."""
    settings: Settings = app.extensions["zhangyin"].settings
    found: list[Diagnosis] = []
    looks: list[Callable[[Flask, Settings], Iterator[Diagnosis]]] = [
        _python, _instance, _plugins, _database, _migrations, _vault, _backups, _redis, _processes,
    ]  # fmt: skip
    with app.app_context():
        for look in looks:
            try:
                found += look(app, settings)
            except Exception as error:
                name = look.__name__.strip("_")
                found.append(
                    Diagnosis(name, "failure", f"{type(error).__name__}: {error}", "mend what stands above first")
                )
    return found


def _python(_app: Flask, _settings: Settings) -> Iterator[Diagnosis]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Diagnosis("python", "ok", f"{version}, SQLite {sqlite3.sqlite_version}")


def _instance(_app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    folder = settings.instance
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        yield Diagnosis(
            "instance", "failure", f"{folder} cannot be written", f"create it, owned by who runs the panel: {folder}"
        )
        return
    free = shutil.disk_usage(folder).free
    if free < FREE:
        yield Diagnosis("disk", "warning", f"{free // 2**20} MiB free below {folder}", "make room; keep 500 MiB free")
    else:
        yield Diagnosis("instance", "ok", f"{folder}, {free // 2**30} GiB free")
    secret = folder / config.SECRET_FILE
    if secret.exists() and secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Diagnosis("secret key", "failure", f"{secret} can be read by others", f"chmod 600 {secret}")
    if (
        settings.environment == "production"
        and not settings.https
        and settings.host not in ("127.0.0.1", "::1", "localhost")
    ):
        yield Diagnosis(
            "https",
            "warning",
            f"listens on {settings.host} without HTTPS",
            "put a TLS proxy before it (docs/install.md) and set https = true",
        )


def _plugins(app: Flask, _settings: Settings) -> Iterator[Diagnosis]:
    registry = app.extensions["zhangyin"].registry
    yield Diagnosis("plugins", "ok", ", ".join(f"{e.name} {e.plugin.version}" for e in registry) or "none")
    for name, why in registry.refused.items():
        yield Diagnosis(f"plugin {name}", "failure", why, "install a version written for this panel; its data is kept")


def _database(_app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    shown = settings.database_url.rpartition("@")[2] if "@" in settings.database_url else settings.database_url
    if shown.startswith("sqlite:///") and not Path(shown.removeprefix("sqlite:///")).exists():
        yield Diagnosis("database", "failure", f"{shown} does not exist yet", "panel migrate, or panel serve")
        return
    with db.connection_context():
        db.execute_sql("SELECT 1").fetchone()
    yield Diagnosis("database", "ok", shown)


def _migrations(app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    shown = settings.database_url
    if shown.startswith("sqlite:///") and not Path(shown.removeprefix("sqlite:///")).exists():
        return
    registry = app.extensions["zhangyin"].registry
    with db.connection_context():
        waiting = migrate.pending(registry)
        if waiting:
            names = ", ".join(str(step) for step in waiting[:5])
            yield Diagnosis(
                "migrations", "failure", f"{len(waiting)} to apply: {names}", "make a backup, then: panel migrate"
            )
            return
        differences = migrate.check(db.obj, registry.models)
    if differences:
        yield Diagnosis(
            "migrations", "failure", "; ".join(str(d) for d in differences[:3]), "panel migrate --check names all"
        )
    else:
        yield Diagnosis("migrations", "ok", "up to date")


def _vault(_app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    from panel.vault import masters, rotation
    from panel.vault.models import DataKey

    path = settings.vault_file
    if not settings.vault_key and path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Diagnosis("vault", "failure", f"{path} can be read by others", f"chmod 600 {path}")
    with db.connection_context():
        if not DataKey.table_exists():
            return
        if found := rotation.problems():
            yield Diagnosis(
                "vault",
                "failure",
                f"{len(found)} keys of stored secrets do not open: {'; '.join(found[:3])}",
                f"put back {path.name} as it was when they were sealed, or add that key to vault_key",
            )
        else:
            where = "vault_key" if settings.vault_key else str(path)
            keys = DataKey.select().count()
            yield Diagnosis("vault", "ok", f"{keys} keys, {len(masters.known())} master keys in {where}")


def _backups(_app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    from panel import backup

    latest = backup.newest(settings.backups)
    if settings.backups_kept == 0:
        yield Diagnosis("backup", "warning", "backups_kept is 0: none are made", "see that somebody else makes them")
    elif latest is None:
        yield Diagnosis("backup", "warning", f"none in {settings.backups} yet", "panel backup, or wait for the night")
    else:
        days = int((time.time() - latest.stat().st_mtime) / 86400)
        state: State = "ok" if days < 2 else "warning"
        mend = "" if days < 2 else "look at the background work why none was made, or run: panel backup"
        yield Diagnosis("backup", state, f"{latest.name}, {days} days old", mend)


def _redis(_app: Flask, settings: Settings) -> Iterator[Diagnosis]:
    where = settings.redis.rpartition("@")[2] or "the embedded server"
    try:
        client().ping()
    except RedisError as error:
        mend = "start it, or mend `redis` in panel.toml" if settings.redis else "start the panel: panel serve"
        yield Diagnosis("redis", "failure", f"{where} does not answer: {error}", mend)
    else:
        yield Diagnosis("redis", "ok", where)


def _processes(_app: Flask, _settings: Settings) -> Iterator[Diagnosis]:
    with db.connection_context():
        for kind in ("worker", "scheduler"):
            beating = alive(kind)
            if beating:
                yield Diagnosis(kind, "ok", ", ".join(f"{b.name}" for b in beating))
            else:
                yield Diagnosis(
                    kind, "failure", "none is running: nothing is sent or planned", f"panel serve, or: panel {kind}"
                )
