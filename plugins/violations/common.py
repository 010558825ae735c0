"""What every verb on cases asks first: the case as stored, who is at work, whether they may handle it."""

from __future__ import annotations

from datetime import date
from typing import Any

from panel.api import NotFound, Person, Refused, Unit, _, current, is_postgres, policy_of, today
from plugins.violations.choices import MOVES, CaseState
from plugins.violations.models import Case, Party
from plugins.violations.policy import ViolationsPolicy


def policy_here(institution_id: int) -> ViolationsPolicy:
    """The policy of today."""
    return policy_of(ViolationsPolicy, institution_id, today()) or ViolationsPolicy()


def me() -> Person | None:
    """The person at work here; None in a job or at the command line."""
    identity = current()
    return identity.user.person if identity is not None and identity.user is not None else None


def locked(case: Case) -> Case:
    """The case as stored, held against other writers until the transaction ends. Raises NotFound."""
    query = Case.select().where(Case.id == case.id)
    stored: Case | None = (query.for_update() if is_postgres() else query).first()
    if stored is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    return stored


def same_institution(institution_id: int, *rows: Any) -> None:
    """Raises NotFound where a row belongs to another institution, as if it did not exist."""
    for row in rows:
        if row is not None and row.institution_id != institution_id:
            raise NotFound(_("This page does not exist, or is not yours to see."))


def may_handle(case: Case, person: Person | None) -> Person:
    """The person, if they may handle the case.

    Raises Refused for nobody, for who answers for it (s1-18-r10), and outside the unit that handles (s1-16-r08).
    """
    if person is None:
        raise Refused(_("Only a person handles a case: your user is linked to none."), "handler")
    answering = {party.person_id for party in Party.select().where(Party.case == case)} | {case.person_id}
    if person.id in answering:
        raise Refused(_("%(person)s answers for this case and cannot handle it.", person=person), "handler")
    office = policy_here(case.institution_id).handling_office.strip()
    if office and not _within(person.unit, office):
        raise Refused(
            _("Cases are handled by people of %(office)s; %(person)s is not.", office=office, person=person), "handler"
        )
    return person


def _within(unit: Unit, office: str) -> bool:
    above = [int(part) for part in unit.path.split("/") if part]
    return bool(Unit.select().where(Unit.id.in_(above), Unit.name == office).exists())


def move(case: Case, to: CaseState) -> dict[str, Any]:
    """The new state as a value to write. Raises Refused where it is not reached from here."""
    here = CaseState(case.state)
    if to not in MOVES[here]:
        raise Refused(_("This case is: %(state)s. That cannot be done from there.", state=here.label))
    return {"state": to.value}


def past(day: date | None, field: str) -> date:
    """The day, today where none is given. Raises Refused if it is still to come."""
    if day is not None and day > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=day), field)
    return day or today()


def said(text: str, field: str, sentence: str) -> str:
    """The text, stripped. Raises Refused with the sentence where there is none."""
    if not text.strip():
        raise Refused(sentence, field)
    return text.strip()
