"""The ladder of reminders as arithmetic: which step is the latest, and when is the next. No clock, no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from panel.i18n import _
from panel.obligations.models import Audience
from panel.obligations.workdays import Workdays

FURTHEST = 400  # days from the due date
RANK = {Audience.OWNER: 0, Audience.LEAD: 1, Audience.OFFICE: 2}


@dataclass(frozen=True)
class Step:
    """A reminder `day` days from the due date (negative: before it)."""

    day: int
    audience: Audience = Audience.OWNER


@dataclass(frozen=True)
class Plan:
    """A ladder: its steps, and after the last of them one more every `repeat_every` days."""

    steps: tuple[Step, ...]
    repeat_every: int | None = None
    workdays: bool = True  # a step on a day off comes before it, one after the due date behind it
    hour: int = 8

    def __post_init__(self) -> None:
        """In order of days; whoever was told by one step is told by every later one."""
        rank, climbing = Audience.OWNER, []
        for step in sorted(self.steps, key=lambda s: s.day):
            rank = max(rank, Audience(step.audience), key=RANK.__getitem__)
            climbing.append(Step(step.day, rank))
        object.__setattr__(self, "steps", tuple(climbing))


def problem(days: Sequence[int], repeat_every: int | None) -> str | None:
    """Why these steps make no ladder, worded for who wrote them, or None."""
    if not days:
        return _("A ladder needs at least one step.")
    if len(set(days)) < len(days):
        twice = next(d for d in days if days.count(d) > 1)
        return _("The step of %(day)s days stands twice.", day=twice)
    if far := [d for d in days if abs(d) > FURTHEST]:
        return _("%(day)s days are too far from the due date; at most %(most)s.", day=far[0], most=FURTHEST)
    if repeat_every is not None and not 1 <= repeat_every <= FURTHEST:
        return _("Repeat every 1 to %(most)s days, or leave it empty.", most=FURTHEST)
    return None


@dataclass(frozen=True)
class Clock:
    """The institution's days: its zone and its calendar of workdays."""

    zone: ZoneInfo
    workdays: Workdays

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def moment(self, day: date, hour: int) -> datetime:
        """An hour of a day there, in UTC."""
        return datetime.combine(day, time(hour), self.zone).astimezone(UTC)


def day_of(plan: Plan, step: Step, due: date, clock: Clock) -> date:
    """The day a step falls on."""
    day = due + timedelta(days=step.day)
    if not plan.workdays:
        return day
    return clock.workdays.before(day) if step.day <= 0 else clock.workdays.after(day)


def latest(plan: Plan, due: date, now: datetime, clock: Clock) -> Step | None:
    """The last step whose time has come; None before the first."""
    for step in _backwards(plan, due, clock.today(now)):
        if clock.moment(day_of(plan, step, due, clock), plan.hour) <= now:
            return step
    return None


def following(plan: Plan, due: date, now: datetime, clock: Clock) -> datetime | None:
    """When the first step after `now` is due, in UTC; None when there is no more."""
    for step in onwards(plan, due, clock.today(now)):
        moment = clock.moment(day_of(plan, step, due, clock), plan.hour)
        if moment > now:
            return moment
    return None


def onwards(plan: Plan, due: date, today: date) -> Iterator[Step]:
    """The steps in order, of the repeated ones those from about today on."""
    yield from plan.steps
    if not plan.repeat_every or not plan.steps:
        return
    last = plan.steps[-1]
    count = max(1, _repeats(plan, due, today) - 1)
    for number in range(count, count + 3 * FURTHEST):
        yield Step(last.day + number * plan.repeat_every, last.audience)


def _backwards(plan: Plan, due: date, today: date) -> Iterator[Step]:
    if plan.repeat_every and plan.steps:
        last = plan.steps[-1]
        for number in range(_repeats(plan, due, today) + 1, 0, -1):
            yield Step(last.day + number * plan.repeat_every, last.audience)
    yield from reversed(plan.steps)


def _repeats(plan: Plan, due: date, today: date) -> int:
    """How many repetitions lie between the last step and today, days off left aside."""
    assert plan.repeat_every
    return max(0, ((today - due).days - plan.steps[-1].day) // plan.repeat_every)
