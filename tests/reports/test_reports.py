"""Figures and charts: drawn to scale, read in scope, shown on the home page and on a page of their own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import records
from panel.access.identity import acting_as
from panel.obligations.reports import by_month
from panel.reports import services
from panel.reports.declare import Bar, Chart, Series
from panel.reports.drawing import BASE, ROOM, WIDTH, draw
from plugins.accounts.models import Account, Platform
from tests.cast import World

AMOUNT = st.integers(0, 10**6)
bars = st.lists(
    st.builds(
        Bar, st.text("院系Lab", min_size=1, max_size=20), st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))
    ),
    max_size=15,
)


def _chart(columns: bool) -> Chart:
    return Chart(
        "x.y", "图", (Series("a"), Series("b", "soft")), lambda identity: [], "x.y.view", "部门", columns=columns
    )


@given(bars)
def test_columns_stand_on_the_ground_and_are_as_high_as_their_values(given_bars: list[Bar]) -> None:
    drawing = draw(_chart(columns=True), given_bars)
    shown = given_bars[:12]
    most = max([bar.total for bar in shown] + [1])
    assert sum(box.height for box in drawing.boxes) == pytest.approx(sum(b.total for b in shown) / most * ROOM)
    assert all(box.x >= 0 and box.x + box.width <= WIDTH and box.y + box.height <= BASE + 0.01 for box in drawing.boxes)


@given(bars)
def test_rows_lie_inside_the_picture(given_bars: list[Bar]) -> None:
    drawing = draw(_chart(columns=False), given_bars)
    assert all(box.x + box.width <= WIDTH and box.y + box.height <= drawing.height for box in drawing.boxes)
    assert len([text for text in drawing.texts if text.style == "val"]) == 2 * len(given_bars[:12])


def _accounts(world: World) -> None:
    weibo = Platform.get(Platform.institution == world.uni, Platform.code == "weibo")
    with acting_as(world.identity("alice")):
        for number, (unit, status) in enumerate(
            [(world.faculty, "active"), (world.lab, "idle"), (world.office, "active"), (world.office, "closed")]
        ):
            closed = {"closed_on": "2026-01-05"} if status == "closed" else {}
            records.create(
                Account, institution=world.uni, name=f"号{number}", platform=weibo, unit=unit, status=status, **closed
            )


def test_a_chart_counts_what_is_in_sight(app: Any, world: World) -> None:
    _accounts(world)
    for name, values in (("alice", (2, 1)), ("bob", (1, 1))):
        with app.test_request_context(), acting_as(world.identity(name)):
            (bar,) = services.chart("accounts.platforms").bars
        assert (bar.label, bar.values) == ("微博", values)
    with app.test_request_context(), acting_as(world.identity("oscar")):
        assert not services.chart("accounts.platforms").bars


def test_the_months_reach_from_five_back_to_six_ahead(world: World) -> None:
    with acting_as(world.identity("alice")):
        months = by_month(world.identity("alice"))
    assert len(months) == 12
    assert [place for place, bar in enumerate(months) if bar.now] == [5]


def test_home_and_the_page_of_charts_show_them_and_a_plugin_that_is_off_does_not(
    app: Any, world: World, client_of: Any
) -> None:
    from panel.access.switches import switch_off

    _accounts(world)
    alice = client_of(world.user("alice"))
    for address in ("/", "/reports/charts/"):
        page = alice.get(address).text
        assert "各平台账号" in page
        assert "<title" in page
        assert "微博" in page
    assert "各平台账号" not in client_of(world.user("dave")).get("/reports/charts/").text  # no permission
    with app.test_request_context(), acting_as(world.identity("root")):
        switch_off(world.uni, app.extensions["zhangyin"].registry, "certification")
    assert "认证年审：每月到期" not in client_of(world.user("alice")).get("/reports/charts/").text
