"""Fixtures for everything: an empty database of either kind, the app, and a small cast of institutions and users.

A test that asks for `database` (directly or not) runs on SQLite and on PostgreSQL; `--db sqlite` runs it on one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel import audit, config, create_app
from panel.access import identity
from panel.access.models import User
from panel.access.sessions import open_session
from panel.checks.registry import checks
from panel.database import connect, db
from panel.i18n import speaking
from tests.cast import World, build_world
from tests.services import (  # noqa: F401  (fixtures)
    browser_type_launch_args,
    chromium,
    postgres_server,
    postgres_url,
    redis,
    redis_url,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", default="sqlite,postgres", help="databases to test on: sqlite,postgres")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rule(id): the rule of the policy catalogue this test proves")
    config.addinivalue_line("markers", "one_database: no database has a say in it; one is enough")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--db").split(",")
        if metafunc.definition.get_closest_marker("one_database"):
            kinds = kinds[:1]
        metafunc.parametrize("database", kinds, indirect=True, scope="function")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests read messages as they are written in the code; clients choose their own language."""
    with speaking("en"):
        yield


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> config.Settings:
    """Settings of a throw-away instance."""
    folder = tmp_path_factory.mktemp("instance")
    return config.load(folder, environ={}, environment="testing", secret_key="0123456789abcdef" * 3)


@pytest.fixture(scope="session")
def panel_app(settings: config.Settings) -> Flask:
    """The app, wired once; `database` points it at a fresh database for each test."""
    return create_app(settings)


@pytest.fixture(scope="session")
def sqlite_template(panel_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _migrate(panel_app, f"sqlite:///{path}")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(panel_app: Flask, postgres_url: str) -> str:  # noqa: F811
    """A migrated, empty PostgreSQL database of this test process."""
    _migrate(panel_app, postgres_url)
    db.close()
    return postgres_url


def _migrate(app: Flask, url: str) -> None:
    from panel import migrate

    connect(url)
    db.connect()
    with audit.acting("migration", user_name="tests"):
        migrate.up(app.extensions["zhangyin"].registry)


@pytest.fixture
def database(request: pytest.FixtureRequest, panel_app: Flask, tmp_path: Path) -> Iterator[str]:
    """An empty database of the kind asked for, connected; gives its address."""
    if request.param == "sqlite":
        target = tmp_path / "panel.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), target)
        url = f"sqlite:///{target}"
        connect(url)
    else:
        url = request.getfixturevalue("postgres_template")
        connect(url)
        _empty_postgres()
    runtime = panel_app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, instance=tmp_path, database=url)
    checks.collect(runtime.registry.areas)  # one process may hold two apps; the checks are those of this one
    identity._remembered.clear()
    db.connect(reuse_if_open=True)
    yield url
    if not db.is_closed():
        db.close()
    if request.param != "sqlite":
        db.obj.close_all()


def _empty_postgres() -> None:
    db.connect(reuse_if_open=True)
    tables = [t for t in db.get_tables() if not t.startswith("migrations_")]
    used = [t for t in tables if db.execute_sql(f'SELECT 1 FROM "{t}" LIMIT 1').fetchone()]
    if used:
        db.execute_sql("SET session_replication_role = replica")  # past the append-only triggers
        names = ", ".join(f'"{t}"' for t in used)
        db.execute_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        db.execute_sql("SET session_replication_role = DEFAULT")


@pytest.fixture
def app(panel_app: Flask, database: str) -> Flask:
    """The app on an empty database."""
    return panel_app


@pytest.fixture
def acting(database: str) -> Iterator[Any]:
    """An audit context, as a command has one."""
    with audit.acting("cli", user_name="test") as here:
        yield here


@pytest.fixture
def world(app: Flask, acting: Any) -> World:
    """Two institutions with units, people, roles and users; see tests.cast."""
    with app.app_context():
        return build_world(app)


@pytest.fixture
def client_of(app: Flask) -> Callable[[User | None], FlaskClient]:
    """A client logged in as a user (None: anonymous), speaking Chinese. CSRF is off; its tests switch it on."""

    def make(user: User | None, locale: str = "zh_Hans_CN") -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        with client.session_transaction() as session:
            session["locale"] = locale
            if user is not None:
                with audit.acting("web", user=user):
                    session["_user_id"] = open_session(user)
                session["_fresh"] = True
        return client

    return make
