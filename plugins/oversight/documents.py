"""The verbs on rule documents: draft, make known, issue, confirm, review, repeal, read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from panel.api import (
    Institution,
    Person,
    Refused,
    Unit,
    _,
    audit,
    current,
    policy_of,
    records,
    serving,
    tell,
    today,
    transaction,
    utcnow,
)
from plugins.accounts.services import Account, Custodian, Operator
from plugins.oversight.choices import Audience, Standing, Way
from plugins.oversight.models import MadeKnown, Reading, RuleDocument
from plugins.oversight.policy import OversightPolicy

LONGEST = 50  # texts that followed one another


def draft(values: dict[str, Any]) -> RuleDocument:
    """Enter a rule document. Raises Refused where what it supersedes or hangs below does not fit."""
    _fits(None, values)
    return records.create(RuleDocument, **values)


def change_document(row: RuleDocument, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a document. What it supersedes stays as it is once it is issued, and so does its day."""
    with transaction():
        _fits(row, values)
        if row.issued_on is not None:
            for name in ("supersedes", "effective_on"):
                if name in values and row.__data__[name] != getattr(values[name], "id", values[name]):
                    raise Refused(_("The document is issued: draft a new one that supersedes it."), name)
        records.update(row, expected_version, **values)


def _fits(row: RuleDocument | None, values: dict[str, Any]) -> None:
    """What a document refers to is another document, in an order without a circle (s1-01-r12, s4-01-r35)."""
    older, parent = values.get("supersedes"), values.get("parent")
    for name, other in (("supersedes", older), ("parent", parent)):
        if other is None:
            continue
        following: RuleDocument | None = other
        for _step in range(LONGEST):
            if following is None:
                break
            if row is not None and following.id == row.id:
                raise Refused(_("These documents would follow each other in a circle."), name)
            following = getattr(following, name)
    above = parent
    for _step in range(LONGEST):
        if above is None or older is None:
            break
        if above.id == older.id:
            raise Refused(_("A document that hangs below another adds to it and cannot supersede it."), "supersedes")
        above = above.parent


# ── whom it addresses, and what they know of it ────────────────────────────────────────────────


def addressees(row: RuleDocument, day: date | None = None) -> Any:
    """The people a document addresses, as a query by name; nobody of the roster for people outside (s1-17-r01)."""
    day = day or today()
    people = (
        Person.select(Person, Unit)
        .join(Unit, on=(Person.unit == Unit.id))
        .where(Person.institution == row.institution_id, serving(Person, day))
    )
    if row.audience == Audience.PUBLIC:
        people = people.where(Person.id.in_([]))
    elif row.audience == Audience.KEEPERS:
        people = people.where(_keepers(row.institution_id, day))
    else:
        people = people.where(Person.kind == "staff")
        if row.audience == Audience.UNIT:
            people = people.where(Unit.path.startswith(row.unit.path))
    return people.order_by(Person.name, Person.id)


def _keepers(institution_id: int, day: date) -> Any:
    """Whoever answers for, operates or keeps the password of an account that is not closed."""
    found: Any = None
    for model in (Operator, Custodian):
        terms = (
            model.select(model.person)
            .join(Account)
            .where(
                model.institution == institution_id,
                Account.status != "closed",
                model.since <= day,
                model.until.is_null() | (model.until >= day),
            )
        )
        found = Person.id.in_(terms) if found is None else found | Person.id.in_(terms)
    responsible = Account.select(Account.responsible).where(
        Account.institution == institution_id, Account.status != "closed", Account.responsible.is_null(False)
    )
    return found | Person.id.in_(responsible)


def make_known(row: RuleDocument, values: dict[str, Any]) -> MadeKnown:
    """Enter that a text was made known. Raises Refused for a day to come."""
    if values["on"] > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=values["on"]), "on")
    if values["way"] == Way.TOLD:
        raise Refused(_("Tell the addressees with the button for it; the panel notes the day itself."), "way")
    return records.create(MadeKnown, institution=row.institution_id, document=row, **values)


def tell_addressees(row: RuleDocument) -> int:
    """Tell everybody a document addresses who was not told yet, and note it; gives how many are told (s1-11-r15)."""
    with transaction():
        told: Any = Reading.select(Reading.person).where(Reading.document == row).tuples()
        known = {person for (person,) in told}
        people = [person for person in addressees(row) if person.id not in known]
        if not people:
            return 0
        values = {"institution": row.institution_id, "document": row.id, "told_on": today()}
        records.bulk_create(Reading, [{**values, "person": person.id} for person in people])
        records.create(
            MadeKnown,
            institution=row.institution_id,
            document=row,
            way=Way.TOLD.value,
            on=today(),
            reached=len(people),
        )
        tell(row, people, lambda: _words(row), f"oversight.document:{row.id}", row.__data__["unit"])
    return len(people)


def _words(row: RuleDocument) -> str:
    if row.effective_on is None:
        return _("Please read the draft “%(name)s”.", name=row.name)
    return _("Please read “%(name)s”, in force from %(day)s.", name=row.name, day=row.effective_on)


def confirm_reading(row: RuleDocument, person: Person) -> None:
    """Somebody says that they have read a text. Safe to repeat."""
    with transaction():
        found = Reading.get_or_none(Reading.document == row, Reading.person == person)
        if found is None:
            found = records.create(
                Reading, institution=row.institution_id, document=row, person=person, told_on=today()
            )
        if found.read_at is None:
            records.update(found, read_at=utcnow())


# ── from a draft to the end ────────────────────────────────────────────────────────────────────


