"""One value for several rows: what stands in a merged block, or in a column filled in only where it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from openpyxl.utils import column_index_from_string

from panel.admin.imports.columns import Column
from panel.admin.imports.grid import Cell, Table, blank
from panel.admin.imports.values import as_text, clean
from panel.i18n import _

LONGEST_NAME = 60  # characters compared
DITTO = frozenset(["同上", "〃", "″", "”", '"', "''", "同"])


class Spans:
    """Values of the columns that span rows, for the data rows of one table.

    In order: the cell itself or its merged range's first cell; the row above for 同上; the row above again in a
    column without merged cells that is left blank in at least a third of the rows; and where a block's first cell was
    lost (cleared, or in a deleted row), what the texts of `infer_from` have in common.
    """

    def __init__(self, table: Table, rows: Sequence[int], columns: Iterable[tuple[Column, int, int | None]]) -> None:
        """`columns`: (column, its sheet column, the sheet column of the texts to infer from)."""
        self.table = table
        self.rows = rows
        self.found: dict[tuple[str, int], tuple[Cell, str | None]] = {}
        for column, number, source in columns:
            self._fill(column, number, source)

    def get(self, column: Column, row: int) -> tuple[Cell, str | None]:
        """(cell, remark): the remark says when the value is not in the sheet at that place."""
        return self.found[column.name, row]

    def _fill(self, column: Column, number: int, source: int | None) -> None:
        merged = any(m.left <= number <= m.right and m.bottom > m.top for m in self.table.merges)
        blanks = sum(1 for row in self.rows if blank(self.table.own(row, number)))
        grouped = not merged and 3 * blanks >= len(self.rows)
        above: Cell = None
        previous = None
        lost: list[tuple[int, int]] = []
        for row in self.rows:
            cell, remark = self.table.value(row, number), None
            if isinstance(cell, str) and clean(cell) in DITTO:
                cell, remark = above, None
            elif blank(cell) and grouped and previous == row - 1 and not blank(above):
                cell, remark = above, _("Left blank; taken from the row above.")
            if blank(cell):
                merge = self.table.origin.get((row, number))
                if merge or grouped:
                    lost.append((row, merge.top if merge else 0))
            self.found[column.name, row] = (cell, remark)
            above, previous = cell, row
        if source and lost:
            self._infer(column, number, source, lost)

    def _infer(self, column: Column, number: int, source: int, lost: Sequence[tuple[int, int]]) -> None:
        texts: dict[str, set[str]] = {}
        for row in self.rows:
            value = as_text(self.found[column.name, row][0])
            texts.setdefault(value, set()).add(clean(as_text(self.table.own(row, source))))
        others = [names for value, names in texts.items() if value]
        for block in _blocks(lost):
            names = [clean(as_text(self.table.own(row, source))) for row in block]
            value = common_text(names, others)
            if value:
                remark = _("The cell is empty; read from what the names of these rows have in common.")
                for row in block:
                    self.found[column.name, row] = (value, remark)


def _blocks(lost: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Rows of one merged range, or running on without a gap."""
    numbered = [(merge or row - i, row) for i, (row, merge) in enumerate(lost)]
    return [[row for _key, row in group] for _key, group in groupby(numbered, key=lambda pair: pair[0])]


def common_text(names: Sequence[str], others: Sequence[set[str]]) -> str:
    """The longest text all `names` share, without a beginning (the institution's name) that three `others` share too.

    Empty unless at least two names share two characters or more.
    """
    distinct = sorted({name[:LONGEST_NAME] for name in names}, key=len)
    if len(distinct) < 2:
        return ""
    first = distinct[0]
    pieces = (first[i : i + n] for n in range(len(first), 1, -1) for i in range(len(first) - n + 1))
    longest = next((piece for piece in pieces if all(piece in name for name in distinct)), "").strip()
    for cut in range(len(longest) - 2, 1, -1):
        beginning = longest[:cut]
        if sum(any(name.startswith(beginning) for name in group) for group in others) >= 3:
            return longest[cut:]
    return longest


def spanning(columns: Sequence[Column], letters: dict[str, list[str]]) -> list[tuple[Column, int, int | None]]:
    """The mapped columns that span rows, as `Spans` takes them."""
    found = []
    for column in columns:
        if column.spans and letters.get(column.name):
            source = letters.get(column.infer_from or "", [])
            number = column_index_from_string(letters[column.name][0])
            found.append((column, number, column_index_from_string(source[0]) if source else None))
    return found
