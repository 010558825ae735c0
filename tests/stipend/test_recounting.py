"""A month is reckoned as it comes: what changes is entered again and nothing else, and it comes to the same as anew."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import IntegrityError

from panel import records
from panel.access.models import PluginSwitch
from panel.database import db, inside_verb
from panel.errors import Refused
from panel.i18n import today
from panel.org.models import Person
from plugins.content import services as content
from plugins.content.models import Contribution, Release
from plugins.stipend import collecting, reckoning, services
from plugins.stipend.models import Entry, Payee, PayeeLine, Problem, Recount, Settlement
from plugins.stipend.rates import Rate, RateCard
from tests.stipend.conftest import House, month_ago

COLUMNS = (
    Entry.kind, Entry.contribution, Entry.submission, Entry.payee, Entry.unit, Entry.name, Entry.amount, Entry.note,
    Entry.working, Entry.first_on, Entry.words, Entry.photos, Entry.videos, Entry.why, Entry.channels, Entry.place,
    Entry.among, Entry.share, Entry.due, Entry.cap,
)  # fmt: skip
LINE = (PayeeLine.payee, PayeeLine.income, PayeeLine.entries, PayeeLine.gross, PayeeLine.tax, PayeeLine.carried)


def stored(settlement: Settlement) -> tuple[Any, ...]:
    """All that a settlement says, in an order of its own."""
    rows: list[Any] = []
    for model, columns in ((Entry, COLUMNS), (PayeeLine, LINE), (Problem, (Problem.kind, Problem.submission))):
        found: Any = model.select(*columns).where(model.settlement == settlement)
        rows.append(sorted(found.tuples(), key=repr))
    row = Settlement.get_by_id(settlement.id)
    return (*rows, row.pieces, row.payees, row.gross, row.tax, row.carried)


def anew(house: House, settlement: Settlement) -> tuple[Any, ...]:
    """The same, reckoned from nothing that is known."""
    records.derive(Settlement, Settlement.id == settlement.id, ground="")
    house.reckon(settlement)
    return stored(settlement)


def ids(settlement: Settlement) -> set[int]:
    return {entry.id for entry in Entry.select(Entry.id).where(Entry.settlement == settlement)}


def gather(house: House) -> Settlement | None:
    services.gather(house.world.uni, 7, lambda _done, _total: None)
    return Settlement.get_or_none(Settlement.state == "gathering")


CHANGES = (
    "another_channel", "taken_down", "late", "reads", "factor", "proposed", "moved", "renamed", "income", "excluded",
    "unit_excluded", "another_author", "rate", "cap", "reach", "renamed_piece",
)  # fmt: skip


def change(house: House, what: str, rows: list[Any]) -> None:
    """Something happens, by the verbs of whoever does it."""
    row = rows[0]
    excluded = {"institution": house.world.uni, "reason": "专职", "since": date(2020, 1, 1)}
    out = Release.get_or_none(Release.submission == row, Release.state == "out")
    if what == "another_channel" and out is not None:
        house.out(row, house.month + timedelta(days=2), house.medium("provincial"))
    elif what == "taken_down":
        house.take_down(row)
    elif what == "late":
        rows.append(house.piece("新", "甲"))
    elif what == "reads" and out is not None:
        content.count_reads(out, out.released_on + timedelta(days=1), 500)
    elif what == "factor":
        house.factor(row, 250)
    elif what == "proposed":
        with house.as_("carol"):
            services.propose(row, 150, "好")
    elif what == "moved":
        records.update(Person.get_by_id(house.person("甲").id), unit=house.world.root_unit)
    elif what == "renamed":
        records.update(Payee.get(Payee.name == "戊"), name="己")
    elif what == "income":
        records.update(Payee.get(Payee.person == house.person("甲").id), income="labour")
    elif what == "excluded":
        services.exclude({**excluded, "person": house.person("乙")})
    elif what == "unit_excluded":
        services.exclude({**excluded, "unit": house.world.faculty})
    elif what == "another_author":
        author(row, position=9, name="丁", unit_name="校外")
    elif what == "rate":
        services.change_rate(Rate.select().order_by(Rate.id).first(), None, {"amount": 3210})
    elif what == "cap":
        services.change_card(RateCard.get(), None, {"month_cap": 2500})
    elif what == "reach":
        records.update(house.medium("national"), level="unit")
    elif what == "renamed_piece":
        records.update(row, headline="改过的标题")


def author(row: Any, **values: Any) -> None:
    given = {"institution": row.institution_id, "submission": row, "part": "author"}
    records.create(Contribution, **given, **values)


class Undone(Exception):
    """Ends an example and undoes it."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4, unique=True), st.booleans())
