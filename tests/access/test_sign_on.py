"""Single sign-on against a sign-on server on loopback: who is let in, and what is never believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from panel import records, vault
from panel.access import sign_on
from panel.access.identity import acting_as
from panel.access.models import Session, SignOn, User
from panel.audit.models import Entry
from panel.errors import Refused
from tests.access.provider import CLIENT, FOREIGN, SECRET, Provider
from tests.cast import World

ClientOf = Callable[..., FlaskClient]


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def row(world: World, app: Flask, provider: Provider) -> SignOn:
    """The sign-on of uni, matching by user name."""
    runtime = app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, local_targets=True)
    values = {"issuer": f"{provider.issuer}/", "client_id": CLIENT, "secret": SECRET, "match": "username"}
    with app.app_context(), acting_as(world.identity("alice")):
        return sign_on.add({**values, "claim": "preferred_username", "enabled": True})


def come(client: FlaskClient, row: SignOn, target: str = "") -> Any:
    """The browser's way: to the server and back."""
    away = client.get(f"/login/sign-on/{row.id}" + (f"?next={target}" if target else ""))
    assert away.status_code == 302, away.text
    if urlsplit(away.headers["Location"]).path != "/authorize":
        return away
    back = requests.get(away.headers["Location"], allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def inside(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@pytest.mark.one_database
def test_a_user_is_found_by_name_once_and_by_the_permanent_name_then(
    row: SignOn, provider: Provider, world: World, client_of: ClientOf
) -> None:
    provider.person = {"sub": "u-1", "preferred_username": "BOB"}
    client = client_of(None)
    assert "用统一身份认证登录" in client.get("/login").text
    answer = come(client, row, "/account?x=1")
    assert answer.headers["Location"] == "/account?x=1"
    assert inside(client)
    assert {"state", "nonce", "code_challenge"} <= provider.asked[-1].keys()
    assert provider.asked[-1]["code_challenge_method"] == "S256"
    assert world.user("bob").subject == "u-1"
    entered = Entry.get(Entry.action == "access.user.log_in")
    assert (entered.user_id, entered.subject_id) == (world.users["bob"].id, world.users["bob"].id)
    opened = Session.get(Session.user == world.users["bob"])
    assert opened.proved_at is not None
    assert not opened.factor
    provider.person = {"sub": "u-1", "preferred_username": "renamed"}
    assert come(client_of(None), row).headers["Location"] == "/"
    provider.person = {"sub": "u-2", "preferred_username": "bob"}
    other = client_of(None)
    assert come(other, row).headers["Location"] == "/login", "the name was given to somebody else"
    assert not inside(other)


@pytest.mark.one_database
def test_nobody_is_made_or_let_in_who_is_not_entered_here(
    row: SignOn, provider: Provider, world: World, client_of: ClientOf
) -> None:
    before = User.select().count()
    records.update(world.users["dave"], active=False)
    for name in ("stranger", "oscar", "root", "dave", ""):  # unknown, of elsewhere, of the installation, barred
        provider.person = {"sub": f"s-{name}", "preferred_username": name}
        client = client_of(None)
        assert come(client, row).headers["Location"] == "/login"
        assert not inside(client), name
    assert User.select().count() == before
    assert not User.select().where(User.subject.is_null(False)).exists()


@pytest.mark.one_database
def test_an_address_counts_only_where_it_is_verified(
    row: SignOn, provider: Provider, world: World, client_of: ClientOf
) -> None:
    records.update(row, match="email")
    records.update(world.people["bob"], email="Bob@Example.edu")
    for verified, location in [(False, "/login"), ("no", "/login"), (True, "/")]:
        provider.person = {"sub": "u-1", "email": "bob@example.edu", "email_verified": verified}
        assert come(client_of(None), row).headers["Location"] == location
    records.update(world.people["carol"], email="bob@example.edu")
    provider.person = {"sub": "u-9", "email": "bob@example.edu", "email_verified": True}
    assert come(client_of(None), row).headers["Location"] == "/login", "two have this address"
    records.update(row, match="subject")
    provider.person = {"sub": "u-7", "preferred_username": "alice"}
    assert come(client_of(None), row).headers["Location"] == "/login"
    records.update(world.users["alice"], subject="u-7")
    assert come(client_of(None), row).headers["Location"] == "/"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bend",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"nonce": "replayed"},
        {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
        "foreign key",
        "another server",
    ],
    ids=("issuer", "audience", "nonce", "expired", "foreign key", "another server"),  # the same in every process
)
def test_a_token_that_does_not_hold_is_not_believed(
    bend: Any, row: SignOn, provider: Provider, client_of: ClientOf
) -> None:
    provider.person = {"sub": "u-1", "preferred_username": "bob"}
    if bend == "foreign key":
        provider.key = FOREIGN
    elif bend == "another server":
        provider.calls_itself = "https://evil.example"
    else:
        provider.bend = bend
    client = client_of(None)
    answer = come(client, row)
    assert answer.headers["Location"] == "/login"
    assert not inside(client)
    assert "没有成功" in client.get("/login").text


@pytest.mark.one_database
def test_the_way_back_must_be_ones_own(row: SignOn, provider: Provider, client_of: ClientOf) -> None:
    provider.person = {"sub": "u-1", "preferred_username": "bob"}
    mine, victim = client_of(None), client_of(None)
    away = mine.get(f"/login/sign-on/{row.id}").headers["Location"]
    parts = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    assert victim.get(f"{parts.path}?{parts.query}").headers["Location"] == "/login", "somebody else's code"
    assert not inside(victim)
    assert mine.get(f"{parts.path}?{parts.query}").headers["Location"] == "/"
    assert client_of(None).get(f"{parts.path}?{parts.query}").headers["Location"] == "/login", "used"
    for query in ("", "?error=access_denied", "?code=x&state=y"):
        assert client_of(None).get(parts.path + query).headers["Location"] == "/login"
    evil = client_of(None)
    assert come(evil, row, "//evil.example").headers["Location"] == "/"


@pytest.mark.one_database
def test_a_server_that_is_away_or_out_of_bounds_stops_nobody(
    row: SignOn, provider: Provider, app: Flask, world: World, client_of: ClientOf
) -> None:
    runtime = app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, local_targets=False)
    assert come(client_of(None), row).headers["Location"] == "/login", "loopback is not asked in earnest"
    runtime.settings = replace(runtime.settings, local_targets=True)
    records.update(row, issuer="http://127.0.0.1:9")
    assert come(client_of(None), row).headers["Location"] == "/login"
    records.update(row, enabled=False)
    assert client_of(None).get(f"/login/sign-on/{row.id}").status_code == 404
    assert client_of(None).get("/login").status_code == 200


