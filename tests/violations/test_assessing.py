"""Commendations, supervision, rounds of assessment, chat cases that are taken over."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from panel import records
from panel.access.models import User
from panel.errors import Refused
from panel.i18n import today
from panel.obligations.settle import Settling
from plugins.groupchat import services as groups
from plugins.violations import services
from plugins.violations.assessing import periods_due
from plugins.violations.models import Assessment, Case, Commendation, Round
from plugins.violations.policy import Criterion
from tests.violations.conftest import Office


@pytest.mark.rule("s1-08-r15", "s2-06-r16", "s4-01-r33")
def test_a_commendation_stands_on_the_record(office: Office, client_of: Callable[[User | None], FlaskClient]) -> None:
    person = office.person("林芳")
    made = services.commend(
        {"institution": office.uni, "person": person, "on": date(2026, 3, 2), "reason": "及时发现并处置泄密隐患"}
    )
    assert made.unit == office.world.faculty
    services.commend({"institution": office.uni, "unit": office.world.office, "reason": "2026 年第一季度表现突出"})
    client = client_of(office.world.user("alice"))
    page = client.get(f"/org/person/details/?id={person.id}").get_data(as_text=True)
    assert "及时发现并处置泄密隐患" in page
    assert "2026-03-02" in page or "2026年3月2日" in page
    page = client.get(f"/org/unit/details/?id={office.world.office.id}").get_data(as_text=True)
    assert "2026 年第一季度表现突出" in page
    with pytest.raises(Refused):
        services.commend({"institution": office.uni, "person": person, "reason": " "})
    with pytest.raises(Refused):
        services.commend({"institution": office.uni, "reason": "x"})
    assert Commendation.select().count() == 2


@pytest.mark.rule("s1-12-r17", "s1-20-r12")
def test_a_problem_found_by_supervision_is_a_case(office: Office) -> None:
    office.preset("company-wechat-administrator")
    Settling(office.uni).all()  # as each night does
    before = office.owed("supervise", office.world.root_unit)
    assert before is not None
    made = services.supervise(
        {
            "institution": office.uni,
            "unit": office.world.faculty,
            "about": "secrecy",
            "on": today(),
            "text": "检查涉密信息发布情况",
            "problems": "内部文件被转发到微信群\n\n",
        }
    )
    case = Case.get()
    assert (case.source, case.source_type, case.source_id) == ("inspection", "violations.supervision", made.id)
    assert (case.facts, case.accused_unit) == ("内部文件被转发到微信群", office.world.faculty)
    again = office.owed("supervise", office.world.root_unit)
    assert again is not None
    assert again.due_on == today() + timedelta(30)


@pytest.mark.rule("s1-12-r09")
def test_an_assessment_keeps_grade_and_basis(office: Office) -> None:
    round_ = records.create(
        Round, institution=office.uni, name="2026-Q1", since=date(2026, 1, 1), until=date(2026, 3, 31)
    )
    row = services.begin_assessment(round_, person=office.person("李明"))
    services.mark(row, {}, basis="抽查聊天记录 12 次，未发现违规", grade="优秀")
    stored = Assessment.get_by_id(row.id)
    assert (stored.grade, stored.basis) == ("优秀", "抽查聊天记录 12 次，未发现违规")
    with pytest.raises(Refused, match="in the round already"):
        services.begin_assessment(round_, person=stored.person)


@pytest.mark.rule("s2-06-r15")
def test_the_result_counts_for_the_department(
    office: Office, client_of: Callable[[User | None], FlaskClient], clock: Callable[[str], None]
) -> None:
    for name, weight, measured in (("运营", 60, "hand"), ("违规", 20, "breaches"), ("表彰", 20, "commendations")):
        records.create(Criterion, institution=office.uni, name=name, weight=weight, measured=measured)
    clock("2026-02-02")
    office.founded(person=office.person("教务处干事", unit=office.world.faculty))
    services.commend({"institution": office.uni, "unit": office.world.faculty, "on": date(2026, 2, 2), "reason": "好"})
    round_ = records.create(
        Round, institution=office.uni, name="2026-Q1", since=date(2026, 1, 1), until=date(2026, 3, 31)
    )
    row = services.begin_assessment(round_, office.world.faculty)
    services.mark(row, {"运营": 98.0})
    stored = Assessment.get_by_id(row.id)
    assert stored.marks == {"运营": 98.0, "违规": 90.0, "表彰": 10.0}
    assert stored.points == round((60 * 98 + 20 * 90 + 20 * 10) / 100, 1)
    with pytest.raises(Refused, match="0 to 100"):
        services.mark(row, {"运营": 101.0})
    plain = services.begin_assessment(round_, office.world.office, points=86.0, grade="良好")
    assert plain.points == 86
    services.close_round(round_)
    with pytest.raises(Refused, match="closed"):
        services.mark(row, {"运营": 50.0})
    answer = client_of(office.world.user("alice")).get("/violations/assessment/export/?format=csv")
    lines = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    (found,) = (line for line in lines if "党委宣传部" in line)
    assert "86" in "".join(found)


@pytest.mark.rule("s4-01-r32")
def test_a_period_without_assessment_is_overdue(office: Office, clock: Callable[[str], None]) -> None:
    office.preset("group-company")  # each quarter
    records.create(
        Round,
        institution=office.uni,
        name="2025-Q4",
        since=date(2025, 10, 1),
        until=date(2025, 12, 31),
        closed_on=date(2026, 1, 20),
    )
    Settling(office.uni).all()
    owed = office.owed("assess", office.world.root_unit)
    assert owed is not None
    assert owed.due_on == date(2026, 4, 30)
    first = records.create(
        Round, institution=office.uni, name="2026-Q1", since=date(2026, 1, 1), until=date(2026, 3, 31)
    )
    services.begin_assessment(first, office.world.faculty, points=90.0)
    services.close_round(first)
    owed = office.owed("assess", office.world.root_unit)
    assert owed is not None
    assert owed.due_on == date(2026, 7, 30)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("last", "months", "next_one"),
    [
        (date(2025, 12, 31), 3, date(2026, 3, 31)),
        (date(2026, 3, 31), 3, date(2026, 6, 30)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2025, 12, 31), 12, date(2026, 12, 31)),
    ],
)
def test_periods_follow_each_other(last: date, months: int, next_one: date) -> None:
    assert periods_due(last, months) == next_one


def test_a_confirmed_chat_case_is_taken_over_once(office: Office) -> None:
    group = groups.open_group(
        {
            "institution": office.uni,
            "unit": office.world.faculty,
            "name": "教研群",
            "kind": "department",
            "purpose": "工作",
        }
    )
    person = office.person("发广告的人")
    chat = groups.report_case({"group": group, "kind": "advertisement", "person": person, "text": "低价代购"})
    assert services.confirmed_chats(office.uni) == []
    with pytest.raises(Refused, match="confirmed"):
        services.take_over(chat)
    groups.confirm_case(chat, "warning")
    (found,) = services.confirmed_chats(office.uni)
    case = services.take_over(found)
    assert (case.source_type, case.source_id, case.person, case.kind.name) == (
        "groupchat.case",
        chat.id,
        person,
        "发布广告",
    )
    assert "低价代购" not in case.facts
    assert services.confirmed_chats(office.uni) == []
    with pytest.raises(Refused, match="already"):
        services.take_over(found)
