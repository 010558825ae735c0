"""The checks of oversight; each cites the rules it enforces."""

from __future__ import annotations

from typing import Any

from panel.api import (
    Mend,
    Person,
    Severity,
    Touched,
    Unit,
    _l,
    breaking,
    check,
    days_before,
    days_between,
    exists,
    how_many,
    listed,
)
from plugins.accounts.services import Account
from plugins.oversight.choices import OWED, InspectionState
from plugins.oversight.models import Duty, Inspection, Item, MadeKnown, RuleDocument
from plugins.oversight.policy import DocumentKind, DutyKind, OversightPolicy

GROUP_RULES = ("s1-02-r06", "s1-03-r01", "s1-17-r03", "s2-03-r02", "s2-05-r01", "s2-09-r06", "s3-03-r13")
EDIT = Mend(_l("Edit the document"), "oversight_rule_document.edit_view")


def _in_force(document: Any, day: Any) -> Any:
    return (
        document.issued_on.is_null(False)
        & (document.effective_on <= day)
        & (document.until.is_null() | (document.until >= day))
    )


def _held(duty: Any, day: Any) -> Any:
    """That a duty is held on a day, by a unit or by somebody in service."""
    return (duty.since <= day) & (duty.until.is_null() | (duty.until >= day))


def _serves(person: Any, day: Any) -> Any:
    return person.in_service_until.is_null() | (person.in_service_until >= day)


# ── rule documents ─────────────────────────────────────────────────────────────────────────────


@check(
    "oversight.no_interpreter",
    subject=RuleDocument,
    policy=OversightPolicy,
    parameters=("interpreter_required",),
    at_save=False,
    rules=("s0-01-r13", "s0-03-r10", "s0-11-r16", "s1-02-r12", "s2-08-r13", "s3-01-r15", "s3-03-r25"),
    title=_l("Nobody interprets the document"),
    message=_l("In force without a body that interprets it"),
    advice=_l("Enter the office that interprets it."),
    mend=EDIT,
)
def no_interpreter(document: Any, policy: Any, day: Any) -> Any:
    return breaking(document, policy.interpreter_required & _in_force(document, day) & (document.interpreter == ""))


@check(
    "oversight.not_ended",
    subject=RuleDocument,
    severity=Severity.ERROR,
    at_save=False,
    watches={RuleDocument: "supersedes"},
    rules=("s1-01-r12", "s1-22-r12"),
    title=_l("Superseded, but not ended"),
    message=_l("Superseded by “%(newer)s”, and still in force beside it"),
    advice=_l("End the older text the day before the newer one took effect."),
    mend=Mend(_l("Repeal"), "oversight_rule_document.repeal"),
)
def not_ended(document: Any, policy: Any, day: Any) -> Any:
    newer = RuleDocument.alias()
    follows = (newer.supersedes == document.id) & newer.issued_on.is_null(False) & (newer.effective_on <= day)
    return breaking(
        document,
        _in_force(document, day) & exists(newer, follows),
        newer=newer.select(newer.name).where(follows),
    )


@check(
    "oversight.not_made_known",
    subject=RuleDocument,
    policy=OversightPolicy,
    parameters=("known_before", "known_days"),
    at_save=False,
    watches={MadeKnown: "document"},
    rules=("s0-01-r14", "s1-18-r16", "s1-11-r15"),
    title=_l("In force without having been made known"),
    message=_l("A revised text is in force; no day before it is on record on which it was made known"),
    advice=_l("Enter how it was made known, or make it known now."),
    mend=Mend(_l("Enter how it was made known"), "oversight_rule_document.known"),
)
def not_made_known(document: Any, policy: Any, day: Any) -> Any:
    before = exists(
        MadeKnown,
        MadeKnown.document == document.id,
        MadeKnown.on <= days_before(document.effective_on, policy.known_days),
    )
    revised = document.supersedes.is_null(False)
    return breaking(document, policy.known_before & _in_force(document, day) & revised & ~before)


