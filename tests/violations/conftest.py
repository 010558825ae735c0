"""A university whose office handles breaches: alice handles and decides, the accused are people of the faculty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.checks import policy
from panel.obligations.models import Obligation
from panel.org.models import Person
from panel.policies import applying, presets
from plugins.accounts import services as accounts
from plugins.accounts.models import Account, Platform
from plugins.violations import services
from plugins.violations.ladder import offered, targets
from plugins.violations.models import Case
from plugins.violations.policy import BreachKind, ViolationsPolicy
from tests.cast import World


class Office:
    """Shortcuts: a case, a founded one, what is offered for it, a preset put in force."""

    def __init__(self, world: World) -> None:
        self.world, self.uni = world, world.uni
        self.alice = world.people["alice"]

    def person(self, name: str = "孙磊", **values: Any) -> Person:
        values = {"institution": self.uni, "unit": self.world.faculty, **values}
        return records.create(Person, name=name, **values)

    def account(self, name: str = "校园之声", **values: Any) -> Account:
        platform = Platform.get(Platform.institution == self.uni, Platform.code == "wechat_subscription")
        filled = {"platform": platform, "identifier": f"gh_{name}", "unit": self.world.faculty, "status": "active"}
        responsible = values.pop("responsible", None) or self.person(f"{name}负责人")
        return accounts.register_account({"name": name, "responsible": responsible, **filled, **values})

    def kind(self, name: str) -> BreachKind:
        return services.kind_called(self.uni, name)

    def case(self, kind: str = "", **values: Any) -> Case:
        given = {"institution": self.uni, "facts": "群众反映", **values}
        return services.open_case({**given, "kind": self.kind(kind)} if kind else given)

    def founded(self, kind: str = "", **values: Any) -> Case:
        """A case that was investigated and found to be one; what it was found to be goes with the findings."""
        found = {n: values.pop(n) for n in ("crime", "harm", "deliberate", "loss", "administrator") if n in values}
        case = self.case(kind, **values)
        return self.find(case, **found)

    def find(self, case: Case, **found: Any) -> Case:
        services.take_up(case)
        services.record_findings(case, "经查属实", severity=case.severity, **found)
        services.decide(case, "founded", "事实清楚，证据确凿")
        return Case.get_by_id(case.id)

    def done(self, case: Case, name: str = "", **values: Any) -> Any:
        """What the ladder offers first, or what is named, decided and carried out."""
        name = name or self.offers(case)[0]
        made = services.sanction(case, name, **values)
        services.carry_out(made, "已送达本人")
        return made

    def offers(self, case: Case) -> list[str]:
        return [step.name for step in offered(case, targets(case)[0])]

    def lay_down(self, **figures: Any) -> None:
        policy.change(ViolationsPolicy, self.uni, policy.BEGINNING, figures, reason="test")

    def preset(self, code: str) -> None:
        """What a shipped preset lays down about breaches, in force."""
        (found,) = (one for one in presets.shipped() if one.code == code)
        ours = {part.key for part in found.parts if part.area == "violations"}
        assert ours
        applying.apply(found, self.uni, ours)

    def owed(self, kind: str, row: Any) -> Obligation | None:
        return Obligation.get_or_none(
            Obligation.kind == f"violations.{kind}", Obligation.subject_id == row.id, Obligation.state == "open"
        )


@pytest.fixture
def office(app: Flask, world: World) -> Iterator[Office]:
    with app.test_request_context(), acting_as(world.identity("alice")):
        yield Office(world)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the day of the panel, at noon in Shanghai."""

    def at(day: str) -> None:
        moment = datetime.fromisoformat(f"{day}T12:00:00+08:00").astimezone(UTC)
        for module in ("assessing", "barring", "cases", "common", "ladder", "measures", "models", "sanctioning"):
            monkeypatch.setattr(f"plugins.violations.{module}.utcnow", lambda: moment, raising=False)
            monkeypatch.setattr(f"plugins.violations.{module}.today", lambda: date.fromisoformat(day), raising=False)

    return at
