"""The pages: findings listed, waived, assigned; the policy changed after a preview; a warning confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from panel import database, records
from panel.access.identity import acting_as
from panel.checks import policy
from panel.checks.engine import today_in
from panel.checks.models import Finding, Waiver
from panel.checks.saving import recording
from panel.checks.sweep import sweep
from panel.database import utcnow
from panel.org.models import Institution
from plugins.accounts.models import Account, Platform
from plugins.accounts.policy import AccountsPolicy
from tests.cast import World


@pytest.fixture
def account(world: World) -> Account:
    """An account of the faculty with findings: nobody answers for it, nothing is sealed."""
    with acting_as(world.identity("alice")), recording():
        platform = Platform.get(Platform.institution == world.uni, Platform.code == "weibo")
        return records.create(
            Account, institution=world.uni, name="理学院微博", platform=platform, unit=world.faculty, status="active"
        )


def finding(code: str) -> Finding:
    return Finding.get(Finding.code == code, Finding.closed_at.is_null())


def test_the_list_says_what_is_wrong_and_leads_to_where_it_is_mended(
    world: World, account: Account, client_of: Any
) -> None:
    page = client_of(world.user("alice"), "en").get("/checks/finding/")
    assert page.status_code == 200
    assert "Responsible person missing" in page.text
    assert f"/accounts/account/edit/?id={account.id}" in page.text
    assert "理学院微博" in page.text


@pytest.mark.parametrize("by", ["rule", "unit", "person", "nonsense"])
def test_the_overview_groups_them(world: World, account: Account, client_of: Any, by: str) -> None:
    page = client_of(world.user("alice"), "en").get(f"/checks/findings/?by={by}")
    assert page.status_code == 200
    expected = {"unit": "理学院", "person": "Nobody in particular"}.get(by, "Nobody answers for the account")
    assert expected in page.text


def test_who_sees_other_units_only_sees_nothing(world: World, account: Account, client_of: Any) -> None:
    records.update(account, unit=world.office)
    page = client_of(world.user("bob"), "en").get("/checks/finding/")
    assert "理学院微博" not in page.text
    row = finding("accounts.no_responsible").id
    assert client_of(world.user("bob")).get(f"/checks/findings/waive/?row={row}").status_code == 404
    assert client_of(world.user("oscar")).get(f"/checks/findings/waive/?row={row}").status_code == 404
    assert client_of(world.user("dave")).get("/checks/finding/").status_code == 403


def test_a_waiver_hides_a_finding_until_its_last_day_and_then_it_is_back(
    world: World, account: Account, client_of: Any, monkeypatch: Any
) -> None:
    client = client_of(world.user("alice"), "en")
    row = finding("accounts.no_responsible").id
    until = today_in(world.uni) + timedelta(days=3)
    address = f"/checks/findings/waive/?row={row}"
    assert client.get(address).status_code == 200
    without = client.post(address, data={"row": row, "reason": "", "until": until.isoformat()})
    assert "Give the reason" in without.text
    assert (
        client.post(address, data={"row": row, "reason": "新人下周到岗", "until": until.isoformat()}).status_code == 302
    )
    assert "Responsible person missing" not in client.get("/checks/finding/").text
    assert "Responsible person missing" in client.get("/checks/finding/?state=waived").text
    assert "Waived until" in client.get(f"/accounts/account/details/?id={account.id}").text
    later = utcnow() + timedelta(days=4)
    monkeypatch.setattr(database, "utcnow", lambda: later)
    assert "Responsible person missing" in client.get("/checks/finding/").text
    with acting_as(world.identity("alice")):
        sweep(Institution.get_by_id(world.uni.id))
    assert finding("accounts.no_responsible").waived_until is None
    assert Waiver.get().reason == "新人下周到岗"


def test_a_finding_is_assigned(world: World, account: Account, client_of: Any) -> None:
    client = client_of(world.user("alice"), "en")
    row = finding("accounts.no_responsible").id
    person = world.people["carol"].id
    assert client.get(f"/checks/findings/assign/?row={row}").status_code == 200
    assert client.post("/checks/findings/assign/", data={"row": row, "person": person}).status_code == 302
    assert finding("accounts.no_responsible").assignee_id == person
    stranger = world.people["oscar"].id
    assert client.post("/checks/findings/assign/", data={"row": row, "person": stranger}).status_code == 404


def test_a_record_shows_its_findings_with_the_article_and_the_way_out(
    world: World, account: Account, client_of: Any
) -> None:
    page = client_of(world.user("alice"), "en").get(f"/accounts/account/details/?id={account.id}").text
    assert "Responsible person missing" in page
    assert "《微信公众号管理制度_微信公众号管理制度规定》" in page
    assert "Name the person who answers for the account." in page
    assert '<meter min="0" max="100" value="46">' in page  # one severe, four warnings, one notice


def form(world: World, **changes: Any) -> dict[str, Any]:
    row = policy.in_force(AccountsPolicy, world.uni, today_in(world.uni))
    values = {name: getattr(row, name) for name in AccountsPolicy.parameters()}
    sent = {n: ("1" if v is True else "" if v in (None, False) else v) for n, v in {**values, **changes}.items()}
    return {**sent, "valid_from": today_in(world.uni).isoformat(), "version": row.version}


def test_a_change_of_policy_is_previewed_and_then_in_force(world: World, account: Account, client_of: Any) -> None:
    client = client_of(world.user("alice"), "en")
    assert client.get("/checks/policy/").status_code == 200
    address = "/checks/policy/edit/?of=accounts_accounts_policy"
    assert client.get(address).status_code == 200
    sent = form(world, sealed_copy_required=False, devices_required=True)
    page = client.post(address, data={**sent, "preview": "1"}).text
    assert "1 findings would open, 1 would close" in page
    assert "No sealed copy" in page
    assert finding("accounts.sealed_copy_missing")  # nothing happened yet
    assert client.post(address, data={**sent, "save": "1"}).status_code == 302
    assert finding("accounts.no_device")
    assert not Finding.select().where(Finding.code == "accounts.sealed_copy_missing", Finding.closed_at.is_null())
    assert AccountsPolicy.select().where(AccountsPolicy.institution == world.uni).count() == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_custodians": "0"}, "from 1 to 20"),
        ({"max_custodians": "many"}, "a whole number, or nothing"),
        ({"name_pattern": "(a+)+$b("}, "no pattern"),
        ({"required": "identifier,colour"}, "no column colour"),
    ],
)
def test_an_impossible_parameter_is_refused_and_nothing_typed_is_lost(
    world: World, account: Account, client_of: Any, changes: dict[str, str], message: str
) -> None:
    address = "/checks/policy/edit/?of=accounts_accounts_policy"
    page = client_of(world.user("alice"), "en").post(address, data={**form(world, **changes), "save": "1"})
    assert page.status_code == 422
    assert message in page.text
    assert str(next(iter(changes.values()))) in page.text


def test_against_a_national_rule_a_reason_is_asked(world: World, account: Account, client_of: Any) -> None:
    with acting_as(world.identity("root")):
        records.update(Institution.get_by_id(world.uni.id), kind="state")
    client = client_of(world.user("alice"), "en")
    sent = form(world, silent_days="30", one_account_per_platform=True)
    address = "/checks/policy/edit/?of=accounts_accounts_policy"
    assert "国办秘函〔2019〕19号" in client.post(address, data={**sent, "preview": "1"}).text
    assert client.post(address, data={**sent, "save": "1"}).status_code == 422
    assert client.post(address, data={**sent, "save": "1", "reason": "寒假停更，已报备"}).status_code == 302
    page = client.get("/checks/policy/").text
    assert "Against a national rule" in page
    assert "寒假停更，已报备" in page


def test_a_warning_is_asked_on_a_page_and_saved_when_confirmed(world: World, account: Account, client_of: Any) -> None:
    with acting_as(world.identity("alice")):
        policy.change(AccountsPolicy, world.uni, policy.BEGINNING, {"leaders_answer": True}, reason="t")
        records.update(world.people["carol"], kind="staff")
    client = client_of(world.user("alice"), "en")
    values = {
        "name": "教务微博",
        "platform": str(account.platform_id),
        "platform-pick": str(account.platform_id),
        "unit": world.faculty.name,
        "responsible": world.people["carol"].name,
        "status": "active",
        "entity_kind": "organisation",
    }
    asked = client.post("/accounts/account/new/", data=values)
    if asked.status_code == 409:
        assert "neither head nor leader" in asked.text
        assert 'name="name" value="教务微博"' in asked.text
        assert client.post("/accounts/account/new/", data={**values, "confirm_findings": "1"}).status_code == 302
    else:
        pytest.fail(asked.text[asked.text.find("<main") :][:3000])


def test_words_permits_and_quotas_have_registers_of_their_own(world: World, account: Account, client_of: Any) -> None:
    client = client_of(world.user("alice"), "en")
    word = {"word": "理学院", "kind": "protected", "exceptions": ""}
    assert client.post("/accounts/name_word/new/", data=word).status_code == 302
    assert finding("accounts.protected_name").values == {"words": "理学院"}
    assert "理学院" in client.get("/accounts/name_word/").text
    assert client.get("/accounts/name_permit/new/").status_code == 200
    quota = {"unit": "理学院", "entity": "", "most": "0"}
    assert client.post("/accounts/quota/new/", data=quota).status_code in (302, 409, 422)
    assert client.get("/accounts/quota/").status_code == 200
