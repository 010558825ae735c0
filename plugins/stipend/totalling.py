"""What each payee gets of a settlement, from its entries: a line each, in which only what differs is written."""

# ruff: noqa: S608
# Only whole numbers, days and names of the code stand in these texts; what people type is never part of them.

from __future__ import annotations

from datetime import date
from typing import Any

from peewee import fn

from panel.api import Refused, _
from plugins.stipend.cards import month_end, table_on
from plugins.stipend.choices import Basis, Income
from plugins.stipend.collecting import run
from plugins.stipend.ledger import PayeeLine, Settlement
from plugins.stipend.tax import Bracket, Table, withheld

FIGURES = 1_000  # taxed in one statement
EACH = "stipend_entry e JOIN stipend_payee y ON y.id = e.payee_id"
LINE = ("income", "entries", "gross", "tax", "carried")


def tables_on(institution_id: int, day: date) -> dict[str, Table]:
    """How each kind of income is taxed on a day. Raises Refused where one has no table."""
    found = {}
    for income in Income:
        row = table_on(institution_id, income.value, day)
        if row is None:
            raise Refused(
                _("There is no tax table for “%(income)s” on %(day)s. Enter one first.", income=income.label, day=day)
            )
        brackets = tuple(Bracket(*bracket) for bracket in row.brackets)
        found[income.value] = Table(row.threshold, row.allowance, row.share, row.counts, brackets)
    return found


def total(settlement: Settlement) -> dict[str, int]:
    """Bring the lines of the payees up to their entries; gives the sums of them all."""
    mine = f"settlement_id = {settlement.id}"
    run(
        "CREATE TEMPORARY TABLE stipend_sum AS SELECT e.payee_id, y.income, e.entries, e.balance FROM"
        " (SELECT payee_id, COUNT(*) AS entries, SUM(amount) AS balance FROM stipend_entry"
        f" WHERE {mine} GROUP BY payee_id) e JOIN stipend_payee y ON y.id = e.payee_id"
    )
    _tax(settlement, f"e.{mine}")
    _lay(settlement, f"e.{mine}")
    _write(settlement)
    for table in ("stipend_line", "stipend_tax", "stipend_sum"):
        run(f"DROP TABLE {table}")
    sums: Any = PayeeLine.select(
        fn.COUNT(PayeeLine.id), fn.SUM(PayeeLine.gross), fn.SUM(PayeeLine.tax), fn.SUM(PayeeLine.carried)
    ).where(PayeeLine.settlement == settlement)
    payees, gross, tax, carried = (int(value or 0) for value in sums.tuples().get())
    return {"payees": payees, "gross": gross, "tax": tax, "carried": carried}


def _tax(settlement: Settlement, mine: str) -> None:
    """Make the table of what is withheld: each figure there is to be taxed is taxed once, in Python and exactly."""
    tables = tables_on(settlement.institution_id, month_end(settlement.month))
    figures = "SELECT DISTINCT income, balance FROM stipend_sum WHERE balance > 0"
    if settlement.basis != Basis.MERGED:
        figures = f"SELECT DISTINCT y.income, e.amount FROM {EACH} WHERE {mine} AND e.amount > 0"
    run("CREATE TEMPORARY TABLE stipend_tax (income VARCHAR(20), figure BIGINT, tax BIGINT)")
    rows = run(figures).fetchall()
    for start in range(0, len(rows), FIGURES):
        some = [f"('{i}', {fen}, {withheld(int(fen), tables[i])})" for i, fen in rows[start : start + FIGURES]]
        run(f"INSERT INTO stipend_tax VALUES {', '.join(some)}")
    run("CREATE INDEX stipend_tax_figure ON stipend_tax (income, figure)")


def _lay(settlement: Settlement, mine: str) -> None:
    """Make the table of the lines as they should be."""
    taxed = (
        "SELECT s.*, t.tax FROM stipend_sum s LEFT JOIN stipend_tax t ON t.income = s.income AND t.figure = s.balance"
    )
    if settlement.basis != Basis.MERGED:
        found = f"{EACH} JOIN stipend_tax t ON t.income = y.income AND t.figure = e.amount WHERE {mine}"
        sums = f"SELECT e.payee_id, SUM(t.tax) AS tax FROM {found} GROUP BY e.payee_id"
        taxed = f"SELECT s.*, t.tax FROM stipend_sum s LEFT JOIN ({sums}) t ON t.payee_id = s.payee_id"
    run(
        "CREATE TEMPORARY TABLE stipend_line AS SELECT payee_id, income, entries,"
        " CASE WHEN balance > 0 THEN balance ELSE 0 END AS gross,"
        " CASE WHEN balance <= 0 THEN 0 WHEN tax > balance THEN balance ELSE COALESCE(tax, 0) END AS tax,"
        f" CASE WHEN balance < 0 THEN balance ELSE 0 END AS carried FROM ({taxed}) l"
    )
    run("CREATE UNIQUE INDEX stipend_line_payee ON stipend_line (payee_id)")


def _write(settlement: Settlement) -> None:
    """Write the lines that differ from those stored."""
    mine = f"settlement_id = {settlement.id}"
    run(
        f"DELETE FROM stipend_payee_line WHERE {mine} AND NOT EXISTS"
        " (SELECT 1 FROM stipend_line l WHERE l.payee_id = stipend_payee_line.payee_id)"
    )
    differs = " OR ".join(f"p.{name} <> l.{name}" for name in LINE)
    names = ", ".join(LINE)
    run(
        f"INSERT INTO stipend_payee_line (institution_id, settlement_id, payee_id, {names})"
        f" SELECT {int(settlement.institution_id)}, {settlement.id}, l.payee_id, {', '.join(f'l.{n}' for n in LINE)}"
        f" FROM stipend_line l LEFT JOIN stipend_payee_line p ON p.payee_id = l.payee_id AND p.{mine}"
        f" WHERE p.id IS NULL OR {differs} ORDER BY l.payee_id"
        f" ON CONFLICT (settlement_id, payee_id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in LINE)}"
    )
