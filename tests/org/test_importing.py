"""Importing units and people: the same file twice changes nothing, and no import moves who holds something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.identity import acting_as
from panel.access.models import Grant, Role
from panel.admin.imports import services as imports
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRow, ImportRun, Outcome
from panel.errors import Refused
from panel.i18n import today
from panel.org import services
from panel.org.models import Person, Unit
from panel.org.permissions import OrgPermission as Org
from tests.cast import World


@pytest.fixture(autouse=True)
def _at_work(app: Flask, world: World) -> Iterator[None]:
    with app.app_context(), acting_as(world.identity("alice")):
        yield


def upload(target: str, *lines: str, **choices: Any) -> ImportRun:
    return imports.upload(target, "名单.csv", "\n".join(lines).encode(), **choices)


def counts(run: ImportRun) -> dict[str, int]:
    return {name: n for name, n in ImportRun.get_by_id(run.id).counts.items() if n and name != "cells"}


def confirmed(run: ImportRun) -> ImportRun:
    return ImportRun.get_by_id(imports.confirm(run, run.digest).id)


def refusals(run: ImportRun) -> list[str]:
    rows = ImportRow.select().where(ImportRow.run == run, ImportRow.outcome == Outcome.REFUSED.value)
    return [str(row.problems) for row in rows.order_by(ImportRow.row_number)]


# ── units ──────────────────────────────────────────────────────────────────────────────────────

UNITS = (
    "示例大学部门一览表",
    "部门名称,上级部门,部门编号,部门类型",
    "理学院,,102,学院",
    "化学系,理学院,10201,系",
    "有机教研室,化学系,,",
    "后勤处,,201,职能部门",
)


def test_units_are_hung_where_the_sheet_says() -> None:
    run = upload("org.unit", *UNITS)
    assert counts(run) == {"created": 3, "changed": 1}
    assert confirmed(run).state == "done"
    names = {u.name: u for u in Unit.select()}
    assert names["有机教研室"].path.startswith(names["化学系"].path)
    assert names["化学系"].path.startswith(names["理学院"].path)
    assert names["理学院"].code == "102"
    assert (names["化学系"].kind, names["后勤处"].kind) == ("faculty", "function")


def test_the_same_units_twice_change_nothing() -> None:
    confirmed(upload("org.unit", *UNITS))
    assert counts(upload("org.unit", *UNITS)) == {"unchanged": 4}


def test_a_unit_is_known_by_its_code_when_it_is_renamed_and_moved(world: World) -> None:
    confirmed(upload("org.unit", *UNITS))
    run = upload("org.unit", "部门名称,上级部门,部门编号", "化学与材料系,党委宣传部,10201")
    assert counts(run) == {"changed": 1}
    confirmed(run)
    unit = Unit.get(Unit.code == "10201")
    assert (unit.name, unit.parent) == ("化学与材料系", world.office)
    assert Unit.get(Unit.name == "有机教研室").path.startswith(unit.path)


def test_an_unknown_or_doubtful_parent_is_refused(world: World) -> None:
    services.add_unit({"name": "办公室", "parent": world.office})
    services.add_unit({"name": "办公室", "parent": world.faculty})
    run = upload("org.unit", "部门名称,上级部门", "甲组,无此部门", "乙组,办公室", "办公室,", "理学院,物理实验室")
    assert counts(run) == {"refused": 4}
    messages = refusals(run)
    assert "There is no such unit" in messages[0]
    assert "Several units are called so" in messages[1]
    assert "Several units are called so" in messages[2]
    assert "below it" in messages[3]


def test_units_are_not_imported_out_of_reach(world: World) -> None:
    with acting_as(world.identity("bob")):
        run = upload("org.unit", "部门名称,上级部门", "甲组,党委宣传部", "乙组,", "丙组,理学院", "物理实验室,")
        assert counts(run)["refused"] >= 2
        assert counts(run).get("created") == 1
    assert not Unit.select().where(Unit.name == "甲组").exists()


# ── people ─────────────────────────────────────────────────────────────────────────────────────

PEOPLE = (
    "姓名,工号,所在部门,人员类别,职务,手机,入职时间",
    "张三丰,2020001,理学院,教师,教授,13800138000,2020年9月1日",
    "李 四,2020002,物理实验室,学生,,,2021.9",
    "王五,,党委宣传部,编外,干事,,",
)


def test_people_are_entered_with_all_the_sheet_tells() -> None:
    run = upload("org.person", *PEOPLE)
    assert counts(run) == {"created": 3}
    assert confirmed(run).state == "done"
    zhang = Person.get(Person.number == "2020001")
    assert (zhang.name, zhang.unit.name, zhang.kind, zhang.post) == ("张三丰", "理学院", "staff", "教授")
    assert (zhang.phone, str(zhang.in_service_from), zhang.initials) == ("13800138000", "2020-09-01", "zsf")
    assert Person.get(Person.number == "2020002").kind == "student"
    assert Person.get(Person.name == "王五").kind == "contractor"


def test_the_same_people_twice_change_nothing() -> None:
    confirmed(upload("org.person", *PEOPLE))
    assert counts(upload("org.person", *PEOPLE)) == {"unchanged": 3}


def test_a_person_is_known_by_number_when_renamed_or_moved(world: World) -> None:
    confirmed(upload("org.person", *PEOPLE))
    run = upload("org.person", "姓名,工号,所在部门", "张三丰,2020001,党委宣传部", "李思,2020002,物理实验室")
    assert counts(run) == {"changed": 2}
    confirmed(run)
    assert Person.get(Person.number == "2020001").unit == world.office
    moved = Person.get(Person.number == "2020002")
    assert (moved.name, moved.initials) == ("李思", "ls")


def test_a_number_is_added_to_who_had_none(world: World) -> None:
    run = upload("org.person", "姓名,工号,所在部门", "Bob,2019007,理学院")
    assert counts(run) == {"changed": 1}
    confirmed(run)
    assert Person.get_by_id(world.people["bob"].id).number == "2019007"


def test_who_is_meant_must_be_clear(world: World) -> None:
    for _twice in range(2):
        services.hire({"name": "李伟", "unit": world.lab})
    run = upload("org.person", "姓名,所在部门,职务", "李伟,物理实验室,讲师")
    assert counts(run) == {"refused": 1}
    assert "Enter the number" in refusals(run)[0]


def test_who_holds_something_is_neither_moved_nor_ended_by_a_sheet(world: World) -> None:
    yesterday = today().replace(year=today().year - 1).isoformat()
    run = upload(
        "org.person", "姓名,所在部门,工号,离职日期", f"Bob,理学院,,{yesterday}", f"Dave,党委宣传部,,{yesterday}"
    )
    assert counts(run) == {"changed": 1, "refused": 1}
    assert "Still holds 1 thing." in refusals(run)[0]
    records.update(world.people["bob"], number="7")
    run = upload("org.person", "姓名,所在部门,工号", "Bob,党委宣传部,7")
    assert counts(run) == {"refused": 1}


def test_people_are_not_imported_out_of_reach(world: World) -> None:
    with acting_as(world.identity("bob")):
        assert counts(upload("org.person", *PEOPLE)) == {"created": 2, "refused": 1}
    reader = records.create(Role, institution=world.uni, name="读者", permissions=[str(Org.PERSON_VIEW)])
    records.create(Grant, institution=world.uni, user=world.users["dave"], role=reader, unit=world.office)
    with acting_as(world.identity("dave")), pytest.raises(Refused):
        upload("org.person", *PEOPLE)


def test_an_unknown_unit_is_created_if_the_user_says_so() -> None:
    run = upload("org.person", "姓名,所在部门", "张三丰,校史馆", answers=Answers(create_units=False))
    assert counts(run) == {"refused": 1}
    run = imports.decide(run, answers=Answers())
    assert counts(run) == {"created": 1}
    confirmed(run)
    assert Person.get(Person.name == "张三丰").unit.name == "校史馆"
