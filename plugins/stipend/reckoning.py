"""The machine's part of a settlement: deletes what it made before and reckons anew, in batches.

Repeated, it gives the same to the fen. Two at work on one settlement: the one that began later takes it over, the other
stops at its next batch; that a contribution is paid once, ever, is the database's to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from peewee import fn

from panel.api import Refused, _, insert_rows, is_postgres, records, transaction, utcnow
from plugins.content.services import Release, withdrawn_between
from plugins.stipend import collecting
from plugins.stipend.cards import month_end, table_on
from plugins.stipend.choices import CLOSED, REWORKABLE, Basis, EntryKind, Income, ProblemKind, State
from plugins.stipend.ledger import Adjustment, Entry, Payee, PayeeLine, Problem, Settlement
from plugins.stipend.payees import key_of, payees_of
from plugins.stipend.tariff import capped
from plugins.stipend.tax import Bracket, Table, withheld_from
from plugins.stipend.weighing import Found, Rules, weigh

BATCH = 400  # pieces
PAYEES = 2_000
BACK = timedelta(days=400)  # so long ago may be released what is taken down now and made good

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
        rules = collecting.rules_of(settlement)
        ids = collecting.submissions(settlement)
        for start in range(0, len(ids), BATCH):
            report(start, len(ids))
            with transaction():
                _still(settlement, mark)
                _collect(settlement, ids[start : start + BATCH].tolist(), rules)
        with transaction():
            _still(settlement, mark)
            _make_good(settlement)
            _carry(settlement)
            _by_hand(settlement)
            _cap(settlement)
        _lines(settlement, mark)
        result = _total(settlement, mark)
        report(len(ids), len(ids))
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
                some: Any = model.select(model.id).where(model.settlement == settlement).limit(5_000).tuples()
                if not model.delete().where(model.id.in_([row[0] for row in some])).execute():
                    break


# ── entries ────────────────────────────────────────────────────────────────────────────────────


def _collect(settlement: Settlement, ids: Sequence[int], rules: Rules) -> None:
    found: list[Found] = []
    problems = set()
    for one in weigh(collecting.batch_of(settlement, ids, rules), rules):
        if isinstance(one, Found):
            found.append(one)
        else:
            problems.add(one)
    payees = payees_of(settlement.institution_id, (f.giver for f in found))
    insert_rows(Entry, [_entry(settlement, f, payees[key_of(f.giver)]) for f in found])
    _list_problems(settlement, problems)


def _entry(settlement: Settlement, found: Found, payee: int) -> dict[str, Any]:
    return {
        "institution_id": settlement.institution_id,
        "settlement": settlement.id,
        "kind": EntryKind.PIECE.value,
        "contribution": found.giver.id,
        "submission": found.piece.id,
        "unit": found.piece.unit,
        "payee": payee,
        "name": found.piece.headline[:200],
        "amount": found.amount,
        "frozen": found.frozen,
        "note": found.note,
    }


def _list_problems(settlement: Settlement, problems: set[tuple[int, ProblemKind]]) -> None:
    rows = [
        {
            "institution_id": settlement.institution_id,
            "settlement": settlement.id,
            "kind": kind.value,
            "submission": submission,
        }
        for submission, kind in sorted(problems)
    ]
    insert_rows(Problem, rows)


def _others(settlement: Settlement, key: Any) -> Any:
    """What other settlements have dealt with already."""
    return Entry.select(key).where(
        Entry.institution_id == settlement.institution_id, Entry.settlement != settlement, key.is_null(False)
    )


def _make_good(settlement: Settlement) -> None:
    """Take back, once, what closed months paid for pieces that were taken down since and stand nowhere."""
    last = month_end(settlement.month)
    gone = withdrawn_between(settlement.institution, settlement.month - BACK, last)
    gone._returning, gone._order_by = (Release.submission,), None
    standing: Any = (
        Release.select(Release.submission).where(Release.submission.in_(gone), Release.state == "out").distinct()
    )
    stands = {row[0] for row in standing.tuples()}
    paid = (
        Entry.select()
        .join(Settlement)
        .where(
            Entry.submission.in_(gone),
            Entry.kind == EntryKind.PIECE.value,
            Entry.amount > 0,
            Settlement.id != settlement.id,
            Settlement.state.in_(CLOSED),
            Entry.id.not_in(_others(settlement, Entry.adjusts)),
        )
        .order_by(Entry.id)
    )
    rows, listed = [], set()
    for entry in paid:
        if entry.__data__["submission"] in stands:
            listed.add((entry.__data__["submission"], ProblemKind.STANDS))
            continue
        rows.append(
            {
                "institution_id": settlement.institution_id,
                "settlement": settlement.id,
                "kind": EntryKind.WITHDRAWN.value,
                "adjusts": entry.id,
                "submission": entry.__data__["submission"],
                "unit": entry.__data__["unit"],
                "payee": entry.__data__["payee"],
                "name": entry.name,
                "amount": -entry.amount,
                "frozen": {"paid": entry.amount, "settlement": entry.__data__["settlement"]},
            }
        )
    insert_rows(Entry, rows)
    _list_problems(settlement, listed)


def _carry(settlement: Settlement) -> None:
    """Bring in, once, what earlier months left below zero."""
    left = (
        PayeeLine.select()
        .join(Settlement)
        .where(
            PayeeLine.institution_id == settlement.institution_id,
            PayeeLine.carried < 0,
            Settlement.month < settlement.month,
            Settlement.state.in_(CLOSED),
            PayeeLine.id.not_in(_others(settlement, Entry.carries)),
        )
        .order_by(PayeeLine.id)
    )
    rows = [
        {
            "institution_id": settlement.institution_id,
            "settlement": settlement.id,
            "kind": EntryKind.CARRIED.value,
            "carries": line.id,
            "payee": line.__data__["payee"],
            "name": f"{line.settlement}",
            "amount": line.carried,
            "frozen": {"settlement": line.__data__["settlement"]},
        }
        for line in left
    ]
    insert_rows(Entry, rows)


def _by_hand(settlement: Settlement) -> None:
    rows = [
        {
            "institution_id": settlement.institution_id,
            "settlement": settlement.id,
            "kind": EntryKind.MANUAL.value,
            "adjustment": one.id,
            "payee": one.__data__["payee"],
            "name": one.reason[:200],
            "amount": one.amount,
        }
        for one in Adjustment.select().where(Adjustment.settlement == settlement).order_by(Adjustment.id)
    ]
    insert_rows(Entry, rows)


def _cap(settlement: Settlement) -> None:
    """Cut what somebody earns beyond the cap of a person and month, in the order of the entries."""
    cap = settlement.card.month_cap
    if cap is None:
        return
    pieces = (Entry.settlement == settlement) & (Entry.kind == EntryKind.PIECE.value)
    over: Any = Entry.select(Entry.payee).where(pieces).group_by(Entry.payee).having(fn.SUM(Entry.amount) > cap)
    for (payee,) in list(over.tuples()):
        rows = list(Entry.select().where(pieces, Entry.payee == payee).order_by(Entry.id))
        for row, amount in zip(rows, capped([r.amount for r in rows], cap), strict=True):
            if amount != row.amount:
                frozen = {**row.frozen, "before_cap": row.amount, "month_cap": cap}
                Entry.update(amount=amount, frozen=frozen).where(Entry.id == row.id).execute()


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


def _lines(settlement: Settlement, mark: int) -> None:
    """A line for each payee, some thousand at a time along the index of the entries."""
    tables = tables_on(settlement.institution_id, month_end(settlement.month))
    merged, after = settlement.basis == Basis.MERGED, 0
    while True:
        with transaction():
            _still(settlement, mark)
            rows = _merged(settlement, after) if merged else _one_by_one(settlement, after)
            if not rows:
                return
            insert_rows(PayeeLine, [_line(settlement, tables, merged, *row) for row in rows])
            after = rows[-1][0]


def _merged(settlement: Settlement, after: int) -> list[tuple[int, str, int, list[int]]]:
    rows: Any = (
        Entry.select(Entry.payee, Payee.income, fn.COUNT(Entry.id), fn.SUM(Entry.amount))
        .join(Payee)
        .where(Entry.settlement == settlement, Entry.payee > after)
        .group_by(Entry.payee, Payee.income)
        .order_by(Entry.payee)
        .limit(PAYEES)
        .tuples()
    )
    return [(payee, income, count, [int(amount)]) for payee, income, count, amount in rows]


def _one_by_one(settlement: Settlement, after: int) -> list[tuple[int, str, int, list[int]]]:
    next_: Any = (
        Entry.select(Entry.payee)
        .where(Entry.settlement == settlement, Entry.payee > after)
        .group_by(Entry.payee)
        .order_by(Entry.payee)
        .limit(PAYEES)
        .tuples()
    )
    payees = [row[0] for row in next_]
    if not payees:
        return []
    rows: Any = (
        Entry.select(Entry.payee, Payee.income, Entry.amount)
        .join(Payee)
        .where(Entry.settlement == settlement, Entry.payee.between(payees[0], payees[-1]))
        .order_by(Entry.payee, Entry.id)
        .tuples()
    )
    found = []
    for (payee, income), group in groupby(rows, key=lambda r: (r[0], r[1])):
        amounts = [r[2] for r in group]
        found.append((payee, income, len(amounts), amounts))
    return found


def _line(
    settlement: Settlement,
    tables: dict[str, Table],
    merged: bool,
    payee: int,
    income: str,
    entries: int,
    amounts: list[int],
) -> dict[str, Any]:
    balance = sum(amounts)
    gross = max(balance, 0)
    tax = min(gross, withheld_from([gross] if merged else amounts, tables[income], merged))
    return {
        "institution_id": settlement.institution_id,
        "settlement": settlement.id,
        "payee": payee,
        "income": income,
        "entries": entries,
        "gross": gross,
        "tax": tax,
        "carried": min(balance, 0),
    }


def _total(settlement: Settlement, mark: int) -> dict[str, int]:
    with transaction():
        _still(settlement, mark)
        sums: Any = PayeeLine.select(
            fn.COUNT(PayeeLine.id), fn.SUM(PayeeLine.gross), fn.SUM(PayeeLine.tax), fn.SUM(PayeeLine.carried)
        ).where(PayeeLine.settlement == settlement)
        payees, gross, tax, carried = (int(value or 0) for value in sums.tuples().get())
        counted: Any = Entry.select(fn.COUNT(Entry.submission.distinct())).where(
            Entry.settlement == settlement, Entry.kind == EntryKind.PIECE.value
        )
        found = {"pieces": int(counted.scalar()), "payees": payees, "gross": gross, "tax": tax, "carried": carried}
        records.derive(Settlement, Settlement.id == settlement.id, reckoned_at=utcnow(), **found)
        records.update(Settlement.get_by_id(settlement.id), state=State.OPEN.value)
    return found
