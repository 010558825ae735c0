"""What the dry run finds: created, changed, unchanged, refused; and what it asks and offers."""

from __future__ import annotations

from datetime import date

import pytest

from panel import records
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.access.services import touch
from panel.admin.imports import saved, services
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow, ImportRun
from panel.errors import NotAllowed, Refused
from panel.org import services as org
from panel.org.models import Person, Unit
from plugins.accounts.models import Account
from plugins.accounts.permissions import AccountsPermission
from tests.admin.imports.registers import as_xlsx
from tests.imports.conftest import HEADINGS, TARGET, line, planned, problems, rows


def test_a_dry_run_writes_nothing_but_itself(uni):
    before = (Person.select().count(), Unit.select().count())
    run = planned(line(1), line(2, 部门="碳中和研究院"))
    assert (run.state, run.counts["created"]) == ("planned", 2)
    assert (Person.select().count(), Unit.select().count(), Account.select().count()) == (*before, 0)


def test_changed_rows_show_old_and_new_and_equal_ones_are_left(imported):
    imported(line(1), line(2, 密码保管人="李娜、王强"))
    run = planned(line(1, 账号名称="理学院新声"), line(2, 密码保管人="王强，李娜"), line(3))
    assert [row.outcome for row in rows(run)] == ["changed", "unchanged", "created"]
    assert rows(run)[0].cells["name"] == {"text": "理学院新声", "old": "理学院之声1"}
    assert run.counts["cells"] == 1


def test_an_empty_cell_clears_nothing(imported):
    imported(line(1, 备注="停更", 密码保管人="李娜"))
    run = planned(line(1, 备注=None, 密码保管人="—", 开通时间=None))
    assert [row.outcome for row in rows(run)] == ["unchanged"]


def test_the_first_of_two_rows_for_one_account_stands(uni):
    run = planned(line(1), line(2, 账号ID="ＬＸＹ_1"), line(1))
    assert problems(run) == [(3, "name", "repeated"), (4, "name", "repeated")]
    assert "row 2" in rows(run)[1].problems[0]["message"]


def test_a_refusal_names_row_column_heading_value_and_reason(uni):
    run = planned(line(1, 开通时间="2019年13月", 责任人="待定"))
    (row,) = rows(run)
    found = {p["column"]: p for p in row.problems}
    assert (row.row_number, found["opened_on"]["letter"], found["opened_on"]["heading"]) == (2, "I", "开通时间")
    assert found["opened_on"]["value"] == "2019年13月"
    assert "13" in found["opened_on"]["message"]
    assert found["responsible"]["letter"] == "E"


def test_the_targets_own_check_refuses_people_who_left(uni, person):
    person("陈静", in_service_until=date(2020, 1, 1))
    run = planned(line(1))
    assert problems(run) == [(2, "responsible", "check")]
    assert "2020-01-01" in rows(run)[0].cells["responsible"]["remark"]


def test_missing_required_columns_stop_before_the_plan(uni):
    run = services.upload(TARGET, "t.csv", "部门,平台,账号名称\n理学院,微博,甲\n".encode())
    assert (run.state, run.digest, rows(run)) == ("draft", "", [])
    assert "responsible" in run.reading["missing"]


# ── units ──────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_unit_is_created_only_where_it_is_ticked(uni):
    run = planned(line(1, 部门="碳中和研究院"), line(2))
    assert [(o["name"], o["rows"], o["create"]) for o in run.offers["units"]] == [("碳中和研究院", [2], True)]
    run = services.decide(run, answers=Answers(not_units={"碳中和研究院"}))
    assert problems(run) == [(2, "unit", "unknown")]
    assert run.offers["units"][0]["create"] is False  # still offered, to be ticked again


def test_a_slip_in_a_units_name_is_pointed_out(uni):
    run = planned(line(1, 部门="党委宣传处"))
    assert run.offers["units"][0]["near"] == "党委宣传部"


def test_of_two_units_of_one_name_one_is_asked_for(uni):
    offices = [org.add_unit({"name": "办公室", "parent": parent}) for parent in (uni.faculty, uni.office)]
    run = planned(line(1, 部门="办公室"), line(2, 部门="办公室"))
    assert problems(run) == [(2, "unit", "ask"), (3, "unit", "ask")]
    assert [text for _id, text in run.offers["asks"][0]["options"]] == ["党委宣传部 / 办公室", "理学院 / 办公室"]
    run = services.decide(run, answers=Answers(chosen={"unit:*:办公室": offices[0].id, "unit:3:办公室": offices[1].id}))
    assert [row.outcome for row in rows(run)] == ["created", "created"]
    services.confirm(run, run.digest)
    assert [a.unit_id for a in Account.select().order_by(Account.identifier)] == [o.id for o in offices]


