"""Sessions: listed, ended one by one, ended all at once, and what their cookies are like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from panel import config, records, web
from panel.access import agents, sessions
from panel.access.identity import acting_as
from panel.access.models import Session, User
from panel.access.redirects import safe_target
from panel.audit.models import Entry
from panel.database import utcnow
from panel.errors import NotAllowed, NotFound
from panel.i18n import today
from tests.access.test_log_in import PASSWORD, STORED
from tests.cast import World

ClientOf = Callable[..., FlaskClient]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"


@pytest.fixture
def bob(world: World) -> User:
    records.update(world.users["bob"], password_hash=STORED)
    return world.user("bob")


def log_in(client: FlaskClient, agent: str = CHROME, **more: str) -> Any:
    data = {"username": "bob", "password": PASSWORD, **more}
    return client.post("/login", data=data, headers={"User-Agent": agent})


def test_ones_sessions_are_listed_and_ended_one_by_one(bob: User, client_of: ClientOf) -> None:
    here, there = client_of(None), client_of(None)
    log_in(here)
    log_in(there, "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0", remember="1")
    page = here.get("/account", headers={"User-Agent": CHROME}).text
    assert "Chrome · Windows" in page
    assert "微信 · Android" in page
    assert "本设备" in page
    other = next(one for one in sessions.of_user(bob) if one.remembered)
    remembered = there.get_cookie("zhangyin_remember")
    assert remembered
    ended = here.post("/account/session", data={"session": other.id}, headers={"User-Agent": CHROME})
    assert ended.status_code == 302
    there.delete_cookie("zhangyin")
    there.set_cookie("zhangyin_remember", remembered.value)
    assert there.get("/account").status_code == 302, "the remember cookie of an ended session opens nothing"
    assert here.get("/account", headers={"User-Agent": CHROME}).status_code == 200
    note = Entry.get(Entry.action == "access.user.session_end")
    assert (note.user_id, note.root_id) == (bob.id, bob.id)
    assert here.post("/account/session", data={"session": other.id}).status_code == 404


def test_an_administrator_ends_a_session_of_who_may_no_more_than_they(world: World, bob: User, app: Flask) -> None:
    sessions.open_session(bob)
    sessions.open_session(world.user("alice"))
    mine = Session.get(Session.user == bob.id)
    with acting_as(world.identity("bob")), pytest.raises(NotAllowed):
        sessions.end_one(world.user("alice"), Session.get(Session.user == world.users["alice"]).id)
    with acting_as(world.identity("alice")):
        for wrong in ("", "x", "999999", "9" * 30, Session.get(Session.user == world.users["alice"]).id):
            with pytest.raises(NotFound):
                sessions.end_one(bob, wrong)
        sessions.end_one(bob, mine.id)
    assert not sessions.of_user(bob)
    assert sessions.of_user(world.user("alice"))


def test_a_session_ends_by_itself_and_with_the_service(bob: User, world: World, client_of: ClientOf) -> None:
    client = client_of(bob)
    assert client.get("/account").status_code == 200
    Session.update(until=utcnow() - timedelta(seconds=1)).where(Session.user == bob.id).execute()
    assert client.get("/account").status_code == 302
    client = client_of(bob)
    records.update(world.people["bob"], in_service_until=today() - timedelta(days=1))
    assert client.get("/account").status_code == 302, "the last day came while a session was open"


def test_a_session_in_use_moves_on_without_writing_at_every_click(bob: User, client_of: ClientOf) -> None:
    client = client_of(bob)
    early = utcnow() - timedelta(minutes=30)
    Session.update(seen_at=early, until=early + sessions.LASTS).where(Session.user == bob.id).execute()
    client.get("/account")
    moved = Session.get(Session.user == bob.id)
    assert moved.seen_at > early
    assert moved.until > early + sessions.LASTS
    client.get("/account")
    assert Session.get(Session.user == bob.id).seen_at == moved.seen_at


def test_a_forged_or_foreign_session_opens_nothing(bob: User, world: World, client_of: ClientOf) -> None:
    opened = sessions.open_session(bob).split(":")
    alice = world.user("alice")
    for text in (
        f"{bob.id}:{bob.epoch}",
        f"{bob.id}:{bob.epoch}:",
        f"{bob.id}:{bob.epoch}:guess",
        f"{alice.id}:{alice.epoch}:{opened[2]}",
        f"{bob.id}:{bob.epoch + 1}:{opened[2]}",
        ":::",
        "",
    ):
        client = client_of(None)
        with client.session_transaction() as session:
            session["_user_id"] = text
        assert client.get("/account").status_code == 302, text
    assert opened[2] not in Session.get(Session.user == bob.id).key_hash


def test_cookies_are_for_the_server_alone(bob: User, client_of: ClientOf, app: Flask) -> None:
    cookies = log_in(client_of(None), remember="1").headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"zhangyin", "zhangyin_remember", "zhangyin_device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    settings = config.load(app.instance_path, environ={}, https=True, secret_key="0123456789abcdef" * 3)
    made = web.flask_config(settings)
    assert made["SESSION_COOKIE_SECURE"]
    assert made["REMEMBER_COOKIE_SECURE"]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/131.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_a_device_is_named_in_words(agent: str, name: str) -> None:
    assert agents.device(agent) == name


SLASHES = st.text(alphabet="/\\.:@\t\n\r %?#xhtps", max_size=12)


@settings(max_examples=60)
@given(target=SLASHES.map(lambda text: text + "evil.example") | st.text(max_size=30))
def test_no_address_leads_out_of_the_panel(panel_app: Flask, target: str) -> None:
    with panel_app.test_request_context():
        found = safe_target(target)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert not any(ord(letter) <= 32 or letter == "\\" for letter in found)
