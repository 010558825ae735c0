"""The forms of the life cycle; each field is named as the value of the application it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField

from panel.api import (
    ChoiceField,
    DayField,
    Form,
    LineField,
    Person,
    ProseField,
    RefField,
    RefListField,
    Required,
    Unit,
    _l,
)
from plugins.accounts.choices import EntityKind, Level
from plugins.accounts.life.choices import Kind, PaperKind
from plugins.accounts.models import Account, Platform


def _people(label: Any, **options: Any) -> RefListField:
    return RefListField(label, Person, **options)


class OpeningForm(Form):
    """Applying to open an account."""

    title = _l("Apply to open an account")
    unit = RefField(
        _l("Applying unit"),
        Unit,
        [Required()],
        description=_l("It answers for the account and its signers come first. Second-level units apply."),
    )
    body = RefField(
        _l("For the hosted body"),
        Unit,
        description=_l("A student organisation, research base or virtual body that cannot apply itself; else empty."),
    )
    name = LineField(_l("Account name"), [Required()], most=120, description=_l("As it shall stand on the platform."))
    platform = RefField(
        _l("Platform"), Platform, [Required()], description=_l("WeChat, Weibo, Douyin, mini program, website …")
    )
    identifier = LineField(
        _l("Account ID"), most=120, description=_l("WeChat ID, UID or domain, if it is known already.")
    )
    level = ChoiceField(_l("Level"), Level, blank=True)
    purpose = ProseField(_l("Purpose"))
    publishing_scope = LineField(_l("Publishing scope"), description=_l("Who it publishes for, and what."))
    description = ProseField(_l("Introduction on the platform"))
    responsible = RefField(
        _l("Responsible person"),
        Person,
        [Required()],
        description=_l("Staff in service, as a rule the head of the unit."),
    )
    contact_phone = LineField(_l("Contact phone"), most=40)
    administrators = _people(_l("Administrators"))
    operators = _people(_l("Operators"), description=_l("Staff in service or enrolled students."))
    custodians = _people(_l("Password custodians"), description=_l("Everybody who will know the password."))
    identity = LineField(
        _l("How the operators' identity was checked"),
        description=_l("Kind of document and its last four digits, for example."),
    )
    entity = LineField(_l("Legal entity"))
    entity_kind = ChoiceField(_l("Registered to"), EntityKind)
    born_on = DayField(_l("Born on, if an individual"))
    licence = LineField(_l("Licence or credit code"), most=60)
    licence_name = LineField(_l("Name on the licence"))
    licence_until = DayField(_l("Licence valid until"))
    reason = ProseField(
        _l("Reason"), [Required()], description=_l("Why this account is needed and cannot be part of another.")
    )
    necessity = ProseField(_l("Necessity for brand and business"))
    replaces = RefField(
        _l("Is closed for it"),
        Account,
        description=_l("Where the quota is used up: the account of yours that is closed for the new one."),
    )
    sections = (
        (
            _l("Account"),
            _l("Duplicates and quotas are shown before you submit."),
            (
                *("unit", "body", "name", "platform", "identifier", "level"),
                *("purpose", "publishing_scope", "description"),
            ),
        ),
        (
            _l("People"),
            _l("Who runs it answers for it. Whoever has left or graduated cannot be named."),
            ("responsible", "contact_phone", "administrators", "operators", "custodians", "identity"),
        ),
        (
            _l("Legal entity"),
            _l("An organisation, or somebody of age."),
            ("entity", "entity_kind", "licence", "licence_name", "licence_until", "born_on"),
        ),
        (_l("Why"), _l("What the signers go by."), ("reason", "necessity", "replaces")),
    )
    rules = {
        "unit": ("s0-07-r03",),
        "body": ("s0-07-r05",),
        "name": ("s0-11-r01", "s1-09-r04"),
        "responsible": ("s0-07-r10", "s0-07-r11"),
        "operators": ("s0-07-r13", "s3-03-r26"),
        "identity": ("s1-05-r03", "s2-03-r08"),
        "entity": ("s0-01-r02", "s0-07-r02"),
        "born_on": ("s0-01-r02",),
        "licence": ("s0-01-r03", "s1-09-r03"),
        "licence_name": ("s0-04-r02",),
        "reason": ("s3-03-r03",),
        "necessity": ("s0-09-r18",),
        "replaces": ("s0-07-r06",),
    }


class ChangeForm(Form):
    """Applying to change an account. What stays as it is, stays out of the application."""

    title = _l("Apply to change an account")
    name = LineField(_l("Account name"), [Required()], most=120)
    identifier = LineField(_l("Account ID"), most=120)
    to_unit = RefField(_l("Unit"), Unit, [Required()], description=_l("Another unit: the account moves there."))
    level = ChoiceField(_l("Level"), Level, blank=True)
    purpose = ProseField(_l("Purpose"))
    publishing_scope = LineField(_l("Publishing scope"))
    description = ProseField(_l("Introduction on the platform"))
    responsible = RefField(_l("Responsible person"), Person)
    contact_phone = LineField(_l("Contact phone"), most=40)
    administrators = _people(_l("New administrators"))
    operators = _people(_l("New operators"))
    leaving = _people(_l("Operators whose term ends"))
    entity = LineField(_l("Legal entity"))
    entity_kind = ChoiceField(_l("Registered to"), EntityKind)
    reason = ProseField(_l("Reason"), [Required()])
    sections = (
        (
            _l("Account"),
            _l("Change what shall be different. What is filed stays in force until it is approved."),
            ("name", "identifier", "to_unit", "level", "purpose", "publishing_scope", "description"),
        ),
        (_l("People"), "", ("responsible", "contact_phone", "administrators", "operators", "leaving")),
        (_l("Legal entity"), "", ("entity", "entity_kind")),
        (_l("Why"), _l("What the signers go by."), ("reason",)),
    )
    rules = {
        "name": ("s2-01-r04", "s4-01-r21"),
        "responsible": ("s3-03-r04",),
        "operators": ("s0-07-r14", "s3-03-r04"),
        "entity": ("s1-19-r03",),
    }


class AppointmentForm(Form):
    """Applying for people to be appointed."""

    title = _l("Apply to appoint operators")
    administrators = _people(_l("New administrators"))
    operators = _people(_l("New operators"), description=_l("Staff in service or enrolled students."))
    custodians = _people(_l("New password custodians"))
    leaving = _people(_l("Operators whose term ends"))
    identity = LineField(_l("How the operators' identity was checked"))
    qualifications = ProseField(
        _l("Qualifications confirmed"), most=500, description=_l("One a line; the policy says how many.")
    )
    reason = ProseField(_l("Reason"), [Required()])
    sections = (
        (
            _l("People"),
            _l("Who operates the account changes once it is approved, not before."),
            ("administrators", "operators", "custodians", "leaving", "identity", "qualifications"),
        ),
        (_l("Why"), _l("What the signers go by."), ("reason",)),
    )
    rules = {
        "operators": ("s2-04-r01", "s3-03-r04"),
        "custodians": ("s0-03-r04",),
        "identity": ("s2-03-r08",),
        "qualifications": ("s2-04-r02",),
    }


class ClosingForm(Form):
    """Applying to close an account."""

    title = _l("Apply to close an account")
    reason = ProseField(_l("Reason"), [Required()])
    necessity = ProseField(
        _l("Necessity for brand and business"), description=_l("What is lost with it, and what takes its place.")
    )
    sections = (
        (
            _l("Why"),
            _l("Once approved: password, devices, sealed copy and archive are handed in; then the account is closed."),
            ("reason", "necessity"),
        ),
    )
    rules = {"necessity": ("s0-09-r18",)}


FORMS: dict[Kind, Any] = {
    Kind.OPENING: OpeningForm,
    Kind.CHANGE: ChangeForm,
    Kind.APPOINTMENT: AppointmentForm,
    Kind.CLOSING: ClosingForm,
}


class PaperForm(Form):
    """Attaching a paper."""

    kind = ChoiceField(_l("Kind"), PaperKind)
    file = FileField(_l("File"), description=_l("PDF, OFD, Word, Excel or a picture."))


class SubmitForm(Form):
    """Submitting."""

    declared = BooleanField(_l("What is stated here is true, accurate and complete; we answer for it."))
    note = LineField(_l("Note to the signers"), most=300)


class EvidenceForm(Form):
    """What shows that something was handed in."""

    on = DayField(_l("Handed in on"), description=_l("Today, if left empty."))
    note = ProseField(_l("Evidence"), most=500, description=_l("Who took it over and where it is now; or a paper."))
    file = FileField(_l("Paper"))


class FilingForm(Form):
    """Confirming that an account is filed."""

    number = LineField(
        _l("Filing number"), most=80, description=_l("Empty: it keeps the one it has, or gets the next one.")
    )
    on = DayField(_l("Filed on"), description=_l("Today, if left empty."))
    note = LineField(_l("Note"), most=300)


class SettleForm(Form):
    """Ticking off a filing that an office was owed."""

    on = DayField(_l("Filed on"), description=_l("Today, if left empty."))
    note = LineField(_l("Note"), most=300)


class WhyForm(Form):
    """An act of which only the reason is asked."""

    reason = ProseField(_l("Reason"), [Required()], most=500)
