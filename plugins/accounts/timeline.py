"""Who kept the password when: as lanes over the years, and as the list of what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from panel.api import _

LEFT, RIGHT = 84.0, 716.0  # of the plot, in units of the drawing
FIRST, PITCH, BAR = 23, 30, 18
LABELLED_YEARS = 9
DIGIT, HAN = 6.6, 12.0  # widths of a character at the size of the labels


@dataclass(frozen=True)
class Bar:
    """A term: `kind` is past, now or over (left the institution and still keeps the password).

    `text` stands at its beginning, `end` at its end.
    """

    x: float
    width: float
    kind: str
    text: str = ""
    end: str = ""


@dataclass
class Lane:
    """One person's terms."""

    name: str
    y: int
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True)
class Hand:
    """A handover: a line from one lane to another."""

    x: float
    top: int
    bottom: int


@dataclass(frozen=True)
class Lanes:
    """The drawing: where everything stands, in its own units."""

    width: int
    height: int
    bottom: int
    years: list[tuple[float, str]]
    lanes: list[Lane]
    hands: list[Hand]
    changes: list[float]
    today: float


def lanes(terms: Sequence[Any], handovers: Iterable[Any], changes: Iterable[date], now: date) -> Lanes | None:
    """The drawing of all terms of one account, or None where nobody ever kept its password.

    `terms` are Custodian rows with their people, `changes` the days the password was changed on.
    """
    if not terms:
        return None
    first = min(min(term.since for term in terms), now).year
    start, end = date(first, 1, 1).toordinal(), date(now.year + 1, 1, 1).toordinal()

    def x(day: date) -> float:
        share = (min(max(day.toordinal(), start), end) - start) / (end - start)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    found: dict[int, Lane] = {}
    for term in sorted(terms, key=lambda t: (t.since, t.id)):
        lane = found.get(term.person_id)
        if lane is None:
            lane = found[term.person_id] = Lane(str(term.person), FIRST + PITCH * len(found))
        lane.bars += _bars(term, x, now)
    hands = []
    for handover in handovers:
        ends = sorted(found[p].y + BAR // 2 for p in (handover.leaving_id, handover.taking_id) if p in found)
        if len(ends) == 2:
            hands.append(Hand(x(handover.on), *ends))
    bottom = FIRST + PITCH * len(found)
    step = -(-(now.year + 1 - first) // LABELLED_YEARS)
    return Lanes(
        width=730,
        height=bottom + 47,
        bottom=bottom + 13,
        years=[(x(date(year, 1, 1)), str(year)) for year in range(first, now.year + 1, step)],
        lanes=list(found.values()),
        hands=hands,
        changes=[x(day) for day in changes if day.year >= first],
        today=x(now),
    )


def _bars(term: Any, x: Any, now: date) -> list[Bar]:
    begin = x(term.since)
    if term.until is not None:
        text = _("%(since)s to %(until)s", since=f"{term.since:%Y-%m}", until=f"{term.until:%Y-%m}")
        return [_bar(begin, x(term.until), "past", text)]
    left = term.person.in_service_until
    text = _("since %(since)s", since=f"{term.since:%Y-%m}")
    if left is None or left >= now:
        return [_bar(begin, x(now), "now", text)]
    over, note = max(x(left), begin), _("left %(day)s, still keeps it", day=f"{left:%Y-%m}")
    last = _bar(over, x(now), "over", note)
    bars = [_bar(begin, over, "now", text, "" if last.text else note)] if over > begin else []
    return [*bars, last]


def _bar(begin: float, end: float, kind: str, text: str, closing: str = "") -> Bar:
    """A bar at least wide enough to be seen, with its texts where they fit."""
    width = round(max(end - begin, 2.0), 1)
    text = text if _wide(text) <= width else ""
    return Bar(begin, width, kind, text, closing if closing and _wide(text) + _wide(closing) <= width else "")


def _wide(text: str) -> float:
    return sum(HAN if ord(c) > 0x2E80 else DIGIT for c in text) + 16


@dataclass(frozen=True)
class Event:
    """What happened to the password on a day. `kind` is handover, first, added or ended."""

    day: date
    kind: str
    people: list[Any]
    handover: Any = None


def events(terms: Iterable[Any], handovers: Iterable[Any]) -> list[Event]:
    """Handovers, and the terms that began or ended without one; newest first."""
    terms, handovers = list(terms), list(handovers)
    given = {(h.leaving_id, h.on) for h in handovers}
    taken = {(h.taking_id, h.on) for h in handovers}
    found = [Event(h.on, "handover", [h.leaving, h.taking], h) for h in handovers]
    begun: dict[date, list[Any]] = defaultdict(list)
    for term in terms:
        if (term.person_id, term.since) not in taken:
            begun[term.since].append(term.person)
        if term.until is not None and (term.person_id, term.until) not in given:
            found.append(Event(term.until, "ended", [term.person]))
    earliest = min((term.since for term in terms), default=None)
    found += [Event(day, "first" if day == earliest else "added", people) for day, people in begun.items()]
    order = {"handover": 0, "added": 1, "ended": 2, "first": 3}
    return sorted(found, key=lambda e: (-e.day.toordinal(), order[e.kind]))
