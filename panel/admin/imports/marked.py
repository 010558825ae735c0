"""The user's own workbook handed back, with what was refused marked in it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook as Book
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from panel.admin.imports.grid import Upload
from panel.admin.imports.reading import ZIP, open_upload, read_bytes
from panel.admin.imports.sheet import CellError, Sheet
from panel.i18n import _

FILL = PatternFill("solid", fgColor="FFFFC7CE")
COMMENTS = 2_000  # Excel opens a sheet with tens of thousands of comments only after minutes
CELL_LENGTH = 32_000
LOADED_BYTES = 64 * 2**20
LOADED_CELLS = 600_000  # some 300 MB of memory
CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
FORMULA = re.compile(r"^[=+\-@\t\r]")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def mark(source: bytes | BinaryIO | Path, sheet: Sheet, errors: Iterable[CellError]) -> bytes:
    """An XLSX file: the upload with its refused cells filled light red and explained, the reasons in a last column.

    `errors` may hold more than `sheet.errors`, such as duplicates found against the database. A CSV becomes a workbook.
    """
    data = read_bytes(source)
    upload = open_upload(data)
    book = _open(data, upload, sheet)
    page = book[sheet.name] if sheet.name in book.sheetnames else book.worksheets[0]
    by_row: dict[int, list[CellError]] = {}
    for error in errors:
        by_row.setdefault(error.row, []).append(error)
    left = COMMENTS
    for found in by_row.values():
        for error in found:
            left -= _mark_cell(page, error, left > 0)
    _add_reasons(page, _free_column(page, upload.table(sheet.name).width, sheet.header_row), sheet.header_row, by_row)
    book.active = book.index(page)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _open(data: bytes, upload: Upload, sheet: Sheet) -> Book:
    """The user's workbook; where openpyxl cannot take it, or for a text file, a plain one with the same cells."""
    if data.startswith(ZIP) and _fits_memory(data):
        # Whatever openpyxl stumbles over, the values can still be given back.
        with suppress(Exception):
            return load_workbook(io.BytesIO(data), keep_links=False)
    table = upload.table(sheet.name)
    book = Book()
    page = book.worksheets[0]
    with suppress(ValueError):  # a name that Excel would not allow
        page.title = sheet.name or page.title
    for row in table.rows:
        for number, value in table.entries(row):
            _write(page, row, number, getattr(value, "text", value))
    return book


def _fits_memory(data: bytes) -> bool:
    """Whether openpyxl may load the workbook: it builds an object for every cell of every sheet, empty ones too."""
    cells = size = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            size += member.file_size if member.filename.endswith(".xml") else 0
            if size > LOADED_BYTES:
                return False
            if "/worksheets/" in member.filename:
                cells += len(CELL_TAG.findall(archive.read(member)))
    return cells <= LOADED_CELLS


def _write(page: Worksheet, row: int, number: int, value: Any) -> BookCell:
    """Write a value that stays what it is: a text is never taken for a formula."""
    cell = page.cell(row, number)
    assert isinstance(cell, BookCell)
    if isinstance(value, str):
        value = UNWRITABLE.sub("", value)[:CELL_LENGTH]
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = bool(FORMULA.match(value))
    return cell


def _mark_cell(page: Worksheet, error: CellError, comment: bool) -> bool:
    """Fill the cell; True when it was also commented. The first cell of a merged range stands for all of it."""
    cell = page[f"{error.column}{error.row}"]
    if isinstance(cell, MergedCell):
        around = next(r for r in page.merged_cells.ranges if cell.coordinate in r)
        cell = page.cell(around.min_row, around.min_col)
    cell.fill = FILL
    if not comment:
        return False
    known = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(_plain(f"{known}{error.message}"), _("Import"), width=280, height=90)
    return True


def _free_column(page: Worksheet, width: int, header_row: int) -> int:
    """The first column beyond all values and merged ranges of the list."""
    merged = (r.max_col for r in page.merged_cells.ranges if r.max_row >= header_row)
    return max([width, *merged]) + 1


def _add_reasons(page: Worksheet, number: int, header_row: int, by_row: dict[int, list[CellError]]) -> None:
    heading = _write(page, header_row, number, _plain(_("Why not imported")))
    model = page.cell(header_row, number - 1)
    for style in ("font", "alignment", "border"):
        setattr(heading, style, copy(getattr(model, style)))
    heading.fill = FILL
    for row, found in by_row.items():
        text = "\n".join(f"{e.column} {e.heading}: {e.message}" if e.heading else e.message for e in found)
        cell = _write(page, row, number, _plain(text))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(color="FF9C0006")
    page.column_dimensions[get_column_letter(number)].width = 48


def _plain(text: str) -> str:
    """Text of ours that no program takes for a formula, even after the sheet was saved as CSV."""
    text = UNWRITABLE.sub("", text)
    return f"'{text}" if FORMULA.match(text) else text
