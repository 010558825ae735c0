"""Somebody owes something and cannot be told: a finding, until there is a way."""

from __future__ import annotations

from panel import records
from panel.access.models import User
from panel.checks.models import Finding
from panel.checks.sweep import sweep, sweep_dirty
from panel.notify.models import Channel
from panel.notify.rules import UNREACHABLE
from panel.org.models import Person
from tests.cast import World
from tests.obligations.conftest import duty, scan, staffed, uni  # noqa: F401  (fixtures)
from tests.obligations.test_remind import Make


def found() -> set[str]:
    rows = Finding.select(Finding.subject_id).where(Finding.code == UNREACHABLE, Finding.closed_at.is_null())
    return {Person.get_by_id(row.subject_id).name for row in rows}


def test_who_owes_and_cannot_be_told_is_a_finding(duty: Make, uni: World) -> None:  # noqa: F811
    nobody = records.create(Person, institution=uni.uni, unit=uni.faculty, name="Nobody")
    early = records.create(Person, institution=uni.uni, unit=uni.faculty, name="Early")
    duty(200, person=early)
    duty(0, person=nobody)
    sweep(uni.uni)
    assert found() == set(), "nothing was to be told yet"
    scan(uni)
    sweep_dirty(uni.uni)
    assert found() == {"Nobody"}, "bob reads his inbox, and nothing was due from Early"
    records.update(nobody, email="nobody@example.edu")
    assert found() == {"Nobody"}, "an address alone is no way"
    settings = {"host": "mail.example.edu", "port": 25, "sender": "panel@example.edu"}
    mail = records.create(Channel, institution=uni.uni, kind="mail", name="邮件", settings=settings)
    assert found() == set()
    records.update(mail, active=False)
    assert found() == {"Nobody"}
    user = records.create(User, institution=uni.uni, username="nobody", person=nobody)
    assert found() == set(), "they log in and read their inbox"
    records.update(user, active=False)
    assert found() == {"Nobody"}
    records.create(
        Channel, institution=uni.uni, kind="mail", name="别人的", settings=settings, person=uni.people["bob"]
    )
    assert found() == {"Nobody"}, "somebody else's channel"
    report = sweep(uni.uni)
    assert found() == {"Nobody"}, report
