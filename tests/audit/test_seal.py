"""The seal of the log: whatever is done to it behind the panel's back is found, and named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import DatabaseError, IntegrityError

from panel import audit, records
from panel.access.identity import acting_as, system
from panel.audit import marks, seals, services
from panel.audit.models import Entry, Seal
from panel.audit.verify import Flaw, chains, verify
from panel.cli.audit import group
from panel.database import db, is_postgres, utcnow
from panel.i18n import today
from panel.notify.models import Message
from panel.org.models import Unit
from tests.cast import World

TEXTS = ("user_name", "ip", "agent", "correlation", "action", "subject_type", "subject_text", "root_type", "reason")
NUMBERS = ("user_id", "subject_id", "root_id", "institution_id")
FLIPS = (*TEXTS, *NUMBERS, "before", "after", "at", "mark", "actor_kind")


@pytest.fixture
def log(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A log of several seals and a few entries that are not sealed yet."""
    with app.app_context():
        monkeypatch.setattr(seals, "WINDOW", 40)
        seals.seal_all()
        rename(world, "一", {"n": 1e16, "x": [1.50, True, None], "短": "é\u202e"})
        seals.seal_all()
        rename(world, "二")
        yield world


def rename(world: World, name: str, details: Any = None) -> None:
    with audit.acting("web", user=world.users["alice"], ip="10.0.0.9", reason=name):
        records.update(Unit.get_by_id(world.lab.id), name=name)
        audit.note("export", world.uni, details or {"name": name})


@contextmanager
def behind_the_back() -> Iterator[None]:
    """The triggers out of the way, as for who owns the database; all is undone at the end."""
    with db.atomic() as everything:
        for table in ("audit_entry", "audit_seal"):
            if is_postgres():
                db.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            else:
                known = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
                for (name,) in db.execute_sql(known, (table,)).fetchall():
                    db.execute_sql(f"DROP TRIGGER {name}")
        yield
        everything.rollback()


def flaws(world: World) -> list[tuple[Flaw, int | None]]:
    found = [p for chain in chains() for p in verify(chain).problems]
    return [(p.flaw, p.entry_id) for p in sorted(found, key=lambda p: p.entry_id or 0)]


def test_a_log_nobody_touched_is_intact(log: World) -> None:
    assert flaws(log) == []
    reports = [verify(chain) for chain in chains()]
    assert sum(r.entries for r in reports) == Entry.select().count()
    assert verify(log.uni.id).unsealed == 2
    assert sum(r.seals for r in reports) == Seal.select().count() > 4
    done = seals.seal_all()
    assert done == {log.uni.id: 2}, "only what is new is sealed"
    assert seals.seal_all() == {}
    assert flaws(log) == []


def test_what_is_done_to_any_entry_is_found(log: World) -> None:
    """Flip any column, insert anywhere, delete, swap any two: in each chain, sealed or not yet."""
    ids = [row for (row,) in Entry.select(Entry.id).order_by(Entry.id).tuples()]
    sealed = [row for row in ids if row <= seals.sealed_upto()]

    @given(data=st.data())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def tampered(data: Any) -> None:
        act = data.draw(st.sampled_from(["flip", "delete", "insert", "swap", "copy"]))
        with behind_the_back():
            if act == "flip":
                victim = data.draw(st.sampled_from(ids))
                flip(victim, data.draw(st.sampled_from(FLIPS)))
                wanted = victim
            elif act == "delete":
                wanted = data.draw(st.sampled_from(sealed))
                Entry.delete().where(Entry.id == wanted).execute()
            elif act == "swap":
                one, other = sorted(data.draw(st.lists(st.sampled_from(sealed), min_size=2, max_size=2, unique=True)))
                swap(one, other)
                wanted = one
            else:
                wanted = put_in(data.draw(st.sampled_from(ids)), act == "copy", data.draw(st.booleans()))
            found = flaws(log)
            assert found, f"{act} of {wanted}"
            assert wanted in {entry for _flaw, entry in found}, f"{act} of {wanted}: {found}"

    tampered()
    assert flaws(log) == []


