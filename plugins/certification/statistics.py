"""How it is going: on time against late, spent against budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import fn

from panel.api import Institution, Obligation, Unit
from plugins.certification.models import Budget, Outcome, Renewal

KINDS = ("certification.renewal", "certification.review", "certification.certificate", "certification.domain")


def punctuality(institution: Institution, first: date, last: date) -> tuple[int, int]:
    """How many renewals due between two days were done on time, and how many late."""
    done = (
        (Obligation.institution == institution)
        & (Obligation.kind == "certification.renewal")
        & (Obligation.state == "done")
        & Obligation.due_on.between(first, last)
    )
    in_time = Obligation.select().where(done, Obligation.done_on <= Obligation.due_on).count()
    return in_time, Obligation.select().where(done).count() - in_time


@dataclass(frozen=True)
class Spending:
    """A unit's fees of a year against its budget, in fen."""

    unit: Unit
    budget: int
    spent: int

    @property
    def left(self) -> int:
        return self.budget - self.spent


def spending(institution: Institution, year: int) -> list[Spending]:
    """Every unit with a budget or a fee in a year, by name. Three queries."""
    paid: Any = (
        Renewal.select(Renewal.unit, fn.SUM(Renewal.paid))
        .where(Renewal.institution == institution, Renewal.year == year, Renewal.paid > 0)
        .group_by(Renewal.unit)
        .tuples()
    )
    spent = {unit: int(amount) for unit, amount in paid}
    granted: Any = (
        Budget.select(Budget.unit, Budget.amount).where(Budget.institution == institution, Budget.year == year).tuples()
    )
    budgets = dict(granted)
    units = Unit.select().where(Unit.id.in_([*spent, *budgets])).order_by(Unit.name)
    return [Spending(u, budgets.get(u.id, 0), spent.get(u.id, 0)) for u in units]


def failures(institution: Institution, year: int) -> int:
    """Renewals of a year that did not pass: their fee is lost."""
    return int(
        Renewal.select()
        .where(Renewal.institution == institution, Renewal.year == year, Renewal.outcome == Outcome.FAILED)
        .count()
    )
