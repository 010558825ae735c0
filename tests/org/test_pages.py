"""The pages of units, people and the institution; leaving and moving by form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from panel import records
from panel.access.models import Grant
from panel.i18n import today
from panel.org.models import Institution, Person, Unit
from tests.cast import World

ClientOf = Callable[..., FlaskClient]


def test_the_tree_is_shown_as_one(world: World, client_of: ClientOf) -> None:
    page = client_of(world.user("alice")).get("/org/unit/").text
    places = [page.index(f"</span>{name}</a>") for name in ("党委宣传部", "理学院", "物理实验室")]
    assert places == sorted(places)
    assert "\u3000└ </span>物理实验室" in page
    assert world.other_unit.name not in page


def test_a_part_of_the_tree_is_all_its_people_see(world: World, client_of: ClientOf) -> None:
    page = client_of(world.user("bob")).get("/org/unit/").text
    assert "理学院" in page
    assert "党委宣传部" not in page
    assert client_of(world.user("bob")).get(f"/org/unit/details/?id={world.office.id}").status_code == 404


def test_units_are_added_moved_and_archived_in_the_pages(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    data = {"name": "化学实验室", "parent": "理学院", "kind": "base", "code": "C1"}
    assert client.post("/org/unit/new/", data=data).status_code == 302
    unit = Unit.get(Unit.name == "化学实验室")
    assert unit.path == f"{world.faculty.path}{unit.id}/"
    data = {**data, "parent": "化学实验室", "version": unit.version}
    refused = client.post(f"/org/unit/edit/?id={unit.id}", data=data)
    assert refused.status_code == 422
    assert "下级部门" in refused.text
    assert client.post(f"/org/unit/edit/?id={unit.id}", data={**data, "parent": "党委宣传部"}).status_code == 302
    assert Unit.get_by_id(unit.id).path == f"{world.office.path}{unit.id}/"
    data = {"action": "archive_rows", "id": [unit.id], "expected": 1, "list": ""}
    assert client.post("/org/unit/action/", data=data).status_code == 302
    assert Unit.get_by_id(unit.id).archived_at is not None
    assert "已归档" in client.get("/org/unit/?state=archived").text
    assert "化学实验室" not in client.get("/org/unit/?state=open").text


def test_people_are_filtered_by_whether_they_are_in_service(world: World, client_of: ClientOf) -> None:
    day = timedelta(days=1)
    for name, first, last in [
        ("已走", None, today() - day),
        ("将走", None, today() + day),
        ("未来", today() + day, None),
    ]:
        records.create(
            Person,
            institution=world.uni,
            unit=world.lab,
            name=name,
            in_service_from=first,
            in_service_until=last,
        )
    client = client_of(world.user("carol"))
    for state, expected in {
        "in": {"Bob", "将走"},
        "leaving": {"将走"},
        "left": {"已走"},
        "coming": {"未来"},
    }.items():
        page = client.get(f"/org/person/?service={state}").text
        assert {name for name in ("Bob", "已走", "将走", "未来") if f">{name}</a>" in page} == expected


def test_leaving_by_form(world: World, client_of: ClientOf) -> None:
    client, bob = client_of(world.user("alice")), world.people["bob"]
    address = f"/org/person/leave/?id={bob.id}"
    assert address.replace("&", "&amp;") in client.get(f"/org/person/details/?id={bob.id}").text
    page = client.get(address).text
    assert "全部 · 理学院" in page
    refused = client.post(address, data={"way": "leave", "last_day": today().isoformat(), "to-0": ""})
    assert refused.status_code == 422
    assert "名下还有 1 项" in refused.text
    data = {"way": "leave", "last_day": today().isoformat(), "to-0": "", "everyone": "Dave", "note": "退休"}
    done = client.post(address, data=data)
    assert done.headers["Location"].endswith(f"/org/person/details/?id={bob.id}")
    assert Person.get_by_id(bob.id).in_service_until == today()
    assert [g.user.username for g in Grant.select().where(Grant.unit == world.faculty)] == ["dave"]
    assert "名下没有事项" in client.get(address).text


def test_moving_by_form(world: World, client_of: ClientOf) -> None:
    client, bob = client_of(world.user("alice")), world.people["bob"]
    address = f"/org/person/leave/?id={bob.id}"
    data = {"way": "move", "unit": "", "end-0": "y"}
    assert client.post(address, data=data).status_code == 422
    assert client.post(address, data={**data, "unit": "党委宣传部"}).status_code == 302
    assert Person.get_by_id(bob.id).unit_id == world.office.id
    assert not Grant.select().where(Grant.user == world.users["bob"]).exists()


@pytest.mark.parametrize("who", ["carol", "dave", "bob", "oscar"])
def test_only_who_may_lets_leave(world: World, client_of: ClientOf, who: str) -> None:
    answer = client_of(world.user(who)).get(f"/org/person/leave/?id={world.people['alice'].id}")
    assert answer.status_code == (403 if who in ("carol", "dave") else 404)


def test_a_successor_from_elsewhere_is_not_found(world: World, client_of: ClientOf) -> None:
    data = {"way": "leave", "last_day": today().isoformat(), "to-0": "Oscar", "to-0-id": world.people["oscar"].id}
    answer = client_of(world.user("alice")).post(f"/org/person/leave/?id={world.people['bob'].id}", data=data)
    assert answer.status_code == 404
    assert Person.get_by_id(world.people["bob"].id).in_service_until is None


def test_the_institution_is_a_page_of_its_own(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    assert client.get("/org/institution/").headers["Location"] == f"/org/institution/details/?id={world.uni.id}"
    assert client.get(f"/org/institution/details/?id={world.other.id}").status_code == 404
    uni = Institution.get_by_id(world.uni.id)
    data = {"name": "示例理工大学", "kind": "university", "time_zone": "Mars/Olympus", "version": uni.version}
    assert client.post(f"/org/institution/edit/?id={uni.id}", data=data).status_code == 422
    data["time_zone"] = "Asia/Urumqi"
    assert client.post(f"/org/institution/edit/?id={uni.id}", data=data).status_code == 302
    uni = Institution.get_by_id(uni.id)
    assert (uni.name, uni.time_zone) == ("示例理工大学", "Asia/Urumqi")
    assert Unit.get_by_id(world.root_unit.id).name == "示例理工大学"
