"""How users and roles look in lists."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from markupsafe import Markup
from peewee import JOIN, fn

from panel.access.models import Grant, Role, User
from panel.audit.models import Entry
from panel.i18n import _, show_time
from panel.org.models import Unit


def load_grants(users: list[Any]) -> None:
    """Hang `roles` ([grant with role and unit]) and `seen` (moment of the last log-in or None) on users. One query."""
    last = (
        Entry.select(fn.MAX(Entry.at))
        .where(Entry.root_type == "access.user", Entry.root_id == User.id, Entry.action == "access.user.log_in")
        .alias("seen_at")
    )
    query = (
        User.select(User.id, Grant, Role, Unit, last)
        .join(Grant, JOIN.LEFT_OUTER, on=(Grant.user == User.id), attr="held")
        .join(Role, JOIN.LEFT_OUTER)
        .switch(Grant)
        .join(Unit, JOIN.LEFT_OUTER)
        .where(User.id.in_([user.id for user in users]))
        .order_by(Grant.id)
    )
    held: dict[int, list[Grant]] = defaultdict(list)
    seen: dict[int, Any] = {}
    for row in query:
        seen[row.id] = Entry.at.python_value(row.seen_at) if row.seen_at else None
        if getattr(row, "held", None) is not None and row.held.id is not None:
            held[row.id].append(row.held)
    for user in users:
        user.roles, user.seen = held[user.id], seen.get(user.id)


def load_holders(roles: list[Any]) -> None:
    """Hang `grants` (with user and unit) and `holders` (how many users) on roles. One query."""
    query = Grant.select(Grant, User, Unit).join(User).switch(Grant).join(Unit).order_by(User.username, Grant.id)
    held: dict[int, list[Grant]] = defaultdict(list)
    for grant in query.where(Grant.role.in_([role.id for role in roles])):
        held[grant.__data__["role"]].append(grant)
    for role in roles:
        role.grants = held[role.id]
        role.holders = len({grant.user_id for grant in held[role.id]})


def show_roles(user: Any) -> Markup:
    """Each role with its unit."""
    lines = [Markup('{} <span class="dim">{}</span>').format(g.role, g.unit) for g in user.roles]
    if user.site_admin:
        lines.insert(0, Markup('<span class="badge">{}</span>').format(_("Administers the installation")))
    if not lines:
        return Markup('<span class="dim">{}</span>').format(_("none yet"))
    return Markup("<div>{}</div>").format(Markup("<br>").join(lines))


def show_seen(user: User) -> str | Markup:
    """When they last logged in."""
    moment = getattr(user, "seen", None)
    return show_time(moment) if moment else Markup('<span class="dim">{}</span>').format(_("never"))


def show_active(user: User) -> Markup:
    """Whether they may log in."""
    style, text = ("state-ok", _("May log in")) if user.active else ("state-off", _("Deactivated"))
    return Markup('<span class="state {}">{}</span>').format(style, text)
