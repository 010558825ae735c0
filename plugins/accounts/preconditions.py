"""What a verb asks before it writes: the account is there and open, the people belong here and are in service."""

from __future__ import annotations

from datetime import date
from typing import Any

from panel.api import NotFound, Person, PersonKind, Refused, _, is_postgres, today
from plugins.accounts.choices import Status
from plugins.accounts.models import Account


def locked(account: Account) -> Account:
    """The account as stored, held against other writers until the transaction ends. Raises NotFound."""
    query = Account.select().where(Account.id == account.id)
    stored: Account | None = (query.for_update() if is_postgres() else query).first()
    if stored is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    return stored


def open_account(account: Account) -> Account:
    """The account, locked. Raises Refused if it is closed: nobody takes on a closed account."""
    stored = locked(account)
    if stored.status == Status.CLOSED:
        raise Refused(_("%(name)s is closed; nothing more can be assigned to it.", name=stored.name))
    return stored


def same_institution(institution_id: int, *rows: Any) -> None:
    """Raises NotFound where a row belongs to another institution, as if it did not exist."""
    for row in rows:
        if row is not None and row.institution_id != institution_id:
            raise NotFound(_("This page does not exist, or is not yours to see."))


def require_in_service(person: Person, field: str, kinds: tuple[PersonKind, ...] = tuple(PersonKind)) -> None:
    """Raises Refused, worded, where the person has left, has not begun, or is of a kind that may not."""
    if not person.in_service():
        if person.in_service_until is not None and person.in_service_until < today():
            raise Refused(
                _("%(name)s left on %(day)s. Choose somebody in service.", name=person, day=person.in_service_until),
                field,
            )
        raise Refused(_("%(name)s is not in service yet.", name=person), field)
    if PersonKind(person.kind) not in kinds:
        raise Refused(
            _(
                "%(name)s is %(kind)s; this takes %(kinds)s.",
                name=person,
                kind=PersonKind(person.kind).label,
                kinds="、".join(str(k.label) for k in kinds),
            ),
            field,
        )


def past(day: date | None, field: str) -> date:
    """The day, today where none is given. Raises Refused if it is still to come."""
    if day is not None and day > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=day), field)
    return day or today()
