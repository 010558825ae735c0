"""The forms of the life cycle; each field is named as the value of the application it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from panel.api import Choice, DayField, Form, Person, RefField, RefListField, Required, Unit, _l
from plugins.accounts.choices import EntityKind, Level
from plugins.accounts.life.choices import Kind, PaperKind
from plugins.accounts.models import Account, Platform


def _text(label: Any, most: int, needed: bool = False, **options: Any) -> StringField:
    return StringField(
        label,
        [Required()] if needed else [],
        filters=[lambda typed: " ".join((typed or "").split())[:most]],
        render_kw={"maxlength": most},
        **options,
    )


def _prose(label: Any, needed: bool = False, most: int = 2000, **options: Any) -> TextAreaField:
    return TextAreaField(
        label,
        [*([Required()] if needed else []), Length(max=most)],
        filters=[lambda typed: (typed or "").replace("\r\n", "\n").strip()],
        **options,
    )


def _choice(label: Any, kind: type[Choice], blank: bool = True, **options: Any) -> SelectField:
    choices = [SelectChoice(m.value, m.label) for m in kind]
    return SelectField(
        label,
        choices=[SelectChoice("", "—"), *choices] if blank else choices,
        **options,
    )


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
    name = _text(_l("Account name"), 120, True, description=_l("As it shall stand on the platform."))
    platform = RefField(
        _l("Platform"), Platform, [Required()], description=_l("WeChat, Weibo, Douyin, mini program, website …")
    )
    identifier = _text(_l("Account ID"), 120, description=_l("WeChat ID, UID or domain, if it is known already."))
    level = _choice(_l("Level"), Level)
    purpose = _prose(_l("Purpose"))
    publishing_scope = _text(_l("Publishing scope"), 200, description=_l("Who it publishes for, and what."))
    description = _prose(_l("Introduction on the platform"))
    responsible = RefField(
        _l("Responsible person"),
        Person,
        [Required()],
        description=_l("Staff in service, as a rule the head of the unit."),
    )
    contact_phone = _text(_l("Contact phone"), 40)
    administrators = _people(_l("Administrators"))
    operators = _people(_l("Operators"), description=_l("Staff in service or enrolled students."))
    custodians = _people(_l("Password custodians"), description=_l("Everybody who will know the password."))
    identity = _text(
        _l("How the operators' identity was checked"),
        200,
        description=_l("Kind of document and its last four digits, for example."),
    )
    entity = _text(_l("Legal entity"), 200)
    entity_kind = _choice(_l("Registered to"), EntityKind, blank=False)
    born_on = DayField(_l("Born on, if an individual"))
    licence = _text(_l("Licence or credit code"), 60)
    licence_name = _text(_l("Name on the licence"), 200)
    licence_until = DayField(_l("Licence valid until"))
    reason = _prose(_l("Reason"), True, description=_l("Why this account is needed and cannot be part of another."))
    necessity = _prose(_l("Necessity for brand and business"))
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
    name = _text(_l("Account name"), 120, True)
    identifier = _text(_l("Account ID"), 120)
    to_unit = RefField(_l("Unit"), Unit, [Required()], description=_l("Another unit: the account moves there."))
    level = _choice(_l("Level"), Level)
    purpose = _prose(_l("Purpose"))
    publishing_scope = _text(_l("Publishing scope"), 200)
    description = _prose(_l("Introduction on the platform"))
    responsible = RefField(_l("Responsible person"), Person)
    contact_phone = _text(_l("Contact phone"), 40)
    administrators = _people(_l("New administrators"))
    operators = _people(_l("New operators"))
    leaving = _people(_l("Operators whose term ends"))
    entity = _text(_l("Legal entity"), 200)
    entity_kind = _choice(_l("Registered to"), EntityKind, blank=False)
    reason = _prose(_l("Reason"), True)
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
    identity = _text(_l("How the operators' identity was checked"), 200)
    qualifications = _prose(
        _l("Qualifications confirmed"), most=500, description=_l("One a line; the policy says how many.")
    )
    reason = _prose(_l("Reason"), True)
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
    reason = _prose(_l("Reason"), True)
    necessity = _prose(
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

    kind = _choice(_l("Kind"), PaperKind, blank=False)
    file = FileField(_l("File"), description=_l("PDF, OFD, Word, Excel or a picture."))


class SubmitForm(Form):
    """Submitting."""

    declared = BooleanField(_l("What is stated here is true, accurate and complete; we answer for it."))
    note = _text(_l("Note to the signers"), 300)


class EvidenceForm(Form):
    """What shows that something was handed in."""

    on = DayField(_l("Handed in on"), description=_l("Today, if left empty."))
    note = _prose(_l("Evidence"), most=500, description=_l("Who took it over and where it is now; or a paper."))
    file = FileField(_l("Paper"))


class FilingForm(Form):
    """Confirming that an account is filed."""

    number = _text(_l("Filing number"), 80, description=_l("Empty: it keeps the one it has, or gets the next one."))
    on = DayField(_l("Filed on"), description=_l("Today, if left empty."))
    note = _text(_l("Note"), 300)


class SettleForm(Form):
    """Ticking off a filing that an office was owed."""

    on = DayField(_l("Filed on"), description=_l("Today, if left empty."))
    note = _text(_l("Note"), 300)


class WhyForm(Form):
    """An act of which only the reason is asked."""

    reason = _prose(_l("Reason"), True, most=500)
