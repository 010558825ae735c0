"""The lanes stay inside their drawing, and the list of events tells all that the lanes show."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.accounts.timeline import LEFT, RIGHT, events, lanes

NOW = date(2026, 11, 17)
DAYS = st.dates(date(1998, 1, 1), NOW)


def person(number: int, left: date | None = None) -> Any:
    class Somebody(SimpleNamespace):
        def __str__(self) -> str:
            return f"人{self.id}"

    return Somebody(id=number, in_service_until=left)


def term(number: int, since: date, until: date | None = None, left: date | None = None) -> Any:
    who = person(number, left)
    return SimpleNamespace(id=number, person=who, person_id=number, since=since, until=until)


def handover(leaving: Any, taking: Any, on: date) -> Any:
    return SimpleNamespace(
        leaving=leaving.person, leaving_id=leaving.person_id, taking=taking.person, taking_id=taking.person_id, on=on
    )


def test_nobody_makes_no_drawing() -> None:
    assert lanes([], [], [], NOW) is None
    assert events([], []) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(st.tuples(st.integers(1, 5), DAYS, st.none() | st.integers(0, 4000), st.none() | DAYS), min_size=1),
    changes=st.lists(DAYS),
)
def test_everything_is_inside_the_drawing(
    panel_app: Flask, spans: list[tuple[int, date, int | None, date | None]], changes: list[date]
) -> None:
    terms = [
        term(who, since, None if days is None else min(since + timedelta(days), NOW), left)
        for who, since, days, left in spans
    ]
    with panel_app.test_request_context():
        drawing = lanes(terms, [handover(a, b, a.since) for a, b in itertools.pairwise(terms)], changes, NOW)
        assert drawing is not None
        for lane in drawing.lanes:
            for bar in lane.bars:
                assert LEFT <= bar.x <= bar.x + bar.width <= RIGHT + 2
        assert len(drawing.lanes) == len({who for who, *_rest in spans})
        assert len(drawing.years) <= 9
        assert all(LEFT <= x <= RIGHT for x in [*drawing.changes, *(h.x for h in drawing.hands), drawing.today])
        assert len(events(terms, [])) >= 1


def test_who_left_and_still_keeps_it_shows_as_over(panel_app: Flask) -> None:
    with panel_app.test_request_context():
        drawing = lanes([term(1, date(2022, 9, 20), left=date(2026, 6, 30))], [], [], NOW)
    assert drawing is not None
    assert [bar.kind for bar in drawing.lanes[0].bars] == ["now", "over"]


def test_the_list_tells_each_beginning_and_end_once() -> None:
    zheng, huang = term(1, date(2019, 3, 12), date(2021, 7, 5)), term(2, date(2019, 3, 12), date(2022, 9, 20))
    sun, dong, lin = term(3, date(2021, 7, 5)), term(4, date(2022, 9, 20)), term(5, date(2026, 9, 1))
    terms = [zheng, huang, sun, dong, lin]
    found = events(terms, [handover(zheng, sun, date(2021, 7, 5)), handover(huang, dong, date(2022, 9, 20))])
    assert [(e.day, e.kind, [str(p) for p in e.people]) for e in found] == [
        (date(2026, 9, 1), "added", ["人5"]),
        (date(2022, 9, 20), "handover", ["人2", "人4"]),
        (date(2021, 7, 5), "handover", ["人1", "人3"]),
        (date(2019, 3, 12), "first", ["人1", "人2"]),
    ]
