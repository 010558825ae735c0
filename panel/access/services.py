"""The verbs on users, roles and grants. Each ends the sessions of whoever it concerns."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from panel import audit, records
from panel.access import attempts, factor, passwords
from panel.access.identity import asking
from panel.access.models import Grant, Role, User
from panel.access.policy import AccessPolicy
from panel.access.reach import (
    acting_identity,
    administrators,
    refuse_beyond,
    refuse_no_administrator,
    refuse_over,
    refuse_role_beyond,
)
from panel.access.sessions import end_sessions
from panel.checks.policy import in_force
from panel.database import transaction, utcnow
from panel.errors import InUse, NotAllowed, Refused
from panel.i18n import _, _l, today
from panel.org.holdings import Holding
from panel.org.models import Institution, Person, Unit

RESET_LASTS = timedelta(hours=24)
INVITATION_LASTS = timedelta(days=7)
USERNAME = re.compile(r"[\w.@-]{2,60}")


# ── sessions ───────────────────────────────────────────────────────────────────────────────────


def log_in(username: str, password: str, device: str | None = None) -> User:
    """The user with this name and password. Raises Refused, the same for a wrong name and a wrong password.

    `device`: what failures are counted on where this user logged in from this browser before. A user with a second
    factor is not in yet: `log_in_code` is next.
    """
    name = fold_username(username)
    counters = attempts.of_log_in(name, audit.current().ip, device)
    failures = attempts.claim(*counters)
    user: User | None = User.get_or_none(User.username == name)
    if not passwords.verify(user.password_hash if user else "", password) or user is None:
        if user:
            audit.note("log_in_failed", user)
        raise Refused(_("User name or password is wrong. %(outlook)s", outlook=attempts.outlook(failures)), "password")
    refuse_barred(user)
    with transaction(), as_user(user):
        attempts.forgive(*counters)
        if passwords.outdated(user.password_hash):
            records.update(user, password_hash=passwords.hash_password(password))
        if factor.of_user(user) is None:
            audit.note("log_in", user)
    return user


def log_in_code(user: User, code: str) -> None:
    """The second step: a code of the app, or a recovery code. Raises Refused, counted, for any other."""
    counters = attempts.of_user(user.id, "code")
    failures = attempts.claim(*counters)
    refuse_barred(user)
    with as_user(user):
        if not factor.take_code(user, code) and not factor.take_recovery(user, code):
            audit.note("log_in_failed", user)
            raise Refused(_("This code is wrong. %(outlook)s", outlook=attempts.outlook(failures)), "code")
        attempts.forgive(*counters)
        audit.note("log_in", user)


def refuse_barred(user: User) -> None:
    """Raises Refused for who may no longer log in."""
    if not user.active or (user.person_id and not user.person.in_service()):
        raise Refused(_("This user may no longer log in. Ask your administrator."), "username")


def as_user(user: User) -> AbstractContextManager[Any]:
    """The same action, in the name of who has just proved to be this user."""
    here = audit.current()
    return audit.acting(here.kind, user=user, ip=here.ip, agent=here.agent, reason=here.reason)


def log_out(user: User) -> None:
    """End every session and remember cookie of the user."""
    with transaction():
        end_sessions(User.id == user.id)
        audit.note("log_out", user)


def touch(institution: Institution | int) -> None:
    """Make every process read rights and switches afresh. Holds the institution's row until the transaction ends,
    so that changes of its tree, roles and grants come one after the other."""
    records.derive(Institution, Institution.id == institution, access_stamp=Institution.access_stamp + 1)


# ── passwords ──────────────────────────────────────────────────────────────────────────────────


def change_password(user: User, old: str, new: str) -> None:
    """The user changes their own password. Raises Refused for a wrong old one, counted like a failed log-in."""
    counters = attempts.of_user(user.id, "proof")
    failures = attempts.claim(*counters)
    if not passwords.verify(user.password_hash, old):
        raise Refused(
            _("The present password is wrong. %(outlook)s", outlook=attempts.outlook(failures)), "old_password"
        )
    attempts.forgive(*counters)
    if old == new:
        raise Refused(_("The new password is the old one."), "password")
    set_password(user, new)


def set_password(user: User, password: str) -> None:
    """Give the user a password; raises Refused where the policy forbids it. Ends their sessions and a pending link."""
    passwords.check(password, user.username, strength=strength_of(user.institution_id))
    _store(user, passwords.hash_password(password))


def strength_of(institution_id: int) -> passwords.Strength:
    """What the institution asks of a password today."""
    policy = in_force(AccessPolicy, institution_id, today())
    default = passwords.Strength()
    if policy is None:
        return default
    return passwords.Strength(policy.password_shortest or default.shortest, policy.password_kinds or default.kinds)


def _store(user: User, hashed: str, expected_version: int | None = None) -> None:
    with transaction():
        records.update(user, expected_version, password_hash=hashed, reset_hash="", reset_until=None)
        end_sessions(User.id == user.id)


def make_reset_link(user: User) -> str:
    """A token that lets its bearer set the user's password once; an earlier one is void.

    Raises NotAllowed for a user with wider rights than who is asking.
    """
    refuse_over(user)
    return issue_link(user)


def link_lasts(user: User) -> timedelta:
    """How long a link is good: longer for who was never in."""
    return RESET_LASTS if user.password_hash else INVITATION_LASTS


def issue_link(user: User) -> str:
    """The token itself, for `make_reset_link` and for the mail that carries it to the user alone."""
    secret = secrets.token_urlsafe(32)
    with transaction():
        records.update(user, reset_hash=_digest(secret), reset_until=utcnow() + link_lasts(user))
        audit.note("reset_link", user)
    return f"{user.id}.{secret}"


def user_of_reset(token: str) -> User:
    """Whose password the token sets. Raises Refused for one that is wrong, used or too old."""
    user_id, _dot, secret = token.partition(".")
    user = User.get_or_none(User.id == int(user_id)) if user_id.isdecimal() and len(user_id) < 19 else None
    if (
        user is None
        or not user.active
        or user.reset_until is None
        or user.reset_until < utcnow()
        or not hmac.compare_digest(user.reset_hash, _digest(secret))
    ):
        raise Refused(_("This link was used already or is too old. Ask your administrator for a new one."))
    return user


def reset_password(token: str, password: str) -> User:
    """Set a password by a one-time link."""
    user = user_of_reset(token)
    passwords.check(password, user.username, strength=strength_of(user.institution_id))
    hashed = passwords.hash_password(password)
    with as_user(user):
        _store(user, hashed, user.version)  # of two at once, one is stale
    return user


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


# ── users ──────────────────────────────────────────────────────────────────────────────────────


def fold_username(username: str) -> str:
    """The user name as it is stored and compared."""
    return unicodedata.normalize("NFKC", username).strip().casefold()[:200]


def create_user(values: dict[str, Any]) -> User:
    """Register a user: username, and any of person, display_name, locale, active, site_admin, password."""
    institution = asking().institution
    values = _checked(institution.id, values)
    if password := values.pop("password", ""):
        passwords.check(password, values["username"], strength=strength_of(institution.id))
        values["password_hash"] = passwords.hash_password(password)
    with transaction():
        user = records.create(User, **{**values, "institution": institution})
        refuse_over(user)
    return user


def change_user(user: User, expected_version: int | None, values: dict[str, Any]) -> User:
    """Change a user name, a person, a display name, a language, or whether they may log in."""
    refuse_over(user)
    values = _checked(user.institution_id, values)
    with transaction():
        touch(user.institution_id)
        before, running = administrators(user.institution_id), _runs_installation()
        changed = records.update(user, expected_version, **values)
        refuse_over(user)
        if changed.keys() & {"username", "person", "active", "site_admin", "subject"}:
            end_sessions(User.id == user.id)
            refuse_no_administrator(user.institution_id, before)
            if running and not _runs_installation():
                raise Refused(_("Nobody would be left who administers the installation."))
    return user


def choose_locale(user: User, locale: str) -> None:
    """The user's own choice of language."""
    records.update(user, locale=locale)