def test_what_has_changed_comes_to_the_same_as_all_anew(house: House, changes: list[str], between: bool) -> None:
    _same(house, changes, between)


def test_each_change_comes_to_the_same_as_all_anew(house: House) -> None:
    for what in CHANGES:
        _same(house, [what], between=False)
    _same(house, ["unit_excluded", "moved"], between=True)


def _same(house: House, changes: list[str], between: bool) -> None:
    house.people.clear()
    house.month = month_ago(2)
    uni = house.world.uni
    try:
        with db.atomic():
            house.card(
                {"amount": 2000},
                {"amount": 9000, "levels": ["national", "provincial"]},
                {"amount": 700, "reads_from": 100, "bonus": True},
                least_factor=100,
                most_factor=300,
                reads_days=1,
            )
            rows = [house.piece("甲", "乙", media=("national",)), house.piece("甲"), house.piece("丙"), house.piece()]
            author(rows[0], position=8, name="戊", unit_name="校外")
            settled = house.settle()
            for what in changes:
                change(house, what, rows)
                if between:
                    house.reckon(settled)
            house.reckon(settled)
            told = stored(settled)
            assert not Recount.select().where(Recount.institution_id == uni.id).exists()
            assert not services.stale(Settlement.get_by_id(settled.id))
            assert told == anew(house, settled), changes
            raise Undone
    except Undone:
        house.people.clear()


def test_only_what_changed_is_entered_again(house: House) -> None:
    house.card({"amount": 2000}, least_factor=100, most_factor=300)
    rows = [house.piece("李强") for _count in range(4)]
    settled = house.settle()
    before = ids(settled)
    house.factor(rows[1], 200)
    assert services.stale(Settlement.get_by_id(settled.id))
    house.reckon(settled)
    assert len(before & ids(settled)) == 3
    assert house.paid(settled) == {"李强": 10_000}
    assert not Recount.select().exists()
    assert ids(house.reckon(settled)) == ids(settled)


def test_a_draft_concerns_no_month(house: House) -> None:
    house.card({"amount": 2000})
    house.piece("李强")
    settled = house.settle()
    draft = house.piece("李强", state="draft", frozen="", released_on=None)
    records.update(draft, headline="改过")
    assert not Recount.select().exists()
    assert not services.stale(Settlement.get_by_id(settled.id))


def test_a_run_that_was_stopped_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "CHUNK", 2)
    house.card({"amount": 2000})
    for _count in range(7):
        house.piece("李强", "王芳")
    with house.as_("alice"):
        settled = services.begin(house.world.uni, house.month)
    seen: list[int] = []

    def stop(_done: int, _total: int) -> None:
        seen.append(_done)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.settle(settled.id, 1, stop)
    row = Settlement.get_by_id(settled.id)
    first = ids(settled)
    assert (row.state, row.pieces, len(first)) == ("counting", 4, 8)
    assert services.stale(row)
    assert services.settle(settled.id, 2)["pieces"] == 7
    assert first < ids(settled)
    assert stored(settled) == anew(house, settled)


def test_what_changes_while_it_is_stopped_is_not_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "CHUNK", 2)
    house.card({"amount": 2000}, least_factor=100, most_factor=300)
    rows = [house.piece("李强") for _count in range(5)]
    with house.as_("alice"):
        settled = services.begin(house.world.uni, house.month)
    assert services.settle(settled.id, 1, lambda done, _total: _overtake(settled) if done else None) == {}
    house.factor(rows[0], 300)
    house.take_down(rows[4])
    assert services.settle(settled.id, 2)["gross"] == 12_000


def _overtake(settlement: Settlement) -> None:
    records.derive(Settlement, Settlement.id == settlement.id, run_id=99)


