"""Asking the staff to forward what is out, and who did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from panel.api import Person, Refused, _, policy_of, records, serving, today, transaction
from plugins.content.models import Forwarding, Submission
from plugins.content.policy import ContentPolicy

SHOWN = 100  # names on a page; more are counted


@dataclass(frozen=True)
class Progress:
    """How many were asked, how many forwarded, and some of those who have not."""

    asked: int
    done: int
    waiting: list[Person]


def ask_staff(row: Submission, on: date) -> int:
    """Ask everybody on the staff to forward a piece of the policy's column (s1-23-r32); gives how many are asked anew.

    Safe to repeat: nobody is asked twice.
    """
    policy = policy_of(ContentPolicy, row.institution_id, on)
    wanted = policy.forward_column.strip() if policy else ""
    if not wanted or row.column is None or row.column.name != wanted:
        return 0
    with transaction():
        known = Forwarding.select(Forwarding.person).where(Forwarding.submission == row)
        people: Any = Person.select(Person.id).where(
            Person.institution == row.institution_id,
            Person.kind == "staff",
            serving(Person, on),
            Person.id.not_in(known),
        )
        asked = {"institution": row.institution_id, "submission": row.id, "asked_on": on}
        rows = [{**asked, "person": person} for (person,) in people.order_by(Person.id).tuples()]
        records.bulk_create(Forwarding, rows)
    return len(rows)


def forwarded(row: Forwarding, on: date | None = None) -> None:
    """Enter that somebody forwarded a piece. Raises Refused for a day to come, or before they were asked."""
    on = on or today()
    if not row.asked_on <= on <= today():
        raise Refused(_("A day between the release and today."), "on")
    records.update(row, done_on=on)


def progress(row: Submission) -> Progress | None:
    """Who was asked to forward a piece and who did; None where nobody was. Three queries."""
    asked = Forwarding.select().where(Forwarding.submission == row).count()
    if not asked:
        return None
    waiting = (
        Person.select(Person)
        .join(Forwarding, on=(Forwarding.person == Person.id))
        .where(Forwarding.submission == row, Forwarding.done_on.is_null())
        .order_by(Person.name, Person.id)
    )
    return Progress(asked, asked - waiting.count(), list(waiting.limit(SHOWN)))
