"""The pages of users and roles."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from panel import records
from panel.access import services
from panel.access.models import Grant, Role, User
from panel.audit.models import Entry
from panel.org.models import Person
from panel.org.permissions import OrgPermission as Org
from tests.cast import World

ClientOf = Callable[..., FlaskClient]


def test_the_list_shows_roles_and_last_log_in(world: World, client_of: ClientOf) -> None:
    services.set_password(world.users["bob"], "correct horse 7")
    services.log_in("bob", "correct horse 7")
    page = client_of(world.user("alice")).get("/access/user/").text
    assert re.search(r"全部 <span class=\"dim\">理学院</span>", page)
    assert "平台管理员" in page
    assert page.count("从未") == 4, "all but bob of the five here"
    assert "oscar" not in page


def test_a_user_is_made_granted_a_role_and_given_a_link(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    records.create(Person, institution=world.uni, unit=world.lab, name="周雅琴", number="77")
    made = client.post(
        "/access/user/new/", data={"username": "Zhou", "person": "周雅琴", "display_name": "", "active": "y"}
    )
    user = User.get(User.username == "zhou")
    assert made.headers["Location"].endswith(f"/access/user/details/?id={user.id}")
    assert (user.display_name, user.active) == ("周雅琴", True)
    form = client.get(f"/access/user/grant/?id={user.id}").text
    assert "只读" in form
    role = world.roles["read"]
    assert client.post(f"/access/user/grant/?id={user.id}", data={"role": "", "unit": ""}).status_code == 422
    granted = client.post(f"/access/user/grant/?id={user.id}", data={"role": role.id, "unit": "物理实验室"})
    assert granted.status_code == 302
    held = Grant.get(Grant.user == user)
    assert (held.role, held.unit) == (role, world.lab)
    linked = client.post(f"/access/user/link/?id={user.id}")
    token = re.search(r"http://localhost/reset/([^\"]+)", linked.text)
    assert token
    assert services.user_of_reset(token[1]) == user
    assert client.get(f"/access/user/link/?id={user.id}").status_code in (404, 405)
    asked = client.get(f"/access/user/revoke/?id={held.id}")
    assert "只读" in asked.text
    assert client.post(f"/access/user/revoke/?id={held.id}").status_code == 302
    assert not Grant.select().where(Grant.user == user).exists()
    history = client.get(f"/access/user/details/?id={user.id}").text
    assert "获得一次性链接" in history


def test_what_is_beyond_ones_rights_is_refused_in_the_form(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("bob"))
    records.update(Grant.get(Grant.user == world.users["bob"]), unit=world.lab)
    data = {"role": world.roles["all"].id, "unit": "理学院"}
    answer = client.post(f"/access/user/grant/?id={world.users['dave'].id}", data=data)
    assert answer.status_code == 422
    assert not Grant.select().where(Grant.user == world.users["dave"]).exists()
    answer = client.post(f"/access/user/revoke/?id={Grant.get(Grant.user == world.users['alice']).id}")
    assert answer.status_code == 422
    assert client.post(f"/access/user/link/?id={world.users['alice'].id}").status_code == 403


@pytest.mark.parametrize("path", ["user/details", "user/edit", "user/grant", "role/details", "role/edit"])
def test_another_institutions_rows_do_not_exist_here(world: World, client_of: ClientOf, path: str) -> None:
    row = world.users["oscar"] if path.startswith("user") else world.roles["other"]
    client = client_of(world.user("alice"))
    assert client.get(f"/access/{path}/?id={row.id}").status_code == 404
    assert client.post(f"/access/{path}/?id={row.id}").status_code in (404, 405)


def test_another_institutions_grants_are_not_taken_away(world: World, client_of: ClientOf) -> None:
    foreign = Grant.get(Grant.user == world.users["oscar"])
    client = client_of(world.user("alice"))
    assert client.get(f"/access/user/revoke/?id={foreign.id}").status_code == 404
    assert client.post(f"/access/user/revoke/?id={foreign.id}").status_code == 404
    assert client.post(f"/access/user/link/?id={world.users['oscar'].id}").status_code == 404
    data = {"role": world.roles["other"].id, "unit": "", "unit-id": world.other_unit.id}
    assert client.post(f"/access/user/grant/?id={world.users['dave'].id}", data=data).status_code in (404, 422)
    assert not Grant.select().where(Grant.user == world.users["dave"]).exists()


def test_users_are_deactivated_in_bulk_but_never_the_last_administrator(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    ids = [world.users[n].id for n in ("bob", "dave")]
    data = {"action": "deactivate", "id": ids, "expected": 2, "list": ""}
    assert client.post("/access/user/action/", data=data).status_code == 302
    assert not world.user("bob").active
    data = {"action": "deactivate", "id": [world.users["alice"].id], "expected": 1, "list": ""}
    assert client.post("/access/user/action/", data=data).status_code != 302
    assert world.user("alice").active


def test_a_role_is_made_and_changed_by_ticking(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    page = client.get("/access/role/new/").text
    assert all(f'value="{permission}"' in page for permission in Org)
    data = {"name": "看部门", "permissions-sent": "1", "permissions": [Org.UNIT_VIEW, Org.PERSON_VIEW]}
    assert client.post("/access/role/new/", data=data).status_code == 302
    role = Role.get(Role.name == "看部门")
    assert set(role.permissions) == {Org.UNIT_VIEW, Org.PERSON_VIEW}
    edit = client.get(f"/access/role/edit/?id={role.id}").text
    assert re.search(rf'value="{Org.UNIT_VIEW}" checked', edit)
    data = {"name": "看部门", "version": role.version, "permissions-sent": "1", "permissions": ["no.such.thing"]}
    assert client.post(f"/access/role/edit/?id={role.id}", data=data).status_code == 422
    data["permissions"] = []
    assert client.post(f"/access/role/edit/?id={role.id}", data=data).status_code == 302
    assert Role.get_by_id(role.id).permissions == []
    assert "没有人持有" in client.get(f"/access/role/details/?id={role.id}").text


def test_permissions_of_a_plugin_that_is_off_are_neither_shown_nor_lost(world: World, client_of: ClientOf) -> None:
    role = records.create(Role, institution=world.uni, name="旧", permissions=["museum.item.view", str(Org.UNIT_VIEW)])
    client = client_of(world.user("alice"))
    assert "museum" not in client.get(f"/access/role/edit/?id={role.id}").text
    data = {"name": "旧", "version": role.version, "permissions-sent": "1", "permissions": [Org.PERSON_VIEW]}
    assert client.post(f"/access/role/edit/?id={role.id}", data=data).status_code == 302
    assert set(Role.get_by_id(role.id).permissions) == {"museum.item.view", Org.PERSON_VIEW}


def test_everything_a_page_does_names_who_did_it(world: World, client_of: ClientOf) -> None:
    client_of(world.user("alice")).post("/access/role/new/", data={"name": "新角色", "permissions-sent": "1"})
    entry = Entry.get(Entry.action == "access.role.create", Entry.subject_text == "新角色")
    assert (entry.user_id, entry.actor_kind, entry.ip) == (world.users["alice"].id, "web", "127.0.0.1")
