"""Applying: drafting, naming people, attaching papers, submitting, giving up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from panel.api import (
    Person,
    PersonKind,
    Refused,
    Unit,
    _,
    current,
    is_postgres,
    records,
    submit_for_approval,
    today,
    transaction,
)
from plugins.accounts.choices import OperatorKind, Status
from plugins.accounts.governing import APPOINTMENT, CHANGE, CLOSING, OPENING, appointing_subject, governed
from plugins.accounts.life.choices import EDITABLE, Kind, PaperKind, Part, State
from plugins.accounts.life.deciding import carry_out
from plugins.accounts.life.judging import require_submittable
from plugins.accounts.life.models import Application, Nominee, Paper
from plugins.accounts.life.reading import draft_for
from plugins.accounts.models import Account
from plugins.accounts.operators import MAY_OPERATE
from plugins.accounts.preconditions import require_in_service, same_institution

SUBJECTS = {
    Kind.OPENING: OPENING,
    Kind.CHANGE: CHANGE,
    Kind.CLOSING: CLOSING,
    Kind.APPOINTMENT: APPOINTMENT,
}
PEOPLE = ("operators", "administrators", "custodians", "leaving")


def subject_for(application: Application) -> str:
    """What the application is decided as; people are appointed as a change where that has no chain of its own."""
    if application.kind == Kind.APPOINTMENT:
        return appointing_subject(application.institution_id) or APPOINTMENT
    return SUBJECTS[Kind(application.kind)]


def draft(kind: str, values: Mapping[str, Any], account: Account | None = None) -> Application:
    """Begin an application, about an account unless it is to open one.

    `values`: the fields of Application, and `operators`, `administrators`, `custodians`, `leaving`: lists of people.
    Raises Refused naming the field where somebody may not be named.
    """
    values, identity = dict(values), current()
    with transaction():
        unit: Unit | None = values.pop("unit", None) or (account.unit if account is not None else None)
        if unit is None:
            raise Refused(_("Choose the unit that applies."), "unit")
        if account is not None and account.status == Status.CLOSED:
            raise Refused(_("%(name)s is closed; nothing more can be applied for.", name=account))
        _check(unit.institution_id, values, account)
        people = {name: values.pop(name) for name in PEOPLE if name in values}
        application = records.create(
            Application,
            institution=unit.institution_id,
            kind=Kind(kind).value,
            unit=unit,
            account=account,
            applicant=identity.user if identity else None,
            **values,
        )
        _name(application, people)
    return application


def apply_for(kind: str, account: Account, reason: str) -> Application:
    """Begin an application about an account, or give the draft there is: for other plugins, such as the review."""
    found: Application | None = draft_for(account, Kind(kind))
    return found or draft(Kind(kind), {"reason": reason}, account)


def amend(application: Application, expected_version: int | None, values: Mapping[str, Any]) -> None:
    """Edit a draft, or what was returned. Raises Refused where it is in approval or has ended; Stale."""
    values = dict(values)
    with transaction():
        stored = editable(application)
        _check(stored.institution_id, values, stored.account)
        people = {name: values.pop(name) for name in PEOPLE if name in values}
        records.update(application, expected_version, **values)
        _name(application, people)


def keep_back(account: Account, values: Mapping[str, Any]) -> Application:
    """Put what a filed account may not change past the chain into the draft of an application for it (s3-03-r04)."""
    wanted = {("to_unit" if name == "unit" else name): value for name, value in values.items()}
    with transaction():
        found: Application | None = draft_for(account, Kind.CHANGE)
        if found is None:
            return draft(Kind.CHANGE, wanted, account)
        amend(found, None, wanted)
    return found


def attach(application: Application, kind: str, file: str, file_name: str) -> Paper:
    """Attach a kept paper to an application that can be edited. Raises Refused for a kind there is not."""
    if kind not in PaperKind.__members__.values():
        raise Refused(_("Say what kind of paper it is."), "kind")
    with transaction():
        editable(application)
        return records.create(
            Paper,
            institution=application.institution_id,
            application=application,
            kind=PaperKind(kind).value,
            file=file,
            file_name=file_name[-200:],
        )


def detach(paper: Paper) -> None:
    """Take a paper off an application that can be edited."""
    with transaction():
        editable(paper.application)
        records.delete(paper)


def submit(application: Application, declared: bool = False, note: str = "") -> Application:
    """Submit an application to the chain that fits it; where there is no chain, carry it out at once.

    Raises Refused naming the field: no declaration that all is true (s0-01-r03), something missing or not allowed, no
    room in a quota (s0-07-r06), nobody who would sign.
    """
    with transaction():
        stored = editable(application)
        if not declared:
            raise Refused(_("Declare that everything is true, accurate and complete."), "declared")
        require_submittable(stored)
        subject = subject_for(stored)
        chained = governed(stored.institution_id, subject)
        state = State.WAITING if chained else State.APPROVED
        records.update(
            application,
            state=state.value,
            declared=True,
            submitted_on=today(),
            decided_on=None if chained else today(),
        )
        if chained:
            submit_for_approval(application, subject, note)
        else:
            carry_out(application)
    return application


def give_up(application: Application) -> None:
    """Give up an application that is not in approval. One that waits is withdrawn first."""
    with transaction():
        records.update(editable(application), state=State.DROPPED.value)


def editable(application: Application) -> Application:
    """The application as stored, held against other writers. Raises Refused where it can no longer be edited."""
    query = Application.select().where(Application.id == application.id)
    stored: Application = (query.for_update() if is_postgres() else query).get()
    if stored.state not in EDITABLE:
        raise Refused(
            _("This application is “%(state)s”; it can no longer be edited.", state=State(stored.state).label)
        )
    return stored


def _check(institution_id: int, values: Mapping[str, Any], account: Account | None) -> None:
    """That everybody and everything named belongs here and may be named."""
    same = [values.get(name) for name in ("body", "platform", "to_unit", "responsible", "replaces")]
    same_institution(institution_id, *same)
    if (person := values.get("responsible")) is not None:
        require_in_service(person, "responsible", (PersonKind.STAFF,))  # s0-07-r11
    if (body := values.get("body")) is not None and body == values.get("unit"):
        raise Refused(_("The body is another one than the unit that applies for it."), "body")
    if values.get("name") is not None and not values["name"] and account is not None:
        raise Refused(_("An account keeps a name."), "name")
    for field in PEOPLE:
        for person in values.get(field) or ():
            same_institution(institution_id, person)
            if field != "leaving":
                allowed = MAY_OPERATE if field != "custodians" else tuple(PersonKind)  # s0-07-r13
                require_in_service(person, field, allowed)


def _name(application: Application, people: Mapping[str, Iterable[Person]]) -> None:
    """Bring the people named to these lists, each list given standing for all of its kind."""
    wanted: dict[tuple[int, Part], tuple[Any, str, bool]] = {}
    for field, persons in people.items():
        part = Part.CUSTODIAN if field == "custodians" else Part.OPERATOR
        kind = OperatorKind.ADMINISTRATOR if field == "administrators" else OperatorKind.LONG
        for person in persons or ():
            if (person.id, part) in wanted:
                raise Refused(_("%(name)s is named twice.", name=person), field)
            wanted[person.id, part] = (person, kind.value, field == "leaving")
    for row in Nominee.select().where(Nominee.application == application):
        if _field(row) not in people:
            continue
        new = wanted.pop((row.person_id, Part(row.part)), None)
        if new is None:
            records.delete(row)
        else:
            records.update(row, kind=new[1], leaves=new[2])
    for (_person, part), (person, named, leaves) in wanted.items():
        records.create(
            Nominee,
            institution=application.institution_id,
            application=application,
            person=person,
            part=part.value,
            kind=named,
            leaves=leaves,
        )


def _field(row: Nominee) -> str:
    if row.part == Part.CUSTODIAN:
        return "custodians"
    if row.leaves:
        return "leaving"
    return "administrators" if row.kind == OperatorKind.ADMINISTRATOR else "operators"
