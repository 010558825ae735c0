"""Nobody gives, takes or changes rights beyond their own: what an identity may decide about others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from panel.access.identity import Identity, current
from panel.access.models import Grant, Role, User
from panel.access.permissions import AccessPermission
from panel.errors import NotAllowed, Refused
from panel.i18n import _
from panel.org.models import Institution, Unit

# Who holds these in the whole institution can mend everything else: there must always be one.
ADMINISTERS = frozenset({AccessPermission.USER_EDIT, AccessPermission.ROLE_EDIT})


def acting_identity(institution_id: int) -> Identity:
    """Who is asking; raises NotAllowed for nobody, and for work in another institution."""
    who = current()
    if who is None or who.institution.id != institution_id:
        raise NotAllowed(_("This belongs to another institution."))
    return who


def covers(who: Identity, permissions: Iterable[str], path: str) -> bool:
    """Whether `who` holds every one of the permissions in the unit with this path."""
    for permission in permissions:
        reach = who.reach(permission)
        if reach is not None and not any(path.startswith(held) for held in reach):
            return False
    return True


def refuse_beyond(institution_id: int, permissions: Iterable[str], path: str) -> None:
    """Raises NotAllowed unless whoever is asking holds the permissions, and may edit users, in that unit."""
    if not covers(acting_identity(institution_id), [*permissions, AccessPermission.USER_EDIT], path):
        raise NotAllowed(_("You can give and take away only what you may do there yourself."))


def refuse_over(user: User) -> None:
    """Raises NotAllowed unless whoever is asking may decide about this user: never about somebody with wider rights."""
    who = acting_identity(user.institution_id)
    if who.rights.everything:
        return
    places = [(role.permissions, path) for role, path in _held(user)]
    if user.person_id:
        places.append(([], user.person.unit.path))
    narrow = who.reach(AccessPermission.USER_EDIT)
    if user.site_admin or (narrow is not None and not places):
        raise NotAllowed(_("%(user)s has wider rights than you. Ask an administrator.", user=user))
    for permissions, path in places:
        if not covers(who, [*permissions, AccessPermission.USER_EDIT], path):
            raise NotAllowed(_("%(user)s has wider rights than you. Ask an administrator.", user=user))


def _held(user: User) -> list[tuple[Role, str]]:
    rows = Grant.select(Grant, Role, Unit).join(Role).switch(Grant).join(Unit).where(Grant.user == user)
    return [(grant.role, grant.unit.path) for grant in rows]


def refuse_role_beyond(institution_id: int, permissions: Iterable[str]) -> None:
    """Raises NotAllowed unless whoever is asking holds all of this, and may edit roles, in the whole institution."""
    who = acting_identity(institution_id)
    if any(who.reach(p) is not None for p in [*permissions, AccessPermission.ROLE_EDIT]):
        raise NotAllowed(_("A role can be changed only by who holds all that changes, in the whole institution."))


def administrators(institution: Institution | int) -> set[int]:
    """Ids of the active users who administer the institution."""
    rows: Any = (
        Grant.select(Grant.user, Role.permissions)
        .join_from(Grant, Role)
        .join_from(Grant, Unit)
        .join_from(Grant, User)
        .where(Grant.institution == institution, Unit.parent.is_null(), User.active)
        .tuples()
    )
    held: dict[int, set[str]] = {}
    for user_id, permissions in rows:
        held.setdefault(user_id, set()).update(permissions)
    return {user_id for user_id, permissions in held.items() if permissions >= ADMINISTERS}


def refuse_no_administrator(institution: Institution | int, before: set[int]) -> None:
    """Raises Refused when the institution had an administrator `before` and has none now."""
    if before and not administrators(institution):
        raise Refused(_("Nobody would be left who administers the institution. Name another administrator first."))
