"""Checks of the tests' own, on the roster: taken up for one test, gone after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from panel.access.identity import acting_as
from panel.checks.declare import Check, Judged, Severity, Touched, check
from panel.checks.models import Finding
from panel.checks.registry import checks
from panel.checks.sql import breaking, exists, how_many
from panel.org.models import Person, Unit
from tests.cast import World


@pytest.fixture
def uni(world: World) -> Iterator[World]:
    """The university, with alice at work in it."""
    with acting_as(world.identity("alice")):
        yield world


@pytest.fixture
def with_checks() -> Iterator[Callable[..., None]]:
    """Takes up checks for the time of a test."""
    added: list[str] = []

    def take(*found: Check | Judged) -> None:
        for one in found:
            checks.add(one)
            added.append(one.code)

    yield take
    for code in added:
        checks.remove(code)


def crowded(severity: Severity = Severity.ERROR, limit: int = 2, **more: Any) -> Check:
    """No unit has more than so many people."""

    @check(
        "org.crowded",
        subject=Unit,
        severity=severity,
        title="Crowded",
        message="%(count)s people, at most %(limit)s",
        watches={Person: "unit"},
        form_field="unit",
        **more,
    )
    def query(unit: Any, _policy: Any, _day: Any) -> Any:
        count = how_many(Person, Person.unit == unit.id)
        return breaking(unit, count > limit, count=count, limit=limit)

    return query


def twins(severity: Severity = Severity.NOTICE) -> Check:
    """No two people of a unit have one name: a change of one concerns the others."""

    def namesakes(touched: Touched) -> Any:
        return Person.select(Person.id).where(Person.name.in_(touched.values("name")))

    @check(
        "org.twins",
        subject=Person,
        severity=severity,
        title="Twins",
        message="Another %(name)s is in %(unit)s",
        watches={Person: namesakes, Unit: lambda t: Person.select(Person.id).where(Person.unit.in_(t.ids))},
    )
    def query(person: Any, _policy: Any, _day: Any) -> Any:
        unit = Unit.select(Unit.name).where(Unit.id == person.unit)
        same = exists(Person, Person.name == person.name, Person.unit == person.unit, Person.id != person.id)
        return breaking(person, same, name=person.name, unit=unit)

    return query


def left(severity: Severity = Severity.NOTICE) -> Check:
    """Everybody on the roster is in service: broken by the passing of days alone."""

    @check("org.left", subject=Person, severity=severity, title="Left", message="Left on %(day)s")
    def query(person: Any, _policy: Any, day: Any) -> Any:
        return breaking(person, person.in_service_until < day, day=person.in_service_until)

    return query


def open_findings() -> set[tuple[str, int, str, int | None]]:
    """(code, subject, facts, unit) of every open finding."""
    rows = Finding.select(Finding.code, Finding.subject_id, Finding.facts, Finding.unit)
    return set(rows.where(Finding.closed_at.is_null()).tuples())


def open_codes() -> list[tuple[str, int]]:
    return sorted((code, row) for code, row, _facts, _unit in open_findings())
