"""Rules on the institution's own documents, on inspections, and on duties of people beside an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.checks import policy
from panel.errors import Refused
from panel.i18n import today
from panel.notify.models import Message
from panel.obligations.kinds import Evidence
from panel.obligations.models import Obligation
from panel.obligations.services import complete
from panel.org.models import Person, Unit
from plugins.accounts import services as accounts
from plugins.accounts.models import Account
from plugins.oversight import reports, services
from plugins.oversight.choices import Standing
from plugins.oversight.models import Duty, Inspection, Item, MadeKnown, Reading, RuleDocument
from plugins.oversight.policy import DocumentKind, DutyKind, OversightPolicy
from tests.cast import World
from tests.policies.conftest import MARCH, Register

BEFORE = date(2025, 1, 1)


class Office:
    """The university's office of rules: a line makes a document, a duty, an inspection."""

    def __init__(self, register: Register) -> None:
        self.register, self.uni = register, register.uni
        self.kind = DocumentKind.select().where(DocumentKind.institution == self.uni).order_by(DocumentKind.id).get()

    def lay_down(self, **figures: Any) -> None:
        policy.change(OversightPolicy, self.uni, policy.BEGINNING, figures, reason="test")

    def document(self, name: str = "新媒体管理办法", **values: Any) -> RuleDocument:
        """One as it is found."""
        filled = {"kind": self.kind, "unit": self.register.world.root_unit, "interpreter": "党委宣传部", "file": "x"}
        return self.register.add(RuleDocument, name=name, **{**filled, **values})

    def draft(self, name: str = "新媒体管理办法（修订）", **values: Any) -> RuleDocument:
        filled = {"institution": self.uni, "kind": self.kind, "unit": self.register.world.root_unit}
        return services.draft({**filled, "name": name, "interpreter": "党委宣传部", **values})

    def duty_kind(self, name: str = "组长", group: str = "管理小组", **values: Any) -> DutyKind:
        return self.register.add(DutyKind, name=name, group=group, **values)

    def duty(self, kind: DutyKind, person: Person | None, **values: Any) -> Duty:
        filled = {"unit": self.register.world.root_unit, "since": BEFORE}
        return self.register.add(Duty, kind=kind, person=person, **{**filled, **values})

    def inspection(self, **values: Any) -> Inspection:
        world = self.register.world
        filled = {"institution": self.uni, "unit": world.faculty, "by_unit": world.office, "planned_on": MARCH}
        return services.plan({**filled, **values})

    def found(self, row: Inspection, *items: dict[str, Any], on: date = MARCH) -> list[Item]:
        return services.carry_out(row, on, "总体良好", list(items))


@pytest.fixture
def office(app: Flask, register: Register) -> Iterator[Office]:
    with app.test_request_context(), acting_as(register.world.identity("alice")):
        yield Office(register)


def owed(kind: str, row: Any) -> Obligation | None:
    return Obligation.get_or_none(Obligation.kind == kind, Obligation.subject_id == row.id, Obligation.state == "open")


# ── rule documents ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s0-01-r13", "s0-03-r10", "s0-11-r16", "s1-02-r12", "s1-04-r13", "s1-09-r14", "s1-11-r16")
@pytest.mark.rule("s1-18-r15", "s1-20-r13", "s2-08-r13", "s3-01-r15", "s3-03-r25")
@pytest.mark.parametrize("interpreter", ["微信公众平台", "党委宣传部", "人力资源部", "校园网络舆情管理办公室"])
@pytest.mark.one_database
def test_a_document_names_who_interprets_it(
    office: Office, client_of: Callable[..., Any], world: World, interpreter: str
) -> None:
    row = office.draft(interpreter=interpreter)
    services.issue(row, date(2014, 10, 9))
    shown = client_of(world.user("alice")).get(f"/oversight/rule_document/details/?id={row.id}").text
    assert interpreter in shown
    assert "2014-10-09" in shown
    silent = office.draft("没有解释部门的办法", interpreter="")
    with pytest.raises(Refused) as refusal:
        services.issue(silent, MARCH)
    assert refusal.value.field == "interpreter"
    old = office.document("早年的办法", interpreter="", issued_on=BEFORE, effective_on=BEFORE)
    assert "no_interpreter" in office.register.findings(old)


