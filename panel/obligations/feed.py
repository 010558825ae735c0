"""Dates for the calendar of a phone or of Outlook: a private link that can be taken back, and iCalendar (RFC 5545)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from panel import records
from panel.access.models import User
from panel.database import transaction
from panel.errors import NotFound
from panel.i18n import _
from panel.obligations.kinds import title_of
from panel.obligations.models import CalendarFeed, Obligation

LONGEST_LINE = 75  # bytes


def make_link(user: User) -> str:
    """A new secret for the user's feed; the link before it ends. It is shown this once and never again."""
    token = secrets.token_urlsafe(32)
    with transaction():
        revoke(user)
        records.create(CalendarFeed, institution=user.institution_id, user=user, token_hash=_hash(token))
    return token


def revoke(user: User) -> bool:
    """End the user's link; gives whether there was one."""
    with transaction():
        found = CalendarFeed.get_or_none(CalendarFeed.user == user)
        if found is not None:
            records.delete(found)
    return found is not None


def user_of(token: str) -> User:
    """Whose feed a link opens. Raises NotFound for one that is wrong, taken back, or of somebody who may not log in."""
    feed = CalendarFeed.get_or_none(CalendarFeed.token_hash == _hash(token)) if token.isascii() else None
    if feed is None or not feed.user.active:
        raise NotFound(_("This link is not valid any more."))
    user: User = feed.user
    return user


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ics(obligations: Iterable[Obligation], name: str, now: datetime) -> str:
    """The obligations as whole-day events, each with a stable UID, so that a moved date moves the event."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Zhangyin//CN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for obligation in obligations:
        lines += [
            "BEGIN:VEVENT",
            f"UID:obligation-{obligation.id}@zhangyin",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{obligation.version}",
            f"DTSTART;VALUE=DATE:{_day(obligation.due_on)}",
            f"DTEND;VALUE=DATE:{_day(obligation.due_on + timedelta(days=1))}",
            f"SUMMARY:{_text(f'{title_of(obligation.kind)} · {obligation.subject_text}')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")


def _text(value: str) -> str:
    """Text as iCalendar escapes it."""
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return value.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _fold(line: str) -> str:
    """A line of at most 75 bytes, continued between characters."""
    parts: list[str] = []
    size = start = 0
    for place, character in enumerate(line):
        width = len(character.encode())
        if size + width > LONGEST_LINE - (1 if parts else 0):
            parts.append(line[start:place])
            start, size = place, 0
        size += width
    return "\r\n ".join([*parts, line[start:]])
