"""The scan: who is told what, once; escalation; outages; people nobody reaches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from panel import records
from panel.database import inside_verb, utcnow
from panel.notify.models import Message
from panel.obligations import remind, services
from panel.obligations.kinds import Evidence
from panel.obligations.models import Obligation
from panel.org.models import Institution, Person
from tests.cast import World
from tests.obligations.conftest import TODAY, scan

Make = Callable[..., Obligation]


def told(name: str | None = None) -> list[tuple[str, str]]:
    """Who was told in what capacity, and is still to see it."""
    rows = Message.select(Message, Person).join(Person).where(Message.withdrawn_at.is_null()).order_by(Message.id)
    return [(m.person.name.lower(), m.capacity) for m in rows if name is None or m.person.name.lower() == name]


def test_the_owner_is_told_once_however_often_one_looks(duty: Make, uni: World) -> None:
    duty(0)
    for _time in range(3):
        scan(uni)
    assert told() == [("bob", "owner")]


def test_nothing_before_the_first_step(duty: Make, uni: World) -> None:
    row = duty(60)
    scan(uni)
    assert told() == []
    assert Obligation.get_by_id(row.id).next_at > utcnow() + timedelta(days=40)


def test_late_at_creation_sends_the_latest_step_alone_and_climbs(duty: Make, uni: World) -> None:
    duty(-10, person=uni.people["dave"])
    scan(uni)
    assert told() == [("dave", "owner"), ("bob", "lead"), ("carol", "office")]


def test_it_escalates_step_by_step(duty: Make, uni: World) -> None:
    row = duty(0, person=uni.people["dave"])
    for days in range(15):
        scan(uni, TODAY + timedelta(days))
    assert [capacity for who, capacity in told("dave")] == ["owner"] * len(told("dave"))
    assert 0 < len(told("carol")) < len(told("bob")) < len(told("dave"))
    services.complete(row, Evidence(TODAY))
    assert told() == []  # taken back
    before = Message.select().count()
    scan(uni, TODAY + timedelta(30))
    assert Message.select().count() == before


def test_after_three_days_away_the_latest_step_goes_out_once(duty: Make, uni: World) -> None:
    duty(2)
    scan(uni, TODAY)
    count = len(told())
    scan(uni, TODAY + timedelta(14))
    assert len(told("bob")) == count + 1
    scan(uni, TODAY + timedelta(14))
    assert len(told("bob")) == count + 1


def test_a_new_date_begins_a_new_series(duty: Make, uni: World) -> None:
    row = duty(0)
    scan(uni)
    subject = services.Duty.get_by_id(row.subject_id)
    services.change_duty(subject, None, {"first_due_on": TODAY + timedelta(1)})
    assert told() == []
    scan(uni)
    assert told() == [("bob", "owner")]


def test_a_new_owner_is_told_and_the_old_one_no_longer(duty: Make, uni: World) -> None:
    row = duty(0)
    scan(uni)
    services.reassign(row, uni.people["dave"])
    scan(uni)
    assert told() == [("dave", "owner")]


def test_put_off_means_silence_until_that_day(duty: Make, uni: World) -> None:
    row = duty(0)
    scan(uni)
    services.snooze(row, TODAY + timedelta(6), "等批复")
    for days in range(6):
        scan(uni, TODAY + timedelta(days))
    assert told() == [("bob", "owner")]
    scan(uni, TODAY + timedelta(6))
    assert len(told("bob")) == 2


def test_whom_nothing_reaches_is_told_through_the_unit_lead(duty: Make, uni: World) -> None:
    nobody = records.create(Person, institution=uni.uni, unit=uni.faculty, name="Nobody")
    duty(0, person=nobody)
    counts = scan(uni)
    assert counts["unreachable"] == 1
    assert told() == [("nobody", "owner"), ("bob", "lead")]


def test_a_leaver_or_a_role_nobody_holds_falls_to_the_lead_then_the_office(duty: Make, uni: World) -> None:
    duty(0, role="finance")
    gone = duty(0, unit=uni.office, person=uni.people["dave"])
    with inside_verb():
        Person.update(in_service_until=TODAY - timedelta(1)).where(Person.id == uni.people["dave"].id).execute()
    scan(uni)
    assert told() == [("bob", "owner"), ("carol", "owner")]
    assert gone.unit_id == uni.office.id


def test_one_that_cannot_be_judged_blocks_nobody_and_does_not_loop(duty: Make, uni: World, monkeypatch: object) -> None:
    bad, good = duty(0), duty(0)
    judge = remind.Scan._step

    def step(self: remind.Scan, obligation: Obligation, terms: object) -> object:
        if obligation.id == bad.id:
            raise RuntimeError("unheard of")
        return judge(self, obligation, terms)  # type: ignore[arg-type]

    monkeypatch.setattr(remind.Scan, "_step", step)  # type: ignore[attr-defined]
    counts = scan(uni)
    assert (counts["failed"], counts["messages"]) == (1, 1)
    assert Obligation.get_by_id(bad.id).next_at > Obligation.get_by_id(bad.id).created_at + timedelta(minutes=50)
    assert good.open


def test_only_institutions_with_something_due_are_scanned(duty: Make, uni: World) -> None:
    now = datetime.now(UTC)
    assert remind.institutions_due(now) == []
    duty(0)
    assert remind.institutions_due(now + timedelta(days=1)) == [uni.uni]


def test_two_scans_at_once_tell_once(duty: Make, uni: World, app: object, database: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from panel.database import db

    for _n in range(30):
        duty(0)
    now = datetime.now(UTC) + timedelta(days=1)

    def look(_n: int) -> int:
        with app.app_context(), db.connection_context():  # type: ignore[attr-defined]
            return int(remind.Scan(Institution.get_by_id(uni.uni.id), now).run()["messages"])

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(look, range(4)))
    assert sum(counts) == 30 == Message.select().count()
