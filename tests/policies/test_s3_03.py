"""新媒体管理办法 (university): official accounts, students, Party secretaries, sealed copies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from panel.checks.engine import today_in
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.models import SealedCopy
from tests.policies.conftest import Register


@pytest.mark.rule("s3-03-r01")
@pytest.mark.parametrize(("certification", "official"), [(None, False), ("none", False), ("public", True)])
def test_without_real_name_verification_it_is_not_official(
    register: Register, certification: str | None, official: bool
) -> None:
    register.lay_down(verification_required=True)
    account = register.account("信息学院微博", platform="weibo", certification=certification)
    assert ("not_verified" in register.findings(account)) is not official


@pytest.mark.rule("s3-03-r14")
def test_a_college_account_is_answered_for_by_its_party_branch_secretary(register: Register) -> None:
    register.lay_down(faculty_post="党总支书记")
    dean = register.person("院长甲", post="院长")
    secretary = register.person("书记乙", post="学院党总支书记")
    account = register.account("信息学院", responsible=dean)
    assert "党总支书记" in register.findings(account)["responsible_wrong_post"]
    services.change_account(account, None, {"responsible": secretary})
    assert "responsible_wrong_post" not in register.findings(account)
    office = register.account("宣传部", responsible=dean, unit=register.world.office)
    assert "responsible_wrong_post" not in register.findings(office)


@pytest.mark.rule("s3-03-r16")
def test_students_are_given_no_account_to_manage(register: Register) -> None:
    account = register.account("信息学院微博", platform="weibo")
    student = register.person("小何", kind="student")
    with pytest.raises(Refused, match="小何 is a student and administers"):
        services.assign_operator(account, student, "administrator")
    services.assign_operator(account, student, "long")  # to help is allowed
    register.lay_down(students_may_administer=True)
    services.assign_operator(account, register.person("小林", kind="student"), "administrator")


@pytest.mark.rule("s3-03-r21")
@pytest.mark.parametrize(
    ("changed", "sealed", "outdated"),
    [
        (date(2026, 3, 2), date(2026, 1, 10), True),
        (date(2026, 3, 2), date(2026, 3, 2), False),
        (date(2025, 12, 31), date(2026, 1, 10), False),
        (None, date(2026, 1, 10), False),
    ],
)
def test_the_sealed_copy_is_of_the_present_password(
    register: Register, changed: date | None, sealed: date, outdated: bool
) -> None:
    account = register.account("信息学院微博", platform="weibo", password_changed_on=changed)
    assert "sealed_copy_missing" in register.findings(account)
    register.add(SealedCopy, account=account, place="档案室", sealed_on=sealed, sealed_by=register.responsible)
    found = register.findings(account)
    assert "sealed_copy_missing" not in found
    assert ("sealed_copy_outdated" in found) is outdated


@pytest.mark.rule("s3-03-r21")
def test_a_new_envelope_closes_the_finding_at_once(register: Register) -> None:
    today = today_in(register.uni)
    account = register.account(password_changed_on=today)
    register.add(
        SealedCopy, account=account, place="档案室", sealed_on=today - timedelta(days=9), sealed_by=register.responsible
    )
    assert "sealed_copy_outdated" in register.findings(account, on=today)
    services.seal_copy(account, "档案室", register.responsible)
    assert "sealed_copy_outdated" not in register.findings(account, on=today)
