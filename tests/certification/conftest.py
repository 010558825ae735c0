"""A university with an account whose verification lapses, and a clock that can be set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.obligations.models import Obligation
from plugins.accounts import services as accounts
from plugins.accounts.models import Account, Platform
from plugins.certification import services
from tests.cast import World

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture
def uni(app: Flask, world: World) -> Iterator[World]:
    """The university with alice at work; bob heads the faculty."""
    records.update(world.people["bob"], leads_unit=True)
    with app.test_request_context(), acting_as(world.identity("alice")):
        services.on_enable(world.uni)
        yield world


@pytest.fixture
def account(uni: World) -> Callable[..., Account]:
    """Registers an account of the faculty in use; the responsible person is dave."""
    platform = Platform.get(Platform.institution == uni.uni, Platform.family == "wechat")
    count = iter(range(10**6))

    def make(**values: Any) -> Account:
        number = next(count)
        given = {
            "name": f"理学院公众号{number}",
            "platform": platform,
            "identifier": f"sci_{number}",
            "unit": uni.faculty,
            "responsible": uni.people["dave"],
            "status": "active",
            **values,
        }
        return accounts.register_account(given)

    return make


def due(kind: str, subject: Any) -> Obligation | None:
    """What is open of a kind for a row."""
    return Obligation.get_or_none(
        Obligation.kind == kind, Obligation.subject_id == subject.id, Obligation.state == "open"
    )


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def ahead(days: int) -> date:
    return TODAY + timedelta(days)
