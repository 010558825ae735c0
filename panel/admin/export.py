"""The filtered list as a file: XLSX or CSV, in constant memory, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from flask import Response, request, send_file
from markupsafe import Markup
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from panel import audit
from panel.access.scope import require
from panel.admin import show
from panel.admin.bulk import chosen_ids
from panel.admin.columns import Column
from panel.admin.listing import Listing
from panel.admin.state import State
from panel.database import PersonalText
from panel.errors import Refused
from panel.i18n import _, today

MOST = 50_000  # rows of one file
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def respond(view: Any) -> Response:
    """The file of the list in the address (GET), or of the rows ticked in it (POST)."""
    identity = require(view.may.export)
    kind = request.values.get("format", "xlsx")
    kind = kind if kind in KINDS else "xlsx"
    ticked = request.method == "POST"
    state = State.parse(view, request.form.get("list", "")) if ticked else State.read(view, request.args)
    listing = Listing(state, view.may.export)
    ids: Sequence[int] = chosen_ids(listing, MOST) if ticked else listing.ids(MOST + 1)
    if len(ids) > MOST:
        raise Refused(
            _("A file holds at most %(most)s rows. Narrow the list and export it in parts.", most=f"{MOST:,}")
        )
    everything = request.values.get("columns") == "all"
    columns = view.list_columns([*view.columns, *view.more_columns] if everything else state.columns)
    handle: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    try:
        personal = [str(c.label) for c in columns if isinstance(c.field, PersonalText)] if view.can("reveal") else []
        write(handle, kind, columns, listing.batches(ids), in_full=bool(personal))
        handle.seek(0)
        told = {"list": str(view.label), "rows": len(ids), "format": kind, "conditions": state.query}
        if personal:
            told["personal data"] = personal
        audit.note("export", identity.institution, told)
        name = f"{view.label}-{today().isoformat()}.{kind}"
        return send_file(handle, mimetype=KINDS[kind], as_attachment=True, download_name=name)
    except BaseException:
        handle.close()
        raise


def write(
    out: IO[bytes], kind: str, columns: Sequence[Column], batches: Iterable[list[Any]], in_full: bool = False
) -> None:
    """Write the rows as `kind`; `in_full` with personal data that is masked otherwise."""
    heads = [str(column.label) for column in columns]
    rows = ([_value(column, row, in_full) for column in columns] for batch in batches for row in batch)
    (_write_csv if kind == "csv" else _write_xlsx)(out, heads, rows)


def _value(column: Column, row: Any, in_full: bool = False) -> show.Cell:
    """Dates, numbers and amounts are exported as such; whatever else the view words (or hides), as it words it.

    `in_full`: personal data too, for who may look at it; the note of the export says so.
    """
    value = column.value(row)
    if in_full and isinstance(column.field, PersonalText):
        return str(value or "")
    if column.format is not None and not isinstance(value, (date, int, Decimal)):
        worded = column.format(row)
        return worded.striptags() if isinstance(worded, Markup) else str(worded or "")
    return show.cell(column.field, value)


def _write_csv(out: IO[bytes], heads: list[str], rows: Iterator[list[show.Cell]]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(h) for h in heads])
    for row in rows:
        writer.writerow([_csv(v) for v in row])
    text.flush()
    text.detach()


def _csv(value: show.Cell) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """Text that a spreadsheet takes as text: a leading apostrophe where it would begin a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) or text.startswith(FORMULA) else text


def _write_xlsx(out: IO[bytes], heads: list[str], rows: Iterator[list[show.Cell]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for place, head in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(12, min(40, 2 * len(head) + 4))
    sheet.append([_cell(sheet, head, bold=True) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    book.save(out)


def _cell(sheet: Any, value: show.Cell, bold: bool = False) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL.sub("", value)[:32767])
        cell.data_type = "s"  # text, even where it begins with "="
    else:
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
        if isinstance(value, (date, datetime)):
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        elif isinstance(value, Decimal):
            cell.number_format = "#,##0.00"
    if bold:
        cell.font = Font(bold=True)
    return cell
