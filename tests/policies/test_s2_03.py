"""公众账号管理 (school): the official account is verified, those of colleges and students may be."""

from __future__ import annotations

import pytest

from tests.policies.conftest import Register


@pytest.mark.rule("s2-03-r10")
def test_only_the_official_account_must_be_verified(register: Register) -> None:
    register.lay_down(verification_required=True)
    official, college, unnamed = (
        register.account(name, platform="weibo", level=level)
        for name, level in (("官方微博", "institution"), ("学院微博", "second"), ("未定级", None))
    )
    assert "not_verified" in register.findings(college), "as long as the policy makes no difference"
    register.lay_down(verification_required=True, verification_own_only=True)
    assert "not_verified" in register.findings(official)
    for optional in (college, unnamed):
        assert "not_verified" not in register.findings(optional)
