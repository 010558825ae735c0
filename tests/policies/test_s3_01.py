"""检察机关官方微博微信管理规定: names, keepers of the password, changes of password."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from panel.checks import services as findings
from panel.checks.engine import today_in
from panel.checks.registry import checks
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Custodian
from plugins.accounts.policy import NameWord
from tests.policies.conftest import Register


@pytest.mark.rule("s3-01-r02")
def test_official_accounts_are_kept_by_the_political_department(register: Register) -> None:
    register.lay_down(official_unit="政治处")
    keeper = register.unit("政治处")
    for platform in ("weibo", "wechat_subscription"):
        account = register.account(f"官方{platform}", platform=platform, level="institution", unit=keeper)
        assert account.unit == keeper
        assert "official_elsewhere" not in register.findings(account)
    with pytest.raises(Refused, match="not by 政治处"):
        services.change_account(account, None, {"unit": register.world.faculty})


@pytest.mark.rule("s3-01-r04")
@pytest.mark.parametrize("name", ["铁检小检察官", "铁检小檢察官", "检察官小王"])
def test_a_nickname_with_a_protected_word_is_refused_naming_it(register: Register, name: str) -> None:
    register.add(NameWord, word="检察官")
    account = register.account("铁检在线", platform="weibo")
    with pytest.raises(Refused, match="检察官 without authorisation"):
        services.change_account(account, None, {"name": name})


@pytest.mark.rule("s3-01-r07")
@pytest.mark.parametrize("limit", [2, 1, 3])
def test_beyond_the_limit_nobody_more_may_know_the_password(register: Register, limit: int) -> None:
    register.lay_down(max_custodians=limit)
    account = register.account("官方微博", platform="weibo")
    for number in range(limit):
        services.add_custodian(account, register.person(f"保管{number}"))
    with pytest.raises(Refused, match=f"{limit + 1} people know the password, at most {limit} may"):
        services.add_custodian(account, register.person("多一人"))
    assert Custodian.select().where(Custodian.account == account).count() == limit


@pytest.mark.rule("s3-01-r07")
def test_an_exception_with_its_reason_lets_a_third_know_it_and_ends(register: Register) -> None:
    account = register.account("官方微博", platform="weibo")
    for name in "甲乙":
        services.add_custodian(account, register.person(name))
    today = today_in(register.uni)
    rule = checks["accounts.too_many_custodians"]
    with pytest.raises(Refused, match="reason"):
        findings.waive(rule, account.id, " ", today)
    findings.waive(rule, account.id, "值班轮换", today + timedelta(days=10))
    services.add_custodian(account, register.person("丙"))
    found = register.findings(account, on=today)
    assert "too_many_custodians" in found  # open, and hidden while the exception holds


@pytest.mark.rule("s3-01-r08")
def test_a_keeper_who_leaves_owes_a_new_password_until_it_is_set(register: Register) -> None:
    today = today_in(register.uni)
    keeper = register.person("孟凡")
    accounts = [register.account(name, platform="weibo") for name in ("官方微博", "青年微博")]
    for account in accounts:
        services.add_custodian(account, keeper, since=today - timedelta(days=400))
    for term in Custodian.select():
        services.end_custodian(term)
    for account in accounts:
        assert "password_owed" in register.findings(account, on=today)
    services.record_password_change(accounts[0], today - timedelta(days=1))  # before it was owed: settles nothing
    assert "password_owed" in register.findings(accounts[0], on=today)
    services.record_password_change(accounts[0], today)
    assert "password_owed" not in register.findings(accounts[0], on=today)
    assert "password_owed" in register.findings(accounts[1], on=today)


@pytest.mark.rule("s3-01-r14")
@pytest.mark.parametrize(
    ("limit", "last", "silent"),
    [(14, date(2026, 2, 16), False), (14, date(2026, 2, 15), True), (7, date(2026, 2, 22), True)],
)
def test_a_silent_account_is_found(register: Register, limit: int, last: date, silent: bool) -> None:
    register.lay_down(silent_days=limit)
    account = register.account(published_on=last)
    assert ("silent" in register.findings(account)) is silent


@pytest.mark.rule("s3-01-r01")
def test_every_unit_is_covered(register: Register, world: Any) -> None:
    for unit in (world.office, world.faculty, world.lab, world.root_unit):
        assert "no_custodian" in register.findings(register.account(f"账号{unit.id}", unit=unit))
