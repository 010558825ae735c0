"""企业微信工作账号管理规定: each employee one work account; handing it back. With s1-01, s1-02, s1-12, s1-21."""

from __future__ import annotations

from datetime import date

import pytest

from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Account
from tests.policies.conftest import Register


def work(register: Register, person: object, number: int = 1) -> Account:
    return services.register_account(
        {
            "name": f"工作号 {number}",
            "platform": register.platform("wecom"),
            "identifier": f"work{number}",
            "unit": register.world.faculty,
            "responsible": person,
        }
    )


@pytest.mark.rule("s1-11-r01")
@pytest.mark.parametrize("allowed", [1, 2])
def test_an_employee_has_one_work_account(register: Register, allowed: int) -> None:
    register.lay_down(work_accounts=allowed)
    employee = register.person("陈静", post="专员")
    assert "no_work_account" in register.findings(employee)
    for number in range(allowed):
        work(register, employee, number)
    assert register.findings(employee) == {}
    with pytest.raises(Refused, match=f"{allowed + 1} work accounts on WeCom, at most {allowed}"):
        work(register, employee, 9)


@pytest.mark.rule("s1-12-r01", "s1-21-r01")
def test_the_comparison_lists_the_employees_without_account(register: Register) -> None:
    register.lay_down(work_accounts=1)
    staff = [register.person(f"员工{n}", post="专员") for n in range(12)]
    for number, person in enumerate(staff[:-2]):
        work(register, person, number)
    student, gone = (
        register.person("学生", kind="student"),
        register.person("前员工", in_service_until=date(2026, 1, 1)),
    )
    listed = [p.name for p in (*staff, student, gone) if "no_work_account" in register.findings(p)]
    assert listed == ["员工10", "员工11"]


@pytest.mark.rule("s1-02-r03")
def test_the_profile_shows_the_position(register: Register) -> None:
    register.lay_down(work_accounts=1)
    employee = register.person("李雷", post=" ")
    work(register, employee)
    assert "shows no position" in register.findings(employee)["work_profile_incomplete"]


@pytest.mark.rule("s1-01-r01")
def test_an_id_belongs_to_one_person(register: Register) -> None:
    work(register, register.person("林芳"))
    with pytest.raises(Refused, match="already has this ID"):
        work(register, register.person("王强"))


@pytest.mark.rule("s1-11-r03", "s1-21-r11")
def test_who_leaves_hands_the_work_account_back(register: Register) -> None:
    employee = register.person("陈静", in_service_until=date(2026, 3, 31))
    account = register.account("工作号", platform="wecom", responsible=employee)
    assert "responsible_left" not in register.findings(account, on=date(2026, 3, 31))
    assert "responsible_left" in register.findings(account, on=date(2026, 4, 1))
    services.change_account(account, None, {"responsible": register.responsible})
    assert "responsible_left" not in register.findings(account, on=date(2026, 4, 1))
