"""微信公众号管理制度 (university): names, bodies, quota, people, filing of changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panel import records
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Account, Custodian, FormerName, Operator
from plugins.accounts.policy import NamePermit, NameWord, Quota
from tests.policies.conftest import Register

WORDS = ("北京大学", "北大", "Peking University", "PKU", "燕园", "未名")


@pytest.fixture
def protected(register: Register) -> dict[str, NameWord]:
    return {word: register.add(NameWord, word=word) for word in WORDS}


def new(register: Register, name: str, **values: Any) -> Account:
    """Entered at a form."""
    values = {"responsible": register.responsible, "unit": register.world.faculty, **values}
    return services.register_account({"name": name, "platform": register.platform("wechat_subscription"), **values})


@pytest.mark.rule("s0-07-r01")
@pytest.mark.parametrize(
    "name", ["pku读书会", "我爱ＰＫＵ", "北　大青年", "燕園書評", "未名湖畔", "peking university 图书馆"]
)
def test_a_protected_word_is_held_for_authorisation(register: Register, protected: Any, name: str) -> None:
    with pytest.raises(Refused, match="without authorisation") as refused:
        new(register, name)
    assert refused.value.field == "name"
    assert new(register, "理学院读书会")


@pytest.mark.rule("s0-07-r01")
@pytest.mark.parametrize("whose", ["account", "unit"])
def test_with_the_authorisation_on_file_the_name_stands_while_it_holds(
    register: Register, protected: Any, whose: str
) -> None:
    account = register.account("pku读书会")
    assert register.findings(account)["protected_name"] == "The name contains PKU without authorisation"
    holder = {"account": account} if whose == "account" else {"unit": register.world.faculty}
    register.add(
        NamePermit,
        word=protected["PKU"],
        document="宣字 12 号",
        since=date(2026, 1, 1),
        until=date(2026, 3, 31),
        **holder,
    )
    assert "protected_name" not in register.findings(account)
    assert "protected_name" in register.findings(account, on=date(2026, 4, 1))
    with pytest.raises(Refused, match="燕园"):  # another word needs its own
        services.change_account(account, None, {"name": "PKU燕园"})


@pytest.mark.rule("s0-07-r02")
@pytest.mark.parametrize(("kind", "allowed"), [("temporary", False), ("faculty", True), ("function", True)])
def test_no_account_for_a_temporary_body(register: Register, kind: str, allowed: bool) -> None:
    body = register.unit("2026 年学术会议", kind)
    if allowed:
        new(register, "会议通讯", unit=body)
    else:
        with pytest.raises(Refused, match="temporary body"):
            new(register, "会议通讯", unit=body)


@pytest.mark.rule("s0-07-r02")
def test_an_official_account_never_stands_for_an_individual(register: Register) -> None:
    account = register.account(certification="individual")
    assert "individual" in register.findings(account)


@pytest.mark.rule("s0-07-r03", "s0-07-r05")
@pytest.mark.parametrize("kind", ["class", "student", "base", "virtual"])
def test_hosted_bodies_apply_through_their_host(register: Register, kind: str) -> None:
    register.lay_down(second_level_only=True)
    club = register.unit("山鹰社", kind)
    with pytest.raises(Refused, match="the unit that hosts it applies"):
        new(register, "山鹰社之声", unit=club)
    host = register.unit("校团委", "mass")
    assert new(register, "山鹰社之声", unit=host)


@pytest.mark.rule("s0-07-r06")
@pytest.mark.parametrize("quota", [5, 2])
def test_beyond_the_quota_one_must_be_closed_first(register: Register, quota: int) -> None:
    history = register.unit("历史学系", "faculty")
    register.add(Quota, unit=history, most=quota)
    accounts = [new(register, f"历史 {n}", unit=history) for n in range(quota)]
    with pytest.raises(Refused, match=f"{quota + 1} accounts, the quota is {quota}"):
        new(register, "历史新声", unit=history)
    services.change_status(accounts[0], "closing")
    services.change_status(accounts[0], "closed")
    assert new(register, "历史新声", unit=history)


@pytest.mark.rule("s0-07-r06")
def test_a_quota_counts_by_entity_and_platform(register: Register) -> None:
    quota = register.add(Quota, entity="示例大学", platform=register.platform("wechat_subscription"), most=1)
    register.account("一", entity="示例大学")
    register.account("二", entity="示例大学", platform="weibo")
    register.account("三", entity="示例大学基金会")
    assert register.findings(quota) == {}
    register.account("四", entity="示例大学")
    assert "2 accounts" in register.findings(quota)["quota_exceeded"]


@pytest.mark.rule("s0-07-r10")
def test_every_account_names_a_responsible_person_and_an_operator(register: Register) -> None:
    account = register.account("博雅讲坛", responsible=None)
    found = register.findings(account)
    assert found["no_responsible"] == "Responsible person missing"
    assert "no_operator" in found
    register.add(Operator, account=account, person=register.responsible)
    found = register.findings(account)
    assert "no_responsible" in found
    assert "no_operator" not in found


@pytest.mark.rule("s0-07-r11")
def test_a_student_answers_for_no_account(register: Register) -> None:
    student = register.person("陈晨", kind="student")
    with pytest.raises(Refused):
        new(register, "学生之声", responsible=student)
    account = register.account("学生之声", responsible=student)
    assert "陈晨" in register.findings(account)["responsible_not_staff"]


@pytest.mark.rule("s0-07-r11")
def test_staff_who_is_no_leader_is_only_warned_about(register: Register) -> None:
    register.lay_down(leaders_answer=True)
    clerk = register.person("何静")
    account = new(register, "理学院", responsible=clerk)  # outside a form nothing asks
    assert "何静" in register.findings(account)["responsible_no_leader"]
    records.update(clerk, leads_unit=True)
    assert "responsible_no_leader" not in register.findings(account)


@pytest.mark.rule("s0-07-r11")
def test_who_answers_for_an_account_is_in_service(register: Register) -> None:
    gone = register.person("唐建国", in_service_until=date(2026, 2, 27))
    account = register.account(responsible=gone)
    assert "responsible_left" not in register.findings(account, on=date(2026, 2, 27))
    assert "2026-02-27" in register.findings(account, on=date(2026, 2, 28))["responsible_left"]


@pytest.mark.rule("s0-07-r13")
@pytest.mark.parametrize(
    ("kind", "until", "eligible"),
    [
        ("student", date(2026, 7, 1), False),
        ("student", None, True),
        ("staff", date(2026, 7, 2), True),
        ("staff", date(2026, 6, 30), False),
        ("parent", None, False),
        ("contractor", None, False),
    ],
)
def test_an_operator_is_staff_or_an_enrolled_student(register: Register, kind: str, until: Any, eligible: bool) -> None:
    account = register.account()
    operator = register.person("周涛", kind=kind, in_service_until=until)
    register.add(Operator, account=account, person=operator, since=date(2026, 1, 1))
    found = register.findings(account, on=date(2026, 7, 2))
    assert ("operator_not_eligible" in found) is not eligible
    if not eligible:
        assert "周涛 operates the account and is neither in-service staff" in found["operator_not_eligible"]


@pytest.mark.rule("s0-07-r14")
@pytest.mark.parametrize("change", ["name", "operator", "data"])
def test_a_change_that_is_not_filed_in_time_is_listed(register: Register, change: str) -> None:
    register.lay_down(changes_filed_days=3)
    account = register.account(
        filed_on=date(2026, 1, 15), changed_on=date(2026, 3, 2) if change != "operator" else None
    )
    if change == "operator":
        register.add(Operator, account=account, person=register.responsible, since=date(2026, 3, 2))
    assert "change_not_filed" not in register.findings(account, on=date(2026, 3, 5))
    assert "2026-03-02" in register.findings(account, on=date(2026, 3, 6))["change_not_filed"]
    records.update(account, filed_on=date(2026, 3, 6))
    assert "change_not_filed" not in register.findings(account, on=date(2026, 4, 1))


@pytest.mark.rule("s0-07-r14")
def test_a_new_name_counts_as_a_change_to_be_filed(register: Register) -> None:
    account = register.account("燕园书评", filed_on=date(2026, 1, 15))
    services.change_account(account, None, {"purpose": "读书"})
    assert account.changed_on is None
    services.change_account(account, None, {"name": "燕园新书评"})
    assert account.changed_on == FormerName.get().until


@pytest.mark.rule("s0-06-r04", "s0-03-r04")
def test_a_keeper_who_left_keeps_nothing(register: Register) -> None:
    account = register.account()
    assert register.findings(account)["no_custodian"] == "No designated password keeper"
    keeper = register.person("刘洋", in_service_until=date(2026, 3, 1))
    register.add(Custodian, account=account, person=keeper, since=date(2025, 1, 1))
    assert "custodian_left" not in register.findings(account, on=date(2026, 3, 1))
    assert "刘洋" in register.findings(account, on=date(2026, 3, 2))["custodian_left"]
