"""What is offered, what is proposed, who decides, and what a sanction does elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel import records
from panel.access.models import Grant, Role
from panel.approvals import services as approvals
from panel.approvals.chains import import_text
from panel.approvals.models import Task
from panel.errors import Refused
from panel.i18n import today
from panel.org.models import Person
from plugins.accounts import services as accounts
from plugins.accounts.models import Account
from plugins.content.models import Release, Submission
from plugins.violations import services
from plugins.violations.ladder import earlier, offered, proposal, targets
from plugins.violations.models import Case, Sanction
from plugins.violations.policy import BreachKind, SanctionStep
from tests.violations.conftest import Office

CHAIN = """
[[chain]]
subject = "violations.sanction"
name = "处分审批"
when = [{field = "severity", is = ["serious"]}]
own = true
[[chain.steps]]
name = "领导审批"
who = "role"
role = "lead"
of = "all"
"""


# ── the ladders of the source policies ─────────────────────────────────────────────────────────


@pytest.mark.rule("s0-01-r11")
def test_the_platform_has_four_and_a_pause_stops_releases(office: Office, clock: Callable[[str], None]) -> None:
    office.preset("platform-measures")
    clock("2026-03-02")
    account = office.account()
    case = office.founded(account=account)
    assert office.offers(case) == ["警告", "限制功能", "暂停更新", "关闭账号"]
    with pytest.raises(Refused, match="last day"):
        services.sanction(case, "暂停更新", reason="情节较重")
    services.sanction(case, "暂停更新", until=date(2026, 4, 1), reason="情节较重")
    with pytest.raises(Refused, match="suspended until"):
        release(office, account, date(2026, 3, 15))


@pytest.mark.rule("s1-09-r13")
def test_a_suspended_account_is_suspended_until_its_day(office: Office, clock: Callable[[str], None]) -> None:
    office.preset("platform-service")
    clock("2026-03-02")
    account = office.account()
    case = office.founded(account=account)
    assert office.offers(case) == ["暂停", "终止"]
    made = services.sanction(case, "暂停", until=date(2026, 4, 1))
    assert Account.get_by_id(account.id).status == "suspended"
    clock("2026-04-01")
    assert services.settle_suspensions(office.uni) == {"begun": 0, "ended": 0}
    clock("2026-04-02")
    assert services.settle_suspensions(office.uni) == {"begun": 0, "ended": 1}
    assert services.settle_suspensions(office.uni) == {"begun": 0, "ended": 0}
    assert Account.get_by_id(account.id).status == "active"
    assert Sanction.get_by_id(made.id).state == "lifted"


@pytest.mark.rule("s1-16-r09")
def test_who_is_suspended_releases_nothing(office: Office, clock: Callable[[str], None]) -> None:
    office.preset("hospital-medical")
    records.update(office.world.root_unit, name="信息科")
    clock("2026-03-02")
    nurse, account = office.person("护士"), office.account()
    case = office.founded(person=nurse)
    assert office.offers(case) == ["警告", "暂停", "取消使用资格"]
    services.sanction(case, "暂停", since=date(2026, 3, 2), until=date(2026, 3, 31), reason="有后果")
    with pytest.raises(Refused, match="suspended until"):
        release(office, account, date(2026, 3, 15), by=nurse)
    release(office, account, date(2026, 3, 15), by=office.person("同事"))
    release(office, account, date(2026, 4, 1), by=nurse)


@pytest.mark.rule("s1-08-r14")
def test_who_lost_the_right_is_assigned_no_account(office: Office) -> None:
    office.preset("company-wechat-security")
    person, account = office.person("张帆"), office.account()
    case = office.founded(person=person, severity="serious")
    assert office.offers(case) == ["警告", "通报批评", "限制使用", "永久取消使用资格", "依法追究法律责任"]
    made = office.done(case, "永久取消使用资格", reason="情节特别严重")
    for act in (
        lambda: accounts.assign_operator(account, person),
        lambda: accounts.add_custodian(account, person, way="in_person"),
        lambda: accounts.change_account(account, None, {"responsible": person}),
    ):
        with pytest.raises(Refused, match="lost the right"):
            act()
    services.lift(Sanction.get_by_id(made.id), "申诉成立")
    accounts.assign_operator(account, person)


@pytest.mark.rule("s1-01-r07")
def test_a_fine_has_an_amount(office: Office) -> None:
    office.preset("company-wechat-staff")
    case = office.founded(person=office.person("孙磊"), severity="serious")
    assert office.offers(case) == ["警告", "罚款", "解除劳动合同"]
    with pytest.raises(Refused, match="amount"):
        services.sanction(case, "罚款", reason="屡教不改")
    made = services.sanction(case, "罚款", amount=50_000, reason="屡教不改")
    assert (made.amount, made.decided_by, made.decided_on) == (50_000, office.alice, today())
    services.carry_out(made, "已缴纳")
    records.update(SanctionStep.get(SanctionStep.name == "罚款"), ceiling=20_000)
    with pytest.raises(Refused, match="At most"):
        services.sanction(case, "罚款", amount=50_000, reason="屡教不改")


@pytest.mark.rule("s1-02-r11")
def test_the_contract_is_ended_for_serious_offenders_alone(office: Office) -> None:
    office.preset("company-work-accounts")
    minor = office.founded(person=office.person("周婷"), severity="minor")
    with pytest.raises(Refused, match="not offered"):
        services.sanction(minor, "解除劳动合同", reason="x")
    assert office.offers(minor) == ["警告", "通报批评"]
    assert "解除劳动合同" in office.offers(office.founded(person=office.person(), severity="serious"))


@pytest.mark.rule("s1-11-r14")
def test_dismissal_is_for_serious_breaches(office: Office) -> None:
    office.preset("company-staff-rules")
    assert "解雇" in office.offers(office.founded(person=office.person(), severity="serious"))
    assert "解雇" not in office.offers(office.founded(person=office.person(), severity="minor"))


@pytest.mark.rule("s1-17-r10")
def test_warnings_for_minor_the_rest_for_serious(office: Office) -> None:
    office.preset("school-platform-admin")
    assert office.offers(office.case(person=office.person(), severity="minor")) == ["口头警告", "书面警告"]
    serious = office.offers(office.case(person=office.person(), severity="serious"))
    assert serious == ["通报批评", "停职检查", "解除聘用合同"]


@pytest.mark.rule("s1-05-r06", "s1-05-r08", "s1-05-r12")
def test_kinds_have_ladders_of_their_own(office: Office) -> None:
    office.preset("platform-operator")
    account = office.account()
    assert office.offers(office.case("注册认证违规", account=account)) == ["警告", "封禁", "注销"]
    assert office.offers(office.case("内容违规", account=account)) == ["警告", "处罚", "封禁"]
    assert set(office.offers(office.case("刷粉、刷量", account=account))) == {"封禁账号", "限制功能"}
    kind = office.kind("内容违规")
    services.rename_kind(kind, kind.version, {"name": "内容不合规"})
    assert office.offers(office.case("内容不合规", account=account)) == ["警告", "处罚", "封禁"]


@pytest.mark.rule("s1-18-r09")
def test_users_get_one_of_three(office: Office) -> None:
    office.preset("community")
    assert office.offers(office.founded(person=office.person())) == ["警告", "屏蔽", "封号"]


@pytest.mark.rule("s1-22-r10")
def test_four_levels_after_the_investigation(office: Office) -> None:
    office.preset("company-new-media")
    case = office.case(person=office.person())
    with pytest.raises(Refused, match="investigated"):
        services.sanction(case, "警告或通报批评")
    office.find(case)
    levels = ["警告或通报批评", "扣除绩效工资、奖金", "暂停使用公司平台", "解除劳动合同"]
    assert office.offers(Case.get_by_id(case.id)) == levels


@pytest.mark.rule("s1-02-r05", "s1-11-r05", "s1-20-r03", "s1-20-r08", "s1-22-r06")
@pytest.mark.parametrize(
    ("preset", "kinds"),
    [
        (
            "company-work-accounts",
            "从事违法活动 泄露商业秘密或员工隐私 发布虚假、低俗、有害信息 利用企业微信不正当竞争",
        ),
        ("company-staff-rules", "广告 色情 暴力"),
        (
            "company-wechat-internal",
            "发布违法信息 损害公司形象 泄露商业秘密或客户资料 与工作无关的私人往来 赌博、色情等活动 转发未经证实信息",
        ),
        ("company-new-media", "不文明用语 发布无关的私人信息 侮辱、诬告他人 宣扬迷信、散布谣言 违法活动"),
    ],
)
def test_the_kinds_of_the_policies_are_offered(office: Office, preset: str, kinds: str) -> None:
    office.preset(preset)
    named = BreachKind.select().where(BreachKind.institution == office.uni, BreachKind.active)
    assert set(kinds.split()) <= {kind.name for kind in named}
    last = kinds.split()[-1]
    case = office.case(last, person=office.person("周婷"), link="https://example.com/forward")
    assert (case.kind.name, case.link) == (last, "https://example.com/forward")


# ── what is proposed ───────────────────────────────────────────────────────────────────────────


def test_each_earlier_case_leads_a_step_up(office: Office, clock: Callable[[str], None]) -> None:
    office.lay_down(repeat_months=12)
    person = office.person()
    clock("2024-06-01")
    long_ago = office.founded(person=person)
    clock("2026-03-02")
    first = office.founded(person=person)
    (target,) = targets(first)
    assert earlier(first, target) == 0
    office.done(first, "警告")
    office.founded(person=office.person("别人"))
    dismissed = office.case(person=person)
    services.take_up(dismissed)
    services.record_findings(dismissed, "不属实")
    services.decide(dismissed, "unfounded", "查无此事")
    second = office.founded(person=person)
    assert earlier(second, target) == 1
    with pytest.raises(Refused, match="proposes “通报批评”"):
        services.sanction(second, "警告")
    made = services.sanction(second, "警告", reason="主动消除影响")
    assert (made.proposed, made.earlier, made.reason) == ("通报批评", 1, "主动消除影响")
    office.lay_down(repeat_months=None)
    assert earlier(second, target) == 2
    assert long_ago.verdict == "founded"


@pytest.mark.one_database
@given(st.lists(st.none() | st.integers(0, 6), max_size=6), st.integers(0, 9))
def test_the_proposal_climbs_and_never_falls(after: list[int | None], before: int) -> None:
    steps = [SanctionStep(name=str(n), position=n, after=value) for n, value in enumerate(after)]
    found, next_one = proposal(steps, before), proposal(steps, before + 1)
    if not steps:
        assert found is None
        return
    assert found is not None
    assert next_one is not None
    assert steps.index(next_one) >= steps.index(found)
    if all(value is None for value in after):
        assert steps.index(found) == min(before, len(steps) - 1)


def test_a_ladder_holds_from_day_to_day(office: Office) -> None:
    case = office.case(person=office.person())
    (target,) = targets(case)
    for name, since, until in (("旧", None, date(2026, 1, 31)), ("新", date(2026, 2, 1), None)):
        records.create(SanctionStep, institution=office.uni, name=name, valid_from=since, valid_until=until)
    assert [s.name for s in offered(case, target, date(2026, 1, 31))] == ["旧"]
    assert [s.name for s in offered(case, target, date(2026, 2, 1))] == ["新"]
    with pytest.raises(Refused, match="not before the first"):
        records.create(
            SanctionStep, institution=office.uni, name="x", valid_from=date(2026, 2, 2), valid_until=date(2026, 2, 1)
        )
    with pytest.raises(Refused, match="lightest"):
        records.create(SanctionStep, institution=office.uni, name="y", least="serious", most="minor")


def test_a_chain_signs_before_anything_takes_effect(office: Office) -> None:
    role = Role.get_or_none(Role.institution == office.uni, Role.code == "lead") or records.create(
        Role, institution=office.uni, code="lead", name="单位负责人", permissions=[]
    )
    records.create(
        Grant, institution=office.uni, user=office.world.users["alice"], role=role, unit=office.world.root_unit
    )
    import_text(office.uni, CHAIN)
    account = office.account()
    case = office.founded(account=account, severity="serious")
    made = services.sanction(case, "暂停使用", reason="影响恶劣")
    assert (made.state, Account.get_by_id(account.id).status) == ("waiting", "active")
    with pytest.raises(Refused, match="not waiting to be carried out"):
        services.carry_out(made, "x")
    with pytest.raises(Refused, match="in approval"):
        services.reopen(case, "x")
    (task,) = Task.select().where(Task.request == approvals.approval_of(made, "violations.sanction"))
    approvals.decide(task, "approve", "同意")
    assert Sanction.get_by_id(made.id).state == "decided"
    assert Account.get_by_id(account.id).status == "suspended"


# ── elsewhere ──────────────────────────────────────────────────────────────────────────────────


def release(office: Office, account: Account, on: date, by: Person | None = None) -> Any:
    piece = records.create(
        Submission,
        institution=office.uni,
        unit=office.world.faculty,
        headline="通知",
        kind="article",
        state="released",
        frozen="x",
        released_on=on,
    )
    return records.create(
        Release, institution=office.uni, submission=piece, account=account, released_on=on, by=by or office.alice
    )


@pytest.mark.rule("s2-01-r07")
def test_releases_stop_until_the_rectification_is_accepted(office: Office) -> None:
    office.preset("youth-league-school")
    account = office.account()
    case = office.case(account=account)
    assert case.stopped_on == today()
    with pytest.raises(Refused, match="stopped until"):
        release(office, account, today())
    office.find(case)
    measure = services.order_measure(case, "rectify", today() + timedelta(7))
    with pytest.raises(Refused, match="still open"):
        services.accept_rectification(case)
    services.do_measure(measure, "已整改")
    services.accept_rectification(case)
    release(office, account, today())
    unfounded = office.case(account=account)
    services.take_up(unfounded)
    services.record_findings(unfounded, "不属实")
    services.decide(unfounded, "unfounded", "查无此事")
    release(office, account, today())


@pytest.mark.rule("s1-04-r12", "s2-08-r12")
def test_a_release_without_the_right_opens_a_case(office: Office) -> None:
    stranger, account = office.person("擅自发布者"), office.account()
    release(office, account, today(), by=stranger)
    assert not Case.select().exists()
    office.preset("school-publicity-layout")
    made = release(office, account, today(), by=stranger)
    case = Case.get()
    assert (case.kind.name, case.person, case.account) == ("未经授权擅自发布", stranger, account)
    assert (case.source_type, case.source_id) == ("content.release", made.id)
    release(office, account, today(), by=account.responsible)
    release(office, account, today())  # alice may release in the panel
    accounts.assign_operator(account, stranger)
    release(office, account, today(), by=stranger)
    assert Case.select().count() == 1


@pytest.mark.rule("s3-03-r05", "s3-03-r06")
def test_strange_accounts_are_logged_with_link_partner_and_platform(office: Office) -> None:
    office.preset("jinhua-college")
    day = today() - timedelta(3)
    found = office.case("未经批准开设账号", about="金华学院吧", link="https://example.com/x", happened_on=day)
    assert (found.kind.name, found.link, found.happened_on) == ("未经批准开设账号", "https://example.com/x", day)
    joint = office.case("擅自与校外联合开办学校主题平台", partner="某传媒公司", platform="抖音")
    assert (joint.partner, joint.platform, joint.accused) == ("某传媒公司", "抖音", "")
