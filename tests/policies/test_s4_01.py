"""公司公众号管理办法: one keeper, passwords and devices on a cycle, data filed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Custodian, Device
from tests.policies.conftest import Register


@pytest.mark.rule("s4-01-r22", "s4-01-r24")
def test_one_designated_person_keeps_the_password_and_shares_it_with_nobody(register: Register) -> None:
    register.lay_down(max_custodians=1)
    account = register.account()
    first, second = register.person("周婷"), register.person("林敏")
    services.add_custodian(account, first)
    with pytest.raises(Refused, match="2 people know the password, at most 1 may"):
        services.add_custodian(account, second)
    services.hand_over(account, first, second)  # ends the first term
    assert Custodian.get(Custodian.until.is_null()).person == second


@pytest.mark.rule("s4-01-r23")
@pytest.mark.parametrize(
    ("cycle", "last", "overdue"),
    [
        (90, date(2025, 11, 20), True),
        (90, date(2025, 12, 2), False),  # the 90th day
        (90, date(2025, 12, 1), True),
        (180, date(2025, 11, 20), False),
        (None, date(2020, 1, 1), False),
    ],
)
def test_the_password_is_changed_on_its_cycle(register: Register, cycle: Any, last: date, overdue: bool) -> None:
    register.lay_down(password_days=cycle)
    account = register.account(password_changed_on=last)
    assert ("password_old" in register.findings(account)) is overdue
    account = register.account("从未换密")
    assert ("password_never_changed" in register.findings(account)) is (cycle is not None)


@pytest.mark.rule("s4-01-r25")
def test_the_account_names_its_devices(register: Register) -> None:
    register.lay_down(devices_required=True)
    account = register.account()
    assert "no_device" in register.findings(account)
    register.add(Device, account=account, label="PC-12", since=date(2026, 1, 1))
    assert "no_device" not in register.findings(account)


@pytest.mark.rule("s4-01-r26")
@pytest.mark.parametrize(
    ("cycle", "last", "overdue"),
    [(30, date(2026, 1, 20), True), (30, date(2026, 1, 31), False), (60, date(2026, 1, 20), False)],
)
def test_devices_are_checked_for_viruses(register: Register, cycle: int, last: date, overdue: bool) -> None:
    register.lay_down(device_check_days=cycle)
    device = register.add(Device, account=register.account(), label="PC-12", since=date(2025, 1, 1), checked_on=last)
    found = register.findings(device)
    assert ("device_check_overdue" in found) is overdue
    if overdue:
        assert "PC-12" in found["device_check_overdue"]


@pytest.mark.rule("s4-01-r20")
def test_an_introduction_that_was_changed_without_filing_is_listed(register: Register) -> None:
    register.lay_down(changes_filed_days=0)
    account = register.account(filed_on=date(2026, 1, 10))
    services.change_account(account, None, {"description": "新的简介"})
    assert account.changed_on is not None
    assert "change_not_filed" in register.findings(account, on=date(2099, 1, 1))


@pytest.mark.rule("s4-01-r05", "s4-01-r02")
def test_official_accounts_have_their_home_department_and_a_person_who_answers(register: Register) -> None:
    register.lay_down(official_unit="品牌部")
    brand = register.unit("品牌部")
    account = register.account("公司发布", level="institution", unit=brand, responsible=None)
    found = register.findings(account)
    assert "official_elsewhere" not in found
    assert "no_responsible" in found
