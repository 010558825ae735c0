"""Logging in and out: who gets in, how long a guesser waits, and when a session ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from panel import records
from panel.access import attempts, passwords, services
from panel.access.identity import acting_as
from panel.access.models import LoginDelay, User
from panel.audit.models import Entry
from panel.errors import NotAllowed, Refused, Stale
from tests.cast import World

PASSWORD = "correct horse 7"
STORED = passwords.hash_password(PASSWORD)


class Clock:
    """The panel's clock, stopped; `move` advances it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, wait: timedelta) -> None:
        self.now += wait


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(attempts, "utcnow", clock)
    monkeypatch.setattr(services, "utcnow", clock)
    return clock


@pytest.fixture(autouse=True)
def _passwords(world: World, app: Any, clock: Clock) -> Iterator[None]:
    for name in ("alice", "bob"):
        records.update(world.users[name], password_hash=STORED)
    with app.app_context():
        yield


def fail(name: str = "bob", times: int = 1) -> str:
    for _attempt in range(times):
        with pytest.raises(Refused) as refusal:
            services.log_in(name, "wrong")
    return str(refusal.value)


def test_the_right_password_gets_in_whatever_the_case_of_the_name(world: World) -> None:
    assert services.log_in(" BOB ", PASSWORD) == world.users["bob"]
    assert services.log_in("ｂｏｂ", PASSWORD) == world.users["bob"]
    assert (
        Entry.select().where(Entry.action == "access.user.log_in", Entry.subject_id == world.users["bob"].id).count()
        == 2
    )


def test_wrong_name_and_wrong_password_are_not_told_apart(world: World) -> None:
    assert fail("bob") == fail("nobody-of-this-name")
    assert Entry.select().where(Entry.action == "access.user.log_in_failed").count() == 1


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    real = passwords.hasher

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            judged.append(stored)
            return real.verify(stored, password)

        hash = real.hash

    monkeypatch.setattr(passwords, "hasher", Counting())
    fail("nobody-of-this-name")
    fail("dave")  # has no password
    assert len(judged) == 2
    assert all(stored.startswith("$argon2id$") for stored in judged)


def test_the_wait_grows_and_is_never_long(clock: Clock) -> None:
    waits = [attempts.OWN.wait_after(n) for n in range(1, 60)]
    assert waits[: attempts.OWN.free - 1] == [timedelta(0)] * (attempts.OWN.free - 1)
    assert waits == sorted(waits)
    assert waits[attempts.OWN.free] > waits[attempts.OWN.free - 1] > timedelta(0)
    assert max(waits) == attempts.OWN.longest <= timedelta(minutes=5)


def test_who_fails_too_often_waits_even_with_the_right_password(world: World, clock: Clock) -> None:
    fail(times=attempts.OWN.free)
    with pytest.raises(Refused):
        services.log_in("bob", PASSWORD)
    assert services.log_in("alice", PASSWORD), "a colleague is not held up"
    clock.move(attempts.OWN.first)
    assert services.log_in("bob", PASSWORD)
    assert not LoginDelay.select().where(LoginDelay.failures > 0, LoginDelay.name.startswith("pair:")).exists()


def test_a_refusal_while_waiting_does_not_lengthen_the_wait(clock: Clock) -> None:
    fail(times=attempts.OWN.free)

    def moments() -> list[Any]:
        return sorted(LoginDelay.select(LoginDelay.name, LoginDelay.retry_at).tuples())

    until = moments()
    fail(times=10)
    assert moments() == until


def test_failures_are_forgotten_after_a_quiet_hour(clock: Clock) -> None:
    fail(times=attempts.OWN.free - 1)
    fail("somebody")
    clock.move(attempts.FORGOTTEN + timedelta(seconds=1))
    fail("another")
    wanted = {one.key for one in attempts.of_log_in("another", "")}
    assert {row.name for row in LoginDelay.select()} == wanted


def test_a_known_device_is_counted_by_itself(world: World, clock: Clock) -> None:
    fail(times=attempts.OWN.free)
    assert services.log_in("bob", PASSWORD, device="#device"), "a stranger's guessing keeps bob out elsewhere only"
    for _attempt in range(attempts.OWN.free):
        with pytest.raises(Refused):
            services.log_in("bob", "wrong", device="#device")
    with pytest.raises(Refused):
        services.log_in("bob", PASSWORD, device="#device")


