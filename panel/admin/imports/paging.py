"""The rows of a plan, a page at a time: every list of them is a range of positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panel.admin.imports.columns import Column, Kind
from panel.admin.imports.plan import title_column
from panel.admin.imports.target import Target
from panel.admin.models import ImportRow, ImportRun, Outcome

SIZE = 50
WIDTH = 5  # columns shown beside the name, and any that has something to say


@dataclass(frozen=True)
class Pages:
    """Where a page stands among the others."""

    total: int
    number: int

    @property
    def pages(self) -> list[int | None]:
        """Page numbers to offer, None for a gap."""
        last = -(-self.total // SIZE) or 1
        near = sorted(n for n in {1, *range(self.number - 2, self.number + 3), last} if 1 <= n <= last)
        found: list[int | None] = []
        for number in near:
            if found and found[-1] is not None and number > found[-1] + 1:
                found.append(None)
            found.append(number)
        return found

    @property
    def more(self) -> bool:
        return self.total > self.number * SIZE


@dataclass(frozen=True)
class Rows(Pages):
    """A page of rows; `shown` is the outcome they are narrowed to, or empty."""

    rows: list[ImportRow]
    shown: str
    columns: list[Column]
    title: Column


def page(run: ImportRun, target: Target, shown: str, number: int) -> Rows:
    """A page of a plan, with the columns worth showing: one query."""
    begin, total = _range(run.counts, shown)
    number = max(1, min(number, -(-total // SIZE)))
    first = begin + (number - 1) * SIZE
    last = min(first + SIZE, begin + total)
    query = ImportRow.select().where(ImportRow.run == run.id, ImportRow.position >= first, ImportRow.position < last)
    rows = list(query.order_by(ImportRow.position))
    by_name = {column.name: column for column in target.columns}
    title = by_name[title_column(target)]
    return Rows(total, number, rows, shown, _columns(run, target, rows, title.name), title)


def _range(counts: Mapping[str, int], shown: str) -> tuple[int, int]:
    """Where the rows of an outcome begin, and how many there are."""
    begin = 0
    for outcome in Outcome:
        count = counts.get(outcome.value, 0)
        if outcome == shown:
            return begin, count
        begin += count
    return 0, begin


def _columns(run: ImportRun, target: Target, rows: list[ImportRow], title: str) -> list[Column]:
    """Units, people and dates first, and every column in which something of this page is changed, refused or asked."""
    mapped = {column["column"] for column in run.reading.get("columns", [])}
    columns = [c for c in target.columns if c.name in mapped and c.name != title]
    ranked = sorted(columns, key=lambda c: _rank(c, target))
    speaking = {p["column"] for row in rows for p in row.problems}
    speaking |= {name for row in rows for name, cell in row.cells.items() if cell.keys() & {"old", "asks"}}
    wanted = {c.name for c in ranked[:WIDTH]} | speaking
    return [c for c in columns if c.name in wanted]


def _rank(column: Column, target: Target) -> int:
    if column.name in target.units:
        return 0
    if column.kind in (Kind.PERSON, Kind.PEOPLE):
        return 1
    if column.required:
        return 2
    return 3 if column.kind == Kind.DATE else 4


def arguments(values: Mapping[str, Any]) -> tuple[str, int]:
    """(outcome, page number) as an address gives them."""
    shown, number = str(values.get("show", "")), str(values.get("page", ""))
    known = shown in {outcome.value for outcome in Outcome}
    return shown if known else "", int(number) if number.isdecimal() and 0 < len(number) < 7 else 1
