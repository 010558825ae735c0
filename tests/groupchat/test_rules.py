"""The rules of the catalogue on groups and members, each by the example the catalogue gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import records
from panel.checks.models import Finding
from panel.checks.sweep import sweep
from panel.errors import Refused
from panel.i18n import today
from panel.obligations.models import Obligation
from panel.obligations.settle import Settling
from panel.org import leaving
from panel.org.models import Person
from plugins.groupchat import services
from plugins.groupchat.choices import GroupKind, LogKind
from plugins.groupchat.models import Attestation, Group, LogEntry, Member, OwnerTerm, RequiredGroup, Term
from tests.groupchat.conftest import School

TODAY = today()
DAY = timedelta(days=1)


def due(kind: str, state: str = "open") -> list[Obligation]:
    return list(
        Obligation.select()
        .where(Obligation.kind == f"groupchat.{kind}", Obligation.state == state)
        .order_by(Obligation.id)
    )


def found(code: str) -> list[dict[str, Any]]:
    rows = Finding.select().where(Finding.code == f"groupchat.{code}", Finding.closed_at.is_null())
    return [row.values for row in rows.order_by(Finding.subject_id, Finding.id)]


def take(school: School, group: Group, *lines: str) -> Any:
    return services.import_members(group, "\n".join(["群昵称,微信昵称", *lines]).encode(), "members.csv")


@pytest.mark.rule("s1-13-r03")
@pytest.mark.rule("s1-14-r11")
@pytest.mark.rule("s1-12-r05")
@pytest.mark.rule("s1-13-r01")
def test_register(school: School) -> None:
    with pytest.raises(Refused, match="what the group is for"):
        school.open("研发群", "department", unit=school.unit("研发部"), purpose=" ")
    group = school.open("研发群", "department", unit=school.unit("人资中心"), announcement="请实名")
    assert (group.unit.name, group.announcement) == ("人资中心", "请实名")
    assert found("no_owner") == [{}]
    assert [o.subject_text for o in due("vacancy")] == ["研发群"]
    head = school.person("王宁", "人资中心")
    services.hand_over(group, head)
    assert found("no_owner") == due("vacancy") == []
    assert {"department", "class", "parents"} < {kind.value for kind in GroupKind}
    with pytest.raises(Refused):
        school.open("研发群")  # no two groups of one name


@pytest.mark.rule("s1-14-r01")
@pytest.mark.rule("s1-14-r02")
@pytest.mark.rule("s1-23-r03")
def test_members_against_the_roster(school: School) -> None:
    wang, li = school.person("王芳"), school.person("李思")
    gone = school.person("赵六", in_service_until=TODAY - 3 * DAY)
    group = school.open(owner=wang)
    assert sorted(o.subject_text for o in due("add")) == ["李思 · 全体教职工工作群", "王芳 · 全体教职工工作群"]
    report = take(school, group, "校办-王芳老师,小鸟", "小鱼,鱼", "外部张三,张", "赵六,", ",静")
    assert [line.person for line in report.lines] == [wang, None, None, gone, None]
    assert [(v["name"], v["app"]) for v in found("outsider")] == [("小鱼", "鱼"), ("外部张三", "张"), ("", "静")]
    assert [v["name"] for v in found("leaver")] == ["赵六"]
    assert found("missing") == [{"names": "李思"}]
    assert len(due("remove")) == 4
    fish = Member.get(Member.nickname == "小鱼")
    services.confirm_match(fish, li)  # known from now on, and still not the real name
    assert found("missing") == []
    assert found("not_real_name") == [{"name": "李思", "shown": "小鱼"}]
    again = take(school, group, "校办-王芳老师,小鸟", "小鱼,鱼", "外部张三,张", "赵六,", ",静")
    assert again.lines[1].person == li
    assert Member.select().where(Member.group == group, Member.state == "present").count() == 5
    services.admit_guest(Member.get(Member.nickname == "外部张三"), TODAY + DAY, "校友代表")
    services.remove_member(Member.get(Member.nickname == "赵六"))
    assert [v["app"] for v in found("outsider")] == ["静"]
    assert found("leaver") == []
    take(school, group, "王芳", "李思")
    assert {m.nickname for m in Member.select().where(Member.state == "gone")} >= {"外部张三", "赵六"}
    assert found("not_real_name") == found("outsider") == due("remove") == []


def test_two_people_of_one_name_are_nobody(school: School) -> None:
    first = school.person("王芳", "语文组", post="教师")
    records.create(Person, institution=school.institution, unit=school.unit("数学组"), name="王芳")
    group = school.open()
    report = take(school, group, "王芳,", "王芳（语文组）,", "语文组王芳,")
    assert [line.person for line in report.lines] == [None, first, first]
    assert len(report.lines[0].others) == 2
    assert not report.strangers


@pytest.mark.rule("s1-23-r03")
@pytest.mark.rule("s1-14-r12")
def test_arrival_and_departure_create_the_tasks_at_once(school: School, set_policy: Callable[..., None]) -> None:
    ma = school.person("马老师", "语文组", post="教师")
    groups = [school.open(name) for name in ("教师群", "教务群", "德育群")]
    for group in groups:
        take(school, group, "马老师,")
    assert due("remove") == due("add") == []
    leaving.leave(ma, TODAY, {})
    assert [(o.person_id, o.due_on) for o in due("remove")] == [(None, TODAY)] * 3
    school.person("新老师", "语文组", post="教师", in_service_from=TODAY)
    assert {o.subject_text for o in due("add")} == {f"新老师 · {group}" for group in groups}
    services.add_member(Member.get(Member.group == groups[0], Member.state == "expected"))
    assert len(due("add")) == 2
    set_policy(school.institution, attest_days=1)
    records.update(groups[0], opened_on=TODAY - 3 * DAY, attest_days=1)
    services.attest(groups[0], None, TODAY - 2 * DAY)
    assert services.missed_days(groups[0], 30, TODAY) == [TODAY - 3 * DAY, TODAY - DAY]


@pytest.mark.rule("s1-13-r04")
def test_attestation(school: School, set_policy: Callable[..., None]) -> None:
    set_policy(school.institution, attest_days=30, screenshot_required=True)
    group = school.open("研发群", opened_on=TODAY - 60 * DAY)
    (open_one,) = due("attest")
    assert open_one.due_on == TODAY - 30 * DAY  # overdue
    with pytest.raises(Refused, match="screenshot"):
        services.attest(group, None)
    from panel import files
    from tests.security.places import picture

    kept = files.save_image(picture(), school.institution.id)
    made = services.attest(group, None, file=kept)
    assert len(made.digest) == 64
    assert [o.due_on for o in due("attest")] == [TODAY + 30 * DAY]
    with pytest.raises(Refused):
        services.attest(group, None, file=kept)
    assert Attestation.select().count() == 1


@pytest.mark.rule("s1-23-r11")
@pytest.mark.rule("s1-23-r12")
def test_no_owner_leaves_without_a_successor(school: School) -> None:
    owner, heir = school.person("德育主任", "政教处"), school.person("接任者", "政教处")
    left = school.person("已离职", "政教处", in_service_until=TODAY - DAY)
    group = school.open("德育群", owner=owner)
    take(school, group, "德育主任", "接任者", "已离职")
    with pytest.raises(Refused, match="德育群"):
        leaving.leave(owner, TODAY, {})
    with pytest.raises(Refused):
        leaving.move(owner, school.unit("教务处"), {})
    with pytest.raises(Refused, match="not in service"):
        services.hand_over(group, left)
    leaving.move(owner, school.unit("教务处"), {f"groupchat.owner:{group.id}": heir})
    assert Group.get_by_id(group.id).owner == heir
    (cleanup,) = due("cleanup")
    assert (cleanup.person_id, cleanup.subject_text, cleanup.due_on) == (heir.id, "德育群", TODAY + 3 * DAY)
    term = OwnerTerm.get(OwnerTerm.group == group, OwnerTerm.until.is_null())
    with pytest.raises(Refused, match="已离职"):
        services.clean_up(term)
    services.remove_member(Member.get(Member.nickname == "已离职"))
    services.clean_up(term)
    assert due("cleanup") == []


@pytest.mark.rule("s1-23-r08")
def test_each_class_has_its_group_within_a_week(school: School) -> None:
    unit = school.unit("初一(3)班", "class")
    teacher = school.person("班主任", "初一(3)班", leads_unit=True)
    start = TODAY - 6 * DAY
    records.create(Term, institution=school.institution, name="学期", starts_on=start, ends_on=start + 120 * DAY)
    records.create(RequiredGroup, institution=school.institution, unit_kind="class", kind="class", days=7)
    (open_one,) = due("required")
    assert (open_one.due_on, open_one.person_id) == (start + 7 * DAY, teacher.id)
    school.open("初一(3)班群", "class", unit=unit, owner=teacher)
    assert due("required") == []


@pytest.mark.rule("s1-23-r02")
def test_opening_by_request(school: School) -> None:
    with pytest.raises(Refused, match="overlaps"):
        school.open("第19群", state="requested")
    with pytest.raises(Refused):  # nobody has laid a chain down
        school.open("第19群", state="requested", overlap="无")
    assert not Group.select().where(Group.name == "第19群").exists()
    group = school.open("专项群", "project", ends_on=TODAY + 10 * DAY)
    assert found("no_end_date") == []
    records.update(group, opened_on=TODAY - 30 * DAY, ends_on=TODAY - DAY)
    assert found("past_end") == [{"day": str(TODAY - DAY)}]
    services.extend_group(group, TODAY + 30 * DAY, "任务未完")
    assert found("past_end") == []
    services.close_group(group, reason="完成")
    assert Group.get_by_id(group.id).state == "closed"
    school.open("专项群", "project")
    assert found("no_end_date") == [{}]


@pytest.mark.rule("s1-15-r01")
@pytest.mark.rule("s1-15-r02")
def test_parents_groups(school: School, set_policy: Callable[..., None]) -> None:
    set_policy(school.institution, parents_owner_post="家委会主任", article_days=7)
    parent = school.person("家长", "三(2)班", kind="parent")
    chair = school.person("主任", "三(2)班", kind="parent", post="家委会主任")
    group = school.open("三(2)班群", "parents", owner=parent)
    assert found("wrong_owner") == [{"name": "家长", "post": "家委会主任"}]
    services.hand_over(group, chair)
    assert found("wrong_owner") == []
    services.name_deputy(group, school.person("宣传委员", "三(2)班", kind="parent"))
    for term in OwnerTerm.select():
        records.update(term, since=TODAY - 10 * DAY)
    assert [o.due_on for o in due("article")] == [TODAY - 3 * DAY] * 2  # overdue for both
    services.note(group, LogKind.ARTICLE, "家庭教育文章", chair)
    assert [o.due_on for o in due("article")] == [TODAY + 7 * DAY] * 2


@pytest.mark.rule("s1-14-r09")
@pytest.mark.rule("s1-14-r13")
def test_log(school: School) -> None:
    group, manager = school.open(), school.person("王宁")
    services.note(group, LogKind.TOPIC_ENDED, "股票", manager)
    services.note(group, LogKind.ADVICE, "请不要发无关内容", manager)
    rows = [(e.kind, e.text, e.person.name) for e in LogEntry.select().order_by(LogEntry.id)]
    assert rows == [("topic_ended", "股票", "王宁"), ("advice", "请不要发无关内容", "王宁")]
    with pytest.raises(Refused):
        services.note(group, LogKind.NOTE, " ")


@pytest.mark.rule("s1-08-r11")
def test_sensitive_groups_warn_of_outsiders(school: School) -> None:
    inside = school.person("项目员", "并购组")
    outside = school.person("局外人", "后勤处")
    group = school.open("并购项目组", "department", unit=school.unit("并购组"), sensitive=True)
    from panel.checks.saving import recording

    with recording():
        for person in (inside, outside):
            base = {"institution": school.institution, "group": group, "nickname": person.name, "named": True}
            records.create(Member, **base, person=person, state="present", match="real_name")
    assert found("sensitive_outsider") == [{"name": "局外人"}]
    assert found("post_elsewhere") == [{"name": "局外人"}]


def test_the_night_says_the_same(school: School) -> None:
    """What each save brought up to date is what a full sweep finds, and owes."""
    owner = school.person("王芳")
    group = school.open(owner=owner, ends_on=TODAY + DAY)
    school.person("李思")
    take(school, group, "小鱼,鱼", "王芳")
    before = sorted(f"{f.code}{f.subject_id}" for f in Finding.select().where(Finding.closed_at.is_null()))
    report = sweep(school.institution)
    assert (report.opened, report.closed, report.broken) == (0, 0, [])
    assert before
    counts = Settling(school.institution).all()
    assert {name: count for name, count in counts.items() if count and name != "opened"} == {}
    services.settle_groups(school.institution.id, [group.id])
    assert Member.select().count() == 3
