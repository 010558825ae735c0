"""Secrets of accounts: sealing, opening by one or by two, who knows them, and what is owed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records, vault
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.approvals import services as approvals
from panel.approvals.models import Chain, ChainStep, Task
from panel.audit.models import Entry
from panel.checks.models import Finding
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import today
from panel.notify.models import Message
from panel.obligations.models import Obligation
from panel.org.leaving import held_by, leave
from plugins.accounts import services as accounts
from plugins.accounts.models import Account
from plugins.accounts.secrets import opening as opening_module
from plugins.accounts.secrets import services
from plugins.accounts.secrets.models import Secret, SecretKnowledge, SecretOpening
from plugins.accounts.secrets.policy import SecretsPolicy
from tests.cast import World

CANARY = "Kestrel-7-under-the-eaves"
As = Callable[[str], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def at_work(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def as_(uni: World) -> As:
    return lambda name: acting_as(uni.identity(name))


@pytest.fixture
def keeper(uni: World, account: Account) -> Any:
    """bob keeps the password."""
    return accounts.add_custodian(account, uni.people["bob"])


@pytest.fixture
def sealed(account: Account, as_: As, keeper: Any) -> Secret:
    """The account's password, sealed by bob."""
    with as_("bob"):
        return services.seal_secret(account, "password", CANARY)


@pytest.fixture
def two_people(uni: World) -> Iterator[Chain]:
    """The policy wants a second person: whoever holds the publicity office, which is carol."""
    policy = SecretsPolicy.get(SecretsPolicy.institution == uni.uni)
    records.update(policy, two_people=True)
    role = records.create(Role, institution=uni.uni, name="宣传部", code="publicity", permissions=[])
    records.create(Grant, institution=uni.uni, user=uni.users["carol"], role=role, unit=uni.root_unit)
    chain = records.create(Chain, institution=uni.uni, subject="accounts.secret_opening", name="密码启封审批")
    records.create(ChainStep, institution=uni.uni, chain=chain, position=1, name="宣传部核准", role=role)
    return chain


def opened(secret: Secret, reason: str = "值班人员失联，需要发布停水通知") -> tuple[SecretOpening, str]:
    opening = services.ask_opening(secret, reason)
    return opening, services.show_secret(opening)


def messages(name: str, uni: World) -> list[Message]:
    return list(Message.select().where(Message.person == uni.people[name], Message.subject_type.contains("opening")))


@pytest.mark.rule("s3-03-r21")
def test_a_secret_is_sealed_and_opens_for_its_row_only(
    sealed: Secret, account: Account, register: Any, as_: As
) -> None:
    stored = Secret.get_by_id(sealed.id)
    assert CANARY not in stored.sealed
    assert vault.read(stored, "sealed") == CANARY
    with as_("bob"):
        other = services.seal_secret(register(), "password", "Another-1-value")
    code = services.seal_secret(account, "recovery", "one\r\ntwo\r\n", label="管理员")
    assert vault.read(code, "sealed") == "one\ntwo"
    for column, row in (("sealed", other), ("sealed", code)):
        records.derive(Secret, Secret.id == row.id, **{column: stored.sealed})
        with pytest.raises(Refused, match=r"vault\.key"):
            vault.read(Secret.get_by_id(row.id), "sealed")
    records.update(stored, kind="pin")  # a secret is what it was sealed as
    with pytest.raises(Refused):
        vault.read(Secret.get_by_id(stored.id), "sealed")


@pytest.mark.rule("s3-03-r21")
def test_a_password_sealed_in_the_panel_is_a_sealed_copy(account: Account, sealed: Secret) -> None:
    def found() -> set[str]:
        rows = Finding.select().where(Finding.subject_id == account.id, Finding.closed_at.is_null())
        return {row.code for row in rows if "sealed_copy" in row.code}

    assert not found()
    records.update(sealed, sealed_on=today() - timedelta(days=9))
    accounts.record_password_change(Account.get_by_id(account.id))
    assert found() == {"accounts.sealed_copy_outdated"}
    about = (Obligation.kind == "accounts.envelope") & (Obligation.subject_id == account.id)
    assert Obligation.get(about).state == "open"
    services.replace_secret(sealed, "Merlin-8-in-the-loft")
    assert not found()
    assert Obligation.get(about).state != "open"
    services.destroy_secret(sealed, "改用信封")
    assert found() == {"accounts.sealed_copy_missing"}