@pytest.mark.rule("s0-01-r12", "s1-14-r16", "s1-16-r11", "s1-23-r35", "s2-09-r24")
@pytest.mark.one_database
def test_the_days_of_issue_and_effect_are_shown(office: Office, client_of: Callable[..., Any], world: World) -> None:
    at_once = office.draft("即行办法")
    services.issue(at_once, MARCH)
    assert RuleDocument.get_by_id(at_once.id).effective_on == MARCH
    page = client_of(world.user("alice")).get(f"/oversight/rule_document/details/?id={at_once.id}").text
    assert "/oversight/rule_document/delete/" not in page, "what was issued is kept"
    later = office.draft("群管理办法")
    services.issue(later, date(2018, 10, 10), date(2018, 10, 12))
    text = client_of(world.user("dave")).get("/oversight/rules/").text
    assert "2018-10-10" in text
    assert "2018-10-12" in text
    month = office.draft("怀城中学办法", month_only=True)
    services.issue(month, date(2019, 9, 1))
    assert RuleDocument.get_by_id(month.id).issued_words == "2019-09"


@pytest.mark.rule("s1-01-r12", "s1-22-r12")
def test_a_new_text_ends_the_older_one(office: Office) -> None:
    older = office.draft("抖音号管理办法")
    services.issue(older, BEFORE)
    newer = office.draft("抖音号管理办法（2026）", supersedes=older)
    services.make_known(newer, {"way": "meeting", "on": date(2026, 2, 1), "evidence": "职代会纪要"})
    services.issue(newer, MARCH)
    older = RuleDocument.get_by_id(older.id)
    assert older.until == MARCH - timedelta(days=1)
    assert older.standing(MARCH) == Standing.ENDED
    newer = RuleDocument.get_by_id(newer.id)
    assert services.text_on(newer, MARCH - timedelta(days=1)) == older
    assert services.text_on(older, MARCH) == newer
    assert services.text_on(newer, BEFORE - timedelta(days=1)) is None
    assert list(services.in_force(office.uni, MARCH)) == [newer]
    records.update(older, until=None)
    assert "not_ended" in office.register.findings(older)
    with pytest.raises(Refused):
        services.change_document(newer, None, {"supersedes": None})
    with pytest.raises(Refused) as refusal:
        services.change_document(older, None, {"parent": newer})
        services.change_document(newer, None, {"parent": older})
    assert refusal.value.field in ("parent", "supersedes")


@pytest.mark.rule("s0-01-r14", "s1-18-r16")
@pytest.mark.parametrize("audience", ["keepers", "public"])
def test_a_revision_nobody_was_told_of_beforehand_is_refused(office: Office, audience: str) -> None:
    account = office.register.account()
    for number in range(3):
        accounts.assign_operator(account, office.register.person(f"运营{number}"), "long")
    older = office.draft("办法")
    services.issue(older, BEFORE)
    newer = office.draft(supersedes=older, audience=audience)
    soon = today() + timedelta(days=30)
    with pytest.raises(Refused) as refusal:
        services.issue(newer, today(), soon)
    assert refusal.value.field == "effective_on"
    assert RuleDocument.get_by_id(older.id).until is None
    if audience == "public":
        services.make_known(newer, {"way": "public", "on": today(), "evidence": "公告栏"})
    else:
        assert services.tell_addressees(newer) == 4  # with the responsible person
        assert services.tell_addressees(newer) == 0
    services.issue(newer, today(), soon)
    assert RuleDocument.get_by_id(newer.id).standing() == Standing.COMING
    assert RuleDocument.get_by_id(older.id).until == soon - timedelta(days=1)
    bare = office.document("未告知的修订", supersedes=newer, issued_on=BEFORE, effective_on=BEFORE)
    assert "not_made_known" in office.register.findings(bare)
    office.register.add(MadeKnown, document=bare, way="notice", on=BEFORE - timedelta(days=3))
    assert "not_made_known" not in office.register.findings(bare)


@pytest.mark.rule("s1-11-r15")
def test_everybody_in_service_is_told_and_reading_is_shown_by_person(
    office: Office, client_of: Callable[..., Any], world: World
) -> None:
    for number in range(20):
        office.register.person(f"员工{number:02}")
    office.register.person("离职者", in_service_until=BEFORE)
    row = office.draft("员工守则")
    count = services.addressees(row).count()
    services.issue(row, today())
    assert Reading.select().where(Reading.document == row).count() == count >= 20
    assert Message.select().where(Message.key == f"oversight.document:{row.id}").count() == count
    for _again in range(2):
        services.confirm_reading(row, world.people["bob"])
    read = Reading.select().where(Reading.document == row, Reading.read_at.is_null(False))
    assert [one.person.id for one in read] == [world.people["bob"].id]
    shown = client_of(world.user("alice")).get(f"/oversight/rule_document/details/?id={row.id}").text
    assert f"已告知 {count} 人，1 人已阅" in shown


