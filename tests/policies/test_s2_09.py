"""School rules on who keeps the account and its password: s2-09, s2-01, s2-02, s2-03, s2-04 and the like."""

from __future__ import annotations

from datetime import date

import pytest

from panel import records
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Custodian
from tests.policies.conftest import Register


@pytest.mark.rule("s2-09-r21")
def test_the_password_is_kept_by_the_school_office_alone(register: Register) -> None:
    register.lay_down(custodian_unit="学校办公室")
    office, teaching = register.unit("学校办公室"), register.unit("教务处")
    account = register.account()
    services.add_custodian(account, register.person("办公室甲", unit=office))
    outsider = register.person("教务乙", unit=teaching)
    with pytest.raises(Refused, match="教务乙 keeps the password and is not in 学校办公室"):
        services.add_custodian(account, outsider)
    register.add(Custodian, account=account, person=outsider)
    assert "教务乙" in register.findings(account)["custodian_outside"]
    records.update(outsider, unit=office)
    assert "custodian_outside" not in register.findings(account)


@pytest.mark.rule("s2-01-r18", "s2-04-r11")
def test_keepers_sign_an_undertaking(register: Register) -> None:
    register.lay_down(undertaking_required=True)
    account = register.account()
    term = register.add(Custodian, account=account, person=register.person("何苗"))
    assert "何苗" in register.findings(account)["undertaking_missing"]
    records.update(term, undertaking_on=date(2026, 3, 1))
    assert "undertaking_missing" not in register.findings(account)


@pytest.mark.rule("s2-02-r01")
def test_an_account_without_filing_number_is_not_filed(register: Register) -> None:
    assert "Not filed" in register.findings(register.account("一中发布"))["not_filed"]


@pytest.mark.rule("s2-03-r09")
def test_the_official_account_is_applied_for_by_the_publicity_department(register: Register) -> None:
    register.lay_down(official_unit="党委宣传部")
    values = {
        "name": "示例大学",
        "platform": register.platform("weibo"),
        "responsible": register.responsible,
        "level": "institution",
    }
    with pytest.raises(Refused, match="理学院"):
        services.register_account({**values, "unit": register.world.faculty})
    assert services.register_account({**values, "unit": register.world.office})


@pytest.mark.rule(
    "s0-05-r02", "s0-08-r10", "s1-04-r02", "s1-08-r01", "s1-13-r02", "s1-22-r02", "s2-08-r02", "s2-09-r02", "s3-04-r02"
)
@pytest.mark.parametrize(
    "keeper",
    [
        "学校微信公众号工作领导小组办公室",
        "宣传科",
        "宣传部门",
        "信息技术部门",
        "市场部",
        "新媒体管理部门",
        "学校办公室",
        "电商部",
    ],
)
def test_the_keeper_the_rules_name_keeps_the_accounts_of_the_institution(register: Register, keeper: str) -> None:
    register.lay_down(official_unit=keeper)
    account = register.account("官方", level="institution", unit=register.unit(keeper))
    assert "official_elsewhere" not in register.findings(account)
    other = register.account("另一官方", level="institution")
    assert keeper in register.findings(other)["official_elsewhere"]


@pytest.mark.rule("s2-01-r12")
def test_stale_accounts_are_found(register: Register) -> None:
    register.lay_down(silent_days=30)
    assert "silent" in register.findings(register.account(published_on=date(2026, 1, 30)))
    assert "silent" not in register.findings(register.account("新", published_on=date(2026, 1, 31)))


@pytest.mark.rule("s2-01-r01", "s0-01-r01")
def test_the_rules_cover_every_account_of_every_platform(register: Register) -> None:
    kinds = ("wechat_subscription", "wechat_service", "wechat_mini", "weibo", "douyin", "wecom", "website")
    accounts = [register.account(kind, platform=kind) for kind in kinds]
    assert all("no_custodian" in register.findings(account) for account in accounts)
