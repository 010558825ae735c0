"""Importing units and people from the sheets that personnel offices keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any

from panel.access.identity import current
from panel.admin.imports.columns import Column, Kind, fold
from panel.admin.imports.target import Change, Current, Problem, Target
from panel.errors import Refused
from panel.i18n import _, _l, ngettext, today
from panel.org import leaving, services
from panel.org.models import Institution, Person, PersonKind, Unit, UnitKind
from panel.org.permissions import OrgPermission as P

UNIT_KINDS = {
    **dict.fromkeys(["职能部门", "机关部门", "行政部门", "党政部门", "管理部门", "机关"], UnitKind.FUNCTION.value),
    **dict.fromkeys(["院系", "学院", "系", "教学单位", "学部", "二级学院"], UnitKind.FACULTY.value),
    **dict.fromkeys(["附属单位", "直属单位", "附属医院", "附属学校"], UnitKind.AFFILIATED.value),
    **dict.fromkeys(["群团组织", "群团", "工会", "团委"], UnitKind.MASS.value),
    **dict.fromkeys(["研究基地", "科研基地", "实验室", "研究机构", "科研机构"], UnitKind.BASE.value),
    **dict.fromkeys(["虚体研究机构", "虚体机构", "虚体"], UnitKind.VIRTUAL.value),
    **dict.fromkeys(["下属企业", "企业", "公司", "子公司"], UnitKind.SUBSIDIARY.value),
    **dict.fromkeys(["临床科室", "科室", "临床"], UnitKind.CLINICAL.value),
    **dict.fromkeys(["学生组织", "社团", "学生社团", "学生会"], UnitKind.STUDENT.value),
    **dict.fromkeys(["班级", "班"], UnitKind.GRADE.value),
    **dict.fromkeys(["临时工作组", "临时机构", "专班"], UnitKind.TEMPORARY.value),
    **dict.fromkeys(["其他", "其它"], UnitKind.OTHER.value),
}
PERSON_KINDS = {
    **dict.fromkeys(["教职工", "教师", "职工", "员工", "在编", "在职", "干部", "正式"], PersonKind.STAFF.value),
    **dict.fromkeys(["学生", "本科生", "研究生", "博士生", "硕士生"], PersonKind.STUDENT.value),
    **dict.fromkeys(["家长"], PersonKind.PARENT.value),
    **dict.fromkeys(["外聘人员", "外聘", "编外", "劳务派遣", "合同工", "临时工"], PersonKind.CONTRACTOR.value),
}


# ── units ──────────────────────────────────────────────────────────────────────────────────────


class UnitSheet:
    """The units of one institution as an import sees them. A parent stands above its parts in the sheet."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        self.announced: set[str] = set()  # folded names and codes of rows that will be created

    def target(self) -> Target:
        return Target(
            model=Unit,
            permission=P.UNIT_IMPORT,
            columns=self._columns(),
            key=self.key,
            current=self.current,
            create=self.create,
            change=self.change,
            label=lambda values: str(values.get("name") or ""),
            check=self.check,
        )

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column(
                "name",
                _l("Name"),
                synonyms=("部门名称", "部门", "单位名称", "单位", "机构名称", "二级单位", "学院名称", "科室名称"),
                required=True,
                max_length=120,
            ),
            Column(
                "parent",
                _l("Parent unit"),
                synonyms=("上级部门", "上级单位", "所属单位", "隶属单位", "主管部门", "上级"),
                max_length=120,
                spans=True,
                parser=self._canonical,
            ),
            Column(
                "code",
                _l("Code"),
                Kind.IDENTIFIER,
                ("部门编号", "编号", "部门代码", "单位代码", "代码", "单位编号"),
                max_length=40,
            ),
            Column(
                "kind",
                _l("Kind"),
                Kind.CHOICE,
                ("类型", "部门类型", "单位类型", "单位性质", "类别"),
                choices={**UNIT_KINDS, **{str(k.label): k.value for k in UnitKind if k != UnitKind.ROOT}},
            ),
        )

    @cached_property
    def units(self) -> dict[int, Unit]:
        rows = Unit.select().where(Unit.institution == self.institution).order_by(Unit.path)
        return {unit.id: unit for unit in rows}

    @cached_property
    def by_word(self) -> dict[str, list[Unit]]:
        """Units by folded name and by folded code."""
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units.values():
            for word in {fold(unit.name), fold(unit.code)} - {""}:
                found[word].append(unit)
        return found

    def _canonical(self, text: str) -> str:
        """A parent's name, where the sheet gives its code or another spelling of its name."""
        found = self.by_word.get(fold(text), [])
        return str(found[0].name) if len(found) == 1 else text

    def _fitting(self, values: Mapping[str, Any]) -> list[Unit]:
        """The stored units that a row can mean: by code, else by name and, where one is given, parent."""
        code = fold(values.get("code") or "")
        coded = [u for u in self.by_word.get(code, []) if fold(u.code) == code] if code else []
        if coded:
            return coded
        name, parent = fold(values.get("name") or ""), fold(values.get("parent") or "")
        named = [u for u in self.by_word.get(name, []) if fold(u.name) == name and not (code and u.code)]
        if parent and len(named) > 1:
            named = [u for u in named if u.parent_id and fold(self.units[u.parent_id].name) == parent]
        return named

    def key(self, values: Mapping[str, Any]) -> Hashable | None:
        if "id" in values:
            return ("id", values["id"])
        fitting = self._fitting(values)
        if len(fitting) == 1:
            return ("id", fitting[0].id)
        return None if fitting else ("new", fold(values.get("name") or ""), fold(values.get("parent") or ""))

    def current(self, institution: Institution) -> Iterator[Current]:
        for unit in self.units.values():
            parent = self.units[unit.parent_id].name if unit.parent_id else None
            values = {"id": unit.id, "name": unit.name, "parent": parent, "code": unit.code, "kind": unit.kind}
            yield Current(unit.id, unit.version, values)

    def check(self, values: dict[str, Any]) -> Iterator[Problem]:
        fitting = self._fitting(values)
        if len(fitting) > 1:
            yield Problem("name", _("Several units are called so. Enter the parent unit or the code."))
            return
        word = fold(values.get("parent") or "")
        above = self.by_word.get(word, [])
        if len(above) > 1:
            yield Problem("parent", _("Several units are called so. Enter the parent's code."))
        elif word and not above and word not in self.announced:
            yield Problem("parent", _("There is no such unit. Enter it in a row above this one, or correct the name."))
        elif not fitting or word:
            yield from self._out_of_reach(above)
        if fitting and above and above[0].path.startswith(fitting[0].path):
            yield Problem("parent", _("A unit cannot belong to itself or to a unit below it."))
        self.announced |= {fold(values.get("name") or ""), fold(values.get("code") or "")} - {""}

    def _out_of_reach(self, above: list[Unit]) -> Iterator[Problem]:
        identity = current()
        parent = above[0] if above else services.root_of(self.institution)
        try:
            assert identity is not None
            services.within(identity, P.UNIT_CREATE, parent)
        except Refused as refusal:
            yield Problem("parent", str(refusal))

    def create(self, institution: Institution, rows: list[dict[str, Any]]) -> list[Unit]:
        made = []
        for row in rows:
            unit = services.add_unit({**row, "parent": self._parent(row.pop("parent", None))})
            self._remember(unit)
            made.append(unit)
        return made

    def change(self, institution: Institution, changes: list[Change]) -> None:
        for change in changes:
            values = dict(change.values)
            if "parent" in values:
                values["parent"] = self._parent(values["parent"])
            services.change_unit(self.units[change.id], change.version, values)

    def _parent(self, text: str | None) -> Unit | None:
        found = self.by_word.get(fold(text or ""), [])
        return found[0] if found else None

    def _remember(self, unit: Unit) -> None:
        self.units[unit.id] = unit
        for word in {fold(unit.name), fold(unit.code or "")} - {""}:
            self.by_word[word].append(unit)


