"""A register to prove the rules on: one line makes an account, one asks what is found about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from panel import records
from panel.access.identity import acting_as
from panel.checks import policy
from panel.checks.models import Finding
from panel.checks.registry import checks
from panel.checks.saving import recording
from panel.checks.sweep import sweep
from panel.org.models import Person, Unit
from plugins.accounts.models import Account, Platform
from plugins.accounts.policy import AccountsPolicy
from tests.cast import World

MARCH = date(2026, 3, 2)  # the day the catalogue's examples are judged on, a Monday


class Register:
    """The university's register; rows are written as an import would, whatever they break."""

    def __init__(self, world: World) -> None:
        self.world, self.uni = world, world.uni
        self.responsible = self.person("孙雨桐", leads_unit=True, post="部长")

    def person(self, name: str, **values: Any) -> Person:
        values = {"institution": self.uni, "unit": self.world.faculty, **values}
        with recording():
            return records.create(Person, name=name, **values)

    def unit(self, name: str, kind: str = "function", **values: Any) -> Unit:
        values = {"institution": self.uni, "parent": self.world.root_unit, **values}
        with recording():
            unit = records.create(Unit, name=name, kind=kind, **values)
            records.derive(Unit, Unit.id == unit.id, path=f"{unit.parent.path}{unit.id}/")
        return unit

    def platform(self, code: str) -> Platform:
        return Platform.get(Platform.institution == self.uni, Platform.code == code)

    def account(self, name: str = "燕园书评", platform: str = "wechat_subscription", **values: Any) -> Account:
        filled: dict[str, Any] = {
            "institution": self.uni,
            "platform": self.platform(platform),
            "unit": self.world.faculty,
            "responsible": self.responsible,
            "status": "active",
        }
        with recording():
            return records.create(Account, name=name, **{**filled, **values})

    def add(self, model: Any, **values: Any) -> Any:
        """A row of any table of the institution."""
        with recording():
            return records.create(model, institution=self.uni, **values)

    def lay_down(self, **figures: Any) -> None:
        """Put figures in force, always."""
        policy.change(AccountsPolicy, self.uni, policy.BEGINNING, figures, reason="test")

    def findings(self, row: Any, on: date = MARCH) -> dict[str, str]:
        """What the nightly check says of a row on a day: check → message."""
        assert sweep(self.uni, day=on).broken == []
        rows = Finding.select().where(Finding.subject_id == row.id, Finding.closed_at.is_null())
        kind = type(row)
        return {
            f.code.partition(".")[2]: checks[f.code].worded(f.values) for f in rows if checks[f.code].subject is kind
        }


@pytest.fixture
def register(world: World) -> Iterator[Register]:
    with acting_as(world.identity("alice")):
        yield Register(world)
