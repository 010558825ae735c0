"""The verbs on institutions, units and people. Leaving and moving are in `panel.org.leaving`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from peewee import Value, fn

from panel import records
from panel.access.identity import Identity, acting_as, asking, system
from panel.access.models import Role
from panel.access.services import touch
from panel.database import transaction, utcnow
from panel.errors import InUse, NotAllowed, Refused
from panel.i18n import _, plain
from panel.org.models import Institution, Person, Unit, UnitKind
from panel.org.names import initials
from panel.org.permissions import OrgPermission
from panel.plugin import Registry

DEEPEST = 12  # levels of the unit tree


# ── institutions ───────────────────────────────────────────────────────────────────────────────


def create_institution(
    registry: Registry,
    name: str,
    kind: str,
    time_zone: str = "Asia/Shanghai",
    administrator: dict[str, Any] | None = None,
    plugins: Sequence[str] = (),
) -> Institution:
    """A new tenant with its root unit, the shipped roles, the plugins named (and what they need) switched on.

    `administrator` are the values of its first user, who gets the administrator's role; see `access.create_user`.
    """
    from panel.access import roles, services, switches

    with transaction():
        institution = records.create(Institution, name=_name(name), kind=kind, time_zone=time_zone)
        root = records.create(Unit, institution=institution, name=institution.name, kind=UnitKind.ROOT.value)
        _hang(root, None)
        roles.ship(institution, registry)
        with acting_as(system(institution)):
            if administrator is not None:
                user = services.create_user(administrator)
                role = Role.get(Role.institution == institution, Role.code == roles.ADMINISTRATOR)
                services.grant(user, role, root)
            for plugin in plugins:
                switches.switch_on(institution, registry, plugin, along=True)
    return institution


def change_institution(institution: Institution, expected_version: int | None, values: dict[str, Any]) -> Institution:
    """Rename the institution (and with it the root of its tree), change its kind or time zone."""
    if "name" in values:
        values = {**values, "name": _name(values["name"])}
    if values.get("time_zone", institution.time_zone) not in available_timezones():
        raise Refused(_("There is no time zone of this name, such as Asia/Shanghai."), "time_zone")
    with transaction():
        touch(institution)
        old = Institution.get_by_id(institution.id).name
        records.update(institution, expected_version, **values)
        root = root_of(institution)
        if root.name == old:
            records.update(root, name=institution.name)
    return institution


def root_of(institution: Institution | int) -> Unit:
    """The unit at the top of the tree."""
    root: Unit = Unit.get(Unit.institution == institution, Unit.parent.is_null())
    return root


# ── units ──────────────────────────────────────────────────────────────────────────────────────


def add_unit(values: dict[str, Any]) -> Unit:
    """A unit below `parent` (the root where none is given): name, and any of code, kind."""
    who = asking()
    parent = values.get("parent") or root_of(who.institution)
    with transaction():
        touch(parent.institution_id)
        parent = _open_parent(parent, OrgPermission.UNIT_CREATE)
        unit = records.create(
            Unit, **{**values, "institution": parent.institution_id, "parent": parent, "name": _name(values["name"])}
        )
        _hang(unit, parent)
    return unit


def change_unit(unit: Unit, expected_version: int | None, values: dict[str, Any]) -> Unit:
    """Change name, code or kind; another `parent` moves the unit with all below it.

    The tree stays a tree under concurrent moves: `touch` makes the moves of one institution wait for each other.
    """
    if "name" in values:
        values = {**values, "name": _name(values["name"])}
    with transaction():
        touch(unit.institution_id)
        stored = Unit.get_by_id(unit.id)
        moves = "parent" in values and (values["parent"].id if values["parent"] else None) != stored.parent_id
        if moves:
            parent = _open_parent(_new_parent(stored, values["parent"]), OrgPermission.UNIT_EDIT)
            values = {**values, "parent": parent}
        elif "kind" in values and (values["kind"] == UnitKind.ROOT) != (stored.parent_id is None):
            raise Refused(_("Only the top of the tree stands for the whole institution."), "kind")
        records.update(unit, expected_version, **values)
        if moves:
            _rehang(stored, parent)
            unit.path = Unit.get_by_id(unit.id).path
    return unit


def archive_unit(unit: Unit) -> None:
    """Close a unit: it stays for history, and nothing new comes into it.

    Raises InUse while units below it are open or people in it are in service.
    """
    with transaction():
        touch(unit.institution_id)
        if unit.parent_id is None:
            raise Refused(_("The top of the tree stands for the whole institution and cannot be archived."))
        below = list(Unit.select().where(Unit.parent == unit, Unit.archived_at.is_null()).limit(6))
        people = [p for p in Person.select().where(Person.unit == unit).order_by(Person.name) if p.in_service()]
        found = [(plain(m.titles), len(rows), rows[:5]) for m, rows in ((Unit, below), (Person, people)) if rows]
        if found:
            names = "、".join(plain(row) for _title, _count, rows in found for row in rows)
            raise InUse(_("Move these out of %(unit)s first: %(names)s", unit=unit, names=names), found)
        records.update(unit, archived_at=utcnow())


def reopen_unit(unit: Unit) -> None:
    """Take a unit out of the archive."""
    with transaction():
        touch(unit.institution_id)
        if unit.parent and unit.parent.archived_at is not None:
            raise Refused(_("%(unit)s is archived.", unit=unit.parent))
        records.update(unit, archived_at=None)


def delete_unit(unit: Unit) -> None:
    """Delete a unit nothing refers to; one with a past is archived instead."""
    with transaction():
        touch(unit.institution_id)
        if unit.parent_id is None:
            raise Refused(_("The top of the tree stands for the whole institution and cannot be deleted."))
        records.delete(unit)


def _new_parent(unit: Unit, parent: Unit | None) -> Unit:
    if unit.parent_id is None:
        raise Refused(_("The top of the tree cannot be moved."), "parent")
    if parent is None or parent.institution_id != unit.institution_id:
        raise Refused(_("Choose the unit it belongs to."), "parent")
    parent = Unit.get_by_id(parent.id)  # as it is now that the institution's row is held
    if parent.path.startswith(unit.path):
        raise Refused(_("%(unit)s cannot belong to itself or to a unit below it.", unit=unit), "parent")
    height = Unit.select(fn.MAX(fn.LENGTH(Unit.path) - fn.LENGTH(fn.REPLACE(Unit.path, "/", "")))).where(
        Unit.path.startswith(unit.path)
    )
    below = height.scalar() - unit.path.count("/")
    if parent.path.count("/") + below > DEEPEST:
        raise Refused(_("The tree may have at most %(count)s levels.", count=DEEPEST), "parent")
    return parent


def _open_parent(parent: Unit, permission: str) -> Unit:
    """The parent as stored now. Raises Refused where it is archived or too deep, NotAllowed out of reach."""
    parent = Unit.get_by_id(parent.id)
    if parent.archived_at is not None:
        raise Refused(_("%(unit)s is archived.", unit=parent), "parent")
    if parent.path.count("/") > DEEPEST:
        raise Refused(_("The tree may have at most %(count)s levels.", count=DEEPEST), "parent")
    within(asking(), permission, parent)
    return parent


def _hang(unit: Unit, parent: Unit | None) -> None:
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    records.derive(Unit, Unit.id == unit.id, path=unit.path)


def _rehang(unit: Unit, parent: Unit) -> None:
    """Give the unit and all below it their new paths, in one statement."""
    old, new = unit.path, f"{parent.path}{unit.id}/"
    moved = (Unit.institution == unit.institution_id) & Unit.path.startswith(old)
    records.derive(Unit, moved, path=Value(new).concat(fn.SUBSTR(Unit.path, len(old) + 1)))


# ── people ─────────────────────────────────────────────────────────────────────────────────────


def hire(values: dict[str, Any]) -> Person:
    """Enter a person in the roster: name, unit, and any other field."""
    unit = _open_unit(values["unit"], OrgPermission.PERSON_CREATE)
    return records.create(Person, **{**_person_values(values), "institution": unit.institution_id})


def hire_many(rows: Sequence[dict[str, Any]]) -> list[Person]:
    """Enter many people, all or nothing."""
    for unit in {row["unit"].id: row["unit"] for row in rows}.values():
        _open_unit(unit, OrgPermission.PERSON_CREATE)
    return records.bulk_create(
        # The row, not its key: the audit names it without a query for each person.
        Person,
        [{**_person_values(row), "institution": row["unit"].institution} for row in rows],
    )


def change_person(person: Person, expected_version: int | None, values: dict[str, Any]) -> Person:
    """Change a person. Another unit, or a last day that has passed, is a move or a leaving: refused while the person
    still holds anything (see `panel.org.leaving`)."""
    from panel.org.leaving import changed_service

    values = _person_values(values)
    with transaction():
        stored = Person.get_by_id(person.id)
        if "unit" in values and values["unit"].id != stored.unit_id:
            _open_unit(values["unit"], OrgPermission.PERSON_EDIT)
        records.update(person, expected_version, **values)
        changed_service(stored, person)
    return person


def _person_values(values: dict[str, Any]) -> dict[str, Any]:
    values = dict(values)
    if "name" in values:
        values["name"] = re.sub(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])", "", _name(values["name"]))  # 张 三 is 张三
        values["initials"] = initials(values["name"])
    if "number" in values:
        values["number"] = (values["number"] or "").strip() or None
    return values


def _open_unit(unit: Unit, permission: str) -> Unit:
    if unit.archived_at is not None:
        raise Refused(_("%(unit)s is archived.", unit=unit), "unit")
    within(asking(), permission, unit)
    return unit


# ── who may ────────────────────────────────────────────────────────────────────────────────────


def within(who: Identity, permission: str, unit: Unit) -> None:
    """Raises NotAllowed unless `who` holds the permission in that unit of their institution."""
    reach = who.reach(permission)
    inside = reach is None or any(unit.path.startswith(path) for path in reach)
    if unit.institution_id != who.institution.id or not inside:
        raise NotAllowed(_("You may not do this in %(unit)s.", unit=unit), "unit")


def _name(text: str) -> str:
    """A name without stray space. Raises Refused for an empty one."""
    name = " ".join(str(text or "").split())
    if not name:
        raise Refused(_("A name is needed."), "name")
    return name
