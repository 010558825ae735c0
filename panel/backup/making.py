"""Making the file: a manifest, the database as of one moment, the uploads.

SQLite is copied by its own backup interface, PostgreSQL table by table in one snapshot, in its COPY format. The panel
goes on meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from panel import __version__
from panel.audit import marks
from panel.config import SECRET_FILE, Settings
from panel.database import db, is_postgres

MANIFEST, DATABASE, UPLOADS, KEYS = "manifest.json", "database", "uploads", "keys"
SQLITE = f"{DATABASE}/panel.db"


@dataclass
class Manifest:
    """What a backup holds: each member's SHA-256, the rows of each table, the migrations it was made at."""

    made_at: str
    kind: str  # sqlite or postgresql
    version: str = __version__
    migrations: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


def name_of(moment: datetime) -> str:
    """The file's name: they sort by their time."""
    return f"zhangyin-{moment:%Y%m%dT%H%M%SZ}.tar.gz"


def make(settings: Settings, folder: Path, with_keys: bool = False) -> Path:
    """Write a backup into a folder and give its path. Whole or not at all; readable by its owner alone.

    `with_keys` puts the keys of sessions, audit log and vault in: then whoever has the file can read every secret.
    """
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / name_of(now)
    partial = target.with_suffix(".partial")
    manifest = Manifest(now.isoformat(timespec="seconds"), "postgresql" if is_postgres() else "sqlite")
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as work, _private(partial) as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
                for path, name in _members(settings, Path(work), manifest, with_keys):
                    _add(tar, path, name, manifest)
                _write_manifest(tar, Path(work), manifest)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _members(settings: Settings, work: Path, manifest: Manifest, with_keys: bool) -> Iterator[tuple[Path, str]]:
    """The database first: an upload that comes later is in the folder, but no row names it."""
    yield from (_postgres_tables if is_postgres() else _sqlite_file)(work, manifest)
    for path in sorted(settings.uploads.rglob("*")) if settings.uploads.is_dir() else []:
        if path.is_file() and not path.is_symlink():
            yield path, f"{UPLOADS}/{path.relative_to(settings.uploads).as_posix()}"
    own = (settings.instance / name for name in (SECRET_FILE, marks.KEY_FILE))
    keys = (*own, settings.vault_file) if with_keys else ()
    for path in keys:
        if path.is_file():
            yield path, f"{KEYS}/{path.name}"


def _sqlite_file(work: Path, manifest: Manifest) -> Iterator[tuple[Path, str]]:
    copy = work / "panel.db"
    with closing(sqlite3.connect(copy)) as target:
        db.connection().backup(target, pages=4096)
        target.execute("PRAGMA journal_mode=DELETE")
        for (table,) in _tables(target.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")):
            manifest.rows[table] = target.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        manifest.migrations = migrations_in(lambda sql: target.execute(sql).fetchall(), manifest.rows)
    yield copy, SQLITE


def _tables(rows: Any) -> list[tuple[str]]:
    return [row for row in rows if not row[0].startswith("sqlite_")]


def _postgres_tables(work: Path, manifest: Manifest) -> Iterator[tuple[Path, str]]:
    with db.connection().cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            for table, columns in postgres_columns(cursor).items():
                path = work / f"{table}.copy"
                names = ", ".join(f'"{column}"' for column in columns)
                with path.open("wb") as out, cursor.copy(f'COPY "{table}" ({names}) TO STDOUT') as copy:
                    for data in copy:
                        out.write(data)
                manifest.rows[table] = cursor.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0]  # noqa: S608
                yield path, f"{DATABASE}/{table}.copy"
                path.unlink()
            manifest.migrations = migrations_in(lambda sql: cursor.execute(sql).fetchall(), manifest.rows)
        finally:
            cursor.execute("ROLLBACK")


def postgres_columns(cursor: Any) -> dict[str, list[str]]:
    """The columns of every table of the panel's schema."""
    cursor.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
        "ORDER BY c.table_name, c.ordinal_position"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def migrations_in(ask: Any, tables: Any) -> list[str]:
    """Every migration that is applied, `core/001_initial`."""
    found = []
    for table in sorted(t for t in tables if t.startswith("migrations_")):
        area = table.removeprefix("migrations_")
        found += [f"{area}/{name}" for (name,) in ask(f'SELECT name FROM "{table}" ORDER BY name')]  # noqa: S608
    return found


def _add(tar: tarfile.TarFile, path: Path, name: str, manifest: Manifest) -> None:
    with path.open("rb") as source:
        manifest.files[name] = hashlib.file_digest(source, "sha256").hexdigest()
    tar.add(path, name, recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _write_manifest(tar: tarfile.TarFile, work: Path, manifest: Manifest) -> None:
    path = work / MANIFEST
    path.write_text(json.dumps(vars(manifest), ensure_ascii=False, indent=1), "utf-8")
    tar.add(path, MANIFEST, filter=_plain)