@pytest.mark.rule("s1-17-r01")
@pytest.mark.one_database
def test_the_addressees_are_those_who_publish(office: Office, client_of: Callable[..., Any], world: World) -> None:
    names = [f"发布员{number}" for number in range(9)]
    for number, name in enumerate(names):
        account = office.register.account(f"账号{number}", responsible=None)
        accounts.assign_operator(account, office.register.person(name), "long")
    row = office.draft("微信发布规定", audience="keepers")
    assert [person.name for person in services.addressees(row)] == names
    shown = client_of(world.user("alice")).get(f"/oversight/rule_document/details/?id={row.id}").text
    assert "、".join(names) in shown


@pytest.mark.rule("s2-02-r04", "s3-03-r15")
def test_a_document_that_must_be_there_is_missed(office: Office) -> None:
    procedures = office.register.add(DocumentKind, name="安全操作规程", required=True)
    assert "document_missing" in office.register.findings(procedures)
    office.document("操作规程", kind=procedures, issued_on=BEFORE, effective_on=BEFORE)
    assert "document_missing" not in office.register.findings(procedures)
    own = office.register.add(DocumentKind, name="账号管理细则", of_each_unit=True)
    unit = office.register.unit("信息学院", "faculty")
    assert "unit_without_document" not in office.register.findings(unit), "it has no account"
    office.register.account("信息学院团委", unit=unit)
    assert "账号管理细则" in office.register.findings(unit)["unit_without_document"]
    office.document("细则", kind=own, unit=unit, issued_on=BEFORE, effective_on=BEFORE)
    assert "unit_without_document" not in office.register.findings(unit)


@pytest.mark.rule("s4-01-r35")
def test_a_units_own_rules_hang_below_and_cannot_replace(office: Office) -> None:
    above = office.draft("公众号管理办法")
    services.issue(above, BEFORE)
    unit = office.register.unit("研发部")
    below = office.draft("研发部细则", unit=unit, parent=above)
    assert below.parent == above
    with pytest.raises(Refused) as refusal:
        services.change_document(below, None, {"parent": above, "supersedes": above})
    assert refusal.value.field == "supersedes"
    services.issue(below, MARCH)
    assert RuleDocument.get_by_id(above.id).until is None


def test_a_trial_is_confirmed_or_revised_before_it_ends(office: Office) -> None:
    row = office.draft("试行办法", trial_until=today() + timedelta(days=20))
    services.issue(row, today())
    due = owed("oversight.trial", row)
    assert due is not None
    assert due.due_on == today() + timedelta(days=20)
    complete(due, Evidence(today()))
    assert RuleDocument.get_by_id(row.id).standing() == Standing.FORCE
    past = office.document("过期试行", issued_on=BEFORE, effective_on=BEFORE, trial_until=BEFORE + timedelta(days=365))
    assert "trial_over" in office.register.findings(past)


# ── inspections ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-01-r09")
@pytest.mark.one_database
def test_only_members_of_the_group_inspect(office: Office) -> None:
    office.lay_down(inspectors_hold_duty=True)
    kind = office.duty_kind("成员", "微信管理小组", inspects=True)
    member, stranger = office.register.person("赵敏"), office.register.person("孙磊")
    office.duty(kind, member)
    with pytest.raises(Refused) as refusal:
        office.inspection(inspector=stranger)
    assert refusal.value.field == "inspector"
    with pytest.raises(Refused):
        office.inspection()
    assert office.inspection(inspector=member).inspector == member
    assert office.inspection(inspector=None, by_unit=None, outside="市委网信办").by == "市委网信办"