def test_what_cannot_be_sealed_is_refused(account: Account, sealed: Secret, as_: As, uni: World) -> None:
    with pytest.raises(Refused, match="kind and designation already"):
        services.seal_secret(account, "password", CANARY)
    for text in ("", " \r\n ", "x" * 2001):
        with pytest.raises(Refused) as refusal:
            services.seal_secret(account, "other", text)
        assert refusal.value.field == "text"
        assert not text.strip() or text not in str(refusal.value)
    records.update(uni.users["bob"], person=None)
    with as_("bob"), pytest.raises(Refused, match="linked to no person"):
        services.seal_secret(account, "pin", "123456")
    assert Secret.select().count() == 1


@pytest.mark.rule("s4-01-r22")
def test_a_simple_password_is_refused_where_the_policy_says_so(account: Account, uni: World) -> None:
    for simple in ("12345678", "abcdefgh", "Abc12-x", "ABCDEF1234"):
        with pytest.raises(Refused, match="too simple") as refusal:
            services.seal_secret(account, "password", simple)
        assert simple not in str(refusal.value)
    services.seal_secret(account, "pin", "1234")  # a phone takes digits only
    records.update(SecretsPolicy.get(SecretsPolicy.institution == uni.uni), complex_passwords=False)
    services.seal_secret(account, "password", "12345678")


@pytest.mark.rule("s3-01-r07")
@pytest.mark.rule("s4-01-r24")
def test_an_opening_is_logged_told_and_shown_once(sealed: Secret, account: Account, as_: As, uni: World) -> None:
    with pytest.raises(Refused, match="Say why"):
        services.ask_opening(sealed, "  ")
    opening = services.ask_opening(sealed, "发布停水通知")
    assert services.ask_opening(sealed, "再点一次").id == opening.id  # a double click
    asked = Entry.get(Entry.action == "accounts.secret_opening.create")
    assert asked.reason == "发布停水通知"
    assert (asked.root_type, asked.root_id) == ("accounts.account", account.id)
    assert not messages("bob", uni)
    with as_("bob"), pytest.raises(NotFound):
        services.show_secret(opening)
    assert services.show_secret(opening) == CANARY
    assert Entry.select().where(Entry.action == "accounts.secret_opening.shown").count() == 1
    with pytest.raises(Refused, match="shown only once"):
        services.show_secret(opening)
    told = messages("bob", uni)
    assert len(told) == 1
    assert told[0].urgent
    assert "发布停水通知" in told[0].text
    assert not messages("alice", uni)  # who opened it knows
    stored = Account.get_by_id(account.id)
    assert stored.password_due_on == today()
    due = Obligation.get((Obligation.kind == "accounts.password") & (Obligation.subject_id == account.id))
    assert due.state == "open"
    assert due.urgent
    assert due.due_on == today()


def test_an_opening_lapses(sealed: Secret, monkeypatch: pytest.MonkeyPatch, uni: World) -> None:
    opening = services.ask_opening(sealed, "检查")
    later = opening_module.utcnow() + timedelta(minutes=6)
    monkeypatch.setattr(opening_module, "utcnow", lambda: later)
    with pytest.raises(Refused, match="time to look at it is over"):
        services.show_secret(opening)
    assert SecretOpening.get_by_id(opening.id).state == "lapsed"
    assert services.ask_opening(sealed, "检查").id != opening.id
    assert not SecretKnowledge.select().where(SecretKnowledge.person == uni.people["alice"]).exists()