def test_an_archived_unit_is_named_as_such(uni):
    org.archive_unit(uni.lab)
    run = planned(line(1, 部门="物理实验室"))
    assert problems(run) == [(2, "unit", "scope")]
    assert "archived" in rows(run)[0].problems[0]["message"]


# ── people ─────────────────────────────────────────────────────────────────────────────────────


def test_people_of_one_name_are_asked_for_once_a_row(uni, person):
    person("陈静", post="教授", number="2001"), person("陈静", unit=uni.office)
    run = planned(line(1, 密码保管人="陈静", 运营人="陈 静"))
    assert {(p[1], p[2]) for p in problems(run)} == {
        ("responsible", "ask"),
        ("operators", "ask"),
        ("custodians", "ask"),
    }
    asks = [ask for cell in rows(run)[0].cells.values() for ask in cell.get("asks", [])]
    assert len(asks) == 1
    assert [text for _id, text in asks[0]["options"]] == ["陈静，理学院，教授，2001", "陈静，党委宣传部"]


def test_an_answer_holds_for_a_row_or_for_all_of_them(uni, person):
    first, second = person("陈静"), person("陈静", unit=uni.office)
    run = planned(line(1), line(2))
    run = services.decide(
        run, answers=Answers(chosen={"person:*:陈静": first.id, "person:3:陈静": second.id, "person:2:陈静": 999})
    )
    assert problems(run) == [(2, "responsible", "ask")]  # 999 is none of them
    run = services.decide(run, answers=Answers(chosen={"person:*:陈静": first.id, "person:3:陈静": second.id}))
    services.confirm(run, run.digest)
    assert [a.responsible_id for a in Account.select().order_by(Account.identifier)] == [first.id, second.id]


@pytest.mark.parametrize("cell", ["陈静（13900000000）", "陈静(2001)", "陈静（党委宣传部）"])
def test_what_stands_in_brackets_tells_people_apart(uni, person, cell):
    person("陈静")
    meant = person("陈静", unit=uni.office, phone="13900000000", number="2001")
    run = planned(line(1, 责任人=cell))
    services.confirm(run, run.digest)
    assert Account.get().responsible_id == meant.id


def test_the_phone_of_the_row_tells_people_apart(uni, person):
    person("陈静")
    meant = person("陈静", phone="13900000000")
    run = planned(line(1, 联系电话="139-0000-0000"))
    services.confirm(run, run.digest)
    assert Account.get().responsible_id == meant.id


def test_who_is_there_already_is_not_asked_for_again(uni, person):
    first, second = person("陈静"), person("陈静", unit=uni.office)
    run = planned(line(1), answers=Answers(chosen={"person:*:陈静": second.id}))
    services.confirm(run, run.digest)
    assert [row.outcome for row in rows(planned(line(1)))] == ["unchanged"]
    assert first.id != second.id


def test_somebody_named_in_several_rows_is_one_new_person(uni):
    run = planned(
        line(1, 责任人="钱文静", 密码保管人="李一诺（13800000001）"),
        line(2, 部门="党委宣传部", 责任人="钱 文 静"),
        line(3, 部门="党委宣传部", 密码保管人="李一诺"),
        line(4, 责任人="赵敏", 开通时间="不详？"),  # refused: 赵敏 is not created for it
    )
    assert [(o["name"], o["unit"], o["count"]) for o in run.offers["people"]] == [
        ("钱文静", "理学院", 2),
        ("李一诺", "理学院", 2),
        ("陈静", "党委宣传部", 1),
    ]
    run = services.decide(run, answers=Answers(skip=True))
    run = services.confirm(run, run.digest)
    made = {p.name: (p.unit_id, p.kind, p.phone) for p in Person.select().where(Person.id > 6)}
    assert made == {
        "钱文静": (uni.faculty.id, "staff", ""),
        "李一诺": (uni.faculty.id, "staff", "13800000001"),
        "陈静": (uni.office.id, "staff", ""),
    }
    assert sorted(name for _id, name in run.result["people"]) == ["李一诺", "钱文静", "陈静"]


def test_people_go_to_the_unit_of_a_row_that_is_written(uni):
    run = planned(
        line(1, 部门="碳中和研究院", 责任人="钱文静"),
        line(2, 责任人="钱文静"),
        answers=Answers(not_units={"碳中和研究院"}, skip=True),
    )
    services.confirm(run, run.digest)
    assert Person.get(Person.name == "钱文静").unit_id == uni.faculty.id


