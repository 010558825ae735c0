"""The cast of the account tests: people of every kind, and an account to pass around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.database import db
from panel.i18n import today
from panel.org.models import Person
from plugins.accounts import services
from plugins.accounts.models import Account, Platform
from tests.accounts.life import Life
from tests.cast import World

TODAY = today()


@pytest.fixture
def uni(world: World) -> Any:
    """The university, with alice at work in it."""
    with acting_as(world.identity("alice")):
        yield world


@pytest.fixture
def person(uni: World) -> Callable[..., Person]:
    """Makes somebody of the faculty: staff in service, where nothing else is said."""

    def make(name: str, **values: Any) -> Person:
        values = {"institution": uni.uni, "unit": uni.faculty, "kind": "staff", **values}
        return records.create(Person, name=name, **values)

    return make


@pytest.fixture
def graduate(person: Callable[..., Person]) -> Person:
    """A student who left last month."""
    return person("董子涵", kind="student", in_service_until=TODAY - timedelta(days=30))


@pytest.fixture
def platform(uni: World) -> Callable[..., Platform]:
    """A shipped platform of the university by its code."""
    return lambda code="wechat_subscription": Platform.get(Platform.institution == uni.uni, Platform.code == code)


@pytest.fixture
def register(uni: World, platform: Callable[..., Platform], person: Callable[..., Person]) -> Callable[..., Account]:
    """Enters an account of the faculty; what is not said is filled in."""
    numbers = iter(range(1, 1000))

    def enter(**values: Any) -> Account:
        number = next(numbers)
        filled = {
            "name": f"理学院之声{number}",
            "platform": platform(),
            "identifier": f"sfdx_{number}",
            "unit": uni.faculty,
            "status": "active",
            "opened_on": date(2019, 3, 12),
            **values,
        }
        if "responsible" not in filled:
            filled["responsible"] = person(f"负责人{number}")
        return services.register_account(filled)

    return enter


@pytest.fixture
def account(register: Callable[..., Account]) -> Account:
    """An account in use, with nobody but its responsible person."""
    return register()


@pytest.fixture
def count_queries(uni: World) -> Callable[..., Any]:
    """Within it, the statements sent to the database."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        seen: list[str] = []
        original = db.obj.execute_sql

        def execute_sql(sql: str, *args: Any, **options: Any) -> Any:
            seen.append(sql)
            return original(sql, *args, **options)

        db.obj.execute_sql = execute_sql
        try:
            yield seen
        finally:
            del db.obj.execute_sql

    return counting


@pytest.fixture
def life(uni: World, app: Flask) -> Iterator[Life]:
    """The university with people who apply and sign."""
    with app.app_context():
        yield Life(uni)