def set_active(user: User, active: bool) -> None:
    """Let a user log in, or no longer."""
    change_user(user, None, {"active": active})


def _checked(institution_id: int, values: dict[str, Any]) -> dict[str, Any]:
    """The values, folded and completed; raises Refused for what a user cannot be called or linked to."""
    values = dict(values)
    if "username" in values:
        values["username"] = fold_username(values["username"])
        if not USERNAME.fullmatch(values["username"]):
            raise Refused(
                _("A user name has 2 to 60 characters: letters, figures, dot, underscore, hyphen or @."), "username"
            )
    if "subject" in values:
        values["subject"] = (values["subject"] or "").strip() or None
    person = values.get("person")
    if person is not None:
        if person.institution_id != institution_id:
            raise Refused(_("This person belongs to another institution."), "person")
        if not values.get("display_name", "-"):
            values["display_name"] = person.name
    if values.get("site_admin") and not acting_identity(institution_id).rights.everything:
        raise NotAllowed(_("Only who administers the installation may name another who does."))
    return values


def _runs_installation() -> bool:
    return bool(User.select().where(User.site_admin, User.active).exists())


# ── grants ─────────────────────────────────────────────────────────────────────────────────────


def grant(user: User, role: Role, unit: Unit) -> Grant:
    """Give a user a role in a unit and all below it. Raises NotAllowed beyond the rights of whoever grants."""
    if role.institution_id != unit.institution_id:
        raise Refused(_("The role and the unit belong to different institutions."), "role")
    if unit.archived_at is not None:
        raise Refused(_("%(unit)s is archived.", unit=unit), "unit")
    with transaction():
        touch(unit.institution_id)
        refuse_beyond(unit.institution_id, role.permissions, unit.path)
        made = records.create(Grant, institution=unit.institution_id, user=user, role=role, unit=unit)
        end_sessions(User.id == user.id)
    return made