def test_a_name_of_any_length_can_be_tried(clock: Clock) -> None:
    assert fail("长" * 500)


def test_an_inactive_user_stays_out(world: World) -> None:
    records.update(world.users["bob"], active=False)
    with pytest.raises(Refused):
        services.log_in("bob", PASSWORD)


def test_a_weak_hash_is_replaced_at_log_in(world: World) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    records.update(world.users["bob"], password_hash=weak)
    services.log_in("bob", PASSWORD)
    assert not passwords.outdated(world.user("bob").password_hash)
    assert services.log_in("bob", PASSWORD)


def test_changing_the_password_ends_every_session(world: World) -> None:
    epoch = world.user("bob").epoch
    with pytest.raises(Refused) as refusal:
        services.change_password(world.user("bob"), "wrong", "battery staple 8")
    assert refusal.value.field == "old_password"
    for same_or_weak in (PASSWORD, "short"):
        with pytest.raises(Refused):
            services.change_password(world.user("bob"), PASSWORD, same_or_weak)
    assert world.user("bob").epoch == epoch
    services.change_password(world.user("bob"), PASSWORD, "battery staple 8")
    assert world.user("bob").epoch > epoch
    assert services.log_in("bob", "battery staple 8")


def test_guessing_the_present_password_in_a_stolen_session_is_slowed(world: World) -> None:
    for _attempt in range(attempts.OWN.free):
        with pytest.raises(Refused):
            services.change_password(world.user("bob"), "wrong", "battery staple 8")
    with pytest.raises(Refused):
        services.change_password(world.user("bob"), PASSWORD, "battery staple 8")


def test_a_reset_link_works_once_and_for_a_day(world: World, clock: Clock) -> None:
    with acting_as(world.identity("alice")):
        first = services.make_reset_link(world.user("bob"))
        token = services.make_reset_link(world.user("bob"))
    with pytest.raises(Refused):
        services.reset_password(first, "battery staple 8")
    with pytest.raises(Refused):
        services.reset_password(token, "short")
    epoch = world.user("bob").epoch
    services.reset_password(token, "battery staple 8")
    assert world.user("bob").epoch > epoch
    with pytest.raises(Refused):
        services.reset_password(token, "battery staple 9")
    with acting_as(world.identity("alice")):
        token = services.make_reset_link(world.user("bob"))
    clock.move(services.RESET_LASTS + timedelta(seconds=1))
    with pytest.raises(Refused):
        services.reset_password(token, "battery staple 9")


@pytest.mark.parametrize("token", ["", "1", ".", "1.", "1.x", "99999.x", "x.y", "9" * 40 + ".x", "²."])
def test_any_other_token_is_refused(world: World, token: str) -> None:
    with pytest.raises(Refused):
        services.user_of_reset(token)


def test_of_two_who_use_a_link_at_once_one_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with acting_as(world.identity("alice")):
        token = services.make_reset_link(world.user("bob"))
    early = services.user_of_reset(token)
    services.reset_password(token, "battery staple 8")
    monkeypatch.setattr(services, "user_of_reset", lambda _token: early)
    with pytest.raises(Stale):
        services.reset_password(token, "battery staple 9")


def test_neither_token_nor_hash_reaches_the_audit(world: World) -> None:
    with acting_as(world.identity("alice")):
        secret = services.make_reset_link(world.user("bob")).partition(".")[2]
    stored = world.user("bob").reset_hash
    services.set_password(world.user("bob"), "battery staple 8")
    said = " ".join(str(row) for row in Entry.select(Entry.before, Entry.after).tuples())
    for text in (secret, stored, world.user("bob").password_hash, "battery"):
        assert text not in said


def test_nobody_makes_a_link_for_who_may_more(world: World) -> None:
    for actor, target in [("bob", "alice"), ("bob", "root"), ("alice", "root"), ("bob", "dave"), ("alice", "oscar")]:
        with acting_as(world.identity(actor)), pytest.raises(NotAllowed):
            services.make_reset_link(world.user(target))
    with acting_as(world.identity("root")):
        assert services.make_reset_link(world.user("alice"))
    assert User.get_by_id(world.users["oscar"].id).reset_hash == ""
