"""党政机关企事业单位微信公众平台管理办法: owner, keeper of the password, filing. s0-06 repeats it."""

from __future__ import annotations

from datetime import date

import pytest

from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Custodian
from tests.policies.conftest import Register


@pytest.mark.rule("s0-03-r01", "s0-06-r01")
def test_the_official_account_belongs_to_the_publicity_department(register: Register) -> None:
    register.lay_down(official_unit="党委宣传部")
    account = register.account(
        "示例大学", identifier="x1951", register_key="wechat:x1951", level="institution", unit=register.world.office
    )
    assert register.findings(account).keys().isdisjoint({"official_elsewhere"})
    with pytest.raises(Refused, match="is kept by 理学院, not by 党委宣传部"):
        services.change_account(account, None, {"unit": register.world.faculty})


@pytest.mark.rule("s0-03-r04")
def test_without_a_designated_keeper_a_finding_opens(register: Register) -> None:
    account = register.account()
    assert register.findings(account)["no_custodian"] == "No designated password keeper"
    register.add(Custodian, account=account, person=register.responsible)
    assert "no_custodian" not in register.findings(account)


@pytest.mark.rule("s0-03-r08")
@pytest.mark.parametrize("filing", [{"filing_number": "示大备〔2019〕017 号"}, {"filed_on": date(2019, 4, 2)}, {}])
def test_an_account_without_its_filing_is_listed(register: Register, filing: dict[str, object]) -> None:
    account = register.account("物理学院", **filing)
    assert ("not_filed" in register.findings(account)) is (not filing)
