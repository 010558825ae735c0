"""The verbs over ladders, and the exact dates a ladder comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from panel import records
from panel.access.identity import asking
from panel.database import transaction
from panel.obligations import remind
from panel.obligations.kinds import Kind, Terms, preset
from panel.obligations.models import Audience, Ladder, LadderStep
from panel.obligations.settle import Settling
from panel.obligations.steps import FURTHEST, Clock, Plan, Step, day_of


def set_ladder(kind: Kind, terms: Terms) -> Ladder:
    """Put a ladder in force for a kind; what is open is looked at again by the new one."""
    institution = asking().institution
    values = {
        "active": terms.active,
        "every_days": terms.every.days,
        "every_months": terms.every.months,
        "repeat_every": terms.plan.repeat_every,
        "workdays": terms.plan.workdays,
        "hour": terms.plan.hour,
        "snooze_times": terms.snooze_times,
        "snooze_days": terms.snooze_days,
    }
    with transaction():
        row = Ladder.get_or_none(Ladder.institution == institution, Ladder.kind == kind.name)
        if row is None:
            row = records.create(Ladder, institution=institution, kind=kind.name, **values)
        else:
            records.update(row, **values)
        _set_steps(row, terms.plan)
        _apply(kind)
    return row


def forget_ladder(kind: Kind) -> bool:
    """Go back to the preset of a kind; gives whether there was anything to go back from."""
    with transaction():
        row = Ladder.get_or_none(Ladder.institution == asking().institution, Ladder.kind == kind.name)
        if row is None:
            return False
        for step in LadderStep.select().where(LadderStep.ladder == row):
            records.delete(step)
        records.delete(row)
        _apply(kind)
    return True


def _set_steps(ladder: Ladder, plan: Plan) -> None:
    there = {step.day: step for step in LadderStep.select().where(LadderStep.ladder == ladder)}
    for step in plan.steps:
        found = there.pop(step.day, None)
        if found is None:
            values = {"day": step.day, "audience": step.audience.value}
            records.create(LadderStep, institution=ladder.institution_id, ladder=ladder, **values)
        else:
            records.update(found, audience=step.audience.value)
    for gone in there.values():
        records.delete(gone)


def _apply(kind: Kind) -> None:
    institution = asking().institution
    Settling(institution).all([kind])
    remind.wake_all(institution, [kind.name])


@dataclass(frozen=True)
class Planned:
    """A step and the day it falls on; `moved` because of a day off."""

    step: Step
    day: date
    moved: bool
    repeated: bool = False

    @property
    def audience(self) -> Audience:
        return self.step.audience


def preview(terms: Terms, due: date, clock: Clock, repeats: int = 4) -> list[Planned]:
    """The exact dates of a ladder for a due date, with the first few repetitions."""
    plan = terms.plan
    steps = [(s, False) for s in plan.steps]
    if plan.repeat_every and steps:
        last = plan.steps[-1]
        days = range(last.day + plan.repeat_every, FURTHEST * 3, plan.repeat_every)
        steps += [(Step(day, last.audience), True) for day in list(days)[:repeats]]
    found = []
    for step, repeated in steps:
        day = day_of(plan, step, due, clock)
        found.append(Planned(step, day, (day - due).days != step.day, repeated))
    return found


def is_preset(kind: Kind, terms: Terms) -> bool:
    """Whether what holds is what the panel brings."""
    return terms == preset(kind)
