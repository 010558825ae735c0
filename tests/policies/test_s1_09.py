"""Rules that say what the register covers: kinds of account and holder, the contact list."""

from __future__ import annotations

import pytest

from panel import audit, records
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import Platform
from tests.policies.conftest import Register


@pytest.mark.rule("s1-09-r01", "s1-06-r01")
def test_the_kinds_the_rules_name_are_offered(register: Register) -> None:
    offered = Platform.select().where(Platform.institution == register.uni)
    spoken = {word for p in offered for word in (p.name, *p.synonyms.split("、"))}
    assert {"企业号", "订阅号", "服务号", "公众号", "小程序", "其他"} <= spoken


@pytest.mark.rule("s1-05-r01")
@pytest.mark.parametrize("missing", ["platform", "entity_kind"])
def test_kind_and_holder_are_mandatory(register: Register, missing: str) -> None:
    values = {"name": "甲", "platform": register.platform("weibo"), "unit": register.world.office}
    with pytest.raises(Refused):
        services.register_account({**values, "responsible": register.responsible, missing: None})


@pytest.mark.rule("s1-12-r03")
def test_the_contact_list_follows_a_move_and_logs_it(register: Register) -> None:
    person, purchasing = register.person("李明"), register.unit("采购部")
    records.update(person, unit=purchasing)
    assert person.unit == purchasing
    (change, _entry) = audit.history(person)
    assert change.after["unit"]["text"] == "采购部"