# ── who may ────────────────────────────────────────────────────────────────────────────────────


def _clerk(world, *permissions):
    """dave, with these permissions in the office only."""
    role = records.create(Role, institution=world.uni, name="信息员", permissions=[str(p) for p in permissions])
    records.create(Grant, institution=world.uni, user=world.user("dave"), role=role, unit=world.office)
    touch(world.uni)
    return acting_as(world.identity("dave"))


IMPORT = (AccountsPermission.ACCOUNT_IMPORT, AccountsPermission.ACCOUNT_VIEW)


def test_a_clerk_imports_for_their_own_unit_only(uni, person):
    person("陈静"), person("王强", unit=uni.office)
    with _clerk(uni, *IMPORT):
        run = planned(line(1), line(2, 部门="党委宣传部", 责任人="王强"), line(3, 部门="碳中和研究院", 责任人="王强"))
        assert problems(run) == [(2, "unit", "scope"), (4, "unit", "scope")]
        run = services.confirm(services.decide(run, answers=Answers(skip=True)), run.digest)
    assert [a.unit_id for a in Account.select()] == [uni.office.id]


def test_a_clerk_cannot_take_an_account_of_another_unit(imported, uni, person):
    imported(line(1))
    person("王强", unit=uni.office)
    with _clerk(uni, *IMPORT):
        run = planned(line(1, 部门="党委宣传部", 责任人="王强"))
        assert problems(run) == [(2, "name", "scope")]


def test_people_are_created_only_where_they_may_be_entered(uni):
    with _clerk(uni, *IMPORT):
        assert problems(planned(line(1, 部门="党委宣传部"))) == [(2, "responsible", "scope")]
    with _clerk_too(uni):
        run = planned(line(1, 部门="党委宣传部"))
        assert [o["name"] for o in run.offers["people"]] == ["陈静"]
        assert services.confirm(run, run.digest).state == "done"


def _clerk_too(world):
    role = records.create(Role, institution=world.uni, name="人事员", permissions=["org.person.create"])
    records.create(Grant, institution=world.uni, user=world.user("dave"), role=role, unit=world.office)
    touch(world.uni)
    return acting_as(world.identity("dave"))


def test_without_the_permission_nothing_is_read(uni):
    with acting_as(uni.identity("carol")), pytest.raises(NotAllowed):
        planned(line(1))
    assert not ImportRun.select().exists()


def test_names_of_another_institution_mean_nothing_here(uni):
    run = planned(line(1, 责任人="Oscar", 部门="别处学院"))
    assert [o["name"] for o in run.offers["units"]] == ["别处学院"]
    assert [o["name"] for o in run.offers["people"]] == ["Oscar"]


# ── columns ────────────────────────────────────────────────────────────────────────────────────


def test_a_mapping_is_kept_by_headings_and_offered_to_a_similar_sheet(uni):
    run = planned(line(1))
    letters = {c["letter"]: c["column"] for c in run.reading["columns"]} | {"J": None, "F": "bound_phone"}
    run = services.decide(run, letters=letters)
    assert {c["letter"]: c["column"] for c in run.reading["columns"]}["F"] == "bound_phone"
    saved.save_mapping(run, "  宣传部 备案表 ", letters)
    other = services.upload(TARGET, "b.xlsx", as_xlsx([list(HEADINGS[::-1]), line(2)[::-1]]))
    (offered,) = saved.mappings(other)
    assert offered.name == "宣传部 备案表"
    other = services.decide(other, saved=offered)
    found = {c["heading"]: c["column"] for c in other.reading["columns"]}
    assert (found["联系电话"], found["备注"], found["责任人"]) == ("bound_phone", None, "responsible")
    saved.save_mapping(run, "宣传部 备案表", letters)  # replaces it
    assert len(saved.mappings(other)) == 1


def test_a_column_that_cannot_be_mapped_so_leaves_everything_as_it_was(uni):
    run = planned(line(1))
    with pytest.raises(Refused):
        services.decide(run, letters={"A": "name", "C": "name"})
    assert ImportRun.get().mapping == {}
    assert ImportRun.get().digest == run.digest


def test_every_row_is_kept_in_the_order_it_is_shown(uni):
    run = planned(line(1), line(2, 开通时间="?"), line(3))
    shown = [r.row_number for r in ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.position)]
    assert shown == [3, 2, 4]
