"""How it is going: what is spent, and for whose pieces. Nobody is ranked where national rules forbid it."""

from __future__ import annotations

from typing import Any

from peewee import fn

from panel.api import Bar, Chart, Identity, Series, Unit, _l, national_rules, today
from plugins.stipend.choices import EntryKind
from plugins.stipend.models import Entry, Payee, PayeeLine, Settlement
from plugins.stipend.permissions import StipendPermission as P

YUAN = 100  # fen
MOST = 12
NO_RANKING = {"n-no-likes"}  # national rules that forbid ranking people


def _whole(identity: Identity) -> bool:
    return identity.reach(P.SETTLEMENT_VIEW) is None


def may_rank(identity: Identity) -> bool:
    """Whether people may be ranked in the institution of whoever asks."""
    return not NO_RANKING & {rule.id for rule in national_rules(identity.institution, today())}


def _months(identity: Identity) -> list[Bar]:
    if not _whole(identity):
        return []
    mine = Settlement.select().where(Settlement.institution == identity.institution)
    rows = reversed(list(mine.order_by(Settlement.month.desc()).limit(MOST)))
    return [Bar(str(row), (row.net // YUAN, row.tax // YUAN)) for row in rows]


def _this_year(identity: Identity, key: Any) -> Any:
    return (
        Entry.select(key, fn.COUNT(Entry.submission.distinct()), fn.SUM(Entry.amount))
        .join(Settlement)
        .where(
            Entry.institution_id == identity.institution.id,
            Entry.kind == EntryKind.PIECE.value,
            Settlement.month >= today().replace(month=1, day=1),
        )
        .group_by(key)
    )


def _units(identity: Identity, place: int) -> list[Bar]:
    if not _whole(identity):
        return []
    rows: Any = _this_year(identity, Entry.unit).order_by(fn.SUM(Entry.amount).desc()).limit(MOST).tuples()
    found = [(unit, int(count), int(amount) // YUAN) for unit, count, amount in rows]
    names = {u.id: u.name for u in Unit.select().where(Unit.id.in_([row[0] for row in found]))}
    return [Bar(names.get(row[0], ""), (row[place],)) for row in found]


def _people(identity: Identity) -> list[Bar]:
    if not _whole(identity) or not may_rank(identity):
        return []
    total = fn.SUM(PayeeLine.gross)
    rows: Any = (
        PayeeLine.select(Payee.name, total)
        .join(Payee)
        .switch(PayeeLine)
        .join(Settlement)
        .where(
            PayeeLine.institution_id == identity.institution.id,
            Settlement.month >= today().replace(month=1, day=1),
        )
        .group_by(Payee.id, Payee.name)
        .order_by(total.desc())
        .limit(MOST)
        .tuples()
    )
    return [Bar(name, (int(amount) // YUAN,)) for name, amount in rows if amount]


spent = Chart(
    name="stipend.months",
    title=_l("Fees by month"),
    series=(Series(_l("Paid out"), "bar"), Series(_l("Tax withheld"), "soft")),
    read=_months,
    permission=P.SETTLEMENT_VIEW,
    label=_l("Month"),
    unit=_l("yuan"),
    columns=True,
    endpoint="stipend_settlement.index_view",
    order=70,
)
by_unit = Chart(
    name="stipend.units",
    title=_l("Fees by unit this year"),
    series=(Series(_l("Fees")),),
    read=lambda identity: _units(identity, 2),
    permission=P.SETTLEMENT_VIEW,
    label=_l("Unit"),
    unit=_l("yuan"),
    order=71,
)
pieces = Chart(
    name="stipend.pieces",
    title=_l("Paid pieces by unit this year"),
    series=(Series(_l("Pieces")),),
    read=lambda identity: _units(identity, 1),
    permission=P.SETTLEMENT_VIEW,
    label=_l("Unit"),
    order=72,
)
contributors = Chart(
    name="stipend.contributors",
    title=_l("Contributors with the highest fees this year"),
    series=(Series(_l("Fees")),),
    read=_people,
    permission=P.SETTLEMENT_VIEW,
    label=_l("Payee"),
    unit=_l("yuan"),
    order=73,
    shown=may_rank,
)
