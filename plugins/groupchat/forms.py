"""The forms of the acts on groups; each field is named as the verb's argument it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from panel.api import DayField, Form, Person, RefField, Required, _l
from plugins.groupchat.cases import STEPS
from plugins.groupchat.choices import LogKind
from plugins.groupchat.posts import Case


def _text(label: Any, needed: bool = False, most: int = 300, **options: Any) -> StringField:
    return StringField(label, [*([Required()] if needed else []), Length(max=most)], **options)


def _prose(label: Any, needed: bool = False, most: int = 2000, **options: Any) -> TextAreaField:
    return TextAreaField(label, [*([Required()] if needed else []), Length(max=most)], **options)


class OwnerForm(Form):
    """Handing a group over."""

    successor = RefField(_l("New owner"), Person, [Required()])
    note = _text(_l("Note"))


class DeputyForm(Form):
    """Naming a deputy."""

    person = RefField(_l("Deputy"), Person, [Required()])
    note = _text(_l("Note"))


class NoteForm(Form):
    """A note, no more."""

    note = _text(_l("Note"))


class ReasonForm(Form):
    """Something that needs a reason."""

    reason = _text(_l("Reason"), True)


class ExtendForm(Form):
    """A later end."""

    until = DayField(_l("Ends on"), [Required()])
    reason = _text(_l("Reason"), True)


class MembersForm(Form):
    """A member list: a file, or pasted text."""

    file = FileField(
        _l("Member list"), description=_l("CSV or XLSX with the nickname in the group, one member a line.")
    )
    pasted = _prose(
        _l("Or paste it"), most=100000, description=_l("One member a line; after a tab or comma, the name in the app.")
    )


class AttestForm(Form):
    """Confirming the members."""

    on = DayField(_l("On the day"), description=_l("Today, if left empty."))
    file = FileField(_l("Screenshot"), description=_l("PNG or JPEG; its SHA-256 is kept."))
    note = _text(_l("Note"))


class QrForm(Form):
    """The QR code."""

    file = FileField(_l("QR code"))


class LogForm(Form):
    """An entry of the log."""

    kind = SelectField(_l("What"), choices=[(k.value, k.label) for k in LogKind])
    text = _text(_l("Text"), True)
    printed = BooleanField(_l("Printed"))


class MatchForm(Form):
    """Who a member is."""

    person = RefField(_l("Person"), Person, [Required()])


class GuestForm(Form):
    """Admitting a guest."""

    until = DayField(_l("Until"), [Required()])
    reason = _text(_l("Reason"), True)


class RemoveForm(Form):
    """Somebody is out."""

    on = DayField(_l("On the day"), description=_l("Today, if left empty."))
    reason = _text(_l("Reason"))


class DayForm(Form):
    """The day of an act."""

    on = DayField(_l("On the day"), description=_l("Today, if left empty."))


class RecordForm(Form):
    """A chat record."""

    file = FileField(
        _l("Chat record"),
        description=_l("The text as copied or exported, a CSV table, or the archive of WeCom (JSON)."),
    )


class VerdictForm(Form):
    """Confirming a case. What is offered depends on its kind."""

    sanction = SelectField(_l("Decision"), choices=[])
    serious = BooleanField(_l("Serious"))
    text = _prose(_l("Note"))


class DismissForm(Form):
    """Dismissing a case."""

    text = _prose(_l("Reason"), True)


class StepsForm(Form):
    """The steps taken."""

    reported_to = _text(_l("Reported to the superior"), most=120)


for _name in STEPS:
    setattr(StepsForm, _name, BooleanField(Case._meta.fields[_name].verbose_name))


class SendForm(Form):
    """How a notice goes out."""

    way = SelectField(
        _l("How"),
        choices=[("hand", _l("I copy the text and post it by hand")), ("robot", _l("Through the group's robot"))],
    )


class AnswerForm(Form):
    """An answer somebody gave."""

    text = _text(_l("Words"), True, 200)


class ExplainForm(Form):
    """An explanation."""

    text = _prose(_l("Explanation"), True)


class ProofForm(Form):
    """A correction with its proof."""

    proof = _prose(_l("What was done"))
    file = FileField(_l("Picture"))


class OutcomeForm(Form):
    """What came of it."""

    outcome = _text(_l("Explanation given"))


class DutyForm(Form):
    """What was found."""

    text = _prose(_l("What was found"), True)


class WordsForm(Form):
    """Words to add to a list."""

    file = FileField(_l("File"), description=_l("One word a line."))
    pasted = _prose(_l("Or paste them"), most=500000, description=_l("One word a line."))
    allowed = BooleanField(
        _l("Allowed"), description=_l("These are texts in which the words of the list are not meant.")
    )


class EmptyForm(Form):
    """An act that needs no more than a click."""