def flip(victim: int, name: str) -> None:
    row = Entry.get_by_id(victim)
    value = getattr(row, name)
    if name in NUMBERS:
        other = (value or 0) + 1
    elif name in ("before", "after"):
        other = {"name": "x"} if value != {"name": "x"} else {"name": "y"}
    elif name == "at":
        other = value + timedelta(microseconds=1)
    else:
        other = {"actor_kind": "other", "mark": "0" * 48}.get(name, f"{value}x"[-30:])
    Entry.update({name: other}).where(Entry.id == victim).execute()


def swap(one: int, other: int) -> None:
    for was, becomes in ((one, -1), (other, one), (-1, other)):
        Entry.update(id=becomes).where(Entry.id == was).execute()


def put_in(model: int, exact: bool, in_a_gap: bool) -> int:
    """An entry made from another one: at the end, or where a gap is made for it; gives its id."""
    values = dict(Entry.select().where(Entry.id == model).dicts().get())
    last = Entry.select().order_by(Entry.id.desc()).first().id
    values["id"] = last + 1
    if in_a_gap:
        Entry.delete().where(Entry.id == model).execute()
        values["id"] = model
        exact = False
    if not exact:
        values["subject_text"] = values["subject_text"] + "!"
    Entry.insert(values).execute()
    return int(values["id"])


def test_what_is_done_to_a_seal_is_found(log: World) -> None:
    seals.seal_all()
    mine = Seal.institution_id == log.uni.id
    chain = list(Seal.select().where(mine).order_by(Seal.number))
    assert len(chain) >= 3
    leaves = chain[1].leaves.split("\n")
    for change in (
        {"leaves": "\n".join(leaves[::-1])},
        {"leaves": chain[1].leaves.replace(leaves[0][-3:], "000")},
        {"total": 1},
        {"at": chain[1].at + timedelta(days=1)},
        {"hash": chain[0].hash},
        {"institution_id": log.other.id, "number": 99},
    ):
        with behind_the_back():
            Seal.update(change).where(Seal.id == chain[1].id).execute()
            assert {Flaw.SEAL_ALTERED, Flaw.SEAL_MISSING} & {f for f, _entry in flaws(log)}, change
    with behind_the_back():  # forged anew by somebody who has no key
        Seal.update(hash="0" * 72).where(Seal.id == chain[-1].id).execute()
        assert (Flaw.SEAL_ALTERED, None) in flaws(log)
    with behind_the_back():
        Seal.delete().where(Seal.id == chain[1].id).execute()
        assert (Flaw.SEAL_MISSING, None) in flaws(log)


def test_an_end_cut_off_is_found_by_what_is_kept_elsewhere(log: World) -> None:
    """The last seal and all under it are gone; sealed anew, the chain looks whole by itself."""
    seals.seal_all()
    end = seals.last_of(log.uni.id)
    assert end is not None
    anchor = services.anchor_of(log.uni, today())
    known = services.read_anchors("Fwd: " + services.written(anchor))[log.uni.id]
    assert known == [(end.number, end.hash)]
    with behind_the_back():
        Entry.delete().where(Entry.id >= end.first_id, Entry.institution_id == log.uni.id).execute()
        Seal.delete().where(Seal.id == end.id).execute()
        assert flaws(log) == [(Flaw.CUT, None)]
        rename(log, "三")
        seals.seal_all()
        assert (Flaw.CUT, None) in flaws(log), "sealing on does not hide it"
        with acting_as(system(log.uni)):
            services.accept_loss(log.uni, "restored the backup of yesterday")
        assert flaws(log) == [], "the restored state is gone on from"
        assert [p.flaw for p in verify(log.uni.id, known).problems] == [Flaw.CUT], "an anchor never forgets"
        note = Entry.select().order_by(Entry.id.desc()).first()
        assert (note.action, note.after["to"]) == ("org.institution.loss_accepted", end.number)


