"""The second factor: set up, asked for, used once, lost and reset; and who must have one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from panel import records
from panel.access import attempts, factor, second, services, sessions
from panel.access.identity import acting_as
from panel.access.models import Role, SecondFactor, Session, User
from panel.audit.models import Entry
from panel.database import utcnow
from panel.errors import NotAllowed, Refused
from tests.access.test_log_in import PASSWORD, STORED, Clock
from tests.cast import World

ClientOf = Callable[..., FlaskClient]
PAGE = "/account/second-factor"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The panel's clock for codes and waits, stopped."""
    clock = Clock()
    clock.now = utcnow()  # cookies are dated by the real one
    for module in (attempts, factor):
        monkeypatch.setattr(module, "utcnow", clock)
    return clock


@pytest.fixture
def bob(world: World, clock: Clock) -> User:
    records.update(world.users["bob"], password_hash=STORED)
    return world.user("bob")


def log_in(client: FlaskClient, target: str = "/login", **more: str) -> Any:
    return client.post(target, data={"username": "bob", "password": PASSWORD, **more})


def set_up(client: FlaskClient, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """Set a factor up in the browser; gives the app and the recovery codes."""
    assert client.post(PAGE, data={"act": "begin"}).status_code == 302
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(PAGE).text)
    assert key
    app = pyotp.TOTP(key[1].replace(" ", ""))
    done = client.post(PAGE, data={"act": "confirm", "code": app.at(clock.now)})
    assert done.status_code == 200
    return app, re.findall(r"<code>([a-z2-9-]{19})</code>", done.text)


def next_code(app: pyotp.TOTP, clock: Clock) -> str:
    clock.move(timedelta(seconds=30))
    return app.at(clock.now)


