"""Telling people at once of something that happened, each in their own language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from panel.access.models import User
from panel.database import key_of
from panel.i18n import DEFAULT_LOCALE, LOCALES, speaking, today
from panel.notify.outbox import Notice, Post
from panel.obligations.owners import Directory
from panel.org.models import Institution, Person

LONGEST = 300


def tell(row: Any, people: Iterable[Person], words: Callable[[], str], key: str, unit_id: int | None = None) -> int:
    """Tell people about a row of an institution, now and not with tomorrow's digest; gives how many are told.

    `words()` is asked in each reader's language. The same `key` is told to the same person once.
    """
    told = {person.id: person for person in people}
    if not told:
        return 0
    locales: Any = User.select(User.person, User.locale).where(User.person.in_(list(told))).tuples()
    spoken = dict(locales)
    notices = []
    for person in told.values():
        locale = spoken.get(person.id)
        with speaking(locale if locale in LOCALES else DEFAULT_LOCALE):
            text = words()[:LONGEST]
        notices.append(Notice(person, key, key_of(type(row)), row.id, unit_id=unit_id, text=text, urgent=True))
    return Post(Institution.get_by_id(row.__data__["institution"])).tell(notices)


def publicity_office(institution: Institution | int, unit_id: int) -> list[Person]:
    """Who holds the publicity office's role in the unit or above, else anywhere, else the administrators."""
    return Directory(institution, today()).office(unit_id)
