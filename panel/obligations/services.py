"""The verbs: tick off, waive, assign, put off; each one transaction, audited, safe to repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from panel import audit, records
from panel.access.identity import Identity, asking, current
from panel.access.scope import find, scope
from panel.database import is_postgres, transaction, utcnow
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, ngettext, today
from panel.obligations.kinds import Evidence, Kind, all_kinds, terms_of
from panel.obligations.models import Duty, Obligation, State
from panel.obligations.owners import Directory
from panel.obligations.permissions import ObligationPermission as P
from panel.obligations.settle import Settling, withdraw
from panel.org.holdings import Holding
from panel.org.models import Institution, Person

LONGEST_NOTE = 2000


# ── who may ────────────────────────────────────────────────────────────────────────────────────


def owes(identity: Identity, obligation: Obligation) -> bool:
    """Whether whoever asks owes it: by name, or as a holder of its role."""
    person = identity.user.person_id if identity.user else None
    if person is None:
        return False
    if obligation.person_id is not None:
        return bool(obligation.person_id == person)
    return any(p.id == person for p in Directory(identity.institution, today()).owners(obligation))


def find_mine(obligation_id: Any, permission: P = P.OBLIGATION_EDIT) -> Obligation:
    """An obligation that whoever asks owes, or may act on. Raises NotFound, whether or not it exists."""
    identity = asking()
    if str(obligation_id).isdecimal() and len(str(obligation_id)) < 19:
        row = Obligation.get_or_none(
            Obligation.id == int(obligation_id), Obligation.institution == identity.institution.id
        )
        if row is not None and permission == P.OBLIGATION_EDIT and owes(identity, row):
            return row
    return find(Obligation, obligation_id, permission)


def _open(obligation: Obligation) -> Obligation:
    """The obligation as stored, held against other writers. Raises Refused where it is closed already."""
    query = Obligation.select().where(Obligation.id == obligation.id)
    stored = (query.for_update() if is_postgres() else query).first()
    if stored is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    if not stored.open:
        who = stored.closed_by or _("the panel")
        state = State(stored.state).label
        raise Refused(_("“%(what)s” is closed already: %(state)s, by %(who)s.", what=stored, state=state, who=who))
    return stored


# ── the verbs ──────────────────────────────────────────────────────────────────────────────────


def complete(obligation: Obligation, evidence: Evidence) -> Obligation | None:
    """Tick an obligation off with its evidence; gives the one that follows it, where it recurs.

    Raises Refused naming the field where evidence is missing, the day is still to come, or its subject refuses.
    """
    kind = all_kinds().get(obligation.kind)
    with transaction():
        stored = _open(obligation)
        _check(stored, kind, evidence)
        _close(
            stored,
            State.DONE,
            done_on=evidence.on,
            note=evidence.note.strip(),
            file=evidence.file,
            file_name=evidence.file_name,
        )
        if kind is not None:
            subject = kind.model.get_or_none(kind.model.id == stored.subject_id)
            if subject is not None and kind.done is not None:
                with audit.acting(reason=evidence.note.strip()):
                    kind.done(subject, evidence)
            Settling(stored.institution).subjects(kind, [stored.subject_id])
        obligation.__data__.update(stored.__data__)
    return following(stored)


def complete_many(obligations: Sequence[Obligation], evidence: Evidence) -> int:
    """Tick off several with the same evidence, all or none. Raises Refused naming the one that cannot be."""
    with transaction():
        for obligation in obligations:
            try:
                complete(obligation, evidence)
            except Refused as refusal:
                raise Refused(f"{obligation}：{refusal.message}", refusal.field) from refusal
    return len(obligations)


def waive(obligation: Obligation, reason: str) -> Obligation | None:
    """Let this round pass; the next one, where it recurs, counts from its due date. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused(_("Say why it is waived."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        stored = _open(obligation)
        _close(stored, State.WAIVED, note=reason.strip())
        kind = all_kinds().get(stored.kind)
        if kind is not None:
            Settling(stored.institution).subjects(kind, [stored.subject_id])
    return following(stored)


def reassign(obligation: Obligation, person: Person, note: str = "") -> None:
    """Give it to another person, who is told at once where it stands."""
    if person.institution_id != obligation.__data__["institution"]:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if not person.in_service():
        raise Refused(_("%(person)s is not in service and cannot take anything over.", person=person), "person")
    with transaction(), audit.acting(reason=note):
        stored = _open(obligation)
        records.update(stored, person=person, assigned=True, reached=None)
        withdraw([stored.id], capacity="owner")
        _look_again(stored)


def release(obligation: Obligation, note: str = "") -> None:
    """Take the person off it: it is owed by its role in the unit again."""
    with transaction(), audit.acting(reason=note):
        stored = _open(obligation)
        records.update(stored, person=None, assigned=True, reached=None)
        withdraw([stored.id], capacity="owner")
        _look_again(stored)


def snooze(obligation: Obligation, until: date, reason: str) -> None:
    """Ask for no reminder before a day. Raises Refused without a reason, for too long, or too often."""
    if not reason.strip():
        raise Refused(_("Say why it is put off."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        stored = _open(obligation)
        terms = terms_of(stored.institution)[stored.kind]
        last = today() + timedelta(days=terms.snooze_days)
        if stored.snoozes >= terms.snooze_times:
            raise Refused(
                ngettext(
                    "It was put off %(num)s time already; it cannot be put off again.",
                    "It was put off %(num)s times already; it cannot be put off again.",
                    stored.snoozes,
                ),
                "until",
            )
        if not today() < until <= last:
            raise Refused(_("Choose a day from tomorrow to %(last)s.", last=last), "until")
        records.update(stored, snoozed_until=until, snoozes=stored.snoozes + 1)
        _look_again(stored)


def cancel_for(subject_type: str, subject_id: int) -> int:
    """Cancel all that is open for a subject; gives how many."""
    rows = Obligation.select().where(
        Obligation.subject_type == subject_type, Obligation.subject_id == subject_id, Obligation.state == State.OPEN
    )
    with transaction():
        found = list(rows)
        for row in found:
            _close(row, State.CANCELLED)
    return len(found)


def following(obligation: Obligation) -> Obligation | None:
    """The open obligation of the same kind and subject, if there is one."""
    return Obligation.get_or_none(
        Obligation.institution == obligation.__data__["institution"],
        Obligation.kind == obligation.kind,
        Obligation.subject_id == obligation.subject_id,
        Obligation.state == State.OPEN,
    )


def _check(stored: Obligation, kind: Kind | None, evidence: Evidence) -> None:
    asked = {*(kind.asks if kind else ()), *stored.details.get("asks", ())}
    if evidence.on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=evidence.on), "on")
    if "note" in asked and not evidence.note.strip():
        raise Refused(_("Say how it was done."), "note")
    if len(evidence.note) > LONGEST_NOTE:
        raise Refused(_("At most %(count)s characters.", count=LONGEST_NOTE), "note")
    if "file" in asked and not evidence.file:
        raise Refused(_("Attach the file that proves it."), "file")
    if "until" in asked and evidence.until is None:
        raise Refused(_("Enter the new date."), "until")
    if evidence.until is not None and evidence.until <= evidence.on:
        raise Refused(_("The new date lies after the day it was done."), "until")


def _close(stored: Obligation, state: State, **values: Any) -> None:
    from panel.obligations.tally import to_do

    to_do.forget()
    identity = current()
    user = identity.user if identity else None
    records.update(stored, state=state.value, closed_at=utcnow(), closed_by=user, next_at=None, **values)
    withdraw([stored.id])


def _look_again(stored: Obligation) -> None:
    settling = Settling(stored.institution)
    terms = settling.terms[stored.kind]
    next_at = settling.next_at(terms, stored.due_on, stored.reached, stored.snoozed_until)
    Obligation.update(next_at=next_at).where(Obligation.id == stored.id).execute()


# ── whose work it is ───────────────────────────────────────────────────────────────────────────


def mine(identity: Identity, until: date | None = None) -> list[Obligation]:
    """What whoever asks owes, by name or by role, up to a day; soonest first."""
    person_id = identity.user.person_id if identity.user else None
    if person_id is None:
        return []
    here = (Obligation.institution == identity.institution.id) & (Obligation.state == State.OPEN)
    if until is not None:
        here &= Obligation.due_on <= until
    named = list(Obligation.select().where(here, Obligation.person == person_id))
    directory = Directory(identity.institution, today())
    by_role = Obligation.select().where(here, Obligation.person.is_null(), _units_of(directory, person_id))
    held = [o for o in by_role if any(p.id == person_id for p in directory.owners(o))]
    return sorted([*named, *held], key=lambda o: (o.due_on, o.id))


def _units_of(directory: Directory, person_id: int) -> Any:
    """The units in which somebody may hold a role that owes something: theirs, and all below."""
    units = directory.units_held(person_id)
    return Obligation.unit.in_(units) if units is not None else (Obligation.id > 0)


def in_sight(identity: Identity, first: date, last: date, everybody: bool = False) -> list[Obligation]:
    """What is due between two days: one's own, or all that one may see; for the calendar and the feed."""
    if not everybody:
        return [o for o in mine(identity, last) if o.due_on >= first]
    query = Obligation.select().where(
        Obligation.state == State.OPEN, Obligation.due_on >= first, Obligation.due_on <= last
    )
    return list(scope(query, P.OBLIGATION_VIEW, identity).order_by(Obligation.due_on, Obligation.id))


# ── standing duties ────────────────────────────────────────────────────────────────────────────


def add_duty(values: dict[str, Any]) -> Duty:
    """Enter a standing duty; its first obligation opens with it."""
    identity = asking()
    values = {"institution": identity.institution, **values}
    _check_duty(identity.institution, values)
    return records.create(Duty, **values)


def change_duty(row: Duty, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a standing duty; what is open for it follows."""
    _check_duty(row.institution, values)
    records.update(row, expected_version, **values)


def _check_duty(institution: Institution, values: dict[str, Any]) -> None:
    for name in ("unit", "person"):
        found = values.get(name)
        if found is not None and found.institution_id != institution.id:
            raise NotFound(_("This page does not exist, or is not yours to see."))
    person = values.get("person")
    if person is not None and not person.in_service():
        raise Refused(_("%(person)s is not in service and cannot take anything over.", person=person), "person")
    if values.get("every_days") and values.get("every_months"):
        raise Refused(_("It recurs every so many days or months, not both; from 1 up."), "every_months")


# ── what a person holds ────────────────────────────────────────────────────────────────────────


def _assigned_to(people: Iterable[Person]) -> list[Obligation]:
    return list(
        Obligation.select().where(
            Obligation.person.in_([p.id for p in people]), Obligation.state == State.OPEN, Obligation.assigned
        )
    )


def _duties_of(people: Iterable[Person]) -> list[Duty]:
    return list(Duty.select().where(Duty.person.in_([p.id for p in people]), Duty.ended_on.is_null()))


obligation = Holding(
    kind="obligations.obligation",
    title=_l("Has something to do by a date"),
    held_by=_assigned_to,
    holder=lambda row: row.person_id,
    subject=str,
    hand_over=lambda row, successor, note: reassign(row, successor, note),
    end=release,
)
duty = Holding(
    kind="obligations.duty",
    title=_l("Answers for a standing duty"),
    held_by=_duties_of,
    holder=lambda row: row.__data__["person"],
    subject=str,
    hand_over=lambda row, successor, note: records.update(row, person=successor),
    end=lambda row, note: records.update(row, person=None),
)
