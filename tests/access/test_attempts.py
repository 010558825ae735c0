"""Waiting after failures: what a guesser gains, and that no colleague is locked out by one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.access import attempts
from panel.access.models import LoginDelay
from panel.errors import Refused
from tests.access.test_log_in import Clock

HOURS = 4


@pytest.fixture
def clock(app: Flask, acting: object, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(attempts, "utcnow", clock)
    return clock


def fails(name: str, address: str, device: str | None = None) -> bool:
    """Whether a wrong password was judged, and not turned away."""
    try:
        attempts.claim(*attempts.of_log_in(name, address, device))
    except Refused:
        return False
    return True


def gets_in(name: str, address: str, device: str | None = None) -> bool:
    counters = attempts.of_log_in(name, address, device)
    try:
        attempts.claim(*counters)
    except Refused:
        return False
    attempts.forgive(*counters)
    return True


@pytest.mark.one_database
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(storm=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.integers(0, 40)), max_size=60))
def test_whatever_others_try_a_colleague_gets_in(clock: Clock, storm: list[tuple[str, int, int]]) -> None:
    LoginDelay.delete().execute()
    for name, network, seconds in storm:
        fails(name, f"10.0.0.{network}")
        clock.move(timedelta(seconds=seconds))
        assert gets_in("a", "10.9.9.9"), "from an address the guesser does not share"
        assert gets_in("a", f"10.0.0.{network}", device="known"), "on a device of their own, wherever it is"
    clock.move(attempts.OWN.longest)
    assert gets_in("a", "10.0.0.1"), "even at the guesser's own address, the wait is short"


@pytest.mark.one_database
def test_guesses_an_hour_are_few(clock: Clock) -> None:
    def judged(names: list[str], addresses: list[str]) -> int:
        """Guesses that one gets judged in an hour who tries everything every fifteen seconds."""
        LoginDelay.delete().execute()
        count = 0
        for _try in range(240):
            count += sum(fails(name, address) for name in names for address in addresses)
            clock.move(timedelta(seconds=15))
        return count

    assert judged(["a"], ["10.0.0.1"]) <= 20
    assert judged([f"n{n}" for n in range(8)], ["10.0.0.1"]) <= 110, "many names from one address"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:200::1", "2001:db8:1:2ff:abcd::9", True),  # machines of one household pick addresses at will
        ("2001:db8:1:200::1", "2001:db8:1:300::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("fe80::1%eth0", "fe80::1%eth1", True),
        ("", "unix", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    assert (attempts.of_log_in("x", one) == attempts.of_log_in("x", other)) is same


def test_the_count_outlives_a_restart_and_success_forgives_only_ones_own(clock: Clock) -> None:
    for number in range(attempts.ADDRESS.free - 1):
        assert fails(f"n{number}", "10.0.0.1")
    for _morning in range(100):
        assert gets_in("a", "10.0.0.1"), "a school behind one address logs in"
    assert fails("last", "10.0.0.1")
    assert not fails("another", "10.0.0.1")
    stored = {row.name: row.failures for row in LoginDelay.select()}
    assert max(stored.values()) == attempts.ADDRESS.free
    assert all(len(name) <= 60 for name in stored)