def unit_import(institution: Institution) -> Target:
    """The units of an institution as an import target."""
    return UnitSheet(institution).target()


# ── people ─────────────────────────────────────────────────────────────────────────────────────


class Roster:
    """The people of one institution as an import sees them: the same number, or the same name in the same unit."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution

    def target(self) -> Target:
        return Target(
            model=Person,
            permission=P.PERSON_IMPORT,
            columns=_person_columns(),
            key=self.key,
            current=self.current,
            create=self.create,
            change=self.change,
            label=lambda values: str(values.get("name") or ""),
            check=self.check,
            units=("unit",),
        )

    @cached_property
    def people(self) -> dict[int, Person]:
        rows = Person.select().where(Person.institution == self.institution).order_by(Person.id)
        return {person.id: person for person in rows}

    @cached_property
    def by_number(self) -> dict[str, Person]:
        return {fold(p.number): p for p in self.people.values() if p.number}

    @cached_property
    def by_place(self) -> dict[tuple[str, Any], list[Person]]:
        found: dict[tuple[str, Any], list[Person]] = defaultdict(list)
        for person in self.people.values():
            found[fold(person.name), person.unit_id].append(person)
        return found

    def _fitting(self, values: Mapping[str, Any]) -> list[Person]:
        """The stored people that a row can mean."""
        number = fold(values.get("number") or "")
        if number in self.by_number:
            return [self.by_number[number]]
        same = self.by_place.get((fold(values.get("name") or ""), values.get("unit")), [])
        return [p for p in same if not p.number] if number else same

    def key(self, values: Mapping[str, Any]) -> Hashable | None:
        if "id" in values:
            return ("id", values["id"])
        fitting = self._fitting(values)
        if len(fitting) == 1:
            return ("id", fitting[0].id)
        number, name = fold(values.get("number") or ""), fold(values.get("name") or "")
        return None if fitting else ("new", number) if number else ("new", name, values.get("unit"))

    def current(self, institution: Institution) -> Iterator[Current]:
        own = [column.name for column in _person_columns() if column.name != "unit"]
        for person in self.people.values():
            values = {name: person.__data__[name] for name in own}
            yield Current(person.id, person.version, {"id": person.id, "unit": person.unit_id, **values})

    def check(self, values: dict[str, Any]) -> Iterator[Problem]:
        fitting = self._fitting(values)
        if len(fitting) > 1:
            yield Problem("number", _("Several people are called so in this unit. Enter the number of who is meant."))
            return
        stored = fitting[0] if fitting else None
        first = values.get("in_service_from") or (stored.in_service_from if stored else None)
        last = values.get("in_service_until") or (stored.in_service_until if stored else None)
        if first and last and last < first:
            yield Problem("in_service_until", _("Service cannot end before it begins."))
        if stored is not None:
            yield from self._check_held(stored, values)

    def _check_held(self, stored: Person, values: Mapping[str, Any]) -> Iterator[Problem]:
        """A move, or a last day that has passed, is refused while the person holds anything."""
        moves = values.get("unit") not in (None, stored.unit_id)
        last = values.get("in_service_until")
        leaves = last is not None and last < today() and last != stored.in_service_until
        if (moves or leaves) and (things := leaving.held_by(stored)):
            yield Problem(
                "unit" if moves else "in_service_until",
                ngettext(
                    "Still holds %(num)s thing. Use “Leave or move” on their page first.",
                    "Still holds %(num)s things. Use “Leave or move” on their page first.",
                    len(things),
                ),
            )

    def create(self, institution: Institution, rows: list[dict[str, Any]]) -> list[Person]:
        return services.hire_many([self._with_unit({k: v for k, v in row.items() if v is not None}) for row in rows])

    def change(self, institution: Institution, changes: list[Change]) -> None:
        for change in changes:
            services.change_person(self.people[change.id], change.version, self._with_unit(change.values))

    @cached_property
    def units(self) -> dict[int, Unit]:
        return {unit.id: unit for unit in Unit.select().where(Unit.institution == self.institution)}

    def _with_unit(self, values: dict[str, Any]) -> dict[str, Any]:
        if "unit" not in values:
            return values
        if values["unit"] not in self.units:  # created by this very import
            del self.units
        return {**values, "unit": self.units[values["unit"]]}


def _person_columns() -> tuple[Column, ...]:
    return (
        Column(
            "name",
            _l("Full name"),
            synonyms=("姓名", "人员姓名", "教师姓名", "学生姓名", "名字", "员工姓名"),
            required=True,
            max_length=60,
        ),
        Column(
            "unit",
            _l("Unit"),
            synonyms=("部门", "单位", "所属部门", "所在部门", "所在单位", "学院", "院系", "科室", "班级"),
            required=True,
            spans=True,
        ),
        Column(
            "number",
            _l("Staff or student number"),
            Kind.IDENTIFIER,
            ("工号", "学号", "教工号", "职工号", "人员编号", "编号", "学工号"),
            max_length=40,
        ),
        Column(
            "kind",
            _l("Kind"),
            Kind.CHOICE,
            ("类型", "人员类型", "人员类别", "身份", "类别"),
            choices={**PERSON_KINDS, **{str(k.label): k.value for k in PersonKind}},
        ),
        Column("post", _l("Post"), synonyms=("职务", "岗位", "职称", "职位"), max_length=80),
        Column("phone", _l("Phone"), Kind.PHONE, ("电话", "手机", "手机号", "联系电话", "联系方式", "移动电话")),
        Column("email", _l("E-mail"), Kind.IDENTIFIER, ("邮箱", "电子邮箱", "电子邮件", "Email"), max_length=120),
        Column("in_service_from", _l("In service from"), Kind.DATE, ("入职日期", "入校时间", "入职时间", "入学时间")),
        Column("in_service_until", _l("In service until"), Kind.DATE, ("离职日期", "离校时间", "离职时间", "毕业时间")),
        Column(
            "leads_unit", _l("Heads the unit"), Kind.BOOLEAN, ("部门负责人", "是否负责人", "负责人", "是否部门负责人")
        ),
    )


def person_import(institution: Institution) -> Target:
    """The roster of an institution as an import target."""
    return Roster(institution).target()
