"""An institution at work, duties to owe, and people to owe them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.obligations import services
from panel.obligations.models import Duty, Obligation
from panel.obligations.remind import Scan
from tests.cast import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime.now(SHANGHAI).date()


@pytest.fixture
def staffed(world: World) -> World:
    """Bob heads the faculty, carol holds the publicity office."""
    records.update(world.people["bob"], leads_unit=True)
    office = records.create(Role, institution=world.uni, name="宣传部", code="publicity", permissions=[])
    records.create(Grant, institution=world.uni, user=world.users["carol"], role=office, unit=world.root_unit)
    return world


@pytest.fixture
def uni(app: Flask, staffed: World) -> Iterator[World]:
    """The university with alice at work."""
    with app.test_request_context(), acting_as(staffed.identity("alice")):
        yield staffed


@pytest.fixture
def duty(uni: World) -> Callable[..., Obligation]:
    """Enters a duty due in so many days (negative: late) and gives its open obligation."""
    count = iter(range(10**6))

    def make(days: int = 10, **values: Any) -> Obligation:
        values = {"name": f"培训 {next(count)}", "unit": uni.faculty, "first_due_on": TODAY + timedelta(days), **values}
        return open_of(services.add_duty(values))

    return make


def open_of(duty: Duty) -> Obligation:
    return Obligation.get(
        Obligation.kind == "obligations.duty", Obligation.subject_id == duty.id, Obligation.state == "open"
    )


def scan(world: World, on: date | None = None) -> Any:
    """Look at what is due at the end of a day in Shanghai."""
    now = datetime.combine(on or TODAY, time(23, 59, 59), SHANGHAI)
    return Scan(world.uni, now.astimezone(UTC)).run()
