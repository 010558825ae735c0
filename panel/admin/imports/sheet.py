"""A file and a target's columns to parsed rows: what the dry run, the import and the marked copy all start from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl.utils import column_index_from_string

from panel.admin.imports.columns import Column, fold
from panel.admin.imports.errors import BadValue
from panel.admin.imports.grid import Table, Upload, blank
from panel.admin.imports.mapping import SEARCHED_ROWS, Header, Mapping, factor_of, find_header, map_columns
from panel.admin.imports.reading import open_upload
from panel.admin.imports.spans import Spans, spanning
from panel.admin.imports.values import as_text, is_empty, read
from panel.errors import Refused
from panel.i18n import _

TOTAL = re.compile(r"(?:本页|本表|全校|总)?(?:合计|总计|小计|累计|共计|总数)(?:[:(].*)?|共\d+.*")
NOTES = re.compile(
    r"(?:填表|填报|制表|审核|审批|复核|经办|报送|单位负责人|主管|联系人|日期|时间|盖章|签字|签章|说明|备注|注|附)[^:：]{0,10}[:：].*"
    r"|(?:填表|填报|填写)?(?:说明|须知|要求|备注).*|注意.*|[(（]?(?:\d{1,2}|[一二三四五六七八九十]+)[.、)）].*",
    re.DOTALL,
)


class Skip(StrEnum):
    """Why a row of the sheet is no data."""

    TITLE = "title"  # above the headings, or a group title between the rows
    BLANK = "blank"
    TOTAL = "total"
    HEADING = "heading"  # the headings once more, as on every printed page
    NOTE = "note"  # remarks and signatures below the list


class Flaw(StrEnum):
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that cannot be imported, worded for the user. `value` is the cell's text, `field` a Column's name."""

    row: int
    column: str
    heading: str
    value: str
    message: str
    field: str
    flaw: Flaw


@dataclass(slots=True)
class ParsedRow:
    """One data row: `values` by Column name, None where nothing is entered or it could not be read.

    `remarks`: field -> what was assumed while reading it. `rows` lists all sheet rows it was gathered from.
    """

    row_number: int
    values: dict[str, Any]
    errors: list[CellError] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """A parsed sheet. `headings`: letter -> heading; `samples`: letter -> the first value below it.

    `missing`: required columns that no column of the sheet is read into; nothing may be imported while there are any.
    """

    filename: str
    name: str
    names: tuple[str, ...]
    header_row: int
    header_depth: int
    headings: dict[str, str]
    samples: dict[str, str]
    mapping: Mapping
    missing: tuple[Column, ...]
    rows: list[ParsedRow]
    skipped: Counter[Skip]

    @property
    def errors(self) -> list[CellError]:
        return [error for row in self.rows for error in row.errors]


def parse(
    source: bytes | BinaryIO | Path,
    filename: str,
    columns: Sequence[Column],
    mapping: Mapping | AnyMapping[str, str | None] | None = None,
    sheet: str | None = None,
) -> Sheet:
    """Read an upload into rows of values by Column name.

    `mapping` is a saved one, or the user's corrections as sheet letter -> Column name (None: not imported).
    `sheet` names a sheet, else the one with the best headings is taken.
    Raises `Refused` when the file, the sheet or the headings are not usable; a bad cell is an error of its row.
    """
    upload = open_upload(source)
    table = upload.table(_choose_sheet(upload, columns, sheet))
    if not table.rows:
        raise Refused(_("Sheet “%(sheet)s” is empty.", sheet=table.name) if table.name else _("The file has no rows."))
    header = find_header(table, columns)
    if header is None:
        raise Refused(_no_header(columns))
    mapped = map_columns(table, header, columns, mapping)
    rows, skipped = RowParser(table, header, mapped, columns).parse()
    if not rows:
        raise Refused(_("There are no rows below the headings in row %(row)s.", row=header.row))
    return Sheet(
        filename=filename,
        name=table.name,
        names=upload.names,
        header_row=header.row,
        header_depth=header.depth,
        headings={m.letter: m.heading for m in mapped.matches},
        samples=_samples(table, mapped, rows),
        mapping=mapped,
        missing=tuple(c for c in columns if c.required and not mapped.letters(c.name)),
        rows=rows,
        skipped=skipped,
    )


