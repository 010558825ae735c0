"""A school with a roster and a group, as the samples have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as, system
from panel.org.models import Institution, Person, Unit
from plugins.groupchat import services
from plugins.groupchat.models import Group
from plugins.groupchat.policy import QuietHours
from tests.cast import World

SAMPLES = Path(__file__).parents[1] / "data" / "groupchat"


@dataclass
class School:
    """An institution with units by name, people by name and one group of the whole staff."""

    institution: Institution
    root: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    group: Any = None

    def unit(self, name: str, kind: str = "function") -> Unit:
        """The unit, made where it is not there yet."""
        if name not in self.units:
            unit = records.create(Unit, institution=self.institution, parent=self.root, name=name, kind=kind)
            records.derive(Unit, Unit.id == unit.id, path=f"{self.root.path}{unit.id}/")
            self.units[name] = Unit.get_by_id(unit.id)
        return self.units[name]

    def person(self, name: str, unit: str = "校办", **values: Any) -> Person:
        """Somebody in a unit."""
        made = records.create(Person, institution=self.institution, unit=self.unit(unit), name=name, **values)
        self.people[name] = made
        return made

    def quiet(self, *windows: tuple[str, str], days: str = "workdays") -> None:
        """Quiet hours."""
        for starts, ends in windows:
            records.create(QuietHours, institution=self.institution, starts=starts, ends=ends, days=days)

    def open(self, name: str = "全体教职工工作群", kind: str = "staff", **values: Any) -> Group:
        """A registered group."""
        base = {"institution": self.institution, "unit": self.root, "name": name, "kind": kind, "purpose": "工作"}
        return services.open_group({**base, **values})


@pytest.fixture
def school(app: Flask, world: World) -> Iterator[School]:
    """`other` of the cast: a school. Its own user is no staff."""
    with app.app_context(), acting_as(system(world.other)):
        yield _school(world)


def _school(world: World) -> School:
    for person in Person.select().where(Person.institution == world.other):
        records.update(person, kind="contractor")
    return School(world.other, Unit.get_by_id(world.other_unit.id))


@pytest.fixture
def sample(school: School) -> School:
    """The school of the shared sample with its roster, and its group."""
    book = openpyxl.load_workbook(SAMPLES / "roster.xlsx", read_only=True)
    for number, name, unit, post, _state, began, ended in list(book.active.iter_rows(values_only=True))[1:]:
        school.person(
            name,
            unit,
            number=number,
            post=post,
            in_service_from=began and date.fromisoformat(str(began)[:10]),
            in_service_until=ended and date.fromisoformat(str(ended)[:10]),
        )
    school.group = school.open()
    return school


@pytest.fixture
def set_policy() -> Callable[..., None]:
    """Change the policy of an institution from its beginning on."""

    def change(institution: Institution, **values: Any) -> None:
        from panel.checks import policy
        from plugins.groupchat.policy import GroupPolicy

        row = policy.ship(GroupPolicy, institution)
        policy.change(GroupPolicy, institution, row.valid_from, values, reason="测试")

    return change


def names(people: Sequence[Any]) -> list[str]:
    """Names, in the order of their characters."""
    return sorted(person.name for person in people)