@pytest.mark.rule("s1-06-r05", "s2-04-r13", "s2-03-r06", "s1-09-r12")
def test_what_was_found_is_kept_and_stays_open_until_answered(
    office: Office, client_of: Callable[..., Any], world: World
) -> None:
    inspector = office.register.person("钱伟")
    account = office.register.account("青春校园", unit=world.lab)
    row = office.inspection(account=account, inspector=inspector)
    assert row.unit == world.lab, "an account is inspected where it belongs"
    (item,) = office.found(row, {"finding": "未经审核发布", "advice": "补办审核", "gravity": "breach"})
    page = client_of(world.user("alice")).get(f"/oversight/inspection/details/?id={row.id}").text
    for shown in ("钱伟", "未经审核发布", "补办审核", "总体良好", "2026-03-02", str(item.due_on), "违规"):
        assert shown in page
    case = owed("oversight.answer", item)
    assert case is not None, "a breach opens a case"
    assert case.unit_id == world.lab.id
    assert item.due_on == MARCH + timedelta(days=15)
    client, edit = client_of(world.user("alice")), f"/oversight/inspection/edit/?id={row.id}"
    assert "/oversight/inspection/edit/" not in client.get("/oversight/inspection/").text, "held, it is not changed"
    assert client.get(edit).status_code == 302
    services.answer(item, "已补办", today())
    assert owed("oversight.answer", item) is None
    closed = Obligation.get_by_id(case.id)
    assert (closed.state, closed.done_on) == ("done", today()), "answered on its own page, it counts as done"
    assert owed("oversight.decide", item) is not None
    services.give_back(item, "缺审核单", today() + timedelta(days=3))
    again = owed("oversight.answer", Item.get_by_id(item.id))
    assert again is not None
    complete(again, Evidence(today(), note="审核单已附"))
    with pytest.raises(Refused):
        services.answer(item, "再答", today())
    services.accept(Item.get_by_id(item.id))
    assert Item.get_by_id(item.id).state == "accepted"
    assert not Obligation.select().where(
        Obligation.subject_type == "oversight.item", Obligation.subject_id == item.id, Obligation.state == "open"
    )
    with pytest.raises(Refused):
        services.give_back(Item.get_by_id(item.id), "太迟", today())


@pytest.mark.rule("s1-09-r12")
def test_units_with_accounts_are_inspected_again_and_again(office: Office, world: World) -> None:
    office.lay_down(inspection_months=6)
    office.register.account("理学院", unit=world.faculty)
    accounts.change_status(office.register.account("另一个", unit=world.faculty), "idle")
    assert owed("oversight.inspect", world.faculty) is not None
    row = office.inspection(planned_on=today())
    office.found(row, on=today())
    following = owed("oversight.inspect", world.faculty)
    assert following is not None
    assert following.due_on > today() + timedelta(days=170)


@pytest.mark.rule("s1-06-r08")
def test_an_item_from_outside_is_overdue_the_day_after(office: Office) -> None:
    row = office.inspection(by_unit=None, outside="市公安局网安支队")
    last = date(2026, 3, 31)
    answered, silent = office.found(row, {"finding": "弱口令", "due_on": last}, {"finding": "无日志", "due_on": last})
    services.answer(answered, "已更换", MARCH)
    assert office.register.findings(silent, last) == {}
    assert "item_late" in office.register.findings(silent, date(2026, 4, 1))
    assert office.register.findings(answered, date(2026, 4, 1)) == {}


# ── duties ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.rule("s1-02-r06", "s1-17-r03", "s2-03-r02", "s2-05-r01", "s2-09-r06")
@pytest.mark.parametrize(
    ("group", "name"), [("", "企业微信管理员"), ("管理小组", "组员"), ("运营团队", "负责人"), ("领导小组", "组长")]
)
def test_a_duty_nobody_in_service_holds_is_found(office: Office, group: str, name: str) -> None:
    kind = office.duty_kind(name, group)
    assert "duty_vacant" in office.register.findings(kind)
    person = office.register.person("吴越")
    row = office.duty(kind, person)
    assert "duty_vacant" not in office.register.findings(kind)
    records.update(person, in_service_until=MARCH - timedelta(days=1))
    assert "duty_vacant" in office.register.findings(kind)
    assert "吴越" in office.register.findings(row)["holder_left"]


@pytest.mark.rule("s1-03-r01")
def test_the_kind_a_group_lacks_is_named(office: Office, client_of: Callable[..., Any], world: World) -> None:
    leaders, technical = office.duty_kind("校领导", "领导小组"), office.duty_kind("技术人员", "领导小组")
    office.duty(leaders, office.register.person("校长"))
    assert "duty_vacant" not in office.register.findings(leaders)
    assert "duty_vacant" in office.register.findings(technical)
    assert "技术人员" in str(technical)
    (group,) = [g for g in services.groups(office.uni, MARCH) if g.name == "领导小组"]
    assert group.vacant == [technical]
    assert "空缺" in client_of(world.user("alice")).get("/oversight/groups/").text


