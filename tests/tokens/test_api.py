"""The JSON API: the same scope, checks, versions and audit as the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.models import Grant, User
from panel.audit.models import Entry
from panel.database import utcnow
from panel.org.models import Person, Unit
from panel.runtime import Runtime
from panel.tokens import services
from panel.tokens.models import Token
from tests.cast import World
from tests.tokens.conftest import Script


def test_a_script_lists_reads_makes_and_changes_rows(world: World, script: Script) -> None:
    page = script("GET", "/org/unit?sort=name").json
    assert {row["name"] for row in page["data"]} >= {"理学院", "党委宣传部"}
    assert (page["page"], page["total"], page["next"]) == (1, 4, None)
    assert [r["name"] for r in script("GET", "/org/unit?q=物理").json["data"]] == ["物理实验室"]
    assert script("GET", f"/org/person?unit={world.faculty.id}").json["total"] == 1

    made = script("POST", "/org/unit", json={"name": "化学实验室", "kind": "faculty", "parent": world.faculty.id})
    assert made.status_code == 201, made.text
    row = made.json
    assert row["parent"] == {"id": world.faculty.id, "text": "理学院"}
    assert Unit.get_by_id(row["id"]).path.startswith(world.faculty.path), "the verb of the page was used"
    entry = Entry.select().where(Entry.action == "org.unit.create", Entry.subject_id == row["id"]).get()
    assert (entry.actor_kind, entry.user_id) == ("api", world.users["alice"].id)
    assert entry.agent.startswith("alice")

    changed = script("PATCH", made.headers["Location"].removeprefix("/api/v1"), json={"version": 1, "code": "hx"})
    assert changed.status_code == 200, changed.text
    assert (changed.json["code"], changed.json["name"], changed.json["version"]) == ("hx", "化学实验室", 2)
    assert changed.json == script("GET", f"/org/unit/{row['id']}").json


def test_what_is_wrong_is_a_problem_document(world: World, script: Script) -> None:
    lab = f"/org/unit/{world.lab.id}"
    new: dict[str, Any] = {"name": "新部门", "kind": "function", "parent": world.faculty.id}
    records.update(Unit.get_by_id(world.lab.id), code="moved")
    for method, path, body, status, told in (
        ("PATCH", lab, {"version": 1, "name": "光学实验室", "code": "mine"}, 409, "stale"),
        ("PATCH", lab, {"name": "光学实验室"}, 422, "version"),
        ("POST", "/org/unit", {**new, "name": ""}, 422, "name"),
        ("POST", "/org/unit", {**new, "name": 5}, 422, "must be string"),
        ("POST", "/org/unit", {**new, "kind": "no such"}, 422, "kind"),
        ("POST", "/org/unit", {**new, "path": "/1/"}, 422, "unknown"),
        ("POST", "/org/unit", {**new, "parent": world.other_unit.id}, 422, ""),
        ("POST", "/org/unit", {**new, "name": "\ud800"}, 422, "name"),
        ("POST", "/org/unit", [new], 400, "JSON"),
        ("GET", "/org/unit?colour=red", None, 422, "colour"),
        ("GET", "/org/unit?page=x", None, 422, ""),
        ("GET", "/org/nothing", None, 404, ""),
        ("GET", "/org/unit/999999", None, 404, ""),
        ("GET", f"/org/unit/{world.other_unit.id}", None, 404, ""),
        ("DELETE", lab, None, 405, ""),
        ("POST", "/audit/entry", {}, 405, ""),
    ):
        answer = script(method, path, **({"json": body} if body is not None else {}))
        assert answer.status_code == status, f"{method} {path} {body}: {answer.status_code} {answer.text}"
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == status
        assert told in answer.text, f"{method} {path} {body}: {answer.text}"
    deep = script("POST", "/org/unit", data="[" * 100_000, content_type="application/json")
    assert deep.status_code == 400
    assert script("POST", "/org/unit", data="{", content_type="application/json").status_code == 400
    assert script("POST", "/org/unit", data="x=1", content_type="text/plain").status_code == 415
    big = script("POST", "/org/unit", data=b'{"name": "' + b"x" * 1_100_000, content_type="application/json")
    assert big.status_code == 413


def test_a_token_may_a_part_of_what_its_owner_may_at_that_time(
    world: World, script: Script, token_of: Any, app: Flask
) -> None:
    reader = token_of("alice", {"org.unit.view"})
    assert script("GET", "/org/unit", secret=reader).status_code == 200
    assert script("POST", "/org/unit", secret=reader, json={}).status_code == 403
    assert script("GET", "/org/person", secret=reader).status_code == 403
    inside = token_of("alice", {"org.unit.view", "org.unit.create", "org.unit.edit"}, world.faculty)
    assert {r["name"] for r in script("GET", "/org/unit", secret=inside).json["data"]} == {"理学院", "物理实验室"}
    assert script("GET", f"/org/unit/{world.office.id}", secret=inside).status_code == 404
    outside = {"name": "外部", "kind": "function", "parent": world.office.id}
    assert script("POST", "/org/unit", secret=inside, json=outside).status_code in (403, 422)
    wide = token_of("bob", {"org.unit.view"}, world.root_unit)
    assert script("GET", "/org/unit", secret=wide).json["total"] == 2, "never more than the owner's"
    # … at the time it is used
    held = Grant.get(Grant.user == world.users["bob"])
    records.delete(held)
    records.derive(User, User.id == world.users["bob"].id, epoch=User.epoch + 1)
    assert script("GET", "/org/unit", secret=wide).status_code == 403
    records.update(world.user("bob"), active=False)
    assert script("GET", "/org/unit", secret=wide).status_code == 401


def test_a_token_that_ended_expired_or_never_was_opens_nothing(world: World, script: Script, token_of: Any) -> None:
    secret = token_of("alice", {"org.unit.view"})
    row = Token.get(Token.secret_hash == services.digest(secret))
    assert secret not in str(row.__data__), "only a hash is kept"
    assert script("GET", "/org/unit", secret=secret).status_code == 200
    row = Token.get_by_id(row.id)
    assert row.used_at is not None
    assert row.used_from == "127.0.0.1"
    for wrong in ("", "x", secret[:-1], f"{secret}0", secret.swapcase(), "zy_" + "漢" * 5):
        answer = script("GET", "/org/unit", secret=wrong.encode("utf-8").decode("latin-1"))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    records.update(row, created_at=utcnow() - timedelta(days=9), expires_at=utcnow() - timedelta(seconds=1))
    assert script("GET", "/org/unit", secret=secret).status_code == 401
    records.update(row, expires_at=utcnow() + timedelta(days=1))
    services.end(row)
    assert script("GET", "/org/unit", secret=secret).status_code == 401


def test_no_cookie_opens_the_api_and_no_token_a_page(
    world: World, script: Script, client_of: Any, token_of: Any
) -> None:
    assert client_of(world.user("alice")).get("/api/v1/org/unit").status_code == 401
    secret = token_of("alice", {"org.unit.view"})
    page = client_of(None).get("/org/unit/", headers={"Authorization": f"Bearer {secret}"})
    assert page.status_code == 302
    assert page.headers["Location"].startswith("/login")


def test_personal_data_is_masked_and_a_mask_that_comes_back_changes_nothing(world: World, script: Script) -> None:
    person = world.people["bob"]
    records.update(Person.get_by_id(person.id), phone="13800138000")
    row = script("GET", f"/org/person/{person.id}").json
    assert row["phone"] == "138****8000"
    back = script(
        "PATCH", f"/org/person/{person.id}", json={"version": row["version"], "phone": row["phone"], "post": "干事"}
    )
    assert back.status_code == 200, back.text
    stored = Person.get_by_id(person.id)
    assert (stored.phone, stored.post) == ("13800138000", "干事")


@pytest.mark.one_database
def test_too_many_requests_wait(app: Flask, world: World, script: Script, token_of: Any) -> None:
    runtime: Runtime = app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, api_per_minute=3)
    secret = token_of("alice", {"org.unit.view"})
    assert [script("GET", "/org/unit", secret=secret).status_code for _n in range(4)] == [200, 200, 200, 429]
    refused = script("GET", "/org/unit", secret=secret)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert script("GET", "/org/unit", secret=token_of("alice", {"org.person.view"})).status_code == 403, (
        "each by itself"
    )
