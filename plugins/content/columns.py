"""Columns: looked through, and handed over when their owner leaves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from panel.api import Holding, NotFound, Person, Refused, _, _l, records, today
from plugins.content.choices import PlanState
from plugins.content.models import PlanItem
from plugins.content.policy import Column


def confirm_column(column: Column, on: date | None = None) -> None:
    """Say that somebody looked through a column and it still holds. Raises Refused for a day to come."""
    on = on or today()
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")
    records.update(column, confirmed_on=on)


def _give(row: Any, person: Person | None) -> None:
    if person is not None and person.institution_id != row.institution_id:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    records.update(row, owner=person)


def _columns_of(people: Iterable[Person]) -> list[Column]:
    return list(Column.select().where(Column.owner.in_([p.id for p in people]), Column.active))


def _items_of(people: Iterable[Person]) -> list[PlanItem]:
    running = (PlanState.PROPOSED.value, PlanState.ACCEPTED.value)
    return list(PlanItem.select().where(PlanItem.owner.in_([p.id for p in people]), PlanItem.state.in_(running)))


column_owner = Holding(
    kind="content.column",
    title=_l("Looks after a column"),
    held_by=_columns_of,
    holder=lambda row: row.__data__["owner"],
    subject=str,
    hand_over=lambda row, successor, note: _give(row, successor),
    end=lambda row, note: _give(row, None),
)
plan_item_owner = Holding(
    kind="content.plan_item",
    title=_l("Answers for an item of the plan"),
    held_by=_items_of,
    holder=lambda row: row.__data__["owner"],
    subject=str,
    hand_over=lambda row, successor, note: _give(row, successor),
    end=lambda row, note: _give(row, None),
)
