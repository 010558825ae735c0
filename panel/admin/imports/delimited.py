"""CSV and TSV, in the encodings Chinese offices save them in."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from panel.admin.imports.grid import Cell, Limits, Table, check_cell, check_count, check_row
from panel.errors import Refused
from panel.i18n import _

LABEL = "CSV"  # what messages call the one sheet
DELIMITERS = ",\t;|，"
# Excel's own trick to keep digits as text, and the quote a careful export puts before a formula.
AS_TEXT = re.compile(r'="([^"]*)"')
GUARDED = re.compile(r"'[=+\-@\t\r]")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


class Delimited:
    """A delimited text as an upload of one nameless sheet."""

    names: tuple[str, ...] = ("",)

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.limits = limits
        self.text, self.encoding = decode(data)
        start = self.text.lstrip()[:200].lower()
        if CONTROL.search(self.text):
            raise Refused(_("The file cannot be read as a spreadsheet. Choose an .xlsx or .csv file."))
        if start.startswith(("<!doctype", "<html", "<?xml", "<table", "<meta", "<head")):
            raise Refused(_("This is a web page or XML saved as a spreadsheet. Open it in Excel and save it as .xlsx."))
        declared = re.match(r"sep=(.)\r?\n", self.text, re.IGNORECASE)
        if declared:
            self.text = self.text[declared.end() :]
        self.delimiter = declared[1] if declared else find_delimiter(self.text)

    def head(self, name: str, rows: int) -> Table:
        return self._read(rows)

    def table(self, name: str) -> Table:
        return self._read(None)

    def _read(self, stop: int | None) -> Table:
        rows: dict[int, list[Cell]] = {}
        count = 0
        try:
            for number, record in enumerate(self._records(), start=1):
                if stop and number > stop:
                    break
                cells = [_unwrap(text) for text in record]
                while cells and cells[-1] is None:
                    cells.pop()
                if not cells:
                    continue
                check_row(number, self.limits, LABEL)
                count += len(cells)
                check_count(count, self.limits, LABEL)
                for column, cell in enumerate(cells, start=1):
                    check_cell(number, column, cell, self.limits, LABEL)
                rows[number] = cells
        except csv.Error:
            raise Refused(_("The file cannot be read as a table: a quotation mark is never closed.")) from None
        return Table("", rows)

    def _records(self) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter)


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding): by its mark, else UTF-16 if half its bytes are zero, else UTF-8, else GB18030."""
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = [encoding for mark, encoding in marks.items() if data.startswith(mark)]
    if not marked and b"\x00" in data[:4096]:
        # In UTF-16 separators and line ends have a zero byte: the first of the two if it is big-endian.
        big = data[0:4096:2].count(0) > data[1:4096:2].count(0)
        marked = ["utf-16-be" if big else "utf-16-le"]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Refused(
        _("The text of the file cannot be read. Save it as “CSV UTF-8” or, better, as .xlsx, and upload it again.")
    )


def find_delimiter(text: str) -> str:
    """The separator that cuts the first lines into the most, and most alike, pieces."""
    sample = text[:20_000]

    def score(delimiter: str) -> tuple[int, int]:
        try:
            widths = Counter(len(r) for r in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if r)
        except csv.Error:
            return 0, 0
        widths.pop(1, None)
        if not widths:
            return 0, 0
        width, lines = widths.most_common(1)[0]
        return lines * width, width

    return max(DELIMITERS, key=score)


def _unwrap(text: str) -> str | None:
    if not text.strip():
        return None
    wrapped = AS_TEXT.fullmatch(text.strip())
    if wrapped:
        return wrapped[1]
    return text[1:] if GUARDED.match(text) else text
