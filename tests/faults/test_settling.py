"""A settlement whose workers are killed: it goes on where it was, and each contribution is paid once."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Flask
from peewee import fn

from panel import records
from panel.access.identity import acting_as
from panel.database import db, insert_rows, inside_verb
from panel.org.models import Person
from plugins.content.models import Contribution, Release, Submission
from plugins.content.policy import Medium
from plugins.stipend import services
from plugins.stipend.models import Entry, Settlement
from tests.cast import World
from tests.faults.conftest import House, eventually

PIECES = 4_000
MONTH = date(2026, 3, 1)


def build(world: World) -> Settlement:
    """So many released pieces of one author each, at 20 yuan; the settlement is begun."""
    uni = world.uni
    services.on_enable(uni)
    card = services.add_card({"institution": uni, "name": "稿酬标准", "since": date(2020, 1, 1)})
    services.add_rate({"institution": uni, "card": card, "name": "稿件", "amount": 2000})
    medium = records.create(Medium, institution=uni, name="校报", level="institution")
    base = {"institution": uni.id}
    with db.atomic(), inside_verb():
        author = insert_rows(Person, [{**base, "unit": world.lab.id, "name": "李强", "kind": "staff"}])[0]
        frozen = {"state": "released", "print": "p", "frozen": "p", "released_on": MONTH, "source": "original"}
        rows = [{**base, **frozen, "unit": world.lab.id, "headline": f"稿件{n}"} for n in range(PIECES)]
        pieces = insert_rows(Submission, rows)
        insert_rows(Contribution, [{**base, "submission": one, "person": author} for one in pieces])
        insert_rows(Release, [{**base, "submission": one, "medium": medium.id, "released_on": MONTH} for one in pieces])
    return services.begin(uni, MONTH)


def test_it_goes_on_where_it_was(house: House, world: World, app: Flask) -> None:
    with app.test_request_context(), acting_as(world.identity("alice")):
        settlement = build(world)

    def now() -> Settlement:
        return Settlement.get_by_id(settlement.id)

    def beyond(pieces: int) -> bool:
        return now().pieces > pieces

    reached = 0
    house.start("scheduler")
    for _kill in range(2):
        house.start("worker")
        eventually(partial(beyond, reached), 60)
        house.kill("worker")
        row = now()
        assert row.state == "counting"
        assert reached < row.pieces < PIECES
        reached = row.pieces
    house.start("worker")
    eventually(lambda: now().state == "open", 60)
    row = now()
    assert (row.pieces, row.payees, row.gross) == (PIECES, 1, PIECES * 2000)
    paid = Entry.select(fn.COUNT(Entry.id), fn.COUNT(Entry.contribution.distinct())).tuples().get()
    assert paid == (PIECES, PIECES)