@check(
    "oversight.trial_over",
    subject=RuleDocument,
    at_save=False,
    rules=("s1-02-r12", "s1-20-r13"),
    title=_l("The trial period is over"),
    message=_l("The trial ended on %(day)s; it was neither confirmed nor revised"),
    mend=Mend(_l("Confirm"), "oversight_rule_document.confirm"),
)
def trial_over(document: Any, policy: Any, day: Any) -> Any:
    over = (document.trial_until < day) & document.confirmed_on.is_null()
    return breaking(document, _in_force(document, day) & over, day=document.trial_until)


@check(
    "oversight.no_text",
    subject=RuleDocument,
    severity=Severity.NOTICE,
    rules=("s2-02-r04",),
    title=_l("The text is not attached"),
    message=_l("In force, but its text is not attached"),
    mend=Mend(_l("Attach the text"), "oversight_rule_document.attach"),
)
def no_text(document: Any, policy: Any, day: Any) -> Any:
    return breaking(document, _in_force(document, day) & (document.file == ""))


@check(
    "oversight.document_missing",
    subject=DocumentKind,
    at_save=False,
    watches={RuleDocument: "kind"},
    rules=("s2-02-r04",),
    title=_l("A rule document is missing"),
    message=_l("The institution has none that is in force"),
    advice=_l("Draw it up and issue it."),
    mend=Mend(_l("Kind of rule document"), "oversight_document_kind.details_view"),
)
def document_missing(kind: Any, policy: Any, day: Any) -> Any:
    return breaking(
        kind, kind.required & ~exists(RuleDocument, RuleDocument.kind == kind.id, _in_force(RuleDocument, day))
    )


def _units_of_kind(touched: Touched) -> Any:
    """Every unit with accounts, where what each of them must have has changed."""
    institutions = touched.values("institution")
    return Account.select(Account.unit).where(Account.institution.in_(institutions))


def _has_accounts(unit: Any) -> Any:
    return exists(Account, Account.unit == unit.id, Account.status != "closed")


@check(
    "oversight.unit_without_document",
    subject=Unit,
    at_save=False,
    watches={Account: "unit", RuleDocument: "unit", DocumentKind: _units_of_kind},
    measure="kinds",
    rules=("s3-03-r15",),
    title=_l("A unit with accounts lacks rules of its own"),
    message=_l("Has accounts, but no %(kinds)s of its own in force"),
    mend=Mend(_l("Unit"), "org_unit.details_view"),
)
def unit_without_document(unit: Any, policy: Any, day: Any) -> Any:
    there = exists(
        RuleDocument, RuleDocument.kind == DocumentKind.id, RuleDocument.unit == unit.id, _in_force(RuleDocument, day)
    )
    missing = DocumentKind.select(DocumentKind.name.alias("text")).where(
        DocumentKind.institution == unit.institution, DocumentKind.of_each_unit, ~there
    )
    return breaking(unit, _has_accounts(unit) & exists(missing), kinds=listed(missing.order_by(DocumentKind.id)))


# ── duties ─────────────────────────────────────────────────────────────────────────────────────


@check(
    "oversight.duty_vacant",
    subject=DutyKind,
    at_save=False,
    watches={Duty: "kind", Person: lambda touched: Duty.select(Duty.kind).where(Duty.person.in_(touched.ids))},
    rules=GROUP_RULES,
    title=_l("A duty is not filled"),
    message=_l("%(count)s hold it; at least %(least)s must"),
    advice=_l("Appoint somebody in service."),
    mend=Mend(_l("Kind of duty"), "oversight_duty_kind.details_view"),
)
def duty_vacant(kind: Any, policy: Any, day: Any) -> Any:
    held = Duty.select().join(Person, "LEFT JOIN").where(Duty.kind == kind.id, _held(Duty, day), _serves(Person, day))
    count = how_many(held)
    return breaking(kind, ~kind.of_each_unit & (count < kind.least), count=count, least=kind.least)


