"""The forms of the acts on groups; each field is named as the verb's argument it fills."""

from __future__ import annotations

from wtforms import BooleanField, FileField, SelectField

from panel.api import DayField, Form, LineField, Person, ProseField, RefField, Required, _l
from plugins.groupchat.cases import STEPS
from plugins.groupchat.choices import LogKind
from plugins.groupchat.posts import Case


class OwnerForm(Form):
    """Handing a group over."""

    successor = RefField(_l("New owner"), Person, [Required()])
    note = LineField(_l("Note"), most=300)


class DeputyForm(Form):
    """Naming a deputy."""

    person = RefField(_l("Deputy"), Person, [Required()])
    note = LineField(_l("Note"), most=300)


class NoteForm(Form):
    """A note, no more."""

    note = LineField(_l("Note"), most=300)


class ReasonForm(Form):
    """Something that needs a reason."""

    reason = LineField(_l("Reason"), [Required()], most=300)


class ExtendForm(Form):
    """A later end."""

    until = DayField(_l("Ends on"), [Required()])
    reason = LineField(_l("Reason"), [Required()], most=300)


class MembersForm(Form):
    """A member list: a file, or pasted text."""

    file = FileField(
        _l("Member list"), description=_l("CSV or XLSX with the nickname in the group, one member a line.")
    )
    pasted = ProseField(
        _l("Or paste it"), most=100000, description=_l("One member a line; after a tab or comma, the name in the app.")
    )


class AttestForm(Form):
    """Confirming the members."""

    on = DayField(_l("On the day"), description=_l("Today, if left empty."))
    file = FileField(_l("Screenshot"), description=_l("PNG or JPEG; its SHA-256 is kept."))
    note = LineField(_l("Note"), most=300)


class QrForm(Form):
    """The QR code."""

    file = FileField(_l("QR code"))


class LogForm(Form):
    """An entry of the log."""

    kind = SelectField(_l("What"), choices=[(k.value, k.label) for k in LogKind])
    text = LineField(_l("Text"), [Required()], most=300)
    printed = BooleanField(_l("Printed"))
    file = FileField(_l("File"), description=_l("A message worth keeping, a picture, a document, data."))


class MatchForm(Form):
    """Who a member is."""

    person = RefField(_l("Person"), Person, [Required()])


class GuestForm(Form):
    """Admitting a guest."""

    until = DayField(_l("Until"), [Required()])
    reason = LineField(_l("Reason"), [Required()], most=300)


class RemoveForm(Form):
    """Somebody is out."""

    on = DayField(_l("On the day"), description=_l("Today, if left empty."))
    reason = LineField(_l("Reason"), most=300)


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
    text = ProseField(_l("Note"))


class DismissForm(Form):
    """Dismissing a case."""

    text = ProseField(_l("Reason"), [Required()])


class StepsForm(Form):
    """The steps taken."""

    reported_to = LineField(_l("Reported to the superior"), most=120)


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

    text = LineField(_l("Words"), [Required()])


class ExplainForm(Form):
    """An explanation."""

    text = ProseField(_l("Explanation"), [Required()])


class ProofForm(Form):
    """A correction with its proof."""

    proof = ProseField(_l("What was done"))
    file = FileField(_l("Picture"))


class OutcomeForm(Form):
    """What came of it."""

    outcome = LineField(_l("Explanation given"), most=300)


class DutyForm(Form):
    """What was found."""

    text = ProseField(_l("What was found"), [Required()])


class WordsForm(Form):
    """Words to add to a list."""

    file = FileField(_l("File"), description=_l("One word a line."))
    pasted = ProseField(_l("Or paste them"), most=500000, description=_l("One word a line."))
    allowed = BooleanField(
        _l("Allowed"), description=_l("These are texts in which the words of the list are not meant.")
    )
