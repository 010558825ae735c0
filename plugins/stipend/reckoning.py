"""The machine's part of a settlement: a pass over all its pieces, then only what has changed since; set by set.

The pass begins where there was none, or where a card or another ground of all fees has changed. It works in chunks and
goes on where it was stopped. Repeated, it gives the same to the fen. Two at work on one settlement: the one
that began later takes it over, the other stops at its next chunk; that a contribution is paid once, ever, is the
database's to hold.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from peewee import Value

from panel.api import is_postgres, records, transaction, utcnow
from plugins.stipend.choices import REWORKABLE, RUNNING, ProblemKind, State
from plugins.stipend.collecting import Some, cards_of, chunks, months_of
from plugins.stipend.entering import Desk, afresh, by_hand, carry, cut, enter, make_good
from plugins.stipend.ledger import Problem, Recount, Settlement
from plugins.stipend.recounting import ground_of
from plugins.stipend.totalling import total

BACK = timedelta(days=400)  # so long ago may be released what is taken down now and made good
BATCH = 5_000  # changed pieces in one transaction

Report = Callable[[int, int], Any]


class Overtaken(Exception):
    """Another run works on this settlement, or it is decided."""


def _quiet(done: int, total: int) -> None:
    """Nobody watches."""


def reckon(settlement_id: int, mark: int, report: Report = _quiet) -> dict[str, int]:
    """Bring a settlement up to date; nothing where it is decided. `mark` tells this run from any other."""
    try:
        settlement = _claim(settlement_id, mark)
        desk = Desk(settlement, months_of(settlement), cards_of(settlement))
        if settlement.goes_on is None:
            _await(settlement, mark)
        else:
            _pass(desk, mark, report)
        _recount(desk, mark, report)
        with transaction():
            _still(settlement, mark)
            return _finish(settlement)
    except Overtaken:
        return {}


def _claim(settlement_id: int, mark: int) -> Settlement:
    with transaction():
        settlement = _locked(settlement_id)
        if settlement.state not in REWORKABLE:
            raise Overtaken
        ground = ground_of(settlement)
        given: dict[str, Any] = {"run_id": mark}
        if settlement.ground != ground:
            given |= {"ground": ground, "goes_on": 0}
        records.derive(Settlement, Settlement.id == settlement_id, **given)
        if settlement.state != State.GATHERING:
            records.update(settlement, state=State.COUNTING.value)
    return Settlement.get_by_id(settlement_id)


def _locked(settlement_id: int) -> Settlement:
    query = Settlement.select().where(Settlement.id == settlement_id)
    found: Settlement = (query.for_update() if is_postgres() else query).get()
    return found


def _still(settlement: Settlement, mark: int) -> None:
    """Raises Overtaken where the settlement is no longer this run's. Holds it until the transaction ends."""
    stored = _locked(settlement.id)
    if stored.run_id != mark or stored.state not in RUNNING:
        raise Overtaken


def _pass(desk: Desk, mark: int, report: Report) -> None:
    """Enter all pieces of the settlement, from where an earlier run was stopped."""
    settlement = desk.settlement
    for some, done, count in chunks(settlement, settlement.goes_on or 0):
        report(done, count)
        with transaction():
            _still(settlement, mark)
            _entered(settlement, enter(desk, some), goes_on=some.last + 1)
    with transaction():
        _still(settlement, mark)
        _entered(settlement, 0, goes_on=None)


def _entered(settlement: Settlement, more: int, **values: Any) -> None:
    records.derive(Settlement, Settlement.id == settlement.id, pieces=Settlement.pieces + more, **values)


def _await(settlement: Settlement, mark: int) -> None:
    """Have the pieces looked at again whose reads were still to come."""
    waiting = Problem.select(Value(settlement.institution_id), Problem.submission).where(
        Problem.settlement == settlement, Problem.kind == ProblemKind.READS_LATER.value
    )
    with transaction():
        _still(settlement, mark)
        Recount.insert_from(waiting, [Recount.institution_id, Recount.submission_id]).execute()


def _recount(desk: Desk, mark: int, report: Report) -> None:
    """Enter the pieces again that have changed.

    A change that is committed meanwhile has a row of its own, which stays for the next run.
    """
    settlement, done = desk.settlement, 0
    here = Recount.select(Recount.id, Recount.submission_id).where(Recount.institution_id == settlement.institution_id)
    count = here.count()
    some: Any = here.order_by(Recount.id).limit(BATCH).tuples()
    while True:
        with transaction():
            _still(settlement, mark)
            rows = list(some.clone())
            if not rows:
                break
            _entered(settlement, enter(desk, Some(ids=sorted({piece for _id, piece in rows}))))
            Recount.delete().where(Recount.id.in_([row_id for row_id, _piece in rows])).execute()
        done += len(rows)
        report(done, max(done, count))


def _finish(settlement: Settlement) -> dict[str, int]:
    """Enter what does not come from the month's pieces, cut what passes its cap, and sum up."""
    afresh(settlement)
    make_good(settlement, settlement.month - BACK)
    carry(settlement)
    by_hand(settlement)
    if settlement.card.month_cap is not None:
        cut(settlement, settlement.card.month_cap)
    sums = total(settlement)
    records.derive(Settlement, Settlement.id == settlement.id, reckoned_at=utcnow(), **sums)
    stored = Settlement.get_by_id(settlement.id)
    if stored.state == State.COUNTING:
        records.update(stored, state=State.OPEN.value)
    return {"pieces": stored.pieces, **sums}
