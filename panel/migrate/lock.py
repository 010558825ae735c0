"""One process migrates a database at a time; the others wait."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from peewee import Database, InterfaceError, OperationalError, PostgresqlDatabase

from panel.errors import Refused

log = logging.getLogger(__name__)

ADVISORY_KEY = 0x7A68616E67  # "zhang": the same in every version, or they would not see each other
PAUSE = 0.2  # seconds between two tries


@contextmanager
def one_at_a_time(database: Database, patience: float) -> Iterator[None]:
    """Hold the database's migration lock; raises Refused where another process holds it for `patience` seconds.

    PostgreSQL: an advisory lock, gone with the connection. SQLite: a locked file beside the database, gone with the
    process; the file itself stays, since removing it would let a third process past a waiting second.
    """
    if isinstance(database, PostgresqlDatabase):
        _wait(lambda: _try_advisory(database), patience)
        try:
            yield
        finally:
            with suppress(InterfaceError, OperationalError):  # a lost connection has lost the lock too
                database.execute_sql("SELECT pg_advisory_unlock(%s)", (ADVISORY_KEY,))
    elif database.database == ":memory:":
        yield
    else:
        path = Path(f"{database.database}-migrate.lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="ascii") as held:
            _wait(lambda: _try_file(held.fileno()), patience)
            yield  # closing the file gives the lock back


def _try_advisory(database: Database) -> bool:
    return bool(database.execute_sql("SELECT pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()[0])


def _try_file(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(attempt: Callable[[], bool], patience: float) -> None:
    until = time.monotonic() + patience
    told = False
    while not attempt():
        if time.monotonic() >= until:
            raise Refused(
                f"another process has been migrating this database for more than {patience:.0f} s; "
                "wait for it, or end it and try again"
            )
        if not told:
            log.warning("another process is migrating this database; waiting for it")
            told = True
        time.sleep(PAUSE)