def _choose_sheet(upload: Upload, columns: Sequence[Column], wanted: str | None) -> str:
    if wanted is not None:
        if wanted not in upload.names:
            raise Refused(
                _(
                    "The workbook has no sheet “%(sheet)s”. It has: %(names)s.",
                    sheet=wanted,
                    names="、".join(upload.names),
                ),
                "sheet",
            )
        return wanted
    if len(upload.names) == 1:
        return upload.names[0]

    def score(name: str) -> int:
        header = find_header(upload.head(name, SEARCHED_ROWS + 1), columns)
        return header.score if header else 0

    return max(upload.names, key=score)


def _no_header(columns: Sequence[Column]) -> str:
    wanted = "、".join(str(c.label) for c in sorted(columns, key=lambda c: not c.required)[:6])
    return _(
        "No headings were found in the first %(rows)s rows. The sheet needs a row that names its columns, "
        "for example: %(columns)s.",
        rows=SEARCHED_ROWS,
        columns=wanted,
    )


def _samples(table: Table, mapping: Mapping, rows: Sequence[ParsedRow]) -> dict[str, str]:
    samples = {}
    for match in mapping.matches:
        number = column_index_from_string(match.letter)
        values = (table.value(row.row_number, number) for row in rows[:100])
        samples[match.letter] = next((as_text(v).strip() for v in values if not blank(v)), "")
    return samples


