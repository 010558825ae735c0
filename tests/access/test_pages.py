"""The plain pages, as a browser sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel import records
from panel.access import attempts, passwords, services
from panel.access.devices import COOKIE
from panel.access.identity import acting_as
from panel.access.models import Grant, User
from panel.access.redirects import safe_target
from panel.audit.models import Entry
from tests.cast import World

PASSWORD = "correct horse 7"
STORED = passwords.hash_password(PASSWORD)
ClientOf = Callable[..., FlaskClient]


@pytest.fixture
def bob(world: World) -> User:
    records.update(world.users["bob"], password_hash=STORED)
    return world.user("bob")


def log_in(client: FlaskClient, target: str = "/login", **more: str) -> Any:
    return client.post(target, data={"username": "bob", "password": PASSWORD, **more})


# ── in and out ─────────────────────────────────────────────────────────────────────────────────


def test_the_way_in_leads_to_the_page_asked_for(bob: User, client_of: ClientOf) -> None:
    client = client_of(None)
    asked = client.get("/account?x=1")
    assert asked.status_code == 302
    assert asked.headers["Location"] == "/login?next=/account?x%3D1"
    page = client.get(asked.headers["Location"])
    assert "登录掌印" in page.text
    answer = log_in(client, asked.headers["Location"])
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account?x=1"
    assert client.get("/account").status_code == 200
    assert client.get("/login").headers["Location"] == "/", "who is logged in need not again"


def test_a_wrong_password_keeps_the_name_and_says_what_comes(bob: User, client_of: ClientOf) -> None:
    client = client_of(None)
    page = client.post("/login", data={"username": "bob", "password": "wrong"})
    assert page.status_code == 422
    assert 'value="bob"' in page.text
    assert "wrong" not in page.text
    assert f"再错 {attempts.OWN.free - 1} 次" in page.text


def test_the_session_is_new_after_logging_in(bob: User, client_of: ClientOf) -> None:
    client = client_of(None, locale="en")
    with client.session_transaction() as session:
        session["planted"] = "by somebody before"
        session["institution"] = 999
    log_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "institution" not in session
        assert session["locale"] == "en"


def test_the_log_in_is_noted_in_the_users_name(bob: User, client_of: ClientOf) -> None:
    client = client_of(None)
    client.post("/login", data={"username": "bob", "password": "wrong"}, headers={"User-Agent": "Test/1"})
    log_in(client)
    failed, entered = Entry.select().where(Entry.action.startswith("access.user.log_in")).order_by(Entry.id)
    assert (failed.user_id, failed.subject_id, failed.agent, failed.ip) == (None, bob.id, "Test/1", "127.0.0.1")
    assert (entered.user_id, entered.action) == (bob.id, "access.user.log_in")
    page = client.get("/account").text
    assert "密码错误" in page
    assert "Test/1" in page


def test_logging_out_ends_sessions_and_remember_cookies_everywhere(bob: User, client_of: ClientOf) -> None:
    here, there = client_of(None), client_of(None)
    log_in(here, remember="1")
    log_in(there, remember="1")
    remembered = there.get_cookie("zhangyin_remember")
    assert remembered
    there.delete_cookie("zhangyin")
    assert there.get("/account").status_code == 200, "the remember cookie alone opens a session"
    assert here.get("/logout").status_code in (404, 405), "an image on another site must not log anybody out"
    assert here.post("/logout").headers["Location"] == "/login"
    assert here.get_cookie("zhangyin_remember") is None
    assert here.get("/account").status_code == there.get("/account").status_code == 302
    there.delete_cookie("zhangyin")
    there.set_cookie("zhangyin_remember", remembered.value)
    assert there.get("/account").status_code == 302


@pytest.mark.parametrize("change", ["password", "grant", "revoke", "role", "inactive", "unit", "rename"])
def test_every_change_of_rights_ends_session_and_remember_cookie(
    world: World, bob: User, client_of: ClientOf, app: Flask, change: str
) -> None:
    from panel.org import leaving
    from panel.org import services as org

    client = client_of(None)
    log_in(client, remember="1")
    assert client.get("/account").status_code == 200
    with app.app_context(), acting_as(world.identity("alice")):
        held = Grant.get(Grant.user == bob)
        match change:
            case "password":
                services.set_password(world.user("bob"), "battery staple 8")
            case "grant":
                services.grant(world.user("bob"), world.roles["read"], world.office)
            case "revoke":
                services.revoke(held)
            case "role":
                services.edit_role(world.roles["all"], None, {"permissions": world.roles["all"].permissions[1:]})
            case "inactive":
                services.set_active(world.user("bob"), False)
            case "unit":
                services.revoke(held)
                log_in(client, remember="1")
                leaving.move(world.people["bob"], world.office, {})
            case "rename":
                services.change_user(world.user("bob"), None, {"username": "robert"})
        assert org.root_of(world.uni)
    assert client.get("/account").status_code == 302
    client.delete_cookie("zhangyin")
    assert client.get("/account").status_code == 302


def test_a_known_device_gets_in_while_a_stranger_guesses(bob: User, client_of: ClientOf) -> None:
    own, strange = client_of(None), client_of(None)
    log_in(own)
    device = own.get_cookie(COOKIE)
    assert device
    assert "bob" not in device.value
    for _attempt in range(attempts.OWN.free):
        strange.post("/login", data={"username": "bob", "password": "guess"})
    assert log_in(strange).status_code == 422
    own.delete_cookie("zhangyin")
    assert log_in(own).status_code == 302
    strange.set_cookie(COOKIE, device.value[:-2] + "xx")
    assert log_in(strange).status_code == 422, "a forged device is none"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/%0d%0aSet-Cookie: x",
        "javascript:alert(1)",
        "evil.example",
        " /account",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(bob: User, client_of: ClientOf, target: str) -> None:
    location = (
        client_of(None)
        .post("/login", query_string={"next": target}, data={"username": "bob", "password": PASSWORD})
        .headers["Location"]
    )
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t"))
    assert "evil" not in location.split("?")[0]


@pytest.mark.parametrize("target", ["/account", "/accounts/account/?q=a&page=2", "/org/unit/details/?id=3#history"])
def test_a_page_of_the_panel_is_reached(panel_app: Flask, target: str) -> None:
    with panel_app.test_request_context():
        assert safe_target(target) == target


# ── passwords ──────────────────────────────────────────────────────────────────────────────────


def test_changing_the_password_keeps_this_session_and_ends_the_others(bob: User, client_of: ClientOf) -> None:
    here, there = client_of(None), client_of(None)
    log_in(here)
    log_in(there)
    data = {"old_password": PASSWORD, "password": "battery staple 8", "again": "battery staple 8"}
    assert "两次输入的密码不一致" in here.post("/account", data={**data, "again": "other"}).text
    assert here.post("/account", data={**data, "old_password": "wrong"}).status_code == 422
    assert there.get("/account").status_code == 200
    assert here.post("/account", data=data).headers["Location"] == "/account"
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302


def test_a_one_time_link_sets_the_password(world: World, app: Flask, client_of: ClientOf) -> None:
    with app.app_context(), acting_as(world.identity("alice")):
        token = services.make_reset_link(world.user("dave"))
    client = client_of(None)
    assert "dave" in client.get(f"/reset/{token}").text
    weak = client.post(f"/reset/{token}", data={"password": "short", "again": "short"})
    assert weak.status_code == 422
    data = {"password": "battery staple 8", "again": "battery staple 8"}
    assert client.post(f"/reset/{token}", data=data).headers["Location"] == "/login"
    assert client.get(f"/reset/{token}").status_code == 422
    assert client.post(f"/reset/{token}", data=data).status_code == 422
    assert services.log_in("dave", "battery staple 8")


# ── institution and language ───────────────────────────────────────────────────────────────────


def test_one_works_only_where_one_has_a_right(world: World, app: Flask, client_of: ClientOf) -> None:
    client = client_of(world.user("alice"))
    for place in (str(world.other.id), "999", "x", ""):
        assert client.post("/institution", data={"institution": place}).status_code == 404
    records.create(
        Grant, institution=world.other, user=world.users["alice"], role=world.roles["other"], unit=world.other_unit
    )
    assert client.post("/institution", data={"institution": world.other.id}).status_code == 302
    assert world.other.name in client.get("/account").text
    assert client.post("/institution", data={"institution": world.uni.id}).status_code == 302
    with client.session_transaction() as session:
        assert "institution" not in session


def test_the_language_is_kept_for_the_next_time(world: World, client_of: ClientOf, bob: User) -> None:
    client = client_of(None)
    assert client.post("/locale", data={"locale": "xx"}).status_code == 404
    assert client.post("/locale", data={"locale": "en", "next": "/login?next=/account"}).headers["Location"] == (
        "/login?next=/account"
    )
    assert "Log in to Zhangyin" in client.get("/login").text
    log_in(client)
    client.post("/locale", data={"locale": "en"})
    fresh = client_of(None)
    log_in(fresh)
    assert "My account" in fresh.get("/account").text


@pytest.mark.parametrize("route", ["/logout", "/account", "/institution", "/locale", "/login"])
def test_nothing_changes_without_a_token(world: World, client_of: ClientOf, app: Flask, route: str) -> None:
    client = client_of(world.user("bob"))
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(route, data={"locale": "en"}).status_code == 400