def test_the_secret_is_sealed_and_shown_nowhere(row: SignOn, world: World, client_of: ClientOf, app: Flask) -> None:
    assert SECRET not in row.client_secret
    with app.app_context():
        assert vault.read(row, "client_secret") == SECRET
    client = client_of(world.user("alice"))
    for page in ("details", "edit"):
        text = client.get(f"/access/sign_on/{page}/?id={row.id}").text
        assert row.issuer in text
        assert SECRET not in text
        assert row.client_secret not in text
    said = " ".join(str(entry) for entry in Entry.select(Entry.before, Entry.after).tuples())
    assert SECRET not in said
    with app.app_context(), acting_as(world.identity("alice")):
        stored = row.client_secret
        sign_on.change(row, None, {"label": "校园统一身份认证", "secret": ""})
        assert SignOn.get_by_id(row.id).client_secret == stored
        with pytest.raises(Refused):
            sign_on.change(row, None, {"issuer": "http://127.0.0.1:1"})
        records.update(world.users["bob"], subject="u-1")
        sign_on.change(row, None, {"issuer": "http://127.0.0.1:1", "secret": "new"})
        assert world.user("bob").subject is None
        with pytest.raises(Refused):
            sign_on.add({"issuer": "ftp://x", "client_id": "x"})
