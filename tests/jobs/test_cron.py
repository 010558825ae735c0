"""Slots in local time, through clock changes and leap years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panel.jobs.cron import last_slot, next_slot, problem, slot_name

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
expressions = st.sampled_from(
    ["* * * * *", "*/20 * * * *", "10 3 * * *", "30 1 * * *", "30 2 * * *", "0 9 * * 1-5", "0 0 1 * *", "0 0 29 2 *"]
)
zones = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")])
moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_slot_is_local_time() -> None:
    assert last_slot("10 3 * * *", SHANGHAI, utc("2026-11-21 19:10:00")) == utc("2026-11-21 19:10:00")
    assert last_slot("10 3 * * *", SHANGHAI, utc("2026-11-21 19:09:59")) == utc("2026-11-20 19:10:00")
    assert next_slot("10 3 * * *", SHANGHAI, utc("2026-11-21 19:10:00")) == utc("2026-11-22 19:10:00")
    assert slot_name(utc("2026-11-21 19:10:00")) == "20261121T191000Z"


def test_the_end_of_february() -> None:
    assert last_slot("0 0 29 2 *", SHANGHAI, utc("2026-03-01 00:00")) == utc("2024-02-28 16:00")
    assert next_slot("0 0 29 2 *", SHANGHAI, utc("2026-03-01 00:00")) == utc("2028-02-28 16:00")


def slots(expression: str, zone: ZoneInfo, start: datetime, minutes: int) -> list[str]:
    """The different slots a planner that looks every minute would find."""
    found = []
    for minute in range(minutes):
        slot = slot_name(last_slot(expression, zone, start + timedelta(minutes=minute)))
        if slot not in found:
            found.append(slot)
    return found[1:]  # the first was due before


def test_clocks_go_back() -> None:
    """New York repeats 01:00-02:00 on 2026-11-01: a daily slot comes once, one of every 20 minutes in both passes."""
    start = utc("2026-11-01 04:30")
    assert slots("30 1 * * *", NEW_YORK, start, 6 * 60) == ["20261101T053000Z"]
    assert len(slots("*/20 * * * *", NEW_YORK, start, 4 * 60)) == 12


def test_clocks_go_forward() -> None:
    """New York has no 02:00-03:00 on 2026-03-08: the daily slot in it still comes once."""
    start = utc("2026-03-08 05:00")
    assert len(slots("30 2 * * *", NEW_YORK, start, 12 * 60)) == 1
    assert len(slots("10 3 * * *", NEW_YORK, start, 12 * 60)) == 1


@given(expressions, zones, moments)
@example("30 1 * * *", NEW_YORK, utc("2026-11-01 06:10"))
def test_a_slot_stays_the_last_one_until_the_next(expression: str, zone: ZoneInfo, now: datetime) -> None:
    slot = last_slot(expression, zone, now)
    assert slot <= now + timedelta(hours=1)  # an hour ahead only where the clock jumps over it
    if slot <= now:
        assert last_slot(expression, zone, slot) == slot
    later = next_slot(expression, zone, now)
    assert later > now
    if later - now > timedelta(hours=3):
        assert last_slot(expression, zone, now + timedelta(seconds=1)) == slot


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("61 * * * *", "not a cron expression"),
        ("@daily", "not a cron expression"),
        ("* * * * * *", "not a cron expression"),
        ("", "not a cron expression"),
        ("0 0 31 2 *", "never comes"),
    ],
)
def test_nonsense_is_explained(expression: str, why: str) -> None:
    assert why in str(problem(expression))


@given(expressions)
def test_sense_is_accepted(expression: str) -> None:
    assert problem(expression) is None