def test_many_changes_are_taken_some_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reckoning, "BATCH", 2)
    house.card({"amount": 2000})
    settled = house.settle()
    for _count in range(5):
        house.piece("李强")
    told: list[tuple[int, int]] = []
    services.settle(settled.id, 5, lambda done, count: told.append((done, count)))
    assert told[-1][0] == told[-1][1] >= 5
    assert house.paid(settled) == {"李强": 10_000}
    assert stored(settled) == anew(house, settled)


def test_a_day_whose_reads_are_awaited_comes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.month = month_ago(0)
    house.card({"amount": 2000}, {"amount": 500, "reads_from": 100, "bonus": True}, reads_days=40)
    row = house.piece("李强", on=house.month)
    settled = house.settle()
    assert house.problems(settled) == {str(row): "reads_later"}
    later = house.month + timedelta(days=41)
    monkeypatch.setattr(collecting, "today", lambda: later)
    house.reckon(settled)
    assert house.problems(settled) == {str(row): "no_reads"}


# ── the month that runs ────────────────────────────────────────────────────────────────────────


def test_the_month_after_an_approved_one_is_gathered_by_night(house: House) -> None:
    house.card({"amount": 2000}, least_factor=100, most_factor=300)
    house.piece("李强")
    late = month_ago(1)
    house.piece("王芳", on=late)
    assert gather(house) is None  # no month is settled yet
    first = house.settle()
    assert gather(house) is None  # it is not approved yet
    first = house.approve(first)
    running = gather(house)
    assert running is not None
    assert (running.month, running.pieces, running.gross) == (late, 1, 2000)
    house.piece("王芳", on=late + timedelta(days=3))
    running = gather(house)
    assert running is not None
    assert running.gross == 4000
    before = ids(running)
    for verb in (
        lambda: services.submit(running),
        lambda: services.reckon_again(running),
        lambda: services.adjust(running, Payee.get(), 100, "补"),
    ):
        with pytest.raises(Refused, match="still running"):
            verb()
    house.month = late
    settled = house.settle()
    assert (settled.id, settled.state, settled.gross) == (running.id, "open", 4000)
    with pytest.raises(Refused, match="already"):  # a second click
        services.begin(house.world.uni, late)
    assert ids(settled) == before
    assert gather(house) is None


def test_an_empty_month_is_not_gathered(house: House) -> None:
    house.month = month_ago(3)
    house.card({"amount": 2000})
    house.approve(house.settle())
    assert gather(house) is None
    house.piece("李强", on=month_ago(1))
    running = gather(house)
    assert running is not None
    assert running.month == month_ago(1)


def test_without_a_card_nothing_is_gathered(house: House) -> None:
    card = house.card({"amount": 2000})
    house.approve(house.settle())
    services.change_card(RateCard.get_by_id(card.id), None, {"until": house.month + timedelta(days=31)})
    house.piece("李强", on=month_ago(0))
    assert gather(house) is None


def test_one_month_at_a_time_says_the_database(house: House) -> None:
    card = house.card({"amount": 2000})
    settled = house.settle()
    values = {"institution": house.world.uni, "unit": house.world.root_unit, "card": card, "basis": "merged"}
    with pytest.raises(Refused, match="not approved yet"):
        records.create(Settlement, month=month_ago(0), **values)
    with pytest.raises(IntegrityError), db.atomic(), inside_verb():
        Settlement.insert(month=month_ago(0), state="gathering", **values).execute()
    assert Settlement.select().count() == 1
    assert settled.month < today()


def test_what_happened_while_the_plugin_was_off_is_reckoned(house: House) -> None:
    house.card({"amount": 2000})
    house.piece("李强")
    settled = house.settle()
    switch = PluginSwitch.get(PluginSwitch.institution == house.world.uni, PluginSwitch.plugin == "stipend")
    records.update(switch, enabled=False)
    house.piece("王芳")
    assert not Recount.select().exists()
    records.update(switch, enabled=True)
    services.on_enable(house.world.uni)
    assert services.stale(Settlement.get_by_id(settled.id))
    assert house.paid(house.reckon(settled)) == {"李强": 2000, "王芳": 2000}


def test_what_nobody_waits_for_is_forgotten(house: House) -> None:
    house.card({"amount": 2000})
    house.piece("李强")
    assert Recount.select().exists()
    assert gather(house) is None
    assert not Recount.select().exists()
