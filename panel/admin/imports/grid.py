"""What every kind of upload becomes: tables of cells with merged ranges, within fixed limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from openpyxl.utils import get_column_letter

from panel.errors import Refused
from panel.i18n import _

Cell = Any  # None, str, int, float, bool, datetime, time or Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """What an upload may hold; beyond it the file is refused before it can exhaust the machine."""

    size: int = 20 * 2**20
    inflated: int = 300 * 2**20
    ratio: int = 200
    members: int = 2_000
    part: int = 16 * 2**20  # a part that is read in one piece: styles, list of sheets
    rows: int = 50_000
    columns: int = 256
    cells: int = 500_000
    cell_length: int = 10_000


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that holds no usable value: an error such as #REF!, or a formula whose result was never stored."""

    text: str
    message: str


class Merge(NamedTuple):
    """A merged range; rows and columns count from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Table:
    """One sheet: `rows` maps sheet row number -> cells from column A on; rows without a value are absent."""

    name: str
    rows: dict[int, list[Cell]]
    merges: list[Merge] = field(default_factory=list)
    date1904: bool = False

    @cached_property
    def width(self) -> int:
        return max((len(cells) for cells in self.rows.values()), default=0)

    @cached_property
    def last_row(self) -> int:
        return max(self.rows, default=0)

    @cached_property
    def origin(self) -> dict[tuple[int, int], Merge]:
        """(row, column) of every cell of a merged range within the used area -> that range."""
        covered: dict[tuple[int, int], Merge] = {}
        area = 0
        for merge in self.merges:
            bottom, right = min(merge.bottom, self.last_row), min(merge.right, self.width)
            area += max(0, bottom - merge.top + 1) * max(0, right - merge.left + 1)
            if area > LIMITS.cells:
                raise Refused(_("The merged cells of sheet “%(sheet)s” overlap. Undo the merging.", sheet=self.name))
            for row in range(merge.top, bottom + 1):
                for column in range(merge.left, right + 1):
                    covered[row, column] = merge
        return covered

    def own(self, row: int, column: int) -> Cell:
        """The value stored in that cell itself."""
        cells = self.rows.get(row)
        return cells[column - 1] if cells and column <= len(cells) else None

    def value(self, row: int, column: int) -> Cell:
        """The value a reader of the sheet sees there: a merged cell shows its first cell's."""
        merge = self.origin.get((row, column))
        return self.own(merge.top, merge.left) if merge else self.own(row, column)

    def entries(self, row: int) -> Iterator[tuple[int, Cell]]:
        """(column, value) of the cells of a row that themselves hold something."""
        for column, cell in enumerate(self.rows.get(row, ()), start=1):
            if not blank(cell):
                yield column, cell


class Upload(Protocol):
    """An opened upload, of whatever format."""

    names: tuple[str, ...]
    """Sheets that are not hidden, in order."""

    def head(self, name: str, rows: int) -> Table:
        """The first rows of a sheet, without its merged ranges: enough to judge whether it holds the list."""

    def table(self, name: str) -> Table:
        """A whole sheet. Raises `Refused` beyond the limits."""


def blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def check_row(row: int, limits: Limits, sheet: str) -> None:
    if row > limits.rows:
        raise Refused(
            _(
                "Sheet “%(sheet)s” has more than %(limit)s rows. Split it and import the parts one after another.",
                sheet=sheet,
                limit=limits.rows,
            )
        )


def check_cell(row: int, column: int, cell: Cell, limits: Limits, sheet: str) -> None:
    """Refuse a cell too far to the right, or with too long a text."""
    if column > limits.columns:
        raise Refused(
            _(
                "Sheet “%(sheet)s” has something in cell %(cell)s; at most %(limit)s columns are read. "
                "Delete what is out there.",
                sheet=sheet,
                cell=f"{get_column_letter(min(column, 18_278))}{row}",
                limit=limits.columns,
            )
        )
    if isinstance(cell, str) and len(cell) > limits.cell_length:
        raise Refused(
            _(
                "Cell %(cell)s of sheet “%(sheet)s” holds %(length)s characters; at most %(limit)s fit. Shorten it.",
                sheet=sheet,
                cell=f"{get_column_letter(column)}{row}",
                length=len(cell),
                limit=limits.cell_length,
            )
        )


def check_count(cells: int, limits: Limits, sheet: str) -> None:
    if cells > limits.cells:
        raise Refused(
            _(
                "Sheet “%(sheet)s” has more than %(limit)s filled cells. Split it and import the parts.",
                sheet=sheet,
                limit=limits.cells,
            )
        )
