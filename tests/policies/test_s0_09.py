"""对外网站及微信公众号管理办法 (company): the subject of an account, filing of sites."""

from __future__ import annotations

import pytest

from panel.errors import Refused
from plugins.accounts import services
from tests.policies.conftest import Register


@pytest.mark.rule("s0-09-r03")
def test_a_company_account_has_the_company_as_its_subject(register: Register) -> None:
    values = {
        "name": "公司之声",
        "platform": register.platform("wechat_service"),
        "unit": register.world.office,
        "responsible": register.responsible,
    }
    with pytest.raises(Refused, match="李四"):
        services.register_account({**values, "entity": "李四（个人）", "entity_kind": "individual"})
    assert services.register_account({**values, "entity": "某信息技术股份有限公司"})


@pytest.mark.rule("s0-09-r06", "s0-09-r08")
@pytest.mark.parametrize("number", ["", "京ICP备05012345号"])
def test_a_site_without_its_number_is_listed(register: Register, number: str) -> None:
    site = register.account("子公司官网", platform="website", filing_number=number)
    assert ("site_without_icp" in register.findings(site)) is (number == "")
    account = register.account("公众号")
    assert "site_without_icp" not in register.findings(account)


@pytest.mark.rule("s0-09-r18")
def test_internal_filing_covers_subsidiaries(register: Register) -> None:
    subsidiary = register.unit("子公司", "subsidiary")
    assert "not_filed" in register.findings(register.account("子公司之声", unit=subsidiary))
