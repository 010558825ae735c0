"""What a settlement says: its payment list for the finance office, statements of contributors, totals of a year."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from peewee import JOIN, fn

from panel.api import Person, Refused, Unit, _, audit, transaction
from plugins.stipend.choices import CLOSED, Basis, EntryKind, Income, PayeeKind
from plugins.stipend.ledger import Entry, Payee, PayeeLine, Problem, Settlement, Working
from plugins.stipend.payees import account_of
from plugins.stipend.settling import proposals, stale

ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
WIDTHS = (6, 14, 22, 10, 20, 10, 12, 12, 12, 26, 24, 20)


def open_questions(settlement: Settlement) -> int:
    """How many pieces of the month are listed and not paid, or to be looked at."""
    return int(Problem.select().where(Problem.settlement == settlement).count())


def without_bank(settlement: Settlement) -> Any:
    """Lines with something to pay out to somebody whose bank account is not known: a query."""
    return (
        PayeeLine.select(PayeeLine, Payee)
        .join(Payee)
        .where(PayeeLine.settlement == settlement, PayeeLine.gross > 0, Payee.account_tail == "")
        .order_by(Payee.name, PayeeLine.id)
    )


def standing(settlement: Settlement) -> dict[str, Any]:
    """What stands between an open month and its approval."""
    return {
        "problem_count": open_questions(settlement),
        "no_bank_count": int(without_bank(settlement).count()),
        "proposals": proposals(settlement) if settlement.state == "open" else 0,
        "stale": settlement.state == "open" and stale(settlement),
    }


def entries_of(settlement: Settlement) -> Any:
    """The entries of a settlement with their payees, those of one payee together: a query."""
    return (
        Entry.select(Entry, Payee, Working)
        .join(Payee)
        .switch(Entry)
        .join(Working, JOIN.LEFT_OUTER)
        .where(Entry.settlement == settlement)
        .order_by(Payee.name, Entry.payee, Entry.id)
    )


# ── the finance office's list ──────────────────────────────────────────────────────────────────


def _safe(value: Any) -> str:
    """Text no spreadsheet takes for a formula."""
    text = ILLEGAL.sub("", str(value or ""))
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def payment_list(settlement: Settlement) -> IO[bytes]:
    """The payments of an approved month with bank accounts in full, as XLSX; a log line says who took it.

    Raises Refused for a month that is not approved, and where an account cannot be read.
    """
    if settlement.state not in CLOSED:
        raise Refused(_("Only an approved month is paid."))
    lines = (
        PayeeLine.select(PayeeLine, Payee)
        .join(Payee)
        .where(PayeeLine.settlement == settlement)
        .order_by(Payee.name, PayeeLine.id)
    )
    book = Workbook()
    sheet: Any = book.active
    sheet.title = f"{settlement.month:%Y-%m}"
    titles = [
        _("No."),
        _("Name of the payee"),
        _("Unit"),
        _("Kind of payee"),
        _("Kind of income"),
        _("Entries"),
        _("Fees"),
    ]
    titles += [_("Tax withheld"), _("To be paid out"), _("Bank"), _("Bank account"), _("Note")]
    heading = _("Payment list of fees, %(month)s", month=settlement)
    sheet.append([heading])
    sheet.append([_("Tax is reckoned from: %(basis)s", basis=Basis(settlement.basis).label)])
    sheet.append(titles)
    count = 0
    for count, line in enumerate(lines, 1):
        sheet.append(_row(count, line))
    sums = [settlement.gross, settlement.tax, settlement.net]
    sheet.append([_("Total"), *[""] * 5, *(fen / 100 for fen in sums)])
    _style(sheet, count)
    with transaction():
        audit.note("export", settlement, {"list": _("Payment list"), "rows": count})
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def _row(number: int, line: PayeeLine) -> list[Any]:
    payee = line.payee
    note = "" if payee.account_tail else _("No bank account entered")
    if line.carried:
        note = _("%(yuan)s carried into the next month", yuan=f"{line.carried / 100:.2f}")
    return [
        number,
        _safe(payee.name),
        _safe(payee.unit_name or (payee.person.unit.name if payee.person is not None else "")),
        str(PayeeKind(payee.kind).label),
        str(Income(line.income).label),
        line.entries,
        line.gross / 100,
        line.tax / 100,
        line.net / 100,
        _safe(payee.bank),
        account_of(payee),
        note,
    ]


def _style(sheet: Any, rows: int) -> None:
    for cell in (sheet["A1"], *sheet[3], *sheet[rows + 4]):
        cell.font = Font(bold=True)
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row in sheet.iter_rows(min_row=4, max_row=rows + 4, min_col=7, max_col=9):
        for cell in row:
            cell.number_format = "0.00"
    sheet.freeze_panes = "A4"


# ── a contributor's own ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Statement:
    """What a month paid one person, line by line."""

    settlement: Settlement
    line: PayeeLine
    entries: list[Entry]


def mine(person_id: int | None, year: int) -> list[Statement]:
    """The statements of a person, of approved months of a year, the latest first. Two queries."""
    if person_id is None:
        return []
    lines = list(
        PayeeLine.select(PayeeLine, Settlement, Payee)
        .join(Settlement)
        .switch(PayeeLine)
        .join(Payee)
        .where(
            Payee.person == person_id,
            Settlement.state.in_(CLOSED),
            Settlement.month.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .order_by(Settlement.month.desc())
    )
    by_month: dict[int, list[Entry]] = {}
    for entry in (
        Entry.select(Entry, Working)
        .join(Working, JOIN.LEFT_OUTER)
        .where(
            Entry.settlement.in_([line.__data__["settlement"] for line in lines]),
            Entry.payee.in_([line.__data__["payee"] for line in lines]),
        )
        .order_by(Entry.id)
    ):
        by_month.setdefault(entry.__data__["settlement"], []).append(entry)
    return [Statement(line.settlement, line, by_month.get(line.__data__["settlement"], [])) for line in lines]


def year_totals(institution_id: int, year: int, limit: int = 200, offset: int = 0) -> list[dict[str, Any]]:
    """What approved months of a year paid each payee, by name. One query."""
    unit = fn.COALESCE(fn.NULLIF(Payee.unit_name, ""), Unit.name, "")
    rows: Any = (
        PayeeLine.select(
            Payee.name,
            unit,
            fn.COUNT(PayeeLine.id),
            fn.SUM(PayeeLine.entries),
            fn.SUM(PayeeLine.gross),
            fn.SUM(PayeeLine.tax),
        )
        .join(Payee)
        .join(Person, JOIN.LEFT_OUTER)
        .join(Unit, JOIN.LEFT_OUTER)
        .switch(PayeeLine)
        .join(Settlement)
        .where(
            PayeeLine.institution_id == institution_id,
            Settlement.state.in_(CLOSED),
            Settlement.month.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(Payee.id, Payee.name, Payee.unit_name, Unit.name)
        .order_by(Payee.name, Payee.id)
        .limit(limit)
        .offset(offset)
        .tuples()
    )
    names = ("name", "unit", "months", "entries", "gross", "tax")
    return [dict(zip(names, [r[0], r[1], *(int(v or 0) for v in r[2:])], strict=True)) for r in rows]


def pieces_of(institution_id: int, first: date, last: date) -> Any:
    """Piece entries of settlements of a span: a query to group by."""
    return (
        Entry.select()
        .join(Settlement)
        .where(
            Entry.institution_id == institution_id,
            Entry.kind == EntryKind.PIECE.value,
            Settlement.month.between(first, last),
        )
    )
