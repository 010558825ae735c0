"""A backup is proven by restoring it; a damaged or strange one is refused, and says why."""

from __future__ import annotations

import io
import json
import shutil
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from panel import audit, backup, files, migrate, records
from panel.audit.models import Entry
from panel.backup import making
from panel.config import Settings
from panel.database import connect, db, is_postgres
from panel.jobs import jobs
from panel.org.models import Person
from panel.runtime import runtime
from tests.cast import World
from tests.security.places import picture
from tests.services import empty_database


@pytest.fixture
def here(app: Flask, world: World) -> Iterator[Settings]:
    """The settings of an instance with an institution and an upload."""
    with app.app_context():
        files.save_image(picture(), world.uni.id)
        settings = runtime().settings
        (settings.instance / "secret.key").write_text("0123456789abcdef" * 4)
        settings.vault_file.unlink(missing_ok=True)
        yield settings


def _someone(other: dict[str, Any]) -> dict[str, Any]:
    return {"institution": other["institution"], "unit": other["unit"], "name": "后来者"}


def elsewhere(settings: Settings, folder: Path, request: pytest.FixtureRequest) -> Settings:
    """An empty instance of the same kind."""
    if settings.database_url.startswith("sqlite"):
        return replace(settings, instance=folder, database="")
    address = empty_database(request.getfixturevalue("postgres_server"), "restored")
    return replace(settings, instance=folder, database=address)


def test_it_restores_into_an_empty_instance(
    here: Settings, app: Flask, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    before = {model: list(model.select().order_by(model.id).dicts()) for model in (Person, Entry)}
    path = backup.make(here, here.backups)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    manifest = backup.prove(path, here)
    assert manifest.rows["org_person"] == len(before[Person])
    assert not [name for name in manifest.files if name.startswith("keys/")]
    target = elsewhere(here, tmp_path / "new", request)
    registry = app.extensions["zhangyin"].registry
    try:
        backup.restore(path, target, registry)
        connect(target.database_url)
        with db.connection_context():
            for model, rows in before.items():
                assert list(model.select().order_by(model.id).dicts()) == rows
            assert not migrate.check(db.obj, registry.models)  # constraints, keys and triggers are back
            with audit.acting("cli", user_name="t"):  # ids go on where they were
                assert records.create(Person, **_someone(before[Person][0])).id > before[Person][-1]["id"]
            with pytest.raises(Exception, match="append-only"):
                db.execute_sql("DELETE FROM audit_entry")
        if is_postgres():
            with pytest.raises(backup.BackupError, match="not empty"):
                backup.restore(path, replace(target, instance=tmp_path / "third"), registry)
            db.obj.close_all()
    finally:
        connect(database)
        db.connect(reuse_if_open=True)
    (upload,) = [p for p in target.uploads.rglob("*") if p.is_file()]
    assert (here.uploads / upload.relative_to(target.uploads)).read_bytes() == upload.read_bytes()
    if not is_postgres():
        with pytest.raises(backup.BackupError, match="is not empty"):
            backup.restore(path, target, registry)


def test_tables_of_a_plugin_that_is_not_here_are_named(
    here: Settings, app: Flask, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    if not is_postgres():
        pytest.skip("the file of SQLite comes back whole")
    db.execute_sql("CREATE TABLE museums_piece (id BIGINT PRIMARY KEY)")
    try:
        path = backup.make(here, here.backups)
    finally:
        db.execute_sql("DROP TABLE museums_piece")
    with pytest.raises(backup.BackupError, match="museums_piece"):
        backup.restore(path, elsewhere(here, tmp_path / "new", request), app.extensions["zhangyin"].registry)


@pytest.mark.one_database
def test_keys_are_in_it_only_when_asked_for(here: Settings, app: Flask, tmp_path: Path) -> None:
    _on_sqlite()
    path = backup.make(here, here.backups, with_keys=True)
    target = replace(here, instance=tmp_path / "new", database="")
    backup.restore(path, target, app.extensions["zhangyin"].registry)
    assert (target.instance / "secret.key").read_text() == "0123456789abcdef" * 4
    assert stat.S_IMODE((target.instance / "secret.key").stat().st_mode) == 0o600


def _on_sqlite() -> None:
    if is_postgres():
        pytest.skip("what it looks at is in the file, whatever the database")


def _repacked(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], extra: Any = None) -> Path:
    out = path.with_name("changed.tar.gz")
    with tarfile.open(path) as old, tarfile.open(out, "w:gz") as new:
        for member in old:
            source = old.extractfile(member)
            changed = change(member.name, source.read() if source else b"")
            if changed is None:
                continue
            info = tarfile.TarInfo(changed[0])
            info.size = len(changed[1])
            new.addfile(info, io.BytesIO(changed[1]))
        if extra is not None:
            new.addfile(*extra)
    return out


@pytest.mark.one_database
def test_what_is_damaged_or_strange_is_refused(here: Settings, app: Flask, tmp_path: Path) -> None:
    _on_sqlite()
    path = backup.make(here, here.backups)
    link = tarfile.TarInfo("uploads/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"

    def fewer(name: str, data: bytes) -> tuple[str, bytes]:
        if name != making.MANIFEST:
            return name, data
        manifest = json.loads(data)
        manifest["rows"]["org_person"] += 1
        return name, json.dumps(manifest).encode()

    cases: list[tuple[Path, str]] = [
        (
            _keep(_repacked(path, lambda n, d: (n, d + b"x" if n.startswith("uploads") else d)), "a"),
            "not what was saved",
        ),
        (_keep(_repacked(path, lambda n, d: None if n.startswith("uploads") else (n, d)), "b"), "more or less"),
        (_keep(_repacked(path, fewer), "c"), "org_person has"),
        (_keep(_repacked(path, lambda n, d: (f"../{n}", d)), "d"), "no backup of the panel holds"),
        (_keep(_repacked(path, lambda n, d: (n, d), (link, None)), "e"), "no backup of the panel holds"),
    ]
    cut = here.backups / "cut.tar.gz"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for file, why in [*cases, (cut, "cannot be read to its end")]:
        with pytest.raises(backup.BackupError, match=why):
            backup.prove(file, here)
        with pytest.raises(backup.BackupError):
            backup.restore(file, replace(here, instance=tmp_path / "new", database=""), None)
        assert not (tmp_path / "new" / "panel.db").exists()
    assert not [p for p in here.backups.iterdir() if p.name.startswith(".")]
    wrong = replace(here, database="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(backup.BackupError, match="names postgresql"):
        backup.restore(path, wrong, None)


def _keep(path: Path, name: str) -> Path:
    return Path(shutil.move(path, path.with_name(f"{name}.tar.gz")))


def test_the_night_makes_one_and_keeps_the_last(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here.backups.mkdir()
    for day in range(3):
        (here.backups / f"zhangyin-2020010{day + 1}T000000Z.tar.gz").write_bytes(b"")
    at_work = runtime()
    at_work.settings = replace(here, backups_kept=2)
    try:
        done = jobs.backup(None)  # type: ignore[arg-type]
        assert done is not None
        assert done["deleted"] == 2
        newest = backup.newest(here.backups)
        assert newest is not None
        assert (newest.name, len(list(here.backups.iterdir()))) == (done["file"], 2)
        at_work.settings = replace(here, backups_kept=0)
        assert jobs.backup(None) == {"kept": 0}  # type: ignore[arg-type]
    finally:
        at_work.settings = here
