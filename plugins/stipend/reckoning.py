"""The machine's part of a settlement: deletes what it made before and reckons anew, set by set, in chunks.

Repeated, it gives the same to the fen. Two at work on one settlement: the one that began later takes it over, the other
stops at its next chunk; that a contribution is paid once, ever, is the database's to hold.
"""

# ruff: noqa: S608
# Only whole numbers, days and names of the code stand in these texts; what people type is never part of them.

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import Refused, _, is_postgres, records, transaction, utcnow
from plugins.stipend.cards import month_end, table_on
from plugins.stipend.choices import REWORKABLE, Basis, Income, State
from plugins.stipend.collecting import cards_of, chunks, months_of, run
from plugins.stipend.entering import Desk, by_hand, carry, cut, enter, make_good
from plugins.stipend.ledger import Entry, PayeeLine, Problem, Settlement
from plugins.stipend.tax import Bracket, Table, withheld

CLEARED = 20_000  # rows deleted in one transaction
FIGURES = 1_000
BACK = timedelta(days=400)  # so long ago may be released what is taken down now and made good
TAXED = " JOIN stipend_tax t ON t.income = y.income AND t.figure = e.amount WHERE"

Report = Callable[[int, int], Any]


class Overtaken(Exception):
    """Another run works on this settlement, or it is decided."""


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def reckon(settlement_id: int, mark: int, report: Report = _quiet) -> dict[str, int]:
    """Collect, reckon and total a settlement; nothing where it is decided. `mark` tells this run from any other."""
    try:
        settlement = _claim(settlement_id, mark)
        _clear(settlement, mark)
        desk = Desk(settlement, months_of(settlement), cards_of(settlement))
        pieces = total = 0
        for first, last, done, total in chunks(settlement):
            report(done, total)
            with transaction():
                _still(settlement, mark)
                pieces += enter(desk, first, last)
        with transaction():
            _still(settlement, mark)
            make_good(settlement, settlement.month - BACK)
            carry(settlement)
            by_hand(settlement)
            if settlement.card.month_cap is not None:
                cut(settlement, settlement.card.month_cap)
            _lines(settlement)
            result = _total(settlement, pieces)
        report(total, total)
        return result
    except Overtaken:
        return {}


def _claim(settlement_id: int, mark: int) -> Settlement:
    with transaction():
        settlement = _locked(settlement_id)
        if settlement.state not in REWORKABLE:
            raise Overtaken
        records.derive(Settlement, Settlement.id == settlement_id, run_id=mark)
        records.update(settlement, state=State.COUNTING.value)
    return settlement


def _locked(settlement_id: int) -> Settlement:
    query = Settlement.select().where(Settlement.id == settlement_id)
    found: Settlement = (query.for_update() if is_postgres() else query).get()
    return found


def _still(settlement: Settlement, mark: int) -> None:
    """Raises Overtaken where the settlement is no longer this run's. Holds it until the transaction ends."""
    stored = _locked(settlement.id)
    if stored.run_id != mark or stored.state != State.COUNTING:
        raise Overtaken


def _clear(settlement: Settlement, mark: int) -> None:
    """Delete what an earlier run made, some thousand rows at a time."""
    for model in (Entry, PayeeLine, Problem):
        while True:
            with transaction():
                _still(settlement, mark)
                some: Any = model.select(model.id).where(model.settlement == settlement).limit(CLEARED).tuples()
                if not model.delete().where(model.id.in_([row[0] for row in some])).execute():
                    break


# ── what each payee gets ───────────────────────────────────────────────────────────────────────


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


def _lines(settlement: Settlement) -> None:
    """A line for each payee. Each figure there is to be taxed is taxed once, in Python and exactly."""
    tables = tables_on(settlement.institution_id, month_end(settlement.month))
    mine, merged = f"e.settlement_id = {settlement.id}", settlement.basis == Basis.MERGED
    run(
        "CREATE TEMPORARY TABLE stipend_sum AS SELECT e.payee_id, y.income, COUNT(*) AS entries, SUM(e.amount) AS"
        f" balance FROM stipend_entry e JOIN stipend_payee y ON y.id = e.payee_id WHERE {mine}"
        " GROUP BY e.payee_id, y.income"
    )
    figures = "SELECT DISTINCT income, balance FROM stipend_sum WHERE balance > 0"
    each = f"stipend_entry e JOIN stipend_payee y ON y.id = e.payee_id WHERE {mine} AND e.amount > 0"
    if not merged:
        figures = f"SELECT DISTINCT y.income, e.amount FROM {each}"
    run("CREATE TEMPORARY TABLE stipend_tax (income VARCHAR(20), figure BIGINT, tax BIGINT)")
    rows = run(figures).fetchall()
    for start in range(0, len(rows), FIGURES):
        some = [f"('{i}', {fen}, {withheld(int(fen), tables[i])})" for i, fen in rows[start : start + FIGURES]]
        run(f"INSERT INTO stipend_tax VALUES {', '.join(some)}")
    run("CREATE INDEX stipend_tax_figure ON stipend_tax (income, figure)")
    taxed = "SELECT s.*, COALESCE(t.tax, 0) AS tax FROM stipend_sum s LEFT JOIN stipend_tax t"
    taxed += " ON t.income = s.income AND t.figure = s.balance"
    if not merged:
        sums = f"SELECT e.payee_id, SUM(t.tax) AS tax FROM {each.replace(' WHERE', TAXED)} GROUP BY e.payee_id"
        taxed = f"SELECT s.*, COALESCE(t.tax, 0) AS tax FROM stipend_sum s LEFT JOIN ({sums}) t"
        taxed += " ON t.payee_id = s.payee_id"
    run(
        "INSERT INTO stipend_payee_line (institution_id, settlement_id, payee_id, income, entries, gross, tax, carried)"
        f" SELECT {int(settlement.institution_id)}, {settlement.id}, payee_id, income, entries,"
        " CASE WHEN balance > 0 THEN balance ELSE 0 END,"
        " CASE WHEN balance <= 0 THEN 0 WHEN tax > balance THEN balance ELSE tax END,"
        f" CASE WHEN balance < 0 THEN balance ELSE 0 END FROM ({taxed}) l ORDER BY payee_id"
    )
    for table in ("stipend_tax", "stipend_sum"):
        run(f"DROP TABLE {table}")


def _total(settlement: Settlement, pieces: int) -> dict[str, int]:
    sums: Any = PayeeLine.select(
        fn.COUNT(PayeeLine.id), fn.SUM(PayeeLine.gross), fn.SUM(PayeeLine.tax), fn.SUM(PayeeLine.carried)
    ).where(PayeeLine.settlement == settlement)
    payees, gross, tax, carried = (int(value or 0) for value in sums.tuples().get())
    found = {"pieces": pieces, "payees": payees, "gross": gross, "tax": tax, "carried": carried}
    records.derive(Settlement, Settlement.id == settlement.id, reckoned_at=utcnow(), **found)
    records.update(Settlement.get_by_id(settlement.id), state=State.OPEN.value)
    return found
