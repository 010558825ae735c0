"""Leaving and moving: nothing a person holds is left behind, and their sessions end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from panel import records
from panel.access.identity import acting_as
from panel.access.models import Grant, User
from panel.access.services import log_in, set_password
from panel.audit.models import Entry
from panel.errors import NotAllowed, Refused
from panel.i18n import today
from panel.org import leaving, services
from panel.org.holdings import Holding
from panel.org.models import Person
from tests.cast import World


@pytest.fixture(autouse=True)
def _at_work(app: Any, world: World) -> Iterator[None]:
    with app.app_context(), acting_as(world.identity("alice")):
        yield


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[int, Person]:
    """Keys of rooms: something that always needs a successor. Key number to holder."""
    held: dict[int, Person] = {}

    class Key:
        def __init__(self, number: int) -> None:
            self.id = number

    holding = Holding(
        kind="rooms.key",
        title="钥匙",
        held_by=lambda people: [Key(n) for n, p in held.items() if p in list(people)],
        holder=lambda key: held[key.id].id,
        subject=lambda key: f"{key.id} 号室",
        hand_over=lambda key, successor, note: held.__setitem__(key.id, successor),
    )
    kinds = leaving.holdings()
    monkeypatch.setattr(leaving, "holdings", lambda: [*kinds, holding])
    return held


def choices_of(person: Person, successor: Person | None) -> dict[str, Person | None]:
    return {thing.key: successor for thing in leaving.held_by(person)}


def test_what_a_person_holds_is_found_in_every_area(world: World, keys: dict[int, Person]) -> None:
    bob = world.people["bob"]
    keys[101] = bob
    assert [(t.holding.kind, t.text) for t in leaving.held_by(bob)] == [
        ("access.grant", "全部 · 理学院"),
        ("rooms.key", "101 号室"),
    ]


def test_nobody_leaves_while_something_is_open(world: World, keys: dict[int, Person]) -> None:
    bob = world.people["bob"]
    keys[101] = bob
    with pytest.raises(Refused) as refusal:
        leaving.leave(bob, today(), {})
    assert "101 号室" in str(refusal.value)
    with pytest.raises(Refused) as refusal:
        leaving.leave(bob, today(), choices_of(bob, None))  # a key cannot just end
    assert "101 号室" in str(refusal.value)
    assert Grant.select().where(Grant.user == world.users["bob"]).exists(), "all or nothing"
    assert Person.get_by_id(bob.id).in_service_until is None


def test_leaving_hands_everything_over_in_one_go(world: World, keys: dict[int, Person]) -> None:
    bob, dave = world.people["bob"], world.people["dave"]
    keys[101] = bob
    leaving.leave(bob, today(), choices_of(bob, dave), note="调往别处")
    assert keys[101] == dave
    assert [g.user for g in Grant.select().where(Grant.role == world.roles["all"], Grant.unit == world.faculty)] == [
        world.users["dave"]
    ]
    assert leaving.held_by(bob) == []
    reasons = {e.reason for e in Entry.select().where(Entry.action == "access.grant.delete")}
    assert reasons == {"调往别处"}


def test_leaving_ends_sessions_at_once_and_the_user_when_the_day_has_passed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, epoch = world.people["bob"], world.user("bob").epoch
    leaving.leave(bob, today() + timedelta(days=3), choices_of(bob, None))
    assert world.user("bob").epoch > epoch
    assert leaving.deactivate_leavers(world.uni) == 0
    assert world.user("bob").active
    now = today()
    monkeypatch.setattr(leaving, "today", lambda: now + timedelta(days=4))
    assert leaving.deactivate_leavers(world.other) == 0
    assert leaving.deactivate_leavers(world.uni) == 1
    assert leaving.deactivate_leavers(world.uni) == 0
    assert not world.user("bob").active


def test_who_left_yesterday_is_locked_out_at_once(world: World) -> None:
    bob = world.people["bob"]
    set_password(world.users["bob"], "correct horse 7")
    leaving.leave(bob, today() - timedelta(days=1), choices_of(bob, None))
    assert not world.user("bob").active
    with pytest.raises(Refused):
        log_in("bob", "correct horse 7")


def test_out_of_service_means_no_log_in_even_before_the_night(world: World) -> None:
    bob = world.people["bob"]
    set_password(world.users["bob"], "correct horse 7")
    records.update(bob, in_service_until=today() - timedelta(days=1))
    assert world.user("bob").active
    with pytest.raises(Refused):
        log_in("bob", "correct horse 7")


@pytest.mark.parametrize("name", ["bob", "oscar", "gone"])
def test_a_successor_is_somebody_else_in_service_here(world: World, name: str) -> None:
    bob = world.people["bob"]
    gone = records.create(
        Person, institution=world.uni, unit=world.lab, name="已离", in_service_until=today() - timedelta(days=1)
    )
    successor = {**world.people, "gone": gone}[name]
    with pytest.raises(Refused):
        leaving.leave(bob, today(), choices_of(bob, successor))


def test_a_role_needs_a_successor_with_a_user(world: World) -> None:
    bob = world.people["bob"]
    nobody = services.hire({"name": "无账号", "unit": world.lab})
    with pytest.raises(Refused) as refusal:
        leaving.leave(bob, today(), choices_of(bob, nobody))
    assert "无账号" in str(refusal.value)


def test_the_last_administrator_leaves_only_with_a_successor(world: World) -> None:
    alice = world.people["alice"]
    with pytest.raises(Refused):
        leaving.leave(alice, today(), choices_of(alice, None))
    leaving.leave(alice, today(), choices_of(alice, world.people["dave"]))
    assert world.identity("dave").may("access.role.edit")


def test_moving_hands_over_ends_sessions_and_changes_the_unit(world: World, keys: dict[int, Person]) -> None:
    bob, epoch = world.people["bob"], world.user("bob").epoch
    keys[101] = bob
    with pytest.raises(Refused):
        leaving.move(bob, world.office, {})
    with pytest.raises(Refused):
        services.change_person(bob, None, {"unit": world.office})
    leaving.move(bob, world.office, {**choices_of(bob, world.people["dave"]), "access.grant:99999": None})
    assert Person.get_by_id(bob.id).unit_id == world.office.id
    assert world.user("bob").epoch > epoch
    assert world.user("bob").active


def test_an_edit_may_move_or_end_who_holds_nothing(world: World) -> None:
    dave = world.people["dave"]
    epoch = world.user("dave").epoch
    services.change_person(dave, None, {"unit": world.lab})
    assert world.user("dave").epoch > epoch
    services.change_person(dave, None, {"in_service_until": today() - timedelta(days=1)})
    assert not world.user("dave").active


def test_a_last_day_to_come_may_be_noted_while_things_are_held(world: World) -> None:
    services.change_person(world.people["bob"], None, {"in_service_until": today() + timedelta(days=30)})
    with pytest.raises(Refused):
        services.change_person(world.people["bob"], None, {"in_service_until": today() - timedelta(days=1)})


def test_nobody_moves_a_person_to_where_they_may_not_edit_people(world: World) -> None:
    person = services.hire({"name": "李四", "unit": world.lab})
    with acting_as(world.identity("bob")):
        with pytest.raises(NotAllowed):
            leaving.move(person, world.office, {})
        leaving.move(person, world.faculty, {})
    with pytest.raises(NotAllowed):
        leaving.move(person, world.other_unit, {})


def test_a_last_day_before_the_first_is_refused(world: World) -> None:
    dave = world.people["dave"]
    services.change_person(dave, None, {"in_service_from": today()})
    with pytest.raises(Refused):
        leaving.leave(dave, today() - timedelta(days=1), {})
    assert User.get(User.username == "dave").active