def revoke(grant: Grant) -> None:
    """Take a role away from a user."""
    with transaction():
        touch(grant.institution_id)
        refuse_beyond(grant.institution_id, grant.role.permissions, grant.unit.path)
        before = administrators(grant.institution_id)
        records.delete(grant)
        end_sessions(User.id == grant.user_id)
        refuse_no_administrator(grant.institution_id, before)


# ── roles ──────────────────────────────────────────────────────────────────────────────────────


def create_role(values: dict[str, Any]) -> Role:
    """A role of the institution's own: name, permissions."""
    institution_id = asking().institution.id
    permissions = sorted(set(values.get("permissions") or ()))
    refuse_role_beyond(institution_id, permissions)
    return records.create(
        Role,
        institution=institution_id,
        name=values["name"],
        permissions=permissions,
        second_factor=bool(values.get("second_factor")),
    )


def edit_role(role: Role, expected_version: int | None, values: dict[str, Any]) -> Role:
    """Rename a role or change what it permits; ends the sessions of everybody who has it."""
    if "permissions" in values:
        values["permissions"] = sorted(set(values["permissions"]))
    with transaction():
        touch(role.institution_id)
        stored = Role.get_by_id(role.id).permissions
        refuse_role_beyond(role.institution_id, set(values.get("permissions", stored)) ^ set(stored))
        before = administrators(role.institution_id)
        changed = records.update(role, expected_version, **values)
        if "permissions" in changed:
            end_sessions(User.id.in_(Grant.select(Grant.user).where(Grant.role == role)))
            refuse_no_administrator(role.institution_id, before)
    return role


def delete_role(role: Role) -> None:
    """Delete a role nobody has. The shipped ones stay: they may be emptied."""
    refuse_role_beyond(role.institution_id, role.permissions)
    if role.code:
        raise InUse(_("%(role)s comes with the panel. Take its permissions away instead.", role=role), [])
    records.delete(role)


# ── what a person holds here ───────────────────────────────────────────────────────────────────


def _grants_of(people: Iterable[Person]) -> list[Grant]:
    query = Grant.select(Grant, User, Role, Unit).join(User).switch(Grant).join(Role).switch(Grant).join(Unit)
    return list(query.where(User.person.in_([p.id for p in people])).order_by(Grant.id))


def _hand_over(held: Grant, successor: Person, note: str) -> None:
    """The successor's user gets the role, unless they have it already; the holder loses it."""
    user = User.get_or_none(User.person == successor, User.active)
    if user is None:
        raise Refused(_("%(person)s has no user to give the role to.", person=successor))
    with transaction(), audit.acting(reason=note):
        if not Grant.select().where(Grant.user == user, Grant.role == held.role, Grant.unit == held.unit).exists():
            grant(user, held.role, held.unit)
        revoke(held)


def _end(held: Grant, note: str) -> None:
    with audit.acting(reason=note):
        revoke(held)


roles_held = Holding(
    kind="access.grant",
    title=_l("Role in the panel"),
    held_by=_grants_of,
    holder=lambda grant: int(grant.user.person_id),
    subject=lambda grant: f"{grant.role} · {grant.unit}",
    hand_over=_hand_over,
    end=_end,
)
