"""How it is going in the groups: cases by unit and kind in a month, answers and confirmations."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import Institution, Unit
from plugins.groupchat.choices import CaseState
from plugins.groupchat.groups import Group
from plugins.groupchat.posts import Case, Notice, Receipt


@dataclass
class Line:
    """The figures of one unit."""

    unit: Any
    groups: int = 0
    cases: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.cases.values())


def month_of(institution: Institution, first: date) -> tuple[datetime, datetime]:
    """A month of the institution's calendar as moments."""
    zone = ZoneInfo(institution.time_zone)
    after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return tuple(datetime.combine(day, datetime.min.time(), zone).astimezone(UTC) for day in (first, after))  # type: ignore[return-value]


def by_unit(institution: Institution, first: date) -> list[Line]:
    """Confirmed cases of a month by the unit that keeps the group; most first. Two queries."""
    since, until = month_of(institution, first)
    lines: dict[int, Line] = {}
    groups = Group.select(Group, Unit).join(Unit).where(Group.institution == institution, Group.state != "requested")
    for group in groups:
        line = lines.setdefault(group.unit_id, Line(group.unit))
        line.groups += group.state == "active"
    rows: Any = (
        Case.select(Group.unit, Case.kind)
        .join(Group)
        .where(
            Case.institution == institution,
            Case.at >= since,
            Case.at < until,
            Case.state.in_([CaseState.CONFIRMED, CaseState.CLOSED]),
        )
        .tuples()
    )
    for unit, kind in rows:
        lines[unit].cases[kind] += 1
    return sorted(lines.values(), key=lambda line: (-line.total, str(line.unit)))


def answered(institution: Institution, first: date) -> tuple[int, int]:
    """How many receipts of a month's notices were asked for, and how many given as asked."""
    since, until = month_of(institution, first)
    counts: dict[bool, int] = defaultdict(int)
    rows: Any = (
        Receipt.select(Receipt.fits)
        .join(Notice)
        .where(Receipt.institution == institution, Notice.sent_at >= since, Notice.sent_at < until)
        .tuples()
    )
    for (fits,) in rows:
        counts[bool(fits)] += 1
    return counts[True] + counts[False], counts[True]