@pytest.mark.rule("s2-09-r21")
def test_a_second_person_releases(sealed: Secret, two_people: Chain, as_: As, monkeypatch: Any, uni: World) -> None:
    opening = services.ask_opening(sealed, "换届交接核对")
    assert opening.state == "waiting"
    with pytest.raises(Refused, match="not released it yet"):
        services.show_secret(opening)
    task = Task.get(Task.state == "open")
    with pytest.raises((NotAllowed, NotFound)):
        approvals.decide(task, "approve")  # never one's own
    with as_("carol"):
        approvals.decide(task, "approve", "同意")
        with pytest.raises(NotFound):
            services.show_secret(opening)  # who releases does not see
    assert SecretOpening.get_by_id(opening.id).released_by == "Carol"
    assert services.show_secret(opening) == CANARY
    again = services.ask_opening(sealed, "再次核对")
    with as_("carol"):
        approvals.decide(Task.get(Task.state == "open"), "reject", "无必要")
    assert SecretOpening.get_by_id(again.id).state == "refused"
    with pytest.raises(Refused, match="not released"):
        services.show_secret(again)
    third = services.ask_opening(sealed, "第三次")
    later = opening_module.utcnow() + timedelta(hours=25)
    monkeypatch.setattr(opening_module, "utcnow", lambda: later)
    with as_("carol"), pytest.raises(Refused, match="time for the release is over"):
        approvals.decide(Task.get(Task.state == "open"), "approve")
    assert services.lapse_openings(uni.uni) == 1
    assert SecretOpening.get_by_id(third.id).state == "lapsed"
    assert approvals.approval_of(third).state == "withdrawn"


def test_no_chain_no_opening(sealed: Secret, two_people: Chain) -> None:
    records.update(two_people, active=False)
    with pytest.raises(Refused):
        services.ask_opening(sealed, "检查")
    assert not SecretOpening.select().exists()


@pytest.mark.rule("s3-01-r08")
def test_who_knows_it_is_listed_and_leaving_owes_a_new_one(
    sealed: Secret, account: Account, as_: As, uni: World
) -> None:
    opened(sealed)
    known = {k.person.name: k.how for k in _knowers(account)}
    assert known == {"Bob": "keeps the password", "Alice": "opened it"}
    with as_("bob"):
        services.replace_secret(sealed, "Merlin-8-in-the-loft", changed_on=today())
    assert {k.person.name for k in _knowers(account)} == {"Bob"}
    stored = Account.get_by_id(account.id)
    assert (stored.password_changed_on, stored.password_due_on) == (today(), None)
    with as_("bob"):
        pin = services.seal_secret(account, "pin", "0420")
    things = {thing.key: thing.text for thing in held_by(uni.people["bob"])}
    key = next(k for k in things if k.startswith("accounts.secret_knowledge:") and "PIN" in things[k])
    with pytest.raises(Refused, match="still holds"):
        leave(uni.people["bob"], today(), {})
    leave(uni.people["bob"], today(), dict.fromkeys(things))
    assert SecretKnowledge.get_by_id(key.partition(":")[2]).given_up_on == today()
    assert Account.get_by_id(account.id).password_due_on == today()
    assert Secret.get_by_id(pin.id).owed_since == today()
    due = Obligation.get((Obligation.kind == "accounts.secret") & (Obligation.subject_id == pin.id))
    assert due.state == "open"
    assert due.due_on == today()
    services.replace_secret(Secret.get_by_id(pin.id), "0421")
    assert not [t for t in held_by(uni.people["bob"]) if "PIN" in t.text]
    assert Obligation.get_by_id(due.id).state != "open"


def _knowers(account: Account) -> list[Any]:
    from plugins.accounts.models import Custodian, SealedCopy

    terms = list(Custodian.select().where(Custodian.account == account))
    copies = list(SealedCopy.select().where(SealedCopy.account == account))
    return services.knowers(Account.get_by_id(account.id), terms, copies)


def test_a_destroyed_secret_is_gone(sealed: Secret, account: Account) -> None:
    opening = services.ask_opening(sealed, "检查")
    with pytest.raises(Refused, match="Say why"):
        services.destroy_secret(sealed, "")
    services.destroy_secret(sealed, "账号注销")
    stored = Secret.get_by_id(sealed.id)
    assert stored.sealed == ""
    assert stored.destroyed_at is not None
    for act in (lambda: services.show_secret(opening), lambda: services.replace_secret(sealed, CANARY)):
        with pytest.raises(Refused):
            act()
    services.seal_secret(account, "password", CANARY)  # its place is free


def test_a_secret_that_does_not_open_is_logged_and_owes_nothing(sealed: Secret, account: Account) -> None:
    opening = services.ask_opening(sealed, "检查")
    records.derive(Secret, Secret.id == sealed.id, sealed="v2:1:AAAA")
    with pytest.raises(Refused, match="cannot be read"):
        services.show_secret(opening)
    assert SecretOpening.get_by_id(opening.id).state == "released"
    assert Entry.select().where(Entry.action == "accounts.secret.unreadable").count() == 1
    assert Account.get_by_id(account.id).password_due_on is None
