"""Fixtures for everything: an empty database of either kind, the app, and a small cast of institutions and users.

A test that asks for `database` (directly or not) runs on SQLite and on PostgreSQL; `--db sqlite` runs it on one.
"""

from __future__ import annotations

import copy
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
from panel.audit import marks
from panel.checks.registry import checks
from panel.database import connect, db
from panel.i18n import speaking, use_catalogues
from tests.cast import World, build_world
from tests.services import (  # noqa: F401  (fixtures)
    browser_type_launch_args,
    chromium,
    postgres_server,
    postgres_url,
    redis,
    redis_url,
)
from tests.snapshot import Snapshot, empty


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


def _cast(app: Flask, kind: str, request: pytest.FixtureRequest) -> Snapshot:
    """The cast of an app, entered once a test process and kind of database."""
    if (app, kind) not in _casts:
        folder = request.getfixturevalue("tmp_path_factory").mktemp("world")
        if kind == "sqlite":
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "panel.db")
            url = f"sqlite:///{folder / 'panel.db'}"
        else:
            url = request.getfixturevalue("postgres_template")
        runtime = app.extensions["zhangyin"]
        before = runtime.settings
        runtime.settings = replace(before, instance=folder, database=url)
        connect(url)
        empty()
        with audit.acting("cli", user_name="test"), app.app_context():
            _casts[app, kind] = Snapshot(folder, build_world(app))
        db.close()
        runtime.settings = before
    return _casts[app, kind]


_casts: dict[tuple[Flask, str], Snapshot] = {}


@pytest.fixture
def database(request: pytest.FixtureRequest, panel_app: Flask, tmp_path: Path) -> Iterator[str]:
    """A database of the kind asked for, connected; gives its address. It holds the cast where `world` is asked for."""
    runtime = panel_app.extensions["zhangyin"]
    # one process may hold two apps: the checks, the catalogues and the key of the log are those of this one
    checks.collect(runtime.registry.areas)
    marks.init_app(runtime)
    use_catalogues([area.folder / "translations" for area in runtime.registry])
    cast = _cast(panel_app, request.param, request) if "world" in request.fixturenames else None
    if request.param == "sqlite":
        target = tmp_path / "panel.db"
        source = cast.folder / "panel.db" if cast else request.getfixturevalue("sqlite_template")
        shutil.copyfile(source, target)
        url = f"sqlite:///{target}"
        connect(url)
    else:
        url = request.getfixturevalue("postgres_template")
        connect(url)
        empty()
        if cast:
            cast.restore()
    for key in cast.folder.glob("*.key") if cast else ():  # what the rows are marked and sealed with
        shutil.copyfile(key, tmp_path / key.name)
    before = runtime.settings
    runtime.settings = replace(before, instance=tmp_path, database=url)
    identity._remembered.clear()
    db.connect(reuse_if_open=True)
    yield url
    if not db.is_closed():
        db.close()
    if request.param != "sqlite":
        db.obj.close_all()
    runtime.settings = before


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
def world(request: pytest.FixtureRequest, app: Flask, acting: Any, database: str) -> World:
    """Two institutions with units, people, roles and users; see tests.cast."""
    return copy.deepcopy(_cast(app, "sqlite" if database.startswith("sqlite") else "postgres", request).world)


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
