"""Set by set comes to the same as piece by piece: the settlement beside a plain reckoner, on whatever there may be."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import records
from panel.database import db
from plugins.content import services as content
from plugins.content.models import Contribution, Release
from plugins.stipend import services
from plugins.stipend.models import Entry, Payee, PayeeLine, Problem
from tests.stipend import plain
from tests.stipend.conftest import House, month_ago

PEOPLE = ("甲", "乙", "丙")
LEVELS = ("national", "institution", "unit")
bound = st.none() | st.sampled_from((0, 1, 500, 999, 1000, 1500))
reads = st.none() | st.sampled_from((0, 1, 100, 101, 2000))


def some(*names: str) -> Any:
    return st.lists(st.sampled_from(names), max_size=2, unique=True)


def ordered(low: Any, high: Any) -> tuple[Any, Any]:
    return (low, high) if high is None or high >= (low or 0) else (high, low)


rates = st.builds(
    lambda words, seen, **rest: {
        **rest,
        "words_from": ordered(*words)[0],
        "words_to": ordered(*words)[1],
        "reads_from": ordered(*seen)[0],
        "reads_to": ordered(*seen)[1],
    },
    st.tuples(bound, bound),
    st.just((None, None)) | st.tuples(reads, reads),
    per=st.sampled_from(("piece", "thousand", "photo", "video")),
    amount=st.integers(0, 60_000),
    rounding=st.sampled_from(("up", "down", "half", "exact")),
    kinds=some("article", "brief"),
    sources=some("original", "reprint"),
    levels=some(*LEVELS),
    bonus=st.booleans(),
    factor=st.booleans(),
)
cards = st.fixed_dictionaries(
    {
        "split": st.sampled_from(("equal", "shares", "first")),
        "month_cap": st.none() | st.integers(0, 90_000),
        "piece_cap": st.none() | st.integers(0, 50_000),
        "basis": st.sampled_from(("merged", "piece")),
        "highest_only": st.booleans(),
        "reads_days": st.sampled_from((0, 7, 90)),
    }
)
pieces = st.fixed_dictionaries(
    {
        "who": st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("author", "photo", "video", "editor"))),
            max_size=4,
            unique=True,
        ),
        "cuts": st.lists(st.integers(1, 9_998), min_size=3, max_size=3, unique=True),
        "shared": st.booleans(),
        "photos": st.integers(0, 3),
        "videos": st.integers(0, 2),
        "words": st.sampled_from((0, 1, 499, 500, 999, 1000, 1001, 1499, 1500, 2750)),
        "kind": st.sampled_from(("article", "brief")),
        "source": st.sampled_from(("original", "reprint", None)),
        "media": some(*LEVELS),
        "account": st.booleans(),
        "reads": reads,
        "factor": st.sampled_from((None, 100, 133, 300)),
        "open": st.booleans(),
    }
)


class Undone(Exception):
    """Ends an example and undoes it."""


def _enter(house: House, one: dict[str, Any]) -> Any:
    who = list(one["who"])
    shares: list[int | None] = [None] * len(who)
    for part in {part for _name, part in who} if one["shared"] else ():
        places = [n for n, (_name, of) in enumerate(who) if of == part]
        edges = [0, *sorted(one["cuts"])[: len(places) - 1], 10_000]
        for place, (a, b) in zip(places, pairwise(edges), strict=True):
            shares[place] = b - a
    authors = [(name, share, part) for (name, part), share in zip(who, shares, strict=True)]
    sizes = {name: one[name] for name in ("photos", "videos", "words", "kind", "source")}
    row = house.piece(*authors, media=one["media"], **sizes)
    if one["media"] and one["account"]:
        house.out(row, house.month)
    if one["reads"] is not None:
        for out in Release.select().where(Release.submission == row):
            content.count_reads(out, out.released_on, one["reads"])
    if one["factor"] and one["open"]:
        with house.as_("carol"):
            services.propose(row, one["factor"], "好")
    elif one["factor"]:
        house.factor(row, one["factor"])
    return row


def _capped(paid: dict[int, int], cap: int | None) -> dict[int, int]:
    """Each person's fees in the order of the pieces, until the cap is reached."""
    left: dict[Any, int] = defaultdict(lambda: cap if cap is not None else 10**12)
    found = {}
    for row in (
        Contribution.select()
        .where(Contribution.id.in_(list(paid)))
        .order_by(Contribution.submission, Contribution.part, Contribution.position)
    ):
        found[row.id] = min(paid[row.id], left[row.person_id])
        left[row.person_id] -= found[row.id]
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cards,
    st.lists(rates, min_size=1, max_size=5),
    st.lists(pieces, min_size=1, max_size=4),
    st.none() | st.sampled_from(("person", "unit", "kind")),
    st.sampled_from(("royalty", "labour", "wages")),
)
def test_it_comes_to_the_same_as_a_plain_reckoner(
    house: House, card: dict[str, Any], lines: list[Any], many: list[Any], without: str | None, income: str
) -> None:
    house.people.clear()
    house.month = month_ago(2)
    try:
        with db.atomic():
            _compare(house, card, lines, many, without, income)
            raise Undone
    except Undone:
        house.people.clear()


def _compare(
    house: House, card: dict[str, Any], lines: list[Any], many: list[Any], without: str | None, income: str
) -> None:
    laid = house.card(*lines, least_factor=100, most_factor=300, **card)
    rows = [_enter(house, one) for one in many]
    what = {"person": house.person("甲"), "unit": house.world.root_unit, "kind": "brief"}
    if without:
        services.exclude(
            {"institution": house.world.uni, without: what[without], "reason": "不计", "since": date(2020, 1, 1)}
        )
    payee = {"institution": house.world.uni, "person": house.person("乙"), "name": "乙", "income": income}
    records.create(Payee, **payee)
    settled = house.settle()
    paid, problems = plain.reckon(settled, rows)
    paid = _capped(paid, laid.month_cap)
    entries = list(Entry.select(Entry, Payee).join(Payee).where(Entry.settlement == settled))
    assert {e.__data__["contribution"]: e.amount for e in entries} == paid
    listed = Problem.select().where(Problem.settlement == settled)
    assert {(p.__data__["submission"], p.kind) for p in listed} == problems
    by_payee: dict[int, list[int]] = defaultdict(list)
    for entry in entries:
        by_payee[entry.payee.id].append(entry.amount)
    for line in PayeeLine.select(PayeeLine, Payee).join(Payee).where(PayeeLine.settlement == settled):
        amounts = by_payee.pop(line.payee.id)
        taxed = [sum(amounts)] if laid.basis == "merged" else amounts
        assert (line.gross, line.entries) == (sum(amounts), len(amounts))
        assert line.tax == min(line.gross, sum(plain.tax(fen, line.payee.income, settled) for fen in taxed))
    assert not by_payee
    for entry in entries:  # each explains itself
        kept = entry.frozen
        before = kept.get("before_cap", kept.get("excluded", entry.amount))
        assert 0 <= before <= kept["part_fee"] <= kept["fee"]
