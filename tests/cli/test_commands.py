"""The commands that look after users, institutions and plugins."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner, Result
from flask import Flask

from panel import cli
from panel.access import factor, services, switches
from panel.access.models import Grant, User
from panel.audit.models import Entry
from panel.cli import context
from panel.database import db
from panel.org.models import Institution
from tests.cast import World

Panel = Callable[..., Result]


@pytest.fixture
def panel(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Panel:
    """Runs a command on the test's database."""
    monkeypatch.setattr(context, "create_app", lambda: app)

    def run(*words: str, typed: str = "") -> Result:
        if not db.is_closed():
            db.close()
        result = CliRunner().invoke(cli.main, list(words), input=typed)
        db.connect(reuse_if_open=True)
        return result

    return run


def test_an_installation_is_made_without_a_browser(panel: Panel) -> None:
    made = panel("institution", "create", "示范大学", "--kind", "university", "--administrator", "Admin")
    assert made.exit_code == 0, made.output
    assert "/reset/" in made.output
    token = made.output.strip().rsplit("/", 1)[-1]
    assert services.user_of_reset(token).username == "admin"
    assert Grant.get().role.code == "administrator"
    listed = json.loads(panel("institution", "list", "--json").output)
    assert [(row["name"], row["kind"], row["units"]) for row in listed] == [("示范大学", "university", 1)]


def test_a_user_is_created_with_role_and_link(world: World, panel: Panel) -> None:
    words = ("user", "create", "Zhou", "--institution", "示例大学", "--role", "只读", "--unit", "理学院")
    made = panel(*words)
    assert made.exit_code == 0, made.output
    user = User.get(User.username == "zhou")
    assert [(g.role.name, g.unit.name) for g in user.grants] == [("只读", "理学院")]
    entry = Entry.get(Entry.action == "access.user.create", Entry.subject_id == user.id)
    assert entry.actor_kind == "cli"
    assert entry.user_name
    again = panel(*words)
    assert again.exit_code == 1
    assert "Traceback" not in again.output
    rows = json.loads(panel("user", "list", "--institution", "示例大学", "--json").output)
    assert next(r for r in rows if r["username"] == "zhou")["roles"] == "只读 · 理学院"


def test_a_password_is_asked_for_twice(world: World, panel: Panel) -> None:
    assert panel("user", "password", "bob", typed="correct horse 7\ncorrect horse 7\n").exit_code == 0
    assert services.log_in("bob", "correct horse 7")
    weak = panel("user", "password", "bob", typed="short\nshort\n")
    assert weak.exit_code == 1
    assert services.log_in("bob", "correct horse 7")


def test_roles_are_given_and_taken_away(world: World, panel: Panel) -> None:
    words = ("user", "grant", "dave", "只读", "--institution", "示例大学", "--unit", "党委宣传部")
    assert panel(*words).exit_code == 0
    assert Grant.select().where(Grant.user == world.users["dave"]).count() == 1
    assert panel(*words, "--revoke").exit_code == 0
    assert Grant.select().where(Grant.user == world.users["dave"]).count() == 0
    assert panel(*words, "--revoke").exit_code == 1
    last = panel("user", "grant", "alice", "全部", "--institution", "示例大学", "--revoke")
    assert last.exit_code == 1, "the last administrator stays"


def test_a_user_is_deactivated_and_activated(world: World, panel: Panel) -> None:
    assert panel("user", "activate", "bob", "--off").exit_code == 0
    assert not world.user("bob").active
    assert panel("user", "activate", "bob").exit_code == 0
    assert world.user("bob").active


@pytest.mark.parametrize(
    "words",
    [
        ("user", "list"),
        ("user", "list", "--institution", "无此机构"),
        ("user", "password", "nobody"),
        ("user", "grant", "bob", "无此角色", "--institution", "示例大学"),
        ("user", "grant", "bob", "只读", "--institution", "示例大学", "--unit", "无此部门"),
        ("user", "create", "x y", "--institution", "示例大学"),
        ("plugin", "on", "nothing", "--institution", "示例大学"),
    ],
)
def test_what_cannot_be_done_is_one_line(world: World, panel: Panel, words: tuple[str, ...]) -> None:
    refused = panel(*words)
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: ")
    assert "Traceback" not in refused.output


def test_plugins_are_switched(world: World, app: Flask, panel: Panel) -> None:
    names = [entry.name for entry in app.extensions["zhangyin"].registry]
    for name in reversed(names):
        assert panel("plugin", "off", name, "--institution", "示例大学").exit_code == 0
    assert switches.switched_on(world.uni) == set()
    for name in names:
        assert panel("plugin", "on", name, "--along", "--institution", "示例大学").exit_code == 0
    assert switches.switched_on(world.uni) == set(names)
    rows = json.loads(panel("plugin", "list", "--json").output)
    assert [row["name"] for row in rows] == names
    assert all("示例大学" in row["on"] for row in rows)


def test_an_empty_database_says_what_to_run(panel: Panel, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(db.obj), "table_exists", lambda self, name: False)
    refused = panel("institution", "list")
    assert refused.exit_code == 1
    assert "panel migrate" in refused.output


@pytest.mark.parametrize("group", ["user", "institution", "plugin"])
def test_help_is_there(group: str) -> None:
    shown = CliRunner().invoke(cli.main, [group, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 5


def test_nobody_else_is_touched(world: World, panel: Panel) -> None:
    before: list[Any] = list(Institution.select(Institution.id, Institution.version).order_by(Institution.id).tuples())
    panel("user", "create", "newcomer", "--institution", "示例大学")
    assert list(Institution.select(Institution.id, Institution.version).order_by(Institution.id).tuples()) == before


@pytest.mark.one_database
def test_the_last_administrator_who_lost_the_phone_is_let_in(world: World, panel: Panel, app: Flask) -> None:
    with app.app_context():
        factor.begin(world.user("root"))
        factor.confirm(world.user("root"), pyotp.TOTP(factor.pending_secret(world.user("root")) or "").now())
    assert panel("user", "reset-factor", "root").exit_code == 0
    assert factor.of_user(world.user("root")) is None
    assert Entry.get(Entry.action == "access.second_factor.delete").actor_kind == "cli"