@pytest.mark.rule("s1-04-r03", "s2-08-r03")
def test_the_leader_is_the_head_of_publicity(office: Office, world: World) -> None:
    kind = office.duty_kind(head_of="党委宣传部")
    wang = office.register.person("王芳", unit=world.office, leads_unit=True)
    row = office.duty(kind, wang)
    assert "not_the_head" not in office.register.findings(row)
    records.update(wang, leads_unit=False)
    liu = office.register.person("刘刚", unit=world.office, leads_unit=True)
    assert "王芳" in office.register.findings(row)["not_the_head"]
    services.hand_over_duty(row, liu)
    new = Duty.get(Duty.person == liu)
    assert "not_the_head" not in office.register.findings(new, today())
    member = office.duty(office.duty_kind("组员", head_of_any=True), wang)
    assert "not_the_head" in office.register.findings(member)


@pytest.mark.rule("s0-07-r04", "s2-01-r03", "s1-06-r09", "s3-03-r13")
def test_the_responsibility_card_names_all_who_answer(
    office: Office, client_of: Callable[..., Any], world: World
) -> None:
    unit, league = office.register.unit("产品部"), office.register.unit("校团委")
    account = office.register.account("产品快讯", unit=unit)
    accounts.assign_operator(account, office.register.person("周运营"), "long")
    for name, person in (("党组织负责人", "张书记"), ("行政负责人", "李主任")):
        kind = office.duty_kind(name, "单位", of_each_unit=True, answers_for_accounts=True)
        assert name in office.register.findings(unit)["unit_duty_vacant"]
        office.duty(kind, office.register.person(person, unit=unit), unit=unit)
    assert "unit_duty_vacant" not in office.register.findings(unit)
    manager = office.duty_kind("归口管理", "", by_unit=True, answers_for_accounts=True)
    office.duty(manager, None, unit=league)
    with pytest.raises(Refused):
        services.appoint({"institution": office.uni, "kind": manager, "unit": league, "person": world.people["bob"]})
    secretariat = office.duty_kind("办公室", "舆情领导小组", by_unit=True)
    office.duty(secretariat, None, unit=world.office)
    card = services.card_of(Account.get_by_id(account.id), MARCH)
    assert {str(d.person or d.unit) for d in card.supervising} == {"张书记", "李主任", "校团委"}
    page = client_of(world.user("alice")).get(f"/oversight/card/?id={account.id}").text
    for shown in ("张书记", "李主任", "校团委", "产品部", "孙雨桐", "周运营"):
        assert shown in page
    groups = client_of(world.user("alice")).get("/oversight/groups/").text
    assert "办公室" in groups
    assert "党委宣传部" in groups


@pytest.mark.rule("s1-17-r05", "s4-01-r06")
@pytest.mark.one_database
def test_a_duty_shows_its_tasks_and_a_team_its_members(
    office: Office, client_of: Callable[..., Any], world: World
) -> None:
    tasks = "审核、发布和更新\n策划、编辑和校对\n互动\n平台安全与用户管理\n校领导交办的其他工作"
    kind = office.duty_kind("管理员", "运营团队", tasks=tasks)
    row = office.duty(kind, office.register.person("郑洁"))
    alice = client_of(world.user("alice"))
    page = alice.get(f"/oversight/duty/details/?id={row.id}").text
    assert len(row.task_list) == 5
    assert all(f"<li>{task}</li>" in page for task in row.task_list)
    for number in range(4):
        office.duty(kind, office.register.person(f"成员{number}"), unit=world.lab, tasks=f"任务{number}")
    team = alice.get("/oversight/groups/").text
    for number in range(4):
        assert f"成员{number}" in team
        assert f"任务{number}" in team
    assert Unit.get_by_id(world.lab.id).name in team


@pytest.mark.one_database
def test_nobody_leaves_with_a_duty(office: Office) -> None:
    person, other = office.register.person("郑洁"), office.register.person("接任者")
    row = office.duty(office.duty_kind(), person)
    (held,) = services.duty.held_by([person])
    assert held == row
    services.duty.hand_over(held, other, "调岗")
    assert services.duty.held_by([person]) == []
    assert Duty.get(Duty.person == other).since == today()


def test_the_figures_tell_late_items_from_those_under_way(office: Office, world: World) -> None:
    row = office.inspection()
    late, coming = {"finding": "迟", "due_on": MARCH}, {"finding": "等", "due_on": today() + timedelta(days=9)}
    _late, _coming, settled = office.found(row, late, coming, {"finding": "结"})
    services.answer(settled, "已改", today())
    services.accept(Item.get_by_id(settled.id))
    identity = world.identity("alice")
    assert [(bar.label, bar.values) for bar in reports.items.read(identity)] == [("理学院", (1, 1))]
    reading = reports.unanswered.read(identity)
    assert reading is not None
    assert (reading.number, reading.style) == (2, "late")
    assert [bar.values for bar in reports.held.read(identity)] in ([(1, 0)], [])
