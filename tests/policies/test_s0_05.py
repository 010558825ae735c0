"""xx 学校微信公众号管理办法: officers of the units, devices."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from panel import records
from panel.access.models import Grant, Role, User
from panel.access.policy import AccessPolicy
from panel.checks import policy
from panel.errors import Refused
from plugins.accounts.models import Device
from tests.policies.conftest import Register


@pytest.fixture
def officers(register: Register) -> Any:
    """Names people information officers of a unit; gives the unit's findings."""
    role = register.add(Role, code="clerk", name="信息员")

    def name(unit: Any, number: int) -> None:
        for _each in range(number):
            person = register.person("某", unit=unit)
            user = register.add(User, username=f"u{person.id}", person=person)
            records.create(Grant, institution=register.uni, user=user, role=role, unit=unit)

    return name


@pytest.mark.rule("s0-05-r03", "s0-08-r08")
@pytest.mark.parametrize("kind", ["function", "clinical"])
def test_each_unit_has_exactly_one_officer(register: Register, officers: Any, kind: str) -> None:
    policy.change(AccessPolicy, register.uni, policy.BEGINNING, {"officers_least": 1, "officers_most": 1})
    unit = register.unit("总务处", kind)
    assert "officer_missing" in register.findings(unit)
    officers(unit, 1)
    assert register.findings(unit) == {}
    with pytest.raises(Refused, match="2 information officers are named, at most 1"):
        officers(unit, 1)


@pytest.mark.rule("s1-03-r04", "s2-09-r04", "s1-21-r12")
def test_the_finding_names_exactly_the_unit_that_has_nobody(register: Register, officers: Any, world: Any) -> None:
    policy.change(AccessPolicy, register.uni, policy.BEGINNING, {"officers_least": 1, "officers_most": None})
    departments = [world.office, world.faculty, world.lab, *(register.unit(f"学院 {n}", "faculty") for n in range(8))]
    languages = register.unit("外语学院", "faculty")
    for unit in departments:
        officers(unit, 1)
    officers(departments[0], 2)  # more than one is fine
    assert [
        u.name for u in (*departments, languages, world.root_unit) if "officer_missing" in register.findings(u)
    ] == ["外语学院"]


@pytest.mark.rule("s0-05-r08")
def test_phones_and_tablets_are_registered(register: Register) -> None:
    register.lay_down(devices_required=True)
    account = register.account("安边校务", bound_phone_owner=register.responsible)
    found = register.findings(account)
    assert "no_device" in found
    assert "孙雨桐" in found["personal_phone"]
    register.add(Device, account=account, kind="phone", label="值班手机", since=date(2026, 1, 1))
    assert "no_device" not in register.findings(account)
