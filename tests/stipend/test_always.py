"""Whatever the pieces, shares, cards and corrections: to the fen, once, and the same when it is done again."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import fn

from panel.database import db
from panel.i18n import today
from plugins.content.models import Release
from plugins.stipend import services
from plugins.stipend.models import Entry, Payee, PayeeLine, Settlement
from plugins.stipend.settling import adjust
from tests.stipend.conftest import House, month_ago

PEOPLE = ("甲", "乙", "丙", "丁")
fen = st.integers(1, 100_000)
pieces = st.lists(
    st.fixed_dictionaries(
        {
            "authors": st.lists(st.sampled_from(PEOPLE), min_size=0, max_size=3, unique=True),
            "cuts": st.lists(st.integers(1, 9_998), min_size=2, max_size=2, unique=True),
            "photos": st.integers(0, 3),
            "words": st.integers(0, 3_000),
            "factor": st.sampled_from((None, 100, 175, 300)),
            "gone": st.booleans(),
        }
    ),
    min_size=1,
    max_size=5,
)
cards = st.fixed_dictionaries(
    {
        "split": st.sampled_from(("equal", "shares", "first")),
        "month_cap": st.none() | fen,
        "piece_cap": st.none() | fen,
        "basis": st.sampled_from(("merged", "piece")),
    }
)


class Undone(Exception):
    """Ends an example and undoes it."""


def _shares(count: int, cuts: list[int]) -> list[int]:
    if not count:
        return []
    edges = [0, *sorted(cuts)[: count - 1], 10_000]
    return [b - a for a, b in pairwise(edges)]


def _stored(settlement: Settlement) -> tuple[list[Any], list[Any]]:
    columns = (Entry.working, Entry.why, Entry.channels, Entry.place, Entry.among, Entry.share, Entry.due, Entry.cap)
    entries: Any = Entry.select(Entry.kind, Entry.payee, Entry.name, Entry.amount, Entry.note, *columns)
    lines: Any = PayeeLine.select(PayeeLine.payee, PayeeLine.gross, PayeeLine.tax, PayeeLine.carried)
    mine = entries.where(Entry.settlement == settlement, Entry.kind != "carried").order_by(Entry.id).tuples()
    return list(mine), list(lines.where(PayeeLine.settlement == settlement).order_by(PayeeLine.payee).tuples())


def _holds(house: House, settlement: Settlement) -> None:
    """The lines sum to the total and to the entries; done again, nothing changes."""
    entries: Any = Entry.select(fn.SUM(Entry.amount)).where(Entry.settlement == settlement)
    lines = list(PayeeLine.select().where(PayeeLine.settlement == settlement))
    assert settlement.gross == sum(line.gross for line in lines)
    assert settlement.tax == sum(line.tax for line in lines)
    assert (entries.scalar() or 0) == sum(line.gross + line.carried for line in lines)
    for entry in house.entries(settlement):
        if entry.kind == "piece" and "month_cap" not in entry.frozen:
            assert entry.amount <= entry.frozen["part_fee"] <= entry.frozen["fee"]
    before = _stored(settlement)
    house.reckon(settlement)
    assert _stored(settlement) == before


def _close(settlement: Settlement) -> None:
    services.approved(Settlement.get_by_id(settlement.id))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cards, pieces, fen, fen, st.integers(-50_000, 50_000).filter(bool))
def test_to_the_fen_once_and_the_same_again(
    house: House, card: dict[str, Any], given_: list[dict[str, Any]], base: int, thousand: int, by_hand: int
) -> None:
    house.people.clear()
    house.month = month_ago(2)
    try:
        with db.atomic():
            _one(house, card, given_, base, thousand, by_hand)
            raise Undone
    except Undone:
        house.people.clear()


def _one(
    house: House, card: dict[str, Any], given_: list[dict[str, Any]], base: int, thousand: int, by_hand: int
) -> None:
    lines = ({"amount": base}, {"amount": thousand, "per": "thousand"}, {"amount": 700, "per": "photo"})
    house.card(*lines, least_factor=100, most_factor=300, **card)
    made = []
    for one in given_:
        authors = list(zip(one["authors"], _shares(len(one["authors"]), one["cuts"]), strict=True))
        row = house.piece(*authors, photos=one["photos"], words=one["words"])
        if one["factor"]:
            house.factor(row, one["factor"])
        made.append((row, one))
    first = house.settle()
    _holds(house, first)
    _close(first)
    house.month = month_ago(1)
    for row, one in made:
        if one["gone"]:
            house.take_down(row, house.month)
    second = house.settle()
    payee = Payee.select().first()
    if payee is not None:
        with house.as_("alice"):
            adjust(second, payee, by_hand, "核对")
        second = house.reckon(second)
    _holds(house, second)
    _close(second)
    house.month = today().replace(day=1)
    third = house.settle()
    _holds(house, third)
    gone = {row.id for row, one in made if one["gone"]}
    for entry in house.entries(first):
        made_good = [e.amount for e in Entry.select().where(Entry.adjusts == entry)]
        assert made_good == ([-entry.amount] if entry.__data__["submission"] in gone and entry.amount else [])
    paid: Any = Entry.select(Entry.contribution, fn.COUNT(Entry.id)).where(Entry.kind == "piece")
    assert all(count == 1 for _who, count in paid.group_by(Entry.contribution).tuples())
    total: Any = Entry.select(fn.SUM(Entry.amount)).where(Entry.kind != "carried")
    out: Any = PayeeLine.select(fn.SUM(PayeeLine.gross))
    left: Any = PayeeLine.select(fn.SUM(PayeeLine.carried)).where(PayeeLine.settlement == third)
    assert (total.scalar() or 0) == (out.scalar() or 0) + (left.scalar() or 0)
    assert Release.select().count() == len(made)
