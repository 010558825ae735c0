"""The browsers somebody is logged in with: opened at log-in, listed, ended one by one or all at once."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from peewee import OperationalError

from panel import audit, records
from panel.access.models import Session, User
from panel.access.reach import refuse_over
from panel.database import transaction, utcnow
from panel.errors import NotFound
from panel.i18n import _

LASTS = timedelta(hours=12)  # without a click
REMEMBERED = timedelta(days=14)
NOTED_EVERY = timedelta(minutes=5)  # how exact `seen_at` is: not every click need write


def open_session(user: User, remember: bool = False, factor: bool = False, proved: bool = False) -> str:
    """Open a session for a user who has just shown who they are; gives what its cookie carries.

    `factor`: a second factor was shown; `proved`: counts as a fresh proof of identity, too.
    """
    here, now = audit.current(), utcnow()
    user.session_key = secrets.token_urlsafe(24)
    Session.delete().where(Session.until < now).execute()
    user.session = Session.create(
        user=user.id,
        key_hash=digest(user.session_key),
        factor=factor,
        remembered=remember,
        started_at=now,
        seen_at=now,
        until=now + _lasts(remember),
        proved_at=now if proved else None,
        ip=here.ip[:64],
        agent=here.agent[:300],
    )
    return user.session_id()


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def note_seen(session: Session, ip: str) -> None:
    """Move the end of a session on while it is used; writes at most every few minutes, and not at any price."""
    now = utcnow()
    if now - session.seen_at < NOTED_EVERY:
        return
    values = {"seen_at": now, "until": now + _lasts(session.remembered), "ip": ip[:64]}
    with suppress(OperationalError):  # the database is locked: the next click will do
        Session.update(values).where(Session.id == session.id).execute()


def of_user(user: User) -> list[Session]:
    """The user's open sessions, the one used last first."""
    query = Session.select().where(Session.user == user.id, Session.until >= utcnow())
    return list(query.order_by(Session.seen_at.desc(), Session.id.desc()))


def end_one(user: User, session_id: Any) -> None:
    """End one session of one's own, or of a user one may decide about. Raises NotFound for any other."""
    refuse_over_other(user)
    found = Session.get_or_none(Session.id == int(session_id), Session.user == user.id) if _figure(session_id) else None
    if found is None:
        raise NotFound(_("This session has ended already."))
    with transaction():
        Session.delete().where(Session.id == found.id).execute()
        audit.note("session_end", user, {"ip": found.ip, "agent": found.agent})


def end_others(user: User, kept: Session | None = None) -> None:
    """End the user's sessions but one."""
    query = Session.delete().where(Session.user == user.id)
    (query.where(Session.id != kept.id) if kept else query).execute()


def end_sessions(users: Any) -> None:
    """Raise the epoch of the users that meet a condition: their sessions and remember cookies are void at once."""
    with transaction():
        Session.delete().where(Session.user.in_(User.select(User.id).where(users))).execute()
        records.derive(User, users, epoch=User.epoch + 1)


def refuse_over_other(user: User) -> None:
    """Raises NotAllowed unless the user is oneself or one may decide about them."""
    if audit.current().user_id != user.id:
        refuse_over(user)


def _lasts(remembered: bool) -> timedelta:
    return REMEMBERED if remembered else LASTS


def _figure(text: Any) -> bool:
    return str(text).isdecimal() and len(str(text)) < 19
