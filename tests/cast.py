"""The cast of the tests: who they are never changes from test to test.

Institution `uni` with units `office` and `faculty` (and `lab` below it); `other` is a foreign institution.
alice administers uni; bob reads and writes in the faculty only; carol reads everything; dave has no grant;
oscar administers the other institution; root runs the installation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from panel import records
from panel.access.identity import Identity, identify
from panel.access.models import Grant, PluginSwitch, Role, User
from panel.org.models import Institution, Person, Unit


@dataclass
class World:
    uni: Institution
    root_unit: Unit
    office: Unit
    faculty: Unit
    lab: Unit
    other: Institution
    other_unit: Unit
    people: dict[str, Person]
    users: dict[str, User]
    roles: dict[str, Role]

    def user(self, name: str) -> User:
        """The user by name, as stored now."""
        return User.get_by_id(self.users[name].id)

    def identity(self, name: str) -> Identity:
        """The identity of a user at work at home."""
        user = self.user(name)
        return identify(user, user.institution)


def build_world(app: Flask) -> World:
    """Insert the cast with every plugin switched on in both institutions."""
    registry = app.extensions["zhangyin"].registry
    permissions = [p for area in registry.areas for p in area.permissions]
    views = [p for p in permissions if p.endswith((".view", ".export"))]
    uni, root_unit = _institution("示例大学", "university", registry)
    other, other_unit = _institution("别处学院", "school", registry)
    office, faculty = _unit(root_unit, "党委宣传部"), _unit(root_unit, "理学院", "faculty")
    lab = _unit(faculty, "物理实验室")
    roles = {
        "all": records.create(Role, institution=uni, name="全部", permissions=permissions),
        "read": records.create(Role, institution=uni, name="只读", permissions=views),
        "other": records.create(Role, institution=other, name="全部", permissions=permissions),
    }
    people, users = {}, {}
    for name, unit, role in [
        ("alice", root_unit, "all"),
        ("bob", faculty, "all"),
        ("carol", root_unit, "read"),
        ("dave", office, None),
        ("oscar", other_unit, "other"),
        ("root", root_unit, None),
    ]:
        institution = unit.institution
        people[name] = records.create(Person, institution=institution, unit=unit, name=name.title())
        users[name] = records.create(
            User,
            institution=institution,
            username=name,
            person=people[name],
            display_name=name.title(),
            site_admin=name == "root",
        )
        if role:
            records.create(Grant, institution=institution, user=users[name], role=roles[role], unit=unit)
    return World(uni, root_unit, office, faculty, lab, other, other_unit, people, users, roles)


def _institution(name: str, kind: str, registry: Any) -> tuple[Institution, Unit]:
    institution = records.create(Institution, name=name, kind=kind)
    root = records.create(Unit, institution=institution, name=name, kind="root")
    records.update(root, path=f"/{root.id}/")
    for entry in registry:
        records.create(PluginSwitch, institution=institution, plugin=entry.name, enabled=True)
        enable = getattr(entry.modules.get("services"), "on_enable", None)
        if enable:
            enable(institution)
    return institution, root


def _unit(parent: Unit, name: str, kind: str = "function") -> Unit:
    unit = records.create(Unit, institution=parent.institution, parent=parent, name=name, kind=kind)
    records.update(unit, path=f"{parent.path}{unit.id}/")
    return unit