def test_from_setting_it_up_to_logging_in_with_it(bob: User, clock: Clock, client_of: ClientOf) -> None:
    client, other = client_of(None), client_of(None)
    log_in(client)
    log_in(other)
    assert client.get("/account/second-factor.png").status_code == 404
    client.post(PAGE, data={"act": "begin"})
    drawn = client.get("/account/second-factor.png")
    assert Image.open(BytesIO(drawn.data)).size[0] > 100
    assert drawn.headers["Cache-Control"] == "no-store"
    assert client.post(PAGE, data={"act": "confirm", "code": "000000"}).status_code == 422
    app, codes = set_up(client, clock)
    assert len(set(codes)) == factor.CODES
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302, "sessions without a second factor have ended"

    entering = client_of(None)
    half = log_in(entering, "/login?next=/account?x=1", remember="1")
    assert half.headers["Location"] == "/login/code?next=/account?x%3D1"
    assert entering.get("/account").status_code == 302, "the password alone opens nothing"
    assert not Entry.select().where(Entry.action == "access.user.log_in", Entry.agent == "half").exists()
    used = app.at(clock.now)
    assert entering.post(half.headers["Location"], data={"code": used}).status_code == 422, "taken when it was set up"
    answer = entering.post(half.headers["Location"], data={"code": next_code(app, clock)})
    assert answer.headers["Location"] == "/account?x=1"
    assert any("zhangyin_remember=" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    assert entering.get("/account").status_code == 200
    newest = sessions.of_user(bob)[0]
    assert newest.factor
    assert newest.remembered
    assert client_of(None).get("/login/code").headers["Location"] == "/login"


def test_a_recovery_code_works_once(bob: User, clock: Clock, client_of: ClientOf) -> None:
    client = client_of(None)
    log_in(client)
    _app, codes = set_up(client, clock)
    for attempt, status in ((codes[0].upper().replace("-", " "), 302), (codes[0], 422), ("aaaa-aaaa-aaaa-aaaa", 422)):
        entering = client_of(None)
        log_in(entering)
        assert entering.post("/login/code", data={"code": attempt}).status_code == status
    assert Entry.select().where(Entry.action == "access.user.recovery_used").count() == 1
    assert factor.recovery_left(SecondFactor.get()) == factor.CODES - 1
    assert client.post(PAGE, data={"act": "renew"}).status_code == 422, "needs a fresh proof"
    fresh = client.post(PAGE, data={"act": "renew", "proof": PASSWORD})
    assert codes[1] not in fresh.text
    entering = client_of(None)
    log_in(entering)
    assert entering.post("/login/code", data={"code": codes[1]}).status_code == 422


def test_guessing_codes_is_slowed(bob: User, clock: Clock, client_of: ClientOf) -> None:
    client = client_of(None)
    log_in(client)
    app, _codes = set_up(client, clock)
    entering = client_of(None)
    log_in(entering)
    for _attempt in range(attempts.OWN.free):
        assert entering.post("/login/code", data={"code": "000000"}).status_code == 422
    right = app.at(clock.now + timedelta(seconds=30))  # of a phone that is a little fast
    assert entering.post("/login/code", data={"code": right}).status_code == 422, "even the right one must wait"
    clock.move(attempts.OWN.first)
    assert entering.post("/login/code", data={"code": next_code(app, clock)}).status_code == 302


def test_what_lies_between_password_and_code_ages(
    bob: User, clock: Clock, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(None)
    log_in(client)
    app, _codes = set_up(client, clock)
    entering = client_of(None)
    log_in(entering)
    monkeypatch.setattr(second, "utcnow", lambda: utcnow() + second.HALF_LASTS + timedelta(seconds=1))
    assert entering.post("/login/code", data={"code": next_code(app, clock)}).headers["Location"] == "/login"
    monkeypatch.undo()
    entering = client_of(None)
    log_in(entering)
    assert entering.get("/login/code").status_code == 200
    sessions.end_sessions(User.id == bob.id)
    assert entering.get("/login/code").headers["Location"] == "/login"


def test_who_must_have_one_is_led_to_it(world: World, bob: User, clock: Clock, client_of: ClientOf, app: Flask) -> None:
    client = client_of(world.user("bob"))
    assert client.get("/").status_code == 200
    with acting_as(world.identity("alice")):
        services.edit_role(Role.get_by_id(world.roles["all"].id), None, {"second_factor": True})
    away = client.get("/accounts/account/?q=x")
    assert away.headers["Location"] == f"{PAGE}?next=/accounts/account/?q%3Dx"
    assert client.post("/account", data={}).headers["Location"] == PAGE
    assert "您的角色" in client.get(away.headers["Location"]).text
    app_, _codes = set_up(client, clock)
    assert app_
    assert client.get("/accounts/account/").status_code == 200
    assert client.post(PAGE, data={"act": "remove", "proof": PASSWORD}).status_code == 422
    assert client_of(world.user("carol")).get("/").status_code == 200, "her role asks for none"
    with acting_as(world.identity("alice")):
        services.edit_role(Role.get_by_id(world.roles["all"].id), None, {"second_factor": False})
    assert client.post(PAGE, data={"act": "remove"}).status_code == 422
    assert client.post(PAGE, data={"act": "remove", "proof": PASSWORD}).status_code == 302
    assert not SecondFactor.select().exists()


def test_setting_one_up_in_an_old_session_needs_a_proof(bob: User, client_of: ClientOf) -> None:
    client = client_of(bob)
    Session.update(started_at=utcnow() - timedelta(hours=1)).execute()
    assert client.post(PAGE, data={"act": "begin"}).status_code == 422
    assert client.post(PAGE, data={"act": "begin", "proof": PASSWORD}).status_code == 302


def test_an_administrator_resets_a_lost_one(world: World, bob: User, clock: Clock, client_of: ClientOf) -> None:
    client = client_of(None)
    log_in(client)
    set_up(client, clock)
    admin = client_of(world.user("alice"))
    assert f"/access/user/factor/?id={bob.id}" in admin.get(f"/access/user/details/?id={bob.id}").text
    assert admin.get(f"/access/user/factor/?id={bob.id}").status_code == 200
    assert admin.post(f"/access/user/factor/?id={bob.id}").status_code == 302
    assert client.get("/account").status_code == 302
    assert not SecondFactor.select().exists()
    gone = Entry.get(Entry.action == "access.second_factor.delete")
    assert (gone.user_id, gone.root_type, gone.root_id) == (world.users["alice"].id, "access.user", bob.id)
    log_in(client)
    assert client.get("/account").status_code == 200
    with acting_as(world.identity("bob")), pytest.raises(NotAllowed):
        factor.reset(world.user("alice"))


def test_the_secret_is_sealed_and_never_in_the_audit(bob: User, clock: Clock, app: Flask) -> None:
    with app.app_context():
        factor.begin(bob)
        secret = factor.pending_secret(bob) or ""
        codes = factor.confirm(bob, pyotp.TOTP(secret).at(clock.now))
        with pytest.raises(Refused):
            factor.begin(bob)
    stored = SecondFactor.get()
    said = " ".join(str(row) for row in Entry.select(Entry.before, Entry.after).tuples())
    for text in (secret, codes[0], codes[0].replace("-", "")):
        assert text not in stored.secret + stored.recovery
        assert text not in said