def issue(row: RuleDocument, issued_on: date, effective_on: date | None = None) -> None:
    """Issue a document; it takes effect on `effective_on`, else on issue. What it supersedes ends the day before.

    Raises Refused where it names no interpreter, or was not made known in time (s0-01-r14, s1-18-r16).
    """
    effective_on = effective_on or issued_on
    with transaction():
        row = RuleDocument.get_by_id(row.id)
        policy = policy_of(OversightPolicy, row.institution_id, today())
        if row.issued_on is not None:
            raise Refused(_("This document is issued already."))
        if issued_on > today():
            raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=issued_on), "issued_on")
        if effective_on < issued_on:
            raise Refused(_("A document takes effect on the day of issue or later."), "effective_on")
        if policy is not None and policy.interpreter_required and not row.interpreter:
            raise Refused(_("Enter first who interprets the document."), "interpreter")
        if policy is not None and policy.known_before and row.supersedes is not None:
            _known_in_time(row, effective_on, policy.known_days or 1)
        if row.supersedes is not None:
            _end(row.supersedes, effective_on)
        records.update(row, issued_on=issued_on, effective_on=effective_on)
        if policy is not None and policy.told_at_issue and issued_on == today():
            tell_addressees(row)


def _known_in_time(row: RuleDocument, effective_on: date, days: int) -> None:
    last = effective_on - timedelta(days=days)
    known = MadeKnown.select().where(MadeKnown.document == row, MadeKnown.on <= last)
    if row.audience == Audience.PUBLIC:
        known = known.where(MadeKnown.way.in_([Way.PUBLIC.value, Way.MEETING.value, Way.DISCUSSION.value]))
    if not known.exists():
        raise Refused(
            _("It must have been made known by %(day)s. Enter how, or let it take effect later.", day=last),
            "effective_on",
        )


def _end(older: RuleDocument, effective_on: date) -> None:
    """The older text ends the day before the newer one takes effect (s1-01-r12, s1-22-r12)."""
    if older.effective_on is None or older.issued_on is None:
        raise Refused(_("“%(name)s” was never issued, so nothing can supersede it.", name=older.name), "supersedes")
    if effective_on <= older.effective_on:
        raise Refused(
            _("“%(name)s” is in force from %(day)s; the new text follows later.", name=older, day=older.effective_on),
            "effective_on",
        )
    last = effective_on - timedelta(days=1)
    if older.until is None or older.until > last:
        records.update(older, until=last)


def confirm(row: RuleDocument, on: date) -> None:
    """Confirm a document after its trial period. Raises Refused where it is not on trial."""
    if row.trial_until is None or row.confirmed_on is not None or row.standing() == Standing.DRAFT:
        raise Refused(_("This document is not on trial."))
    _happened(on)
    records.update(row, confirmed_on=on)


def review(row: RuleDocument, on: date) -> None:
    """Enter that a document was looked through and stays as it is."""
    if row.standing() in (Standing.DRAFT, Standing.ENDED):
        raise Refused(_("Only a document in force is reviewed."))
    _happened(on)
    records.update(row, reviewed_on=on)


def repeal(row: RuleDocument, until: date, reason: str) -> None:
    """End a document on a day without another in its place."""
    if row.issued_on is None:
        raise Refused(_("A draft is deleted, not repealed."))
    with transaction(), audit.acting(reason=reason):
        records.update(row, until=until)


def drop(row: RuleDocument) -> None:
    """Delete a draft with what belongs to it. Raises Refused for a document that was issued."""
    if row.issued_on is not None:
        raise Refused(_("An issued document is kept. Repeal it instead."))
    with transaction():
        for model in (MadeKnown, Reading):
            for part in model.select().where(model.document == row):
                records.delete(part)
        records.delete(row)


def _happened(on: date) -> None:
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "on")


# ── looking back ───────────────────────────────────────────────────────────────────────────────


def in_force(institution: Institution | int, day: date) -> Any:
    """The texts in force on a day, as a query by kind and title."""
    return (
        RuleDocument.select(RuleDocument, Unit)
        .join(Unit)
        .where(
            RuleDocument.institution == institution,
            RuleDocument.issued_on.is_null(False),
            RuleDocument.effective_on <= day,
            RuleDocument.until.is_null() | (RuleDocument.until >= day),
        )
        .order_by(RuleDocument.kind, RuleDocument.name, RuleDocument.id)
    )


def line_of(row: RuleDocument) -> list[RuleDocument]:
    """The texts that followed one another, newest first, with the document itself."""
    found, older, newer = [row], row.supersedes, RuleDocument.get_or_none(RuleDocument.supersedes == row)
    while older is not None and len(found) < LONGEST:
        found.append(older)
        older = older.supersedes
    while newer is not None and len(found) < LONGEST:
        found.insert(0, newer)
        newer = RuleDocument.get_or_none(RuleDocument.supersedes == newer)
    return found


def text_on(row: RuleDocument, day: date) -> RuleDocument | None:
    """Which of the texts that followed one another was in force on a day."""
    wanted = (Standing.FORCE, Standing.TRIAL)
    return next((one for one in line_of(row) if one.standing(day) in wanted), None)


def reader() -> Person | None:
    """Whoever asks, where they are a person of the roster."""
    identity = current()
    return identity.user.person if identity is not None and identity.user is not None else None


__all__ = [
    "addressees",
    "change_document",
    "confirm",
    "confirm_reading",
    "draft",
    "drop",
    "in_force",
    "issue",
    "line_of",
    "make_known",
    "reader",
    "repeal",
    "review",
    "tell_addressees",
    "text_on",
]
