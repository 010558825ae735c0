"""The audit log: everything of this institution, nothing of another, and only for who sees the whole."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask.testing import FlaskClient
from openpyxl import load_workbook

from panel import audit, records
from panel.audit.models import Entry
from panel.org import services
from panel.org.models import Unit
from tests.cast import World

ClientOf = Callable[..., FlaskClient]


def rename(world: World, name: str, reason: str = "") -> Entry:
    with audit.acting("web", user=world.users["alice"], ip="10.0.0.9", reason=reason):
        records.update(Unit.get_by_id(world.lab.id), name=name)
        records.update(Unit.get_by_id(world.office.id), code=name)
    return Entry.select().where(Entry.subject_id == world.lab.id).order_by(Entry.id.desc()).first()


def test_the_log_is_searched_and_narrowed(world: World, client_of: ClientOf) -> None:
    rename(world, "光学实验室", reason="更名批复")
    client = client_of(world.user("alice"))
    page = client.get("/audit/entry/").text
    assert "光学实验室" in page
    for query in ("q=更名批复", "user_name=Alice", "subject=org.unit", "way=web", "ip=10.0.0.9", "action=update"):
        assert "10.0.0.9" in client.get(f"/audit/entry/?{query}").text, query
    for query in ("q=无此事", "subject=org.person", "way=job", "at_from=2099-01-01"):
        assert "10.0.0.9" not in client.get(f"/audit/entry/?{query}").text, query


def test_an_entry_shows_before_and_after_and_the_rest_of_the_action(world: World, client_of: ClientOf) -> None:
    entry = rename(world, "光学实验室")
    page = client_of(world.user("alice")).get(f"/audit/entry/details/?id={entry.id}").text
    assert "<del>物理实验室</del>" in page
    assert "<ins>光学实验室</ins>" in page
    assert "同一操作的其他记录" in page
    assert f"/org/unit/details/?id={world.lab.id}" in page


def test_nothing_of_another_institution_is_in_it(world: World, client_of: ClientOf) -> None:
    foreign = Entry.select().where(Entry.institution_id == world.other.id).first()
    client = client_of(world.user("alice"))
    assert world.other.name not in client.get("/audit/entry/").text
    assert client.get(f"/audit/entry/details/?id={foreign.id}").status_code == 404
    book = load_workbook(io.BytesIO(client.get("/audit/entry/export/?format=xlsx&columns=all").data))
    assert world.other.name not in {str(cell) for row in book.active.values for cell in row}


def test_a_part_of_the_tree_sees_none_of_it(world: World, client_of: ClientOf) -> None:
    entry = rename(world, "光学实验室")
    client = client_of(world.user("bob"))
    assert "光学实验室" not in client.get("/audit/entry/").text
    assert client.get(f"/audit/entry/details/?id={entry.id}").status_code == 404
    assert client_of(world.user("dave")).get("/audit/entry/").status_code == 403


def test_the_export_is_itself_noted(world: World, client_of: ClientOf) -> None:
    client_of(world.user("carol")).get("/audit/entry/export/?format=csv")
    entry = Entry.select().order_by(Entry.id.desc()).first()
    assert (entry.user_id, entry.action) == (world.users["carol"].id, "org.institution.export")


def test_no_page_changes_the_log(world: World, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    entry = Entry.select().where(Entry.institution_id == world.uni.id).first()
    for page in ("new", "edit", "delete", "cell"):
        assert client.post(f"/audit/entry/{page}/?id={entry.id}").status_code == 404
    data = {"action": "delete_rows", "id": [entry.id], "expected": 1, "list": ""}
    assert client.post("/audit/entry/action/", data=data).status_code in (403, 404)
    assert Entry.select().where(Entry.id == entry.id).exists()


def test_the_derived_columns_are_not_in_it(world: World) -> None:
    from panel.access.identity import acting_as

    with acting_as(world.identity("alice")):
        unit = services.add_unit({"name": "新组", "parent": world.lab})
    entries = list(Entry.select().where(Entry.subject_type == "org.unit", Entry.subject_id == unit.id))
    assert [e.action for e in entries] == ["org.unit.create"]
    assert "path" not in entries[0].after
