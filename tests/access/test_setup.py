"""The first visit: a token from the terminal, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel.access import setup
from panel.access.models import Grant, PluginSwitch, Setting, User
from panel.errors import NotFound
from panel.org.models import Institution, Unit
from tests.cast import World

ClientOf = Callable[..., FlaskClient]


def form(token: str, /, **changes: Any) -> dict[str, Any]:
    return {
        "token": token,
        "name": "示范大学",
        "kind": "university",
        "username": "Admin",
        "display_name": "周雅琴",
        "password": "correct horse 7",
        "again": "correct horse 7",
        **changes,
    }


@pytest.fixture
def token(app: Flask) -> str:
    made = setup.token()
    assert made
    return made


def test_the_first_visit_leads_to_the_set_up_page(token: str, client_of: ClientOf) -> None:
    client = client_of(None)
    assert client.get("/").headers["Location"].startswith("/login")
    assert client.get("/login").headers["Location"] == "/setup"
    page = client.get(f"/setup?token={token}").text
    assert "安装设置" in page
    assert token in page


def test_setting_up_makes_institution_administrator_and_switches(token: str, client_of: ClientOf, app: Flask) -> None:
    names = [entry.name for entry in app.extensions["zhangyin"].registry]
    client = client_of(None)
    answer = client.post("/setup", data=form(f" {token} ", plugins=names))
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200, "the administrator is logged in"
    institution, user = Institution.get(), User.get()
    assert (institution.name, user.username, user.site_admin) == ("示范大学", "admin", True)
    held = Grant.get()
    assert (held.role.code, held.unit) == ("administrator", Unit.get(Unit.parent.is_null()))
    on = {row.plugin for row in PluginSwitch.select().where(PluginSwitch.enabled)}
    assert on == set(names)


def test_it_works_once(token: str, client_of: ClientOf) -> None:
    client_of(None).post("/setup", data=form(token))
    other = client_of(None)
    assert other.get("/setup").status_code == 404
    assert other.post("/setup", data=form(token, username="second", name="另一所")).status_code == 404
    assert User.select().count() == Institution.select().count() == 1
    assert setup.token() is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"token": "guess"}, "token"),
        ({"token": ""}, "token"),
        ({"name": "  "}, "name"),
        ({"kind": "empire"}, "kind"),
        ({"username": "a b"}, "username"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "different one"}, "again"),
    ],
)
def test_a_refusal_changes_nothing_and_keeps_what_was_typed(
    token: str, client_of: ClientOf, changes: dict[str, str], field: str
) -> None:
    page = client_of(None).post("/setup", data=form(token, **changes))
    assert page.status_code == 422
    assert f'id="f-{field}-e"' in page.text
    assert "周雅琴" in page.text
    assert "correct horse 7" not in page.text
    assert not Institution.select().exists()
    assert not User.select().exists()
    assert client_of(None).post("/setup", data=form(token)).status_code == 302, "the token is not used up"


def test_a_newer_token_voids_the_older_and_none_is_stored_in_clear(token: str, client_of: ClientOf) -> None:
    newer = setup.token()
    assert newer
    assert {token, newer}.isdisjoint({row.value for row in Setting.select()})
    assert client_of(None).post("/setup", data=form(token)).status_code == 422
    assert client_of(None).post("/setup", data=form(newer)).status_code == 302


def test_of_two_at_once_one_sets_up(token: str, app: Flask, acting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = app.extensions["zhangyin"].registry
    administrator = {"username": "admin", "password": "correct horse 7"}
    with app.app_context():
        setup.set_up(registry, token, "示范大学", "university", "Asia/Shanghai", administrator)
        monkeypatch.setattr(setup, "refuse_wrong", lambda secret: None)  # both passed the first check
        with pytest.raises(NotFound):
            setup.set_up(registry, token, "另一所", "university", "Asia/Shanghai", {**administrator, "username": "b"})
    assert Institution.select().count() == 1


def test_a_panel_in_use_has_no_set_up_page(world: World, client_of: ClientOf) -> None:
    assert setup.token() is None
    assert client_of(None).get("/setup").status_code == 404
    assert client_of(world.user("root")).get("/setup").status_code == 404
