"""The roles every institution starts with. They are its own from then on: what it takes away stays away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from panel import records
from panel.access.models import PluginSwitch, Role
from panel.access.permissions import AccessPermission as Access
from panel.admin.permissions import AdminPermission as Admin
from panel.audit.permissions import AuditPermission as Audit
from panel.checks.permissions import ChecksPermission as Checks
from panel.database import transaction
from panel.i18n import _l
from panel.jobs.permissions import JobPermission as Jobs
from panel.org.models import Institution
from panel.org.permissions import OrgPermission as Org
from panel.plugin import Loaded, Registry


@dataclass(frozen=True)
class Shipped:
    """A role as the panel brings it; plugins add to it by its code (`Plugin.roles`)."""

    code: str
    name: Any
    permissions: tuple[str, ...] = ()


LOOK = (Org.UNIT_VIEW, Org.PERSON_VIEW)

# The administrator holds every permission there is: nobody can pass on more than they hold.
ADMINISTRATOR = "administrator"

SHIPPED = (
    Shipped(ADMINISTRATOR, _l("System administrator")),
    Shipped(
        "publicity",
        _l("Publicity office"),
        (
            *LOOK,
            *(Org.UNIT_CREATE, Org.UNIT_EDIT, Org.UNIT_EXPORT, Org.UNIT_IMPORT),
            *(
                Org.PERSON_CREATE,
                Org.PERSON_EDIT,
                Org.PERSON_EXPORT,
                Org.PERSON_IMPORT,
                Org.PERSON_LEAVE,
                Org.PERSON_REVEAL,
            ),
            *(Access.USER_VIEW, Access.USER_CREATE, Access.USER_EDIT),  # of those who may no more than they
            *(Org.INSTITUTION_VIEW, Audit.ENTRY_VIEW, Jobs.RUN_VIEW, Admin.SAVED_FILTER_SHARE),
            *Checks,
        ),
    ),
    Shipped(
        "lead", _l("Unit lead"), (*LOOK, Org.PERSON_EXPORT, Org.PERSON_REVEAL, Checks.FINDING_VIEW, Checks.POLICY_VIEW)
    ),
    Shipped(
        "clerk", _l("Unit clerk"), (*LOOK, Checks.FINDING_VIEW, Org.PERSON_CREATE, Org.PERSON_EDIT, Org.PERSON_LEAVE)
    ),
    Shipped("finance", _l("Finance"), LOOK),
    Shipped(
        "auditor",
        _l("Auditor"),
        (
            *LOOK,
            *(Org.UNIT_EXPORT, Org.PERSON_EXPORT, Org.INSTITUTION_VIEW, Access.USER_VIEW, Access.ROLE_VIEW),
            *(Access.PLUGIN_VIEW, Audit.ENTRY_VIEW, Audit.ENTRY_EXPORT, Jobs.RUN_VIEW),
            *(Checks.FINDING_VIEW, Checks.FINDING_EXPORT, Checks.POLICY_VIEW),
        ),
    ),
)


def ship(institution: Institution, registry: Registry) -> None:
    """Give the institution the shipped roles, with what its plugins add; safe to repeat.

    Adds only what was never offered before, so what the institution took out of a role is not put back.
    """
    on: Any = PluginSwitch.select(PluginSwitch.plugin).where(
        PluginSwitch.institution == institution, PluginSwitch.enabled
    )
    names = {name for (name,) in on.tuples()}
    areas = [*registry.core, *(entry for entry in registry if entry.name in names)]
    with transaction():
        present = {role.code: role for role in Role.select().where(Role.institution == institution, Role.code != "")}
        for shipped in SHIPPED:
            wanted = [str(p) for p in _wanted(shipped, areas)]
            role = present.get(shipped.code)
            if role is None:
                name = _free_name(institution, str(shipped.name))
                records.create(
                    Role, institution=institution, code=shipped.code, name=name, permissions=wanted, offered=wanted
                )
            else:
                _offer(role, wanted)


def _wanted(shipped: Shipped, areas: Iterable[Loaded]) -> list[str]:
    if shipped.code == ADMINISTRATOR:
        return [p for area in areas for p in area.permissions]
    added = [p for area in areas for p in _share(area).get(shipped.code, ())]
    return list(dict.fromkeys([*shipped.permissions, *added]))


def _share(area: Loaded) -> Mapping[str, Iterable[str]]:
    """What an area adds to the shipped roles: a plugin in its declaration, a core area in its permissions.py."""
    return area.plugin.roles or getattr(area.modules.get("permissions"), "ROLES", {})


def _offer(role: Role, wanted: Collection[str]) -> None:
    new = [p for p in wanted if p not in set(role.offered)]
    if new:
        records.update(role, permissions=[*role.permissions, *(p for p in new if p not in role.permissions)])
        records.derive(Role, Role.id == role.id, offered=[*role.offered, *new])


def _free_name(institution: Institution, name: str) -> str:
    """The name, or the name and a figure where the institution already calls a role so."""
    names: Any = Role.select(Role.name).where(Role.institution == institution).tuples()
    taken = {held for (held,) in names}
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, 1000))) if n not in taken)
