"""The rows of a database at one moment, to begin every test from."""

from __future__ import annotations

from pathlib import Path

from panel.database import db, is_postgres
from tests.cast import World

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def _tables() -> list[str]:
    return sorted(name for (name,) in db.execute_sql(TABLES).fetchall() if not name.startswith("migrations_"))


def _used() -> list[str]:
    """The tables that have rows, asked at once."""
    each = [f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM \"{t}\")" for t in _tables()]
    return [name for (name,) in db.execute_sql(" UNION ALL ".join(each)).fetchall()]


def empty() -> None:
    """Take every row out of a PostgreSQL database, past the append-only triggers, and count from 1 again.

    DELETE: TRUNCATE makes new files for every table that refers to one, thirty times the work for our few rows.
    """
    db.connect(reuse_if_open=True)
    if is_postgres() and (used := _used()):
        with db.atomic():
            db.execute_sql("SET LOCAL session_replication_role = replica")
            db.connection().execute("; ".join(f'DELETE FROM "{table}"' for table in used))
            db.execute_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'").fetchall()


class Snapshot:
    """What the connected database holds now, and the cast it is. `folder` is the instance: the file of SQLite, keys."""

    def __init__(self, folder: Path, world: World) -> None:
        self.world = world
        self.folder = folder
        self.rows: dict[str, bytes] = {}
        if not is_postgres():
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in _used():
            with db.connection().cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                self.rows[table] = b"".join(bytes(row) for row in rows)

    def restore(self) -> None:
        """Put the rows into an empty PostgreSQL database."""
        with db.atomic():
            db.execute_sql("SET LOCAL session_replication_role = replica")
            for table, rows in self.rows.items():
                with db.connection().cursor().copy(f'COPY "{table}" FROM STDIN') as into:
                    into.write(rows)
            last = [
                f"setval(pg_get_serial_sequence('\"{t}\"', 'id'), (SELECT max(id) FROM \"{t}\"))" for t in self.rows
            ]
            db.execute_sql(f"SELECT {', '.join(last)}")
