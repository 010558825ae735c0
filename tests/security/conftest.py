"""The stage of the security tests: the cast, rows in three places, and requests that are undone again."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from panel.access.guard import Guard
from panel.database import db
from panel.runtime import Runtime
from tests.cast import World
from tests.security.cases import Case, cases
from tests.security.pages import main_form
from tests.security.places import Place, build

State = dict[str, tuple[int, int]]
ROLES = ("anonymous", "alice", "bob", "carol", "dave", "oscar", "root")


@dataclass(repr=False)
class Stage:
    """Everything a test of the doors needs."""

    app: Flask
    world: World
    places: list[Place]
    cases: list[Case]
    before: State  # what is stored when nobody has asked for anything
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        return self.app.extensions["zhangyin"]  # type: ignore[no-any-return]

    def guard(self, case: Case) -> Guard:
        return self.runtime.guards[case.endpoint]

    def methods(self, case: Case) -> list[str]:
        known = {m for r in self.app.url_map.iter_rules() if r.endpoint == case.endpoint for m in r.methods or ()}
        return [m for m in ("GET", "POST") if m in known and case.method in ("", m)]

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
        with undone():
            client, address = self.client(role), self.address(case)
            data = case.data()
            if method == "POST" and case.form is None:
                page = client.get(address)
                data |= main_form(page.text).values if page.status_code == 200 else {}
            data = {name: value for name, value in data.items() if name != "csrf_token"} | more
            answer = client.get(address) if method == "GET" else client.post(address, data=data)
            return answer, self.before, stored()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written here is rolled back."""
    with db.atomic() as everything:
        yield
        everything.rollback()


def stored() -> State:
    """How many rows each table has, and the sum of their versions."""
    parts = []
    for table in db.get_tables():
        version = "version" if "version" in _columns(table) else "0"
        parts.append(f"SELECT '{table}', COUNT(*), COALESCE(SUM({version}), 0) FROM \"{table}\"")
    rows = db.execute_sql(" UNION ALL ".join(parts)).fetchall()
    return {name: (int(count), int(total)) for name, count, total in rows}


@functools.cache
def _columns(table: str) -> set[str]:
    return {column.name for column in db.get_columns(table)}


@pytest.fixture
def word() -> str:
    """What is part of every name; a test module may say otherwise."""
    return ""


@pytest.fixture
def stage(
    app: Flask, world: World, client_of: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch, word: str
) -> Stage:
    """Everything entered; the connection stays open between requests, so that each can be undone."""
    places = build(app, world, word)
    with app.test_request_context():
        found = cases(app.extensions["zhangyin"], places)
    made = Stage(app, world, places, found, stored())
    for role in ROLES[1:]:
        world.identity(role)  # remembered, as in a panel that runs
        cookie = client_of(world.user(role)).get_cookie("zhangyin")
        assert cookie is not None
        made.cookies[role] = cookie.value
    made.before = stored()
    close, main = db.obj.close, threading.current_thread()
    monkeypatch.setattr(db.obj, "close", lambda: threading.current_thread() is not main and close())
    return made
