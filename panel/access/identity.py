"""Who is asking, in which institution, and what they may do where."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from panel.access.models import Grant, PluginSwitch, Role, User
from panel.database import db
from panel.errors import NotAllowed
from panel.i18n import _
from panel.org.models import Institution, Unit


@dataclass(frozen=True)
class Rights:
    """What a user may do in one institution: (permissions, path of the unit they hold from there down)."""

    grants: tuple[tuple[frozenset[str], str], ...] = ()
    everything: bool = False
    plugins: frozenset[str] = frozenset()
    second_factor: bool = False  # whether a role asks for one


@dataclass(frozen=True)
class Identity:
    """The user (None: the panel itself, in a job or command) at work in one institution."""

    user: User | None
    institution: Institution
    rights: Rights = field(default_factory=Rights)

    def may(self, permission: StrEnum | str) -> bool:
        """Whether the permission is held in any unit of the institution."""
        return self.rights.everything or any(permission in held for held, _path in self.rights.grants)

    def reach(self, permission: StrEnum | str) -> list[str] | None:
        """Paths of the units (and all below them) where the permission is held; None: the whole institution."""
        if self.rights.everything:
            return None
        paths = [path for held, path in self.rights.grants if permission in held]
        return None if any(path.count("/") == 2 for path in paths) else paths

    def plugin_on(self, name: str) -> bool:
        return name in self.rights.plugins


_here: ContextVar[Identity | None] = ContextVar("identity", default=None)


def current() -> Identity | None:
    """The identity in force, or None (nobody logged in, or start-up)."""
    return _here.get()


def asking() -> Identity:
    """Who is asking; raises NotAllowed for nobody."""
    who = current()
    if who is None:
        raise NotAllowed(_("Nobody is logged in."))
    return who


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[Identity | None]:
    """Put an identity in force for a request, a job or a command."""
    token = _here.set(identity)
    try:
        yield identity
    finally:
        _here.reset(token)


def system(institution: Institution) -> Identity:
    """The panel itself at work in an institution: everything, and nothing outside it."""
    return Identity(None, institution, Rights(everything=True, plugins=_plugins_on(institution)))


def identify(user: User, institution: Institution) -> Identity:
    """A user's identity in an institution. Costs no query where nothing changed since the last time."""
    key = (user.id, user.epoch, user.site_admin, institution.id, institution.access_stamp)
    rights = _remembered.get(key)
    if rights is None:
        rights = _rights(user, institution)
        if db.in_transaction():  # what is not committed yet may never be
            return Identity(user, institution, rights)
        _remembered[key] = rights
        while len(_remembered) > 2000:
            _remembered.popitem(last=False)
    return Identity(user, institution, rights)


# Safe to share: the key holds the user's epoch and the institution's stamp, which every change of rights raises.
_remembered: OrderedDict[tuple[int, int, bool, int, int], Rights] = OrderedDict()


def _rights(user: User, institution: Institution) -> Rights:
    rows: Any = list(
        Grant.select(Role.permissions, Unit.path, Role.second_factor)
        .join_from(Grant, Role)
        .join_from(Grant, Unit)
        .where(Grant.user == user, Grant.institution == institution)
        .tuples()
    )
    return Rights(
        tuple((frozenset(permissions), path) for permissions, path, _factor in rows),
        everything=user.site_admin,
        plugins=_plugins_on(institution),
        second_factor=any(needed for _permissions, _path, needed in rows),
    )


def _plugins_on(institution: Institution) -> frozenset[str]:
    rows: Any = PluginSwitch.select(PluginSwitch.plugin).where(
        PluginSwitch.institution == institution, PluginSwitch.enabled
    )
    return frozenset(name for (name,) in rows.tuples())
