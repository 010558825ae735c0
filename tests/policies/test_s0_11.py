"""公司公众号管理规定: name and ID, one or two administrators."""

from __future__ import annotations

import pytest

from panel.errors import Refused
from plugins.accounts import services
from tests.policies.conftest import Register


@pytest.mark.rule("s0-11-r01")
def test_name_and_id_are_mandatory_and_unique(register: Register) -> None:
    account = register.account("公司之声")
    assert "ID" in register.findings(account)["incomplete"]
    values = {
        "platform": register.platform("weibo"),
        "unit": register.world.faculty,
        "responsible": register.responsible,
    }
    services.register_account({"name": "甲", "identifier": "chong_qing", **values})
    with pytest.raises(Refused, match="already has this ID"):
        services.register_account({"name": "乙", "identifier": "Chong_Qing ", **values})


@pytest.mark.rule("s0-11-r02")
@pytest.mark.parametrize("limit", [2, 1])
def test_one_or_two_administrators(register: Register, limit: int) -> None:
    register.lay_down(max_administrators=limit, administrator_required=True)
    account = register.account("公司之声", platform="weibo")
    assert "no_administrator" in register.findings(account)
    for number in range(limit):
        services.assign_operator(account, register.person(f"管理{number}"), "administrator")
    assert "no_administrator" not in register.findings(account)
    with pytest.raises(Refused, match=f"{limit + 1} administrators, at most {limit}"):
        services.assign_operator(account, register.person("多一人"), "administrator")
