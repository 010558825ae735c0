"""Which days are worked: the table of holidays, the package that fills it, and a plain guess for years unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from panel.database import transaction
from panel.errors import Refused
from panel.i18n import _
from panel.obligations.models import Holiday

# Known without any announcement: the statutory days that fall on the same date each year.
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
LONGEST_BREAK = 31  # days looked through for the next workday


@dataclass(frozen=True)
class Workdays:
    """Workdays as data. `days` maps a day that breaks the week to whether it is worked."""

    days: Mapping[date, bool] = field(default_factory=dict)

    @cached_property
    def years(self) -> set[int]:
        """The years whose holidays are known; the rest is guessed by weekends and fixed days."""
        return {day.year for day in self.days}

    def is_workday(self, day: date) -> bool:
        known = self.days.get(day)
        if known is not None:
            return known
        if day.weekday() >= 5:
            return False
        return day.year in self.years or (day.month, day.day) not in FIXED

    def before(self, day: date) -> date:
        """The day itself or the last workday before it."""
        return self._look(day, -1)

    def after(self, day: date) -> date:
        """The day itself or the first workday after it."""
        return self._look(day, 1)

    def _look(self, day: date, way: int) -> date:
        for distance in range(LONGEST_BREAK):
            found = day + timedelta(days=way * distance)
            if self.is_workday(found):
                return found
        return day


def load() -> Workdays:
    """The calendar as the table has it. One query."""
    rows: Any = Holiday.select(Holiday.day, Holiday.worked).tuples()
    return Workdays(dict(rows))


def unknown_years(calendar: Workdays, today: date) -> list[int]:
    """Years that reminders reach into and the calendar does not know; the next one counts from December on."""
    wanted = [today.year] if today.month < 12 else [today.year, today.year + 1]
    return [year for year in wanted if year not in calendar.years]


def fill() -> int:
    """Take the holidays the package knows into the table; gives how many were new. What was entered by hand stays."""
    from chinese_calendar.constants import holidays, workdays

    rows = [{"day": day, "worked": False, "name": name} for day, name in holidays.items()]
    rows += [{"day": day, "worked": True, "name": name} for day, name in workdays.items()]
    there: Any = Holiday.select(Holiday.day).tuples()
    known = {day for (day,) in there}
    return _insert(row for row in rows if row["day"] not in known)


def enter(days: Mapping[date, tuple[bool, str]]) -> int:
    """Take days announced since, {day: (worked, name)}, over what is there; gives how many."""
    with transaction():
        Holiday.delete().where(Holiday.day.in_(list(days))).execute()
        return _insert(
            {"day": day, "worked": worked, "name": name, "entered": True} for day, (worked, name) in days.items()
        )


def read(text: str) -> dict[date, tuple[bool, str]]:
    """Days typed one a line: `2027-02-05 holiday Spring Festival`, `2027-02-14 workday`.

    Raises Refused naming the line that cannot be read.
    """
    found: dict[date, tuple[bool, str]] = {}
    words = {"holiday": False, "休": False, "休息": False, "放假": False}
    words |= {"workday": True, "班": True, "上班": True, "补班": True}
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.replace("\t", " ").replace(",", " ").replace("，", " ").split(None, 2)
        if not parts:
            continue
        try:
            day = date.fromisoformat(parts[0])
            found[day] = (words[parts[1].lower()], parts[2][:60] if len(parts) > 2 else "")
        except (ValueError, KeyError, IndexError):
            message = _(
                "Line %(number)s cannot be read: “%(line)s”. Write: 2027-02-05 holiday", number=number, line=line
            )
            raise Refused(message, "days") from None
    if not found:
        raise Refused(_("Enter at least one day."), "days")
    return found


def _insert(rows: Iterable[dict[str, object]]) -> int:
    wanted = list(rows)
    with transaction():
        for start in range(0, len(wanted), 200):
            Holiday.insert_many(wanted[start : start + 200]).on_conflict_ignore().execute()
    return len(wanted)
