"""What an operator has to know is confirmed before or listed after; who asked for a new password is kept."""

from __future__ import annotations

from datetime import date

import pytest

from panel.audit.models import Entry
from panel.errors import Refused
from plugins.accounts import services
from plugins.accounts.life.judging import notices
from tests.policies.conftest import Register

CONFIRMED = "熟悉法律法规和校规\n具备写作编辑能力\n\n 责任心强 \n责任心强"


@pytest.mark.rule("s1-17-r04", "s2-01-r05")
def test_an_operator_is_listed_until_enough_is_confirmed(register: Register) -> None:
    account = register.account("校园之声", platform="weibo")
    term = services.assign_operator(account, register.person("郑洁"))
    assert "operator_unqualified" not in register.findings(account)  # no policy asks for it
    register.lay_down(qualifications=3)
    assert "郑洁" in register.findings(account)["operator_unqualified"]
    services.confirm_qualifications(term, "熟悉法律法规\n会写作")
    assert "operator_unqualified" in register.findings(account)
    services.confirm_qualifications(term, CONFIRMED)
    assert term.qualifications.splitlines() == ["熟悉法律法规和校规", "具备写作编辑能力", "责任心强"]
    assert "operator_unqualified" not in register.findings(account)
    services.end_operator(term)
    with pytest.raises(Refused, match="ended"):
        services.confirm_qualifications(term, "迟了")


@pytest.mark.rule("s2-04-r02")
def test_a_proposal_without_them_is_refused(register: Register) -> None:
    account = register.account("校园之声", platform="weibo")
    register.lay_down(qualifications=3)
    person = register.person("田甜")
    proposal = services.draft("appointment", {"operators": [person], "reason": "新学年"}, account)
    with pytest.raises(Refused) as refused:
        services.submit(proposal, True)
    assert refused.value.field == "qualifications"
    services.amend(proposal, None, {"qualifications": CONFIRMED})
    assert "qualifications" not in {n.field for n in notices(proposal)}


@pytest.mark.rule("s2-07-r10")
def test_who_asked_for_a_new_password_and_who_made_it_are_kept(register: Register) -> None:
    account, editor, member = register.account("校网"), register.person("网络编辑"), register.person("冯琳")
    change = services.record_password_change(account, date(2026, 3, 2), editor, "忘记密码，找回", member)
    assert (change.on, change.person_id, change.asked_by_id) == (date(2026, 3, 2), editor.id, member.id)
    entry = Entry.select().where(Entry.subject_type == "accounts.password_change").get()
    assert entry.after["asked_by"] in (member.id, "冯琳") or "冯琳" in str(entry.after["asked_by"])
    assert not {name for name in entry.after if "password" in name and name != "password_changed_on"}