def test_entries_are_not_sealed_before_those_that_come_in_below_them(log: World, monkeypatch: Any) -> None:
    """A slow transaction holds a lower id; what came after it waits, so that nothing is sealed in a wrong order."""
    if not is_postgres():
        pytest.skip("SQLite lets one write at a time")
    import threading

    monkeypatch.setattr(seals, "PATIENCE", 0.1)
    begun, go = threading.Event(), threading.Event()

    def slow() -> None:
        with db.connection_context(), db.atomic(), audit.acting("web", user_name="slow"):
            audit.note("export", log.uni, {"slow": True})
            begun.set()
            go.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(10)
    rename(log, "三")
    assert seals.seal_all() == {}
    go.set()
    thread.join()
    monkeypatch.setattr(seals, "PATIENCE", 10)
    assert seals.seal_all()
    assert flaws(log) == []
    assert verify(log.uni.id).unsealed == 0


def test_the_triggers_refuse_the_panels_own_account(log: World) -> None:
    for model in (Entry, Seal):
        row = model.select().first()
        for query in (
            model.update(id=model.id + 1000),
            model.delete(),
            model.insert(row.__data__).on_conflict_replace() if not is_postgres() else model.delete(),
        ):
            with pytest.raises((IntegrityError, DatabaseError)), db.atomic():
                query.execute()
        if is_postgres():
            with pytest.raises((IntegrityError, DatabaseError)), db.atomic():
                db.execute_sql(f"TRUNCATE {model._meta.table_name}")


@pytest.mark.one_database
def test_another_key_is_no_key(log: World) -> None:
    seals.seal_all()
    settings_now = marks._runtime.settings  # type: ignore[union-attr]
    from dataclasses import replace

    old = marks.keys()[0].decode()
    for given_keys, intact in (("k" * 40, False), (f"{'n' * 40},{old}", True)):
        marks._runtime.settings = replace(settings_now, audit_key=given_keys)  # type: ignore[union-attr]
        assert (flaws(log) == []) is intact
    rename(log, "新钥")
    seals.seal_all()
    assert flaws(log) == [], "a new key goes on where the former one ended"


@pytest.mark.one_database
def test_who_keeps_anchors_is_told_and_of_a_broken_log_at_once(log: World) -> None:
    records.update(log.roles["read"], permissions=[*log.roles["read"].permissions, "audit.seal.receive"])
    seals.seal_all()
    carol = log.people["carol"].id
    assert services.send_anchor(log.uni, today()) >= 1
    assert services.send_anchor(log.uni, today()) == 0, "once"
    assert "zhangyin-anchor" in Message.get(Message.person == carol).text
    assert services.verified(log.uni).intact
    with behind_the_back():
        victim = Entry.select().where(Entry.institution_id == log.uni.id).first()
        flip(victim.id, "reason")
        report = services.verified(log.uni)
        assert report.first is not None
        assert report.first.entry_id == victim.id
        told = Message.select().where(Message.person == carol).order_by(Message.id.desc()).first()
        assert told.urgent
        assert str(victim.id) in told.text


@pytest.mark.one_database
def test_the_command_names_the_first(log: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seals.seal_all()

    @contextmanager
    def here() -> Iterator[Flask]:
        yield app

    monkeypatch.setattr("panel.cli.audit.panel", here)
    run: Callable[..., Any] = CliRunner().invoke
    done = run(group, ["verify"])
    assert (done.exit_code, "intact" in done.output) == (0, True), done.output
    with behind_the_back():
        mine = Entry.select().where(Entry.institution_id == log.uni.id).order_by(Entry.id)
        first, second = list(mine.limit(2))
        flip(second.id, "user_name")
        Entry.delete().where(Entry.id == first.id).execute()
        done = run(group, ["verify", "--institution", log.uni.name, "--json"])
        assert done.exit_code == 1
        (told,) = json.loads(done.stdout)
        assert (told["intact"], told["first"]) == (False, first.id)
        assert [p["flaw"] for p in told["problems"]] == ["altered", "removed"]
    assert utcnow() >= Seal.select().order_by(Seal.id.desc()).first().at