class RowParser:
    """Turns the rows below the headings into parsed rows."""

    def __init__(self, table: Table, header: Header, mapping: Mapping, columns: Sequence[Column]) -> None:
        self.table, self.header, self.mapping = table, header, mapping
        self.sources: list[tuple[Column, list[tuple[int, str, str]]]] = []
        by_field: dict[str, list[tuple[int, str, str]]] = {}
        for match in mapping.matches:
            if match.column:
                place = (column_index_from_string(match.letter), match.letter, match.heading)
                by_field.setdefault(match.column, []).append(place)
        self.sources = [(c, by_field[c.name]) for c in columns if c.name in by_field]
        self.numbers = {number for _c, places in self.sources for number, _letter, _heading in places}
        self.required = [places[0][0] for c, places in self.sources if c.required]
        self.keys = [places[0][0] for c, places in self.sources if c.required and not c.spans and not c.gathers]
        self.titles = {fold(as_text(v)) for r in range(1, header.row) for _n, v in table.entries(r)} - {""}
        self.headings = {column: fold(heading) for column, heading in header.headings.items()}
        self.own_headings = {
            (n, fold(as_text(v))) for r in range(header.row, header.last_row + 1) for n, v in table.entries(r)
        }

    def parse(self) -> tuple[list[ParsedRow], Counter[Skip]]:
        """Raises `Refused` when merged cells overlap; everything else is an error of its row."""
        skipped: Counter[Skip] = Counter()
        skipped[Skip.TITLE] = sum(1 for row in self.table.rows if row < self.header.row)
        data: list[int] = []
        for row in range(self.header.last_row + 1, self.table.last_row + 1):
            reason = self._skip(row)
            if reason:
                skipped[reason] += 1
            else:
                data.append(row)
        letters = {c.name: [letter for _n, letter, _h in places] for c, places in self.sources}
        self.spans = Spans(self.table, data, spanning([c for c, _places in self.sources], letters))
        rows: list[ParsedRow] = []
        for row in data:
            if rows and self._continues(row, rows[-1]):
                self._extend(rows[-1], row)
            else:
                rows.append(self._read(row))
        return rows, skipped

    def _skip(self, row: int) -> Skip | None:
        entries = list(self.table.entries(row))
        texts = ["".join(as_text(cell).split()) for _number, cell in entries]
        # A row in which only the numbering or unmapped columns are filled in is a printed, unused line.
        used = [number for number, _cell in entries if number in self.numbers]
        if not entries:
            return Skip.BLANK
        if self._repeats_headings(entries):
            return Skip.HEADING
        bare = sum(1 for n in self.required if blank(self.table.value(row, n))) * 2 >= max(1, len(self.required))
        if bare and any(TOTAL.fullmatch(text.replace("：", ":").replace("（", "(")) for text in texts[:2]):
            return Skip.TOTAL
        if len(entries) == 1 and self._is_wide(row, entries[0][0]):
            return Skip.NOTE if NOTES.fullmatch(texts[0]) else Skip.TITLE
        if all(fold(text) in self.titles for text in texts):
            return Skip.TITLE
        if bare and all(NOTES.fullmatch(text) for text in texts):
            return Skip.NOTE
        return None if used else (Skip.NOTE if any(len(text) > 12 for text in texts) else Skip.BLANK)

    def _repeats_headings(self, entries: Sequence[tuple[int, Any]]) -> bool:
        same = sum(1 for number, cell in entries if (number, fold(as_text(cell))) in self.own_headings)
        return same >= min(2, len(self.own_headings)) and same * 10 >= len(entries) * 6

    def _is_wide(self, row: int, number: int) -> bool:
        """Whether the cell is merged over at least half of the mapped columns, as titles are."""
        merge = self.table.origin.get((row, number))
        return merge is not None and 2 * sum(merge.left <= n <= merge.right for n in self.numbers) >= len(self.numbers)

    def _continues(self, row: int, previous: ParsedRow) -> bool:
        """Whether the row only adds to lists of the one above: its key cells are merged with that row's."""
        if not self.keys:
            return False
        for number in self.keys:
            merge = self.table.origin.get((row, number))
            if merge is None or not merge.top <= previous.row_number < row:
                return False
        return True

    def _read(self, row: int) -> ParsedRow:
        parsed = ParsedRow(row, {}, rows=[row])
        for column, places in self.sources:
            cells = self._cells(column, places, row, parsed)
            value = self._read_cells(column, cells, parsed)
            parsed.values[column.name] = value
            if value is None and column.required and not any(e.field == column.name for e in parsed.errors):
                number, letter, heading = places[0]
                shown = as_text(self.table.value(row, number)).strip()
                message = _("“%(label)s” is missing. Fill it in.", label=column.label)
                parsed.errors.append(CellError(row, letter, heading, shown, message, column.name, Flaw.MISSING))
        return parsed

    def _cells(
        self, column: Column, places: Sequence[tuple[int, str, str]], row: int, parsed: ParsedRow
    ) -> list[tuple[Any, int, str, str]]:
        """(cell, row, letter, heading) of every cell that this field is read from."""
        if column.spans:
            cell, remark = self.spans.get(column, row)
            if remark:
                parsed.remarks[column.name] = remark
            return [(cell, row, places[0][1], places[0][2])]
        return [(self.table.value(row, number), row, letter, heading) for number, letter, heading in places]

    def _read_cells(self, column: Column, cells: Sequence[tuple[Any, int, str, str]], parsed: ParsedRow) -> Any:
        gathered: list[Any] = []
        for cell, row, letter, heading in cells:
            try:
                value, remark = read(cell, column, self.table.date1904, factor_of(heading, column))
            except BadValue as bad:
                shown = as_text(cell).strip()
                parsed.errors.append(CellError(row, letter, heading, shown, bad.message, column.name, Flaw.UNREADABLE))
                continue
            if remark:
                parsed.remarks[column.name] = remark
            if not column.gathers:
                return value
            gathered += value if isinstance(value, list) else [] if value is None else [value]
        return list(dict.fromkeys(gathered)) or None

    def _extend(self, parsed: ParsedRow, row: int) -> None:
        parsed.rows.append(row)
        for column, places in self.sources:
            own = [(self.table.own(row, n), row, letter, heading) for n, letter, heading in places]
            own = [entry for entry in own if not is_empty(entry[0], column)]
            if column.gathers and own:
                more = self._read_cells(column, own, parsed) or []
                parsed.values[column.name] = list(dict.fromkeys([*(parsed.values[column.name] or []), *more])) or None
