"""Where the bars of a chart lie, for a template that only writes them down. All measures are those of the view box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from panel.i18n import _
from panel.reports.declare import Bar, Chart

WIDTH, HEIGHT = 348, 196
MOST_BARS = 12
BASE, ROOM = 170.0, 145.0  # of columns: the ground line, and how high the highest may be
STEP, THICK = 24, 13  # of rows
HAN, LATIN = 12.0, 7.0  # how wide a character of a label is
NAME = 9  # characters of a row's label, at most


@dataclass(frozen=True)
class Box:
    """A rectangle of one series."""

    x: float
    y: float
    width: float
    height: float
    style: str


@dataclass(frozen=True)
class Text:
    """A word in the picture."""

    x: float
    y: float
    text: str
    style: str
    anchor: str


@dataclass(frozen=True)
class Drawing:
    """A chart, ready to be written as SVG, with the sentence a screen reader reads."""

    chart: Chart
    bars: Sequence[Bar]
    boxes: list[Box]
    texts: list[Text]
    goal: float | None
    height: int
    says: str

    @property
    def total(self) -> int:
        return sum(bar.total for bar in self.bars)

    @property
    def keys(self) -> list[tuple[Any, str]]:
        """(title, class) of each series; none where there is but one and nothing to tell apart."""
        classes = {"bar": "k-bar", "late": "k-over", "soft": ""}
        shown = [(one.title, classes[one.style]) for one in self.chart.series]
        return shown if len(shown) > 1 else []


def draw(chart: Chart, bars: Sequence[Bar]) -> Drawing:
    """Lay a chart out; bars past the twelfth are left to the table."""
    shown = list(bars)[:MOST_BARS]
    most = max([bar.total for bar in shown] + [chart.goal or 0, chart.most or 0, 1])
    boxes, texts, goal, height = (_columns if chart.columns else _rows)(chart, shown, most)
    return Drawing(chart, bars, boxes, texts, goal, height, _says(chart, shown))


def _says(chart: Chart, bars: Sequence[Bar]) -> str:
    if not any(bar.total for bar in bars):
        return _("%(title)s: nothing", title=chart.title)
    top = max(bars, key=lambda bar: bar.total)
    return _("%(title)s: the most are %(count)s, %(label)s", title=chart.title, count=top.total, label=top.label)


def _style(chart: Chart, bar: Bar, place: int) -> str:
    return bar.style if bar.style and place == 0 else chart.series[place].style


def _columns(chart: Chart, bars: Sequence[Bar], most: int) -> tuple[list[Box], list[Text], float | None, int]:
    boxes, texts = [], []
    step = WIDTH / max(len(bars), 1)
    width = min(step * 0.6, 40.0)
    for place, bar in enumerate(bars):
        middle, top = step * (place + 0.5), BASE
        for number, value in enumerate(bar.values):
            height = value / most * ROOM
            top -= height
            if value:
                boxes.append(Box(middle - width / 2, top, width, height, _style(chart, bar, number)))
        if bar.total:
            texts.append(Text(middle, top - 5, f"{bar.total:,}", "val", "middle"))
        texts.append(Text(middle, BASE + 16, bar.label, "cur" if bar.now else "", "middle"))
    goal = BASE - chart.goal / most * ROOM if chart.goal else None
    return boxes, texts, goal, HEIGHT


def _rows(chart: Chart, bars: Sequence[Bar], most: int) -> tuple[list[Box], list[Text], float | None, int]:
    boxes, texts = [], []
    labels = [bar.label if len(bar.label) <= NAME else f"{bar.label[: NAME - 1]}…" for bar in bars]
    left = max([_wide(label) for label in labels] + [24.0]) + 10
    room = WIDTH - left - 44
    for place, (bar, label) in enumerate(zip(bars, labels, strict=True)):
        y, x = place * STEP + 5, left
        for number, value in enumerate(bar.values):
            width = value / most * room
            if value:
                boxes.append(Box(x, y, width, THICK, _style(chart, bar, number)))
            x += width
        texts.append(Text(0, y + 10, label, "val", "start"))
        at, anchor = (WIDTH - 2.0, "end") if chart.goal else (x + 6, "start")  # never across the line of the goal
        texts.append(Text(at, y + 10, f"{bar.total:,}", "val", anchor))
    goal = left + chart.goal / most * room if chart.goal else None
    return boxes, texts, goal, max(len(bars), 1) * STEP + 4


def _wide(label: str) -> float:
    return sum(HAN if ord(letter) > 0x2E80 else LATIN for letter in label)
