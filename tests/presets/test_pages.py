"""The pages of presets and of the catalogue, as whoever uses them sees them; and the same from the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from panel import records
from panel.access import roles
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.approvals.models import Chain
from panel.audit.models import Entry
from panel.checks import policy
from panel.checks.engine import today_in
from panel.cli import context, main
from panel.database import db
from panel.org.models import Institution
from panel.policies import applying, catalogue, enforced, presets
from panel.policies.models import OwnPreset
from plugins.accounts.policy import AccountsPolicy, NameWord
from tests.cast import World
from tests.presets.test_presets import FILE

Client = Callable[..., FlaskClient]


def figure(institution: Institution, name: str) -> Any:
    return getattr(policy.in_force(AccountsPolicy, institution, today_in(institution)), name)


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.get_data(as_text=True)


def test_an_administrator_writes_a_preset_exports_it_and_another_institution_takes_it(
    app: Flask, world: World, client_of: Client
) -> None:
    alice, oscar = client_of(world.users["alice"]), client_of(world.users["oscar"])
    new = {"do": "write", "name": "示例大学办法", "source": "《示例大学新媒体办法》", "kinds": "university"}
    begun = alice.post("/policies/presets/new/", data={**new, "base": "present"})
    row = OwnPreset.get()
    assert begun.status_code == 302
    code = f"own-{row.id}"
    with app.app_context():
        place = {part.key: n for n, part in enumerate(presets.of_row(row).parts)}
    key = "parameter accounts.accounts_policy.max_custodians"
    edit = {**new, "version": row.version, "keep": [key], f"value-{place[key]}": "1", f"article-{place[key]}": "第九条"}
    edit["add"] = "parameter accounts.accounts_policy.password_days"
    wrong = alice.post(f"/policies/presets/edit/?code={code}", data={**edit, f"value-{place[key]}": "77"})
    assert wrong.status_code == 422
    assert 'value="77"' in wrong.get_data(as_text=True)  # what was typed is kept
    assert alice.post(f"/policies/presets/edit/?code={code}", data=edit).status_code == 302
    stale = alice.post(f"/policies/presets/edit/?code={code}", data=edit)
    assert stale.status_code == 409
    assert figure(world.uni, "max_custodians") == 2  # written, not in force
    file = alice.get(f"/policies/presets/file/?code={code}")
    assert "attachment" in file.headers["Content-Disposition"]
    sent = {"do": "import", "file": (io.BytesIO(file.data), "办法.toml")}
    taken = oscar.post("/policies/presets/new/", data=sent)
    address = taken.headers["Location"]
    shown = page(oscar, address)
    assert "第九条" in shown
    assert "示例大学办法" in shown
    there = address.replace("/preset/", "/apply/")
    assert oscar.post(there, data={"part": key}).status_code == 302
    assert (figure(world.other, "max_custodians"), figure(world.uni, "max_custodians")) == (1, 2)
    assert "第九条 · 示例大学办法" in page(oscar, "/checks/policy/")
    assert page(oscar, f"/policies/presets/preset/?code={code}", 404)
    assert alice.post(f"/policies/presets/delete/?code={code}").status_code == 302
    assert OwnPreset.select().where(OwnPreset.institution == world.uni).count() == 0


@pytest.mark.one_database
def test_a_file_with_mistakes_is_refused_with_all_of_them(app: Flask, world: World, client_of: Client) -> None:
    alice = client_of(world.users["alice"])
    bad = FILE.replace("value = 1", "value = 99").replace('kind = "protected"', 'kind = "odd"')
    answer = alice.post("/policies/presets/new/", data={"do": "import", "file": (io.BytesIO(bad.encode()), "a.toml")})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "parameter[1].value" in text
    assert "row[1].values.kind" in text
    for data in (b"\xff\xfe", b"", b"PK\x03\x04" + bytes(200), b"name = '<script>alert(1)</script>'\ncolour = 1"):
        answer = alice.post("/policies/presets/new/", data={"do": "import", "file": (io.BytesIO(data), "<b>.toml")})
        assert answer.status_code == 422
        assert b"<script>alert" not in answer.data
    assert not OwnPreset.select().exists()
    with app.app_context():
        row = applying.save_own(world.uni, FILE, "a.toml")
    address = f"/policies/presets/text/?code=own-{row.id}"
    answer = alice.post(address, data={"text": "name = ", "version": row.version})
    assert answer.status_code == 422
    assert "name = " in answer.get_data(as_text=True)
    assert (
        alice.post(address, data={"text": FILE.replace("第七条", "第八条"), "version": row.version}).status_code == 302
    )
    assert "第八条" in OwnPreset.get_by_id(row.id).text


def test_a_shipped_preset_is_applied_with_its_offices_matched(app: Flask, world: World, client_of: Client) -> None:
    roles.ship(world.uni, app.extensions["zhangyin"].registry)
    alice = client_of(world.users["alice"])
    shown = page(alice, "/policies/presets/preset/?code=peking-university")
    assert f'<option value="{world.office.id}" selected>党委宣传部</option>' in shown
    with app.test_request_context(), acting_as(world.identity("alice")):
        plan = applying.plan(presets.find(world.uni, "peking-university"), world.uni)
        wanted = [change.part.key for change in plan.new]
    address = "/policies/presets/apply/?code=peking-university"
    refused = alice.post(address, data={"part": wanted})
    open_question = any(c.part.asks() for c in plan.new if c.part.table == "chain")
    assert refused.status_code == (422 if open_question else 302)
    answers = {"office:保密办公室": "new", "office:党委宣传部": str(world.office.id), "role:科研主管部门": "new"}
    assert alice.post(address, data={"part": wanted, **answers}).status_code == 302
    assert figure(world.uni, "second_level_only") is True
    assert {w.word for w in NameWord.select().where(NameWord.institution == world.uni)} >= {
        "北大",
        "PKU",
        "燕园",
        "未名",
    }
    entries = Entry.select().count()
    assert alice.post(address, data={"part": wanted, **answers}).status_code == 302
    assert Entry.select().count() == entries


@pytest.mark.one_database
@pytest.mark.rule("s1-21-r03")
def test_only_who_may_apply_presets_everywhere_changes_chains_and_parameters(world: World, client_of: Client) -> None:
    finance = records.create(Role, institution=world.uni, name="财务", permissions=["policies.preset.view"])
    records.create(Grant, institution=world.uni, user=world.users["dave"], role=finance, unit=world.root_unit)
    dave, bob = client_of(world.users["dave"]), client_of(world.users["bob"])
    assert 'name="part"' not in page(dave, "/policies/presets/preset/?code=plain-school")
    for client in (dave, bob):  # bob holds every permission, but in his faculty only
        for path in ("apply/?code=plain-school", "new/"):
            assert client.post(f"/policies/presets/{path}", data={"do": "write", "name": "x"}).status_code == 403
    assert not Chain.select().exists()


@pytest.mark.one_database
@pytest.mark.rule("s1-21-r04")
def test_a_change_by_a_preset_keeps_old_value_new_value_and_who_made_it(
    app: Flask, world: World, client_of: Client
) -> None:
    with app.app_context():
        row = applying.save_own(world.uni, FILE, "a.toml")
    part = "parameter accounts.accounts_policy.max_custodians"
    client_of(world.users["alice"]).post(f"/policies/presets/apply/?code=own-{row.id}", data={"part": part})
    entries = Entry.select().where(
        Entry.subject_type == "accounts.accounts_policy", Entry.institution_id == world.uni.id
    )
    ended, began = list(entries.order_by(Entry.id.desc()).limit(2))[::-1]  # the period before ends, a new one begins
    assert "valid_until" in ended.after
    assert began.after["max_custodians"] == 1
    assert figure(world.uni, "max_custodians") == 1
    old = AccountsPolicy.get(AccountsPolicy.institution == world.uni, AccountsPolicy.valid_until.is_null(False))
    assert old.max_custodians == 2
    for entry in (ended, began):
        assert entry.user_id == world.users["alice"].id
        assert "示例大学新媒体管理办法" in entry.reason


# ── article by article ─────────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
def test_each_article_says_what_enforces_it_here(world: World, client_of: Client, app: Flask) -> None:
    alice = client_of(world.users["alice"])
    overview = page(alice, "/policies/articles/")
    assert "怀城中学微信公众号管理细则" in overview
    names = page(alice, "/policies/articles/?document=s0-07")
    assert "code=accounts.protected_name" in names or "checks_finding" in names or "/checks/finding/?code=" in names
    assert "/policies/presets/preset/?code=peking-university" in names  # a chain that is not in force yet
    assert page(alice, "/policies/articles/?q=s2-09-r14")
    assert "没有符合条件的条文" in page(alice, "/policies/articles/?q=zzzz")
    assert page(alice, "/policies/articles/?document=s9-99&page=x&way=odd&area=%00")
    assert page(alice, "/policies/articles/?way=check&page=999")
    with app.test_request_context(), acting_as(world.identity("alice")):
        known = enforced.means(world.uni)
        assert {m.way for m in known["s3-01-r07"]} >= {"check", "parameter"}
        assert known["s0-07-r15"][0].way in ("elsewhere", "record", "obligation")
        people = [
            r.id for r in catalogue.rules().values() if r.enforce == "human" and r.id not in catalogue.elsewhere()
        ]
        assert any(known[rule][0].way == "human" for rule in people)
        assert set(known) == set(catalogue.rules())


@pytest.mark.one_database
def test_a_chain_in_force_enforces_its_articles_and_a_plugin_that_is_off_none(world: World, app: Flask) -> None:
    from panel.access import switches
    from panel.runtime import runtime

    text = (
        "name='x'\n[[duty]]\nname='培训'\nevery_months=6\nrules=['s2-03-r07']\n"
        "[[parameter]]\npolicy='accounts.accounts_policy'\nname='max_custodians'\nvalue=1\nrules=['s3-01-r07']"
    )
    with app.test_request_context(), acting_as(world.identity("alice")):
        preset = presets.read(text, "a.toml")
        applying.apply(preset, world.uni, {part.key for part in preset.parts})
        assert "obligation" in {m.way for m in enforced.means(world.uni)["s2-03-r07"]}
        assert "check" in {m.way for m in enforced.means(world.uni)["s3-01-r07"]}
        for name in [entry.name for entry in reversed(list(runtime().registry))]:
            switches.switch_off(world.uni, runtime().registry, name)
    with app.test_request_context(), acting_as(world.identity("alice")):
        assert {m.way for m in enforced.means(world.uni)["s3-01-r07"]} == {"preset"}


# ── the command line ───────────────────────────────────────────────────────────────────────────


@pytest.mark.one_database
def test_the_same_from_the_command_line(
    app: Flask, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "create_app", lambda: app)
    file = tmp_path / "ours.toml"
    file.write_text(FILE, "utf-8")

    def panel(*words: str, code: int = 0) -> str:
        if not db.is_closed():
            db.close()
        answer = CliRunner().invoke(main, ["preset", *words, "--institution", "示例大学"])
        db.connect(reuse_if_open=True)
        assert answer.exit_code == code, answer.output
        return answer.output

    listed = json.loads(panel("list", "--json"))
    assert {"peking-university", "plain-school"} <= {row["code"] for row in listed}
    shown = json.loads(panel("show", str(file), "--json"))
    assert shown["asks"] == {"office:宣传部门": ""}
    assert "Say what stands for: 宣传部门" in panel("apply", str(file), code=1)
    assert "has no part nope" in panel("apply", str(file), "--only", "nope", code=1)
    applied = json.loads(panel("apply", str(file), "--match", "office:宣传部门=党委宣传部", "--json"))
    assert len(applied) == 4
    out = tmp_path / "out.toml"
    panel("export", "--output", str(out))
    with app.app_context():
        again = presets.read(out.read_text("utf-8"), "out.toml")
    assert {"max_custodians": 1}.items() <= {
        part.name: part.value
        for part in again.parts
        if part.table == "parameter"  # type: ignore[attr-defined]
    }.items()
