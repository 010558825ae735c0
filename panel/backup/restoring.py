"""Reading a backup back: into an empty instance, or only to prove that it can be."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

from panel.backup.making import DATABASE, KEYS, MANIFEST, SQLITE, UPLOADS, Manifest, migrations_in, postgres_columns
from panel.config import Settings
from panel.database import connect, db


class BackupError(Exception):
    """A backup that is damaged, or does not fit here; the message says what to do."""


def prove(path: Path, settings: Settings) -> Manifest:
    """Restore a backup aside and look whether all of it is there. Raises BackupError, saying what is not.

    Every member has its hash, the database is whole, and each table has its rows.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".proving-") as folder:
        work = Path(folder)
        manifest = _unpack(path, work)
        (_prove_postgres if manifest.kind == "postgresql" else _prove_sqlite)(work, manifest)
    return manifest


def restore(path: Path, settings: Settings, registry: Any) -> Manifest:
    """Bring a backup back into an instance that is empty. Raises BackupError where it is not, or does not fit."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.instance, prefix=".restoring-") as folder:
        work = Path(folder)
        manifest = _unpack(path, work)
        here = "postgresql" if settings.database_url.startswith("postgres") else "sqlite"
        if manifest.kind != here:
            raise BackupError(f"the backup is of {manifest.kind}, the setting `database` names {here}")
        if settings.uploads.is_dir() and any(settings.uploads.iterdir()):
            raise BackupError(f"{settings.uploads} is not empty: restore into a new instance folder")
        if manifest.kind == "sqlite":
            _prove_sqlite(work, manifest)
            _place_sqlite(work, settings)
        else:
            _fill_postgres(work, manifest, settings, registry)
        _place(work / UPLOADS, settings.uploads)
        vault = settings.vault_file
        for key in sorted((work / KEYS).glob("*")):
            _place_key(key, vault if key.name == vault.name else settings.instance / key.name)
    return manifest


def _unpack(path: Path, work: Path) -> Manifest:
    """Unpack what the manifest names, checked against it: an archive from elsewhere writes nothing outside."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if not member.isfile() or name.is_absolute() or ".." in name.parts:
                    raise BackupError(f"{path.name}: holds {member.name!r}, which no backup of the panel holds")
                tar.extract(member, work, filter="data")
        manifest = Manifest(**json.loads((work / MANIFEST).read_text("utf-8")))
    except (tarfile.TarError, EOFError, OSError, ValueError, TypeError) as error:
        raise BackupError(f"{path.name}: cannot be read to its end: {error}") from error
    there = {p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file()} - {MANIFEST}
    if there != set(manifest.files):
        raise BackupError(f"{path.name}: {len(there ^ set(manifest.files))} files more or less than it says")
    for saved, digest in manifest.files.items():
        with (work / saved).open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != digest:
                raise BackupError(f"{path.name}: {saved} is not what was saved")
    return manifest


# ── SQLite ─────────────────────────────────────────────────────────────────────────────────────


def _prove_sqlite(work: Path, manifest: Manifest) -> None:
    with closing(sqlite3.connect(work / SQLITE)) as database:
        (state,) = database.execute("PRAGMA integrity_check").fetchone()
        if state != "ok":
            raise BackupError(f"the database is damaged: {state}")
        if database.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupError("the database refers to rows that are not there")
        for table, rows in manifest.rows.items():
            (found,) = database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()  # noqa: S608
            _same_rows(table, rows, found)


def _place_sqlite(work: Path, settings: Settings) -> None:
    target = Path(settings.database_url.removeprefix("sqlite:///"))
    if target.exists():
        raise BackupError(f"{target} exists: move it away first, or restore into a new instance folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(work / SQLITE, target)


# ── PostgreSQL ─────────────────────────────────────────────────────────────────────────────────


def _prove_postgres(work: Path, manifest: Manifest) -> None:
    """Load every table into one of the same columns and constraints that vanishes again."""
    with db.connection().cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            there = postgres_columns(cursor)
            for table, rows in manifest.rows.items():
                if table not in there:
                    raise BackupError(f"the table {table} is not in this database any more")
                cursor.execute(f'CREATE TEMP TABLE "{table}" (LIKE "{table}" INCLUDING CONSTRAINTS) ON COMMIT DROP')
                _copy_in(cursor, work, table, there[table])
                cursor.execute(f'SELECT COUNT(*) FROM pg_temp."{table}"')  # noqa: S608
                _same_rows(table, rows, cursor.fetchone()[0])
        finally:
            cursor.execute("ROLLBACK")


def _fill_postgres(work: Path, manifest: Manifest, settings: Settings, registry: Any) -> None:
    from panel import audit, migrate

    connect(settings.database_url)
    with db.connection_context():
        if db.get_tables():
            raise BackupError("the database is not empty: name a new one in the setting `database`")
        with audit.acting("migration", user_name="panel restore"):
            migrate.up(registry)
        with db.connection().cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                _load(cursor, work, manifest)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise


def _load(cursor: Any, work: Path, manifest: Manifest) -> None:
    """All rows, with neither triggers nor foreign keys in the way; the keys come back and judge every row."""
    there = postgres_columns(cursor)
    here = migrations_in(lambda sql: cursor.execute(sql).fetchall(), there)
    if here != manifest.migrations:
        missing = sorted(set(manifest.migrations) ^ set(here))
        raise BackupError(
            f"the backup was made by version {manifest.version}, with other migrations ({', '.join(missing[:3])}): "
            "install that version, restore, then bring the panel up to date"
        )
    if unknown := sorted(set(manifest.rows) - set(there)):
        raise BackupError(f"the backup holds tables of a plugin that is not installed here ({', '.join(unknown[:3])})")
    keys = _foreign_keys(cursor)
    for table in there:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    for table, name, _definition in keys:
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    for table in there:
        cursor.execute(f'TRUNCATE "{table}"')
    for table, rows in manifest.rows.items():
        _copy_in(cursor, work, table, there[table])
        cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608
        _same_rows(table, rows, cursor.fetchone()[0])
    for table, name, definition in keys:
        cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
    for table in there:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    for table in (t for t in there if "id" in there[t]):
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", (f'"{table}"',))
        (sequence,) = cursor.fetchone()
        if sequence:
            cursor.execute(f'SELECT setval(%s, COALESCE((SELECT MAX(id) FROM "{table}"), 0) + 1, false)', (sequence,))  # noqa: S608


def _foreign_keys(cursor: Any) -> list[tuple[str, str, str]]:
    cursor.execute(
        "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
        "JOIN pg_namespace n ON n.oid = c.connamespace WHERE c.contype = 'f' AND n.nspname = current_schema()"
    )
    return [(table.strip('"'), name, definition) for table, name, definition in cursor.fetchall()]


def _copy_in(cursor: Any, work: Path, table: str, columns: list[str]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    source = (work / DATABASE / f"{table}.copy").open("rb")
    with source, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        while data := source.read(1 << 20):
            copy.write(data)


# ── files ──────────────────────────────────────────────────────────────────────────────────────


def _same_rows(table: str, wanted: int, found: int) -> None:
    if found != wanted:
        raise BackupError(f"{table} has {found} rows, {wanted} were saved")


def _place(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)


def _place_key(source: Path, target: Path) -> None:
    """A key that is here already stays: it may open more."""
    if source.is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
        target.chmod(0o600)
