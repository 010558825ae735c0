"""What an area's `reports.py` declares: figures and charts, each read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from panel.access.identity import Identity

if TYPE_CHECKING:
    from panel.plugin import Loaded


@dataclass(frozen=True)
class Reading:
    """What a figure says now: the number, a note below it, where it leads; `style` is late, hot or empty."""

    number: int
    address: str
    note: str = ""
    style: str = ""


@dataclass(frozen=True)
class Figure:
    """One number. `read(identity)` gives it, or None where there is nothing to say to whoever asks.

    Without a `permission` it is about whoever asks and for everybody.
    """

    name: str  # <area>.<what>
    title: Any
    read: Callable[[Identity], Reading | None]
    permission: StrEnum | str | None = None
    order: int = 100


@dataclass(frozen=True)
class Series:
    """One kind of value in every bar; `style` is bar (dark), soft (light) or late (red)."""

    title: Any
    style: str = "bar"


@dataclass(frozen=True)
class Bar:
    """A label with one value a series, each 0 or more; `style` overrides that of the first series."""

    label: str
    values: tuple[int, ...]
    address: str = ""
    style: str = ""
    now: bool = False  # the present month, for example

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True)
class Chart:
    """Bars side by side (`rows`: one below the other, `columns`: along the months), at most twelve.

    `read(identity)` gives the bars, in scope. `most` fixes the end of the scale, `goal` marks a value on it.
    `address(identity)` leads to all of it.
    """

    name: str  # <area>.<what>
    title: Any
    series: Sequence[Series]
    read: Callable[[Identity], Sequence[Bar]]
    permission: StrEnum | str
    label: Any  # what the bars are: month, unit, platform
    unit: Any = ""  # what is counted
    columns: bool = False
    most: int | None = None
    goal: int | None = None
    endpoint: str = ""
    home: bool = False  # stands on the home page
    order: int = 100
    shown: Callable[[Identity], bool] | None = None  # whether there is such a chart at all, where that depends


def collect(areas: Iterable[Loaded]) -> tuple[dict[str, list[Figure | Chart]], list[str]]:
    """The figures and charts of each area, and what is wrong with any of them, one line each."""
    found: dict[str, list[Figure | Chart]] = {}
    problems: list[str] = []
    names: set[str] = set()
    for area in areas:
        for one in area.defined("reports", (Figure, Chart)):
            where = f"plugin {area.name}: {area.folder / 'reports.py'}: {one.name}"
            if not one.name.startswith(f"{area.name}.") or one.name.count(".") != 1:
                problems.append(f"{where}: its name must read {area.name}.<what>")
            if one.name in names:
                problems.append(f"{where}: the name is taken twice")
            names.add(one.name)
            found.setdefault(area.name, []).append(one)
    return found, problems
