"""What a person can hold here: cases to investigate, measures to take."""

from __future__ import annotations

from collections.abc import Iterable

from panel.api import Holding, Person, _l, records
from plugins.violations.choices import CaseState
from plugins.violations.common import may_handle
from plugins.violations.models import Case


def _held_by(people: Iterable[Person]) -> list[Case]:
    return list(Case.select().where(Case.handler.in_([p.id for p in people]), Case.state != CaseState.CLOSED))


def _give(case: Case, person: Person | None) -> None:
    if person is not None:
        may_handle(case, person)
    records.update(case, handler=person)


case_handler = Holding(
    kind="violations.case",
    title=_l("Handles a breach case"),
    held_by=_held_by,
    holder=lambda row: row.__data__["handler"],
    subject=str,
    hand_over=lambda row, successor, note: _give(row, successor),
    end=lambda row, note: _give(row, None),
)