@check(
    "oversight.unit_duty_vacant",
    subject=Unit,
    at_save=False,
    watches={
        Account: "unit",
        Duty: "unit",
        DutyKind: _units_of_kind,
        Person: lambda touched: Duty.select(Duty.unit).where(Duty.person.in_(touched.ids)),
    },
    measure="duties",
    rules=("s0-07-r04",),
    title=_l("A duty of a unit is not filled"),
    message=_l("Has accounts, but nobody in service holds: %(duties)s"),
    mend=Mend(_l("Unit"), "org_unit.details_view"),
)
def unit_duty_vacant(unit: Any, policy: Any, day: Any) -> Any:
    held = (
        Duty.select()
        .join(Person, "LEFT JOIN")
        .where(Duty.kind == DutyKind.id, Duty.unit == unit.id, _held(Duty, day), _serves(Person, day))
    )
    missing = DutyKind.select(DutyKind.name.alias("text")).where(
        DutyKind.institution == unit.institution, DutyKind.of_each_unit, how_many(held) < DutyKind.least
    )
    return breaking(unit, _has_accounts(unit) & exists(missing), duties=listed(missing.order_by(DutyKind.id)))


@check(
    "oversight.holder_left",
    subject=Duty,
    severity=Severity.ERROR,
    at_save=False,
    watches={Person: lambda touched: Duty.select(Duty.id).where(Duty.person.in_(touched.ids))},
    rules=("s0-07-r04", "s4-01-r06"),
    title=_l("Who holds the duty has left"),
    message=_l("%(name)s left on %(day)s and still holds this duty"),
    advice=_l("Hand the duty over."),
    mend=Mend(_l("Hand over"), "oversight_duty.hand_over"),
)
def holder_left(duty: Any, policy: Any, day: Any) -> Any:
    gone = Person.select().where(Person.id == duty.person, Person.in_service_until < day)
    return breaking(
        duty,
        _held(duty, day) & exists(gone),
        name=gone.select(Person.name),
        day=gone.select(Person.in_service_until),
    )


@check(
    "oversight.not_the_head",
    subject=Duty,
    at_save=False,
    watches={
        DutyKind: lambda touched: Duty.select(Duty.id).where(Duty.kind.in_(touched.ids)),
        Person: lambda touched: Duty.select(Duty.id).where(Duty.person.in_(touched.ids)),
        Unit: lambda touched: Duty.select(Duty.id).join(Person).where(Person.unit.in_(touched.ids)),
    },
    rules=("s1-04-r03", "s2-08-r03"),
    title=_l("A duty of a head is held by somebody else"),
    message=_l("%(name)s is no longer, or never was, the head who is to hold this duty"),
    advice=_l("Hand the duty over to the head, or enter who heads the unit."),
    mend=Mend(_l("Hand over"), "oversight_duty.hand_over"),
)
def not_the_head(duty: Any, policy: Any, day: Any) -> Any:
    heads = Person.select().join(Unit).where(Person.id == duty.person, Person.leads_unit, _serves(Person, day))
    asked = DutyKind.select().where(
        DutyKind.id == duty.kind,
        (DutyKind.head_of_any & ~exists(heads))
        | ((DutyKind.head_of != "") & ~exists(heads, Unit.name == DutyKind.head_of)),
    )
    name = Person.select(Person.name).where(Person.id == duty.person)
    return breaking(duty, duty.person.is_null(False) & _held(duty, day) & exists(asked), name=name)


# ── inspections ────────────────────────────────────────────────────────────────────────────────


@check(
    "oversight.item_late",
    subject=Item,
    at_save=False,
    watches={Inspection: lambda touched: Item.select(Item.id).where(Item.inspection.in_(touched.ids))},
    rules=("s1-06-r08", "s2-03-r06"),
    title=_l("An item of an inspection is not answered in time"),
    message=_l("Due on %(due)s, %(days)s days ago"),
    measure="days",
    mend=Mend(_l("Answer"), "oversight_item.answer"),
)
def item_late(item: Any, policy: Any, day: Any) -> Any:
    late = item.state.in_([state.value for state in OWED]) & (item.due_on < day)
    return breaking(item, late, due=item.due_on, days=days_between(day, item.due_on))


@check(
    "oversight.inspection_late",
    subject=Inspection,
    at_save=False,
    rules=("s1-09-r12", "s2-04-r13"),
    title=_l("A planned inspection was not held"),
    message=_l("Planned for %(day)s"),
    mend=Mend(_l("Enter what was found"), "oversight_inspection.carry_out"),
)
def inspection_late(inspection: Any, policy: Any, day: Any) -> Any:
    late = (inspection.state == InspectionState.PLANNED.value) & (inspection.planned_on < day)
    return breaking(inspection, late, day=inspection.planned_on)
