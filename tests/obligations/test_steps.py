"""The ladder as arithmetic: for any ladder, date, calendar and outage, each step once at most, the last one always."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.obligations.kinds import STANDARD, Every
from panel.obligations.models import Audience
from panel.obligations.steps import Clock, Plan, Step, day_of, following, latest, problem
from panel.obligations.workdays import Workdays

BASE = date(2026, 3, 2)
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "UTC"]

plans = st.builds(
    Plan,
    st.lists(
        st.builds(Step, st.integers(-120, 40), st.sampled_from(list(Audience))),
        min_size=1,
        max_size=8,
        unique_by=lambda step: step.day,
    ).map(tuple),
    st.none() | st.integers(1, 30),
    st.booleans(),
    st.integers(0, 23),
)
calendars = st.dictionaries(st.integers(-200, 200).map(lambda n: BASE + timedelta(days=n)), st.booleans()).map(Workdays)
clocks = st.builds(Clock, st.sampled_from(ZONES).map(ZoneInfo), calendars)
dues = st.integers(-150, 150).map(lambda n: BASE + timedelta(days=n))
# An outage is a gap between two looks.
looks = st.lists(st.integers(0, 24 * 400), min_size=1, max_size=25).map(
    lambda hours: [datetime(2025, 8, 1, tzinfo=UTC) + timedelta(hours=h) for h in sorted(set(hours))]
)


@settings(max_examples=400, deadline=None)
@given(plans, dues, clocks, looks)
def test_each_step_once_at_most_and_the_last_applicable_always(
    plan: Plan, due: date, clock: Clock, moments: list[datetime]
) -> None:
    """What the scan does with a row, over any times at which it happens to look."""
    next_at: datetime | None = moments[0]
    reached: int | None = None
    sent: list[int] = []
    for now in moments:
        if next_at is not None and next_at <= now:
            step = latest(plan, due, now, clock)
            if step is not None and (reached is None or step.day > reached):
                sent.append(step.day)
                reached = step.day
            next_at = following(plan, due, now, clock)
            assert next_at is None or next_at > now
        applicable = steps_until(plan, due, now, clock)
        assert (reached == applicable[-1]) if applicable else reached is None
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent)


def steps_until(plan: Plan, due: date, now: datetime, clock: Clock) -> list[int]:
    """By brute force: the steps whose time has come, in order."""
    days = [s.day for s in plan.steps]
    if plan.repeat_every:
        days += [plan.steps[-1].day + n * plan.repeat_every for n in range(1, 1200 // plan.repeat_every)]
    return [d for d in days if clock.moment(day_of(plan, Step(d), due, clock), plan.hour) <= now]


@given(plans, dues, clocks)
def test_a_step_never_tells_fewer_than_the_one_before(plan: Plan, due: date, clock: Clock) -> None:
    order = list(Audience)
    ranks = [order.index(s.audience) for s in plan.steps]
    assert ranks == sorted(ranks)


SHANGHAI = Clock(ZoneInfo("Asia/Shanghai"), Workdays({date(2026, 2, 14): True, date(2026, 2, 16): False}))


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI.zone)


def test_a_step_on_a_day_off_comes_before_it_one_after_the_due_date_behind_it() -> None:
    due = date(2026, 2, 16)  # Monday, a holiday; the Saturday before is worked
    assert day_of(STANDARD, Step(0), due, SHANGHAI) == date(2026, 2, 14)
    assert day_of(STANDARD, Step(5), due, SHANGHAI) == date(2026, 2, 23)  # Saturday the 21st


def test_late_at_creation_gets_the_latest_step_alone() -> None:
    step = latest(STANDARD, date(2026, 1, 5), at(date(2026, 3, 2)), SHANGHAI)
    assert step == Step(55, Audience.OFFICE)  # 7 + 16 × 3


def test_the_end_of_february_and_a_change_of_clocks() -> None:
    assert Every(months=12).after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert Every(months=1).after(date(2026, 1, 31)) == date(2026, 2, 28)
    assert Every(days=90).after(date(2025, 11, 20)) == date(2026, 2, 18)
    berlin = Clock(ZoneInfo("Europe/Berlin"), Workdays())
    plan = Plan((Step(0),), workdays=False, hour=2)
    spring = date(2026, 3, 29)  # there is no two o'clock
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    moment = following(plan, spring, before, berlin)
    assert moment is not None
    assert latest(plan, spring, moment, berlin) == Step(0)


@pytest.mark.parametrize(
    ("days", "repeat", "named"),
    [([], None, ""), ([-7, -7], None, "-7"), ([-900], None, "-900"), ([0], 0, "400"), ([0], 5000, "400")],
)
def test_a_ladder_that_makes_no_sense_is_refused_with_the_reason(
    panel_app: Flask, days: list[int], repeat: int | None, named: str
) -> None:
    with panel_app.test_request_context():
        assert named in str(problem(days, repeat))


def test_years_nobody_announced_are_guessed() -> None:
    known = Workdays({date(2026, 10, 1): False})
    assert known.is_workday(date(2026, 5, 1))  # a known year says what it says
    assert not known.is_workday(date(2027, 5, 1))
    assert known.is_workday(date(2027, 5, 4))
    assert not known.is_workday(date(2027, 5, 8))
