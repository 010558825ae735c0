"""The stage of the security tests: the cast, rows in three places, and requests that are undone again."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from peewee import Model
from werkzeug.test import TestResponse

from panel import audit, migrate
from panel.access import identity, second
from panel.access.guard import Guard
from panel.access.identity import acting_as
from panel.access.models import User
from panel.access.sessions import open_session
from panel.audit import marks
from panel.checks.registry import checks
from panel.config import Settings
from panel.database import connect, db, is_postgres
from panel.runtime import Runtime
from panel.tokens import limits
from panel.tokens import services as tokens
from tests.cast import World, build_world
from tests.security.cases import Case, cases
from tests.security.pages import main_form
from tests.security.places import Place, build
from tests.services import worker_name

State = dict[str, tuple[int, int]]
ANY = ""
ROLES = ("anonymous", "alice", "bob", "carol", "dave", "oscar", "root")
SCOPED = ("bob",)  # whose rights the database has a say in; the others are asked on one


@dataclass(repr=False)
class Stage:
    """Everything a test of the doors needs."""

    app: Flask
    world: World
    places: list[Place]
    cases: list[Case]
    before: State  # what is stored when nobody has asked for anything
    cookies: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # of everybody's token, which holds all they may

    @property
    def runtime(self) -> Runtime:
        return self.app.extensions["zhangyin"]  # type: ignore[no-any-return]

    def guard(self, case: Case) -> Guard:
        return self.runtime.guards[case.endpoint]

    def methods(self, case: Case) -> list[str]:
        known = {m for r in self.app.url_map.iter_rules() if r.endpoint == case.endpoint for m in r.methods or ()}
        return [m for m in ("GET", "POST", "PATCH") if m in known and case.method in ("", m)]

    def address(self, case: Case) -> str:
        with self.app.test_request_context():
            return url_for(case.endpoint, **case.values)

    def client(self, role: str) -> FlaskClient:
        """A fresh client of somebody of the cast."""
        client = self.app.test_client()
        if role in self.cookies:
            client.set_cookie("zhangyin", self.cookies[role])
        return client

    def place(self, name: str) -> Place:
        return next(place for place in self.places if place.name == name)

    def ask(self, case: Case, method: str, role: str, **more: str) -> tuple[TestResponse, State, State]:
        """The answer, and what was stored before and after it; then all of it is undone."""
        with undone() as begun:
            client, address = self.client(role), self.address(case)
            if self.guard(case).api:
                bearer = {"Authorization": f"Bearer {self.secrets[role]}"} if role in self.secrets else {}
                sent = {} if method == "GET" else {"json": case.form or {}}
                return client.open(address, method=method, headers=bearer, **sent), self.before, self.now(begun)
            data = case.data()
            if method == "POST" and case.form is None:
                page = client.get(address)
                data |= main_form(page.text).values if page.status_code == 200 else {}
            data = {name: value for name, value in data.items() if name != "csrf_token"} | more
            answer = client.get(address) if method == "GET" else client.post(address, data=data)
            return answer, self.before, self.now(begun)

    def now(self, begun: dict[str, int]) -> State:
        """What is stored; counted only where anything was written since `begun`, for counting takes long."""
        counts = written()
        tables = {table for table, count in counts.items() if count != begun.get(table, 0)}
        return {**self.before, **stored(None if ANY in tables else tables)} if tables else self.before


@contextmanager
def undone() -> Iterator[dict[str, int]]:
    """Whatever is written here is rolled back. Gives what `written` was before."""
    with db.atomic() as everything:
        yield written()
        everything.rollback()


def written() -> dict[str, int]:
    """How many rows of each table were written, also where that was undone. SQLite knows the sum alone, for ANY."""
    if not is_postgres():
        return {ANY: db.connection().total_changes}
    rows = db.execute_sql(
        "SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
        " + pg_stat_get_xact_tuples_deleted(oid) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    return {name: int(count) for name, count in rows}


def stored(tables: Iterable[str] | None = None) -> State:
    """How many rows each table has, and the sum of their versions."""
    parts = []
    for table in db.get_tables() if tables is None else tables:
        version = "version" if "version" in _columns(table) else "0"
        parts.append(f"SELECT '{table}', COUNT(*), COALESCE(SUM({version}), 0) FROM \"{table}\"")
    rows = db.execute_sql(" UNION ALL ".join(parts)).fetchall()
    return {name: (int(count), int(total)) for name, count, total in rows}


@functools.cache
def _columns(table: str) -> set[str]:
    return {column.name for column in db.get_columns(table)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stage" in metafunc.fixturenames:
        kinds = metafunc.config.getoption("--db").split(",")
        if metafunc.definition.get_closest_marker("one_database"):
            kinds = kinds[:1]
        if "role" in metafunc.fixturenames:  # each by itself, so that processes share the work
            asked = [(kind, role) for kind in kinds for role in (ROLES if kind == kinds[0] else SCOPED)]
            metafunc.parametrize(("stage", "role"), asked, indirect=["stage"], scope="function")
        else:
            metafunc.parametrize("stage", kinds, indirect=True, scope="function")


@dataclass
class _Built:
    """A database with everything entered. Entering it takes seconds, so it serves every test of this process."""

    database: Any
    settings: Settings
    world: World
    places: list[Place]
    cookies: dict[str, str]
    secrets: dict[str, str]
    before: State


_built: dict[tuple[str, str], _Built] = {}


@pytest.fixture
def word() -> str:
    """What is part of every name; a test module may say otherwise."""
    return ""


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, panel_app: Flask, word: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """Everything entered, as nobody has touched it; the connection stays open, so that each request can be undone."""
    runtime = panel_app.extensions["zhangyin"]
    panel_app.config["WTF_CSRF_ENABLED"] = False
    limits._used.clear()
    identity._remembered.clear()
    checks.collect(runtime.registry.areas)
    marks.init_app(runtime)
    # The log-ins are as old as the process: tests that ran for long before this one must not make them stale.
    monkeypatch.setattr(second, "JUST_IN", timedelta(days=1))
    key, settings = (request.param, word), runtime.settings
    with audit.acting("cli", user_name="test"):
        kept = _built.get(key)
        if kept is None:
            kept = _built[key] = _build(request, panel_app, word)
        db.initialize(kept.database)
        runtime.settings = kept.settings
        close, main = db.obj.close, threading.current_thread()
        monkeypatch.setattr(db.obj, "close", lambda: threading.current_thread() is not main and close())
        with panel_app.test_request_context():
            world, places = _anew(kept)
            found = cases(runtime, places)
        yield Stage(panel_app, world, places, found, kept.before, dict(kept.cookies), kept.secrets)
        while db.in_transaction():
            db.pop_transaction()
        if stored() != kept.before:
            _built.pop(key)
    runtime.settings = settings


def _build(request: pytest.FixtureRequest, app: Flask, word: str) -> _Built:
    runtime = app.extensions["zhangyin"]
    folder = request.getfixturevalue("tmp_path_factory").mktemp("stage")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'panel.db'}"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "panel.db")
    else:
        template, name = request.getfixturevalue("postgres_template"), f"stage_{worker_name()}_{len(_built)}"
        if is_postgres():
            db.obj.close_all()
        with psycopg.connect(request.getfixturevalue("postgres_server"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = template.replace(f"/zhangyin_{worker_name()}?", f"/{name}?", 1)
    database = connect(url)
    runtime.settings = replace(runtime.settings, instance=folder, database=url, api_per_minute=999)
    db.connect(reuse_if_open=True)
    if request.param != "sqlite":
        migrate.up(runtime.registry)
    with app.app_context():
        world = build_world(app)
    places = build(app, world, word)
    cookies, secrets = {}, {}
    with app.test_request_context():
        for role in ROLES[1:]:
            who = world.identity(role)  # remembered, as in a panel that runs
            with acting_as(who):
                held = [p for p in _permissions(app) if who.may(p) and not p.startswith("tokens.")]
                if held and who.may("tokens.token.create"):
                    secrets[role] = tokens.make(f"{role}-script", held, None, 30)[1]
    for role in ROLES[1:]:
        cookies[role] = _cookie(app, world.user(role))
    return _Built(database, runtime.settings, world, places, cookies, secrets, stored())


def _permissions(app: Flask) -> list[str]:
    return [p for area in app.extensions["zhangyin"].registry.areas for p in area.permissions]


def _cookie(app: Flask, user: User) -> str:
    client = app.test_client()
    with client.session_transaction() as session, audit.acting("web", user=user):
        session["locale"] = "zh_Hans_CN"
        session["_user_id"] = open_session(user)
        session["_fresh"] = True
    cookie = client.get_cookie("zhangyin")
    assert cookie is not None
    return cookie.value


def _anew(kept: _Built) -> tuple[World, list[Place]]:
    """The cast and the places as they are stored: what a test did to the objects is forgotten."""

    def again(value: Any) -> Any:
        if isinstance(value, Model):
            return type(value).get_by_id(value.id)
        if isinstance(value, dict):
            return {name: again(one) for name, one in value.items()}
        return [again(one) for one in value] if isinstance(value, list) else value

    world = World(**{name: again(value) for name, value in vars(kept.world).items()})
    return world, [Place(**{name: again(value) for name, value in vars(place).items()}) for place in kept.places]
