"""How it is going: the calendar of the plan with what may still be sent, and pieces by unit, range and column."""

from __future__ import annotations

import calendar as weeks_of
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import Institution, Unit, today
from plugins.content.models import PlanItem, Release, Submission
from plugins.content.planning import Room, rooms
from plugins.content.policy import Column, SendBudget, Topic

MOST_BUDGETS = 40


@dataclass(frozen=True)
class Square:
    """A day of the calendar with what is planned and what went out."""

    day: date
    other: bool
    today: bool
    items: list[PlanItem]
    out: int


def month_of(text: str) -> date:
    """The first day of the month `2026-03` names; of this month where it names none."""
    year, _dash, month = text.partition("-")
    if year.isdecimal() and month.isdecimal() and 1 <= int(month[:3]) <= 12 and 1990 <= int(year[:5]) <= 2200:
        return date(int(year), int(month), 1)
    return today().replace(day=1)


def after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def calendar(items: Any, first: date, accounts: Any, institution: Institution) -> dict[str, Any]:
    """A month of the plan; `items` and `accounts` are what whoever asks may see."""
    days = [day for week in weeks_of.Calendar().monthdatescalendar(first.year, first.month) for day in week]
    planned: dict[date, list[PlanItem]] = {}
    for item in items.where(PlanItem.planned_on.between(days[0], days[-1])).order_by(PlanItem.position, PlanItem.id):
        planned.setdefault(item.planned_on, []).append(item)
    counted: Any = (
        Release.select(Release.released_on, fn.COUNT(Release.id))
        .where(Release.institution == institution, Release.released_on.between(days[0], days[-1]))
        .group_by(Release.released_on)
        .tuples()
    )
    out = dict(counted)
    squares = [
        Square(day, day.month != first.month, day == today(), planned.get(day, []), int(out.get(day, 0)))
        for day in days
    ]
    budgets: list[tuple[Any, list[Room]]] = []
    limited = SendBudget.select(SendBudget.account).where(SendBudget.institution == institution)
    at = today() if first == today().replace(day=1) else first
    for account in accounts.where(accounts.model.id.in_(limited)).limit(MOST_BUDGETS):
        budgets.append((account, rooms(account, at)))
    return {
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": after(first),
        "weeks": [squares[n : n + 7] for n in range(0, len(squares), 7)],
        "budgets": budgets,
        "count": sum(len(v) for day, v in planned.items() if day.month == first.month),
    }


@dataclass(frozen=True)
class Row:
    """A line of a table of figures."""

    name: str
    handed_in: int
    released: int


def figures(rows: Any, first: date, institution: Institution) -> dict[str, Any]:
    """Pieces of a month by unit, range and column. Ranges and columns with nothing are shown with 0 (s2-01-r15)."""
    last = after(first) - timedelta(days=1)
    released = rows.where(Submission.released_on.between(first, last))
    handed = rows.where(Submission.round > 0, fn.DATE(Submission.submitted_at).between(first, last))
    topics = Topic.select().where(Topic.institution == institution, Topic.active, Topic.kind == "range")
    columns = Column.select().where(Column.institution == institution, Column.active, ~Column.page)
    return {
        "first": first,
        "before": (first - timedelta(days=1)).replace(day=1),
        "after": after(first),
        "units": _by(Submission.unit, Unit, handed, released, None),
        "topics": _by(Submission.topic, Topic, handed, released, topics.order_by(Topic.position, Topic.name)),
        "columns": _by(Submission.column, Column, handed, released, columns.order_by(Column.position, Column.name)),
        "totals": (handed.count(), released.count()),
    }


def _by(key: Any, model: Any, handed: Any, released: Any, every: Any) -> list[Row]:
    def counts(query: Any) -> dict[int, int]:
        grouped = query.clone()
        grouped._returning = (key, fn.COUNT(Submission.id))
        return {k: int(n) for k, n in grouped.where(key.is_null(False)).group_by(key).tuples()}

    came, went = counts(handed), counts(released)
    named = every if every is not None else model.select().where(model.id.in_([*came, *went])).order_by(model.name)
    return [Row(str(one), came.get(one.id, 0), went.get(one.id, 0)) for one in named]
