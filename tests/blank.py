"""A database without any table, of either kind, for tests that build their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from panel.database import connect, db
from tests.services import worker_name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """For the modules that import `blank`: SQLite and PostgreSQL, or what `--db` says."""
    if "blank" in metafunc.fixturenames:
        metafunc.parametrize("blank", metafunc.config.getoption("--db").split(","), indirect=True)


@pytest.fixture
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, connected; gives its address. The one connected before comes back afterwards."""
    before = db.obj
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.db'}"
    else:
        url = _empty_postgres(request.getfixturevalue("postgres_server"))
    connect(url)
    db.connect()
    yield url
    db.close()
    if request.param != "sqlite":
        db.obj.close_all()
    db.initialize(before)


def _empty_postgres(server: str) -> str:
    name = f"zhangyin_blank_{worker_name()}"
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    url = server.replace("/postgres?", f"/{name}?", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url
