"""From the report to the closing: who may know, who may handle, what must have been done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from panel import audit, records
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.audit.models import Entry
from panel.errors import NotFound, Refused
from panel.i18n import today
from panel.notify.models import Message
from panel.obligations.kinds import Evidence
from panel.obligations.services import complete
from plugins.violations import services
from plugins.violations.choices import MOVES, CaseState
from plugins.violations.models import Case, Measure, Report, Sanction
from tests.violations.conftest import Office

PAPER = f"{'0' * 64}.pdf"


@pytest.mark.rule("s1-18-r08", "s2-02-r13")
def test_a_report_is_a_case_and_nobody_reads_who_it_was(office: Office) -> None:
    role = records.create(Role, institution=office.uni, code="publicity", name="宣传部", permissions=[])
    records.create(
        Grant, institution=office.uni, user=office.world.users["carol"], role=role, unit=office.world.root_unit
    )
    with acting_as(office.world.identity("dave")):  # has no grant at all
        report = services.report_breach(
            office.uni, "公众号发布了虚假招生信息", about="校园资讯", link="https://example.com/1",
            file=PAPER, file_name="截图.pdf",
        )  # fmt: skip
    case = Case.get_by_id(report.case_id)
    assert (case.state, case.source, case.facts) == ("reported", "report", "公众号发布了虚假招生信息")
    assert case.evidence.get().file_name == "截图.pdf"
    assert report.reporter == office.world.users["dave"]
    told = {m.person.name for m in Message.select() if str(case.id) in m.text}
    assert told == {"Carol"}  # the office has it at once
    entries = Entry.select().where(Entry.subject_type.in_(("violations.case", "violations.report")))
    written = [f"{e.user_name} {e.user_id} {e.before} {e.after}" for e in entries]
    assert written
    assert not [text for text in written if "dave" in text.lower()]
    assert [e.user_id for e in entries] == [None] * len(written)
    unnamed = services.report_breach(office.uni, "有人刷粉", anonymous=True)
    assert unnamed.reporter is None
    with pytest.raises(Refused):
        services.report_breach(office.uni, "  ")


@pytest.mark.rule("s0-01-r10", "s1-06-r06")
def test_nothing_is_sanctioned_before_a_person_has_found_it(office: Office) -> None:
    case = office.case(person=office.person())
    with pytest.raises(Refused, match="investigated"):
        services.sanction(case, "警告")
    with pytest.raises(Refused, match="cannot be done"):
        services.decide(case, "founded", "理由")
    services.take_up(case)
    with pytest.raises(Refused, match="investigation"):
        services.decide(case, "founded", "理由")
    services.record_findings(case, "经查属实")
    with pytest.raises(Refused, match="investigated"):
        services.sanction(case, "警告")
    with acting_as(office.world.identity("root")), pytest.raises(Refused):  # no verdict by nobody
        services.decide(case, "founded", "  ")
    services.decide(case, "founded", "事实清楚")
    made = services.sanction(case, "警告")
    assert (made.decided_by, made.decided_on, made.state) == (office.alice, today(), "decided")
    with pytest.raises(Refused, match="decided already"):  # a second click
        services.sanction(case, "警告")


@pytest.mark.rule("s1-16-r08")
def test_only_the_named_office_handles(office: Office) -> None:
    office.preset("hospital-medical")  # 信息科
    case = office.case(person=office.person())
    with pytest.raises(Refused, match="信息科"):
        services.take_up(case)
    with pytest.raises(Refused, match="信息科"):
        services.sanction(case, "警告")
    records.update(office.world.faculty, name="信息科")  # and whatever is below it
    services.take_up(case, office.person("信息科人员", unit=office.world.lab))


@pytest.mark.rule("s1-18-r10")
def test_nobody_handles_their_own_case(office: Office) -> None:
    office.preset("community")
    case = office.case(person=office.alice)
    with pytest.raises(Refused, match="cannot handle"):
        services.take_up(case)
    with pytest.raises(Refused, match="cannot handle"):
        services.change_case(case, None, {"handler": office.alice})
    with pytest.raises(Refused, match="cannot handle"):
        services.take_up(case, office.alice)
    other = office.founded(person=office.person(), administrator=True)
    assert "纪律处分" in office.offers(other)
    assert "纪律处分" not in office.offers(office.founded(person=office.person("路人")))
    with pytest.raises(Refused, match="cannot handle"):
        services.name_party(other, "leader", other.handler)


def test_the_states_go_their_way_and_no_other(office: Office, clock: Callable[[str], None]) -> None:
    case = office.founded(person=office.person())
    office.done(case)
    assert Case.get_by_id(case.id).state == "carried_out"
    services.close(case, "已处理，谢谢")
    assert Case.get_by_id(case.id).closed_on == today()
    services.appeal(case, "处分过重")
    with pytest.raises(Refused):
        services.close(case)
    services.turn_down(case, "理由不成立")
    assert Case.get_by_id(case.id).state == "carried_out"
    services.reopen(case, "有新的证据")
    case = Case.get_by_id(case.id)
    assert (case.state, case.verdict, [s.state for s in case.sanctions]) == ("investigating", "", ["lifted"])
    services.decide(case, "unfounded", "证据不足")
    services.close(case)
    for state in (CaseState.REPORTED, CaseState.INVESTIGATING):
        assert CaseState.CLOSED not in MOVES[state]
    history = [e.action for e in audit.history(case)]
    assert len(history) > 8


def test_another_institutions_rows_do_not_exist(office: Office) -> None:
    foreign = office.world.people["oscar"]
    with pytest.raises(NotFound):
        office.case(person=foreign)
    case = office.founded(person=office.person())
    for act in (
        lambda: services.order_measure(case, "delete", None, foreign),
        lambda: services.name_party(case, "direct", foreign),
        lambda: services.take_up(case, foreign),
        lambda: services.commend({"institution": office.uni, "person": foreign, "reason": "好"}),
    ):
        with pytest.raises(NotFound):
            act()


# ── what must have been done before closing ────────────────────────────────────────────────────


def closing(office: Office, case: Case) -> str:
    """Why a case cannot be closed; empty once it is."""
    try:
        services.close(case)
    except Refused as refusal:
        return str(refusal.message)
    return ""


@pytest.mark.rule("s1-01-r08", "s4-01-r34")
def test_a_suspected_crime_is_handed_over(office: Office) -> None:
    office.preset("group-company")
    case = office.founded(person=office.person(), crime=True)
    assert office.offers(case) == ["批评教育", "通报批评", "纪律处分"]
    office.done(case)
    assert "referral" in closing(office, case)
    made = services.refer(case, "公安局网安支队", date(2026, 3, 2), receipt="受案字〔2026〕12号")
    assert (made.on, made.receipt) == (date(2026, 3, 2), "受案字〔2026〕12号")
    assert closing(office, case) == ""


@pytest.mark.rule("s1-08-r07")
def test_deletion_has_a_time_and_somebody(office: Office) -> None:
    office.preset("company-wechat-security")
    case = office.founded("发布违规内容", person=office.person())
    office.done(case)
    assert "Delete the content" in closing(office, case)
    measure = services.order_measure(case, "delete", today(), office.person("赵编辑"))
    owed = office.owed("measure", measure)
    assert owed is not None
    assert (owed.person.name, owed.due_on) == ("赵编辑", today())
    assert "measures" in closing(office, case)
    with pytest.raises(Refused, match="what shows"):
        services.do_measure(measure)
    complete(owed, Evidence(today(), "已删除"))
    done = Measure.get_by_id(measure.id)
    assert done.done_at
    assert done.person.name == "赵编辑"
    assert closing(office, case) == ""


@pytest.mark.rule("s3-01-r05")
def test_a_clearing_ends_with_another_name_or_none(office: Office) -> None:
    office.preset("railway-procuratorate")
    case = office.founded("未经批准以单位名义注册账号", about="铁检在线")
    office.done(case)
    assert "Rename the account" in closing(office, case)
    services.do_measure(services.order_measure(case, "stop"), "已停")
    assert "Rename the account" in closing(office, case)
    measure = services.order_measure(case, "cancel")
    services.do_measure(measure, "账号已注销")
    assert Measure.get_by_id(measure.id).done_at
    assert closing(office, case) == ""


@pytest.mark.rule("s1-16-r10", "s1-18-r11", "s1-22-r11")
@pytest.mark.parametrize("found", [{"harm": True}, {"deliberate": True}, {"loss": 800_000}])
def test_legal_liability_is_noted(office: Office, found: dict[str, object]) -> None:
    case = office.founded("散布谣言", person=office.person(), severity="minor", **found)
    services.do_measure(services.order_measure(case, "delete"), "已删")
    office.done(case)
    assert "legal" in closing(office, case)
    services.note_liability(case, "保留追究法律责任的权利")
    assert closing(office, case) == ""
    stored = Case.get_by_id(case.id)
    assert stored.liability == "保留追究法律责任的权利"
    assert stored.loss == found.get("loss", 0)


@pytest.mark.rule("s1-12-r10")
def test_the_superior_is_told(office: Office) -> None:
    office.preset("company-wechat-administrator")
    case = office.founded(person=office.person())
    office.done(case)
    assert "superior" in closing(office, case)
    services.tell_superior(case, "行政总监")
    assert closing(office, case) == ""


@pytest.mark.rule("s3-03-r22", "s3-03-r23")
def test_parties_answer_beside_the_account_and_it_is_closed_by_order(office: Office) -> None:
    office.preset("jinhua-college")
    account = office.account("信息学院微博")
    case = office.founded("损害学校声誉", account=account, severity="serious")
    services.name_party(case, "main", unit=office.world.office)
    services.name_party(case, "direct", office.person("直接责任人"))
    services.name_party(case, "administrator", office.person("管理员"))
    with pytest.raises(Refused, match="named already"):
        services.name_party(case, "main", unit=office.world.office)
    with pytest.raises(Refused, match="one of the two"):
        services.name_party(case, "main")
    assert case.parties.count() == 3
    made = services.sanction(case, "责令关闭账号")
    assert made.account == account
    assert account.applications.get().kind == "closing"
    assert "Closed by order" in account.applications.get().reason
    leak = office.founded("泄露账号密码", account=account, person=office.person("李管理员"))
    party = services.name_party(leak, "direct", office.person("另一责任人"))
    assert services.sanction(leak, "从严处理", target=f"party-{party.id}").person.name == "另一责任人"


# ── what runs out, what stops ──────────────────────────────────────────────────────────────────


def test_investigating_has_its_day_and_its_handler(office: Office) -> None:
    office.lay_down(investigate_days=9)
    case = office.case(person=office.person())
    owed = office.owed("investigate", case)
    assert owed is not None
    assert (owed.due_on, owed.person) == (today() + timedelta(9), None)
    services.take_up(case)
    assert office.owed("investigate", case).person == office.alice  # type: ignore[union-attr]
    services.record_findings(case, "属实")
    services.decide(case, "founded", "理由")
    assert office.owed("investigate", case) is None
    made = services.sanction(case, "警告")
    owed = office.owed("carry_out", made)
    assert owed is not None
    complete(owed, Evidence(today(), "已书面送达"))
    assert Sanction.get_by_id(made.id).state == "carried"
    assert Case.get_by_id(case.id).state == "carried_out"


def test_reports_are_seen_by_their_reporter_alone(office: Office) -> None:
    report = services.report_breach(office.uni, "有人泄密")
    assert Report.get_by_id(report.id).reporter == office.world.users["alice"]
    services.take_up(report.case)
    services.record_findings(report.case, "不属实")
    services.decide(report.case, "unfounded", "查无此事")
    services.close(report.case, "经查不属实，谢谢监督")
    assert Report.get_by_id(report.id).answer == "经查不属实，谢谢监督"
