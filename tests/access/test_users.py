"""Users, grants and roles: nobody gives more than they have, and somebody always administers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from panel import records
from panel.access import roles, services
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.access.permissions import AccessPermission as Access
from panel.errors import InUse, NotAllowed, Refused, Stale
from panel.org.models import Institution, Person
from panel.org.permissions import OrgPermission as Org
from tests.cast import World


@pytest.fixture(autouse=True)
def _at_work(app: Any, world: World) -> Iterator[None]:
    with app.app_context(), acting_as(world.identity("alice")):
        yield


def role(world: World, *permissions: str, name: str = "小角色") -> Role:
    return records.create(Role, institution=world.uni, name=name, permissions=list(permissions))


# ── users ──────────────────────────────────────────────────────────────────────────────────────


def test_a_user_is_registered_under_a_folded_name(world: World) -> None:
    person = records.create(Person, institution=world.uni, unit=world.lab, name="周雅琴")
    values = {"username": " ZhouYaqin ", "person": person, "display_name": ""}
    user = services.create_user(values)
    assert (user.username, user.display_name, user.institution_id) == ("zhouyaqin", "周雅琴", world.uni.id)
    assert values["username"] == " ZhouYaqin ", "the form keeps what was typed"


@pytest.mark.parametrize("username", ["", "a", "with space", "a" * 61, "<b>", "a/b", "a#b"])
def test_a_user_name_has_a_form(username: str) -> None:
    with pytest.raises(Refused) as refusal:
        services.create_user({"username": username})
    assert refusal.value.field == "username"


def test_a_name_and_a_person_have_one_user(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        services.create_user({"username": "OSCAR"})  # taken in another institution
    assert refusal.value.field == "username"
    with pytest.raises(Refused) as refusal:
        services.create_user({"username": "second", "person": world.people["bob"]})
    assert refusal.value.field == "person"
    with pytest.raises(Refused):
        services.create_user({"username": "second", "person": world.people["oscar"]})


def test_a_change_of_name_or_activity_ends_sessions(world: World) -> None:
    for values in ({"username": "robert"}, {"active": False}, {"active": True}):
        epoch = world.user("bob").epoch
        services.change_user(world.user("bob"), None, values)
        assert world.user("bob").epoch == epoch + 1
    epoch = world.user("bob").epoch
    services.change_user(world.user("bob"), None, {"display_name": "Robert"})
    assert world.user("bob").epoch == epoch
    with pytest.raises(Stale):
        services.change_user(world.user("bob"), 1, {"display_name": "Bobby"})


def test_only_who_runs_the_installation_names_another_who_does(world: World) -> None:
    with pytest.raises(NotAllowed):
        services.create_user({"username": "second", "site_admin": True})
    with pytest.raises(NotAllowed):
        services.change_user(world.user("alice"), None, {"site_admin": True})
    with acting_as(world.identity("root")):
        services.change_user(world.user("alice"), None, {"site_admin": True})
    assert world.user("alice").site_admin


def test_the_installation_keeps_somebody_who_runs_it(world: World) -> None:
    with acting_as(world.identity("root")):
        for values in ({"active": False}, {"site_admin": False}):
            with pytest.raises(Refused):
                services.change_user(world.user("root"), None, values)
    assert world.user("root").active
    assert world.user("root").site_admin


def test_who_administers_a_part_decides_about_its_people_only(world: World) -> None:
    lab_person = records.create(Person, institution=world.uni, unit=world.lab, name="实验员")
    office_person = records.create(Person, institution=world.uni, unit=world.office, name="干事")
    with acting_as(world.identity("bob")):
        user = services.create_user({"username": "labhand", "person": lab_person})
        services.set_active(user, False)
        for target in ("alice", "carol", "dave", "root", "oscar"):
            with pytest.raises(NotAllowed):
                services.set_active(world.user(target), False)
        with pytest.raises(NotAllowed):
            services.create_user({"username": "beside", "person": office_person})
        with pytest.raises(NotAllowed):
            services.create_user({"username": "nowhere"})
    assert not User.select().where(User.username.in_(["beside", "nowhere"])).exists()


# ── grants ─────────────────────────────────────────────────────────────────────────────────────


def test_a_grant_takes_effect_with_the_next_request_and_ends_sessions(world: World) -> None:
    before, epoch = world.identity("dave"), world.user("dave").epoch
    assert not before.may(Org.PERSON_VIEW)
    made = services.grant(world.user("dave"), world.roles["read"], world.faculty)
    assert world.user("dave").epoch > epoch
    assert world.identity("dave").reach(Org.PERSON_VIEW) == [world.faculty.path]
    epoch = world.user("dave").epoch
    services.revoke(made)
    assert world.user("dave").epoch > epoch
    assert not world.identity("dave").may(Org.PERSON_VIEW)


def test_nobody_grants_more_than_they_hold(world: World) -> None:
    small = role(world, Org.PERSON_VIEW)
    with acting_as(world.identity("bob")):
        assert services.grant(world.user("dave"), small, world.lab)
        with pytest.raises(NotAllowed):
            services.grant(world.user("dave"), small, world.office)
        with pytest.raises(NotAllowed):
            services.grant(world.user("bob"), world.roles["all"], world.root_unit)
    with acting_as(world.identity("carol")), pytest.raises(NotAllowed):  # may look everywhere, edits no users
        services.grant(world.user("dave"), small, world.office)
    with acting_as(None), pytest.raises(NotAllowed):
        services.grant(world.user("dave"), small, world.office)


def test_nobody_takes_away_more_than_they_hold(world: World) -> None:
    above = Grant.get(Grant.user == world.users["carol"])
    with acting_as(world.identity("bob")), pytest.raises(NotAllowed):
        services.revoke(above)


def test_grants_never_mix_institutions(world: World) -> None:
    for unit, held in [(world.other_unit, "all"), (world.faculty, "other"), (world.other_unit, "other")]:
        with pytest.raises(Refused):
            services.grant(world.user("dave"), world.roles[held], unit)


def test_the_same_grant_twice_is_refused(world: World) -> None:
    services.grant(world.user("dave"), world.roles["read"], world.office)
    with pytest.raises(Refused):
        services.grant(world.user("dave"), world.roles["read"], world.office)


@pytest.mark.parametrize("way", ["revoke", "deactivate", "role", "root"])
def test_nobody_takes_away_the_last_administrator(world: World, way: str) -> None:
    held = Grant.get(Grant.user == world.users["alice"])
    attempts = {
        "revoke": lambda: services.revoke(held),
        "deactivate": lambda: services.set_active(world.user("alice"), False),
        "role": lambda: services.edit_role(world.roles["all"], None, {"permissions": [Org.UNIT_VIEW]}),
        "root": lambda: services.revoke(held),
    }
    with acting_as(world.identity("root" if way == "root" else "alice")), pytest.raises(Refused):
        attempts[way]()
    assert world.user("alice").active
    assert world.identity("alice").may(Access.ROLE_EDIT)
    records.create(
        Grant, institution=world.uni, user=world.users["dave"], role=world.roles["all"], unit=world.root_unit
    )
    if way != "role":
        attempts[way]()


# ── roles ──────────────────────────────────────────────────────────────────────────────────────


def test_editing_a_role_ends_the_sessions_of_those_who_have_it(world: World) -> None:
    carol, bob = world.user("carol").epoch, world.user("bob").epoch
    services.edit_role(world.roles["read"], None, {"permissions": [Org.UNIT_VIEW]})
    assert world.user("carol").epoch > carol
    assert world.user("bob").epoch == bob
    assert not world.identity("carol").may(Org.PERSON_VIEW)
    carol = world.user("carol").epoch
    services.edit_role(world.roles["read"], None, {"name": "只看"})
    assert world.user("carol").epoch == carol


def test_a_role_is_changed_only_by_who_holds_that_everywhere(world: World) -> None:
    with acting_as(world.identity("bob")):  # holds everything, but only in the faculty
        for attempt in (
            lambda: services.edit_role(world.roles["read"], None, {"permissions": []}),
            lambda: services.create_role({"name": "新", "permissions": [Org.UNIT_VIEW]}),
            lambda: services.delete_role(role(world)),
        ):
            with pytest.raises(NotAllowed):
                attempt()
    narrow = role(world, Access.ROLE_EDIT, Org.UNIT_VIEW, name="角色员")
    records.create(Grant, institution=world.uni, user=world.users["dave"], role=narrow, unit=world.root_unit)
    with acting_as(identify(world.user("dave"), Institution.get_by_id(world.uni.id))):
        assert services.create_role({"name": "看部门", "permissions": [Org.UNIT_VIEW]})
        for permissions in ([Org.UNIT_VIEW, Org.PERSON_EDIT], [Access.ROLE_EDIT, Org.UNIT_VIEW, Access.USER_EDIT]):
            with pytest.raises(NotAllowed):
                services.edit_role(narrow, None, {"permissions": permissions})


def test_a_role_of_another_institution_is_out_of_hand(world: World) -> None:
    with pytest.raises(NotAllowed):
        services.edit_role(world.roles["other"], None, {"name": "x"})


def test_a_role_somebody_has_is_not_deleted(world: World) -> None:
    with pytest.raises(InUse):
        services.delete_role(world.roles["read"])
    services.delete_role(role(world))


# ── the shipped roles ──────────────────────────────────────────────────────────────────────────


def shipped(world: World) -> dict[str, Role]:
    return {r.code: r for r in Role.select().where(Role.institution == world.uni, Role.code != "")}


def test_the_shipped_roles_come_once_and_the_administrator_may_everything(world: World, app: Any) -> None:
    registry = app.extensions["zhangyin"].registry
    roles.ship(world.uni, registry)
    roles.ship(world.uni, registry)
    mine = shipped(world)
    assert set(mine) == {"administrator", "publicity", "lead", "clerk", "finance", "auditor"}
    assert set(mine["administrator"].permissions) == {p for area in registry.areas for p in area.permissions}
    assert not any(p.endswith((".edit", ".create", ".delete", ".import")) for p in mine["auditor"].permissions)
    with pytest.raises(InUse):
        services.delete_role(mine["clerk"])


def test_what_an_institution_made_of_a_role_stays(world: World, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = app.extensions["zhangyin"].registry
    roles.ship(world.uni, registry)
    clerk = shipped(world)["clerk"]
    without = [p for p in clerk.permissions if p != Org.PERSON_LEAVE]
    services.edit_role(clerk, None, {"name": "联络员", "permissions": [*without, Org.UNIT_EXPORT]})
    roles.ship(world.uni, registry)
    now = shipped(world)["clerk"]
    assert now.name == "联络员"
    assert set(now.permissions) == {*without, Org.UNIT_EXPORT}
    grown = [
        roles.Shipped(s.code, s.name, (*s.permissions, Access.USER_VIEW)) if s.code == "clerk" else s
        for s in roles.SHIPPED
    ]
    monkeypatch.setattr(roles, "SHIPPED", grown)  # a newer release
    roles.ship(world.uni, registry)
    assert set(shipped(world)["clerk"].permissions) == {*without, Org.UNIT_EXPORT, Access.USER_VIEW}


def test_a_role_of_the_same_name_does_not_stand_in_the_way(world: World, app: Any) -> None:
    records.create(Role, institution=world.uni, name=str(roles.SHIPPED[0].name))
    roles.ship(world.uni, app.extensions["zhangyin"].registry)
    assert shipped(world)["administrator"].name == f"{roles.SHIPPED[0].name} 2"
