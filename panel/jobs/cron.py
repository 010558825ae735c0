"""Cron expressions in an institution's own time zone. Pure functions: no clock, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter
from croniter.croniter import CroniterError


def problem(expression: str) -> str | None:
    """What is wrong with a cron expression (minute hour day month weekday), or None."""
    if len(expression.split()) != 5 or not croniter.is_valid(expression):
        return f"{expression!r} is not a cron expression: minute hour day-of-month month day-of-week"
    try:
        croniter(expression, datetime(2024, 1, 1)).get_next(datetime)  # noqa: DTZ001  a wall-clock time on purpose
    except CroniterError:
        return f"{expression!r} names a day that never comes"
    return None


def last_slot(expression: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The latest moment, up to and including `now`, at which the expression was due; in UTC, to the second.

    When the clocks go forward, a slot in the missing hour comes once, at its time by the old clock or later. When they
    go back, a slot at a fixed hour comes once, in the first pass; one that is due every hour comes in both.
    """
    local = now.astimezone(zone)
    wall = croniter(expression, local.replace(tzinfo=None) + timedelta(seconds=1)).get_prev(datetime)
    hourly = expression.split()[1].startswith("*")
    return wall.replace(tzinfo=zone, fold=local.fold if hourly else 0).astimezone(UTC)


def next_slot(expression: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The first moment after `now` at which the expression is due; in UTC."""
    local = now.astimezone(zone)
    wall = croniter(expression, local.replace(tzinfo=None)).get_next(datetime)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    return found if found > now else wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def slot_name(slot: datetime) -> str:
    """How the ledger names a slot: 20261121T191000Z."""
    return slot.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
