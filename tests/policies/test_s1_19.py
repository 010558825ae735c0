"""Platform rules on names, custody, idle accounts: s1-19, s1-09, s1-18, s1-20, s1-16, s1-08."""

from __future__ import annotations

from datetime import date

import pytest

from panel.errors import Refused
from plugins.accounts.models import Account, Custodian, Operator
from plugins.accounts.policy import NameWord
from tests.policies.conftest import Register


@pytest.mark.rule("s1-19-r04")
def test_somebody_elses_mark_is_held_for_review(register: Register) -> None:
    register.add(NameWord, word="海尔", kind="review")
    assert "海尔" in register.findings(register.account("海尔之家"))["name_to_review"]
    assert "name_to_review" not in register.findings(register.account("家电之家"))


@pytest.mark.rule("s1-19-r04")
def test_a_forbidden_word_is_refused(register: Register) -> None:
    from plugins.accounts import services

    register.add(NameWord, word="官方第一权威", kind="forbidden")
    with pytest.raises(Refused, match="not allowed"):
        services.change_account(register.account(), None, {"name": "官方 第一 权威"})


@pytest.mark.rule("s1-19-r06", "s2-05-r13")
def test_an_account_without_custody_record_is_found(register: Register) -> None:
    account = register.account("海边小店")
    assert "no_custodian" in register.findings(account)
    register.add(Custodian, account=account, person=register.responsible)
    assert "no_custodian" not in register.findings(account)


@pytest.mark.rule("s1-19-r02", "s2-03-r01", "s0-01-r03")
def test_what_the_institution_requires_and_is_blank_is_named(register: Register) -> None:
    register.lay_down(required="identifier, level,purpose")
    full: dict[str, object] = {"level": "second", "purpose": "宣传"}
    for name, gaps in [
        ("全", {}),
        ("级", {"level": None}),
        ("途", {"purpose": ""}),
        ("都", {"level": None, "purpose": ""}),
    ]:
        account = register.account(name, identifier=name, register_key=f"wechat:{name}", **{**full, **gaps})
        labels = "、".join(str(Account._meta.fields[gap].verbose_name) for gap in gaps)
        assert register.findings(account).get("incomplete") == (f"Missing: {labels}" if gaps else None)


@pytest.mark.rule("s1-18-r14")
@pytest.mark.parametrize(
    ("limit", "last", "idle"),
    [(180, date(2025, 8, 1), True), (180, date(2025, 9, 3), False), (365, date(2025, 8, 1), False)],
)
def test_idle_accounts_are_on_the_clearing_list(register: Register, limit: int, last: date, idle: bool) -> None:
    register.lay_down(idle_days=limit)
    account = register.account(published_on=last)
    found = register.findings(account)
    assert ("idle" in found) is idle
    if idle:
        assert "213 days" in found["idle"]


@pytest.mark.rule("s1-20-r05")
@pytest.mark.parametrize(("name", "shown"), [("AAA批发", False), ("示例公司客服", True), ("示例公司", False)])
def test_a_name_shows_company_or_person(register: Register, name: str, shown: bool) -> None:
    register.lay_down(name_pattern="示例公司.+")
    assert ("name_pattern" in register.findings(register.account(name))) is not shown


@pytest.mark.rule("s1-20-r04", "s1-08-r13")
def test_an_account_without_keeper_is_found(register: Register) -> None:
    assert "no_responsible" in register.findings(register.account("公司客服号", responsible=None))


@pytest.mark.rule("s1-16-r01", "s2-06-r01")
def test_somebody_is_named_for_daily_operation(register: Register) -> None:
    account = register.account()
    assert "no_operator" in register.findings(account)
    register.add(Operator, account=account, person=register.responsible)
    assert "no_operator" not in register.findings(account)
