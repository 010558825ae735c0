"""The forms of the acts of oversight."""

from __future__ import annotations

from typing import Any

from wtforms import FileField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from panel.api import DayField, Form, Person, RefField, Required, WholeField, _l
from plugins.oversight.choices import Gravity, Way


def _prose(label: Any, needed: bool = False, most: int = 4000, **options: Any) -> TextAreaField:
    return TextAreaField(label, [*([Required()] if needed else []), Length(max=most)], **options)


class KnownForm(Form):
    """How and when a text was made known."""

    way = SelectField(_l("How"), [Required()], choices=[(w.value, w.label) for w in Way if w != Way.TOLD])
    on = DayField(_l("On"), [Required()])
    reached = WholeField(_l("People reached"))
    evidence = StringField(
        _l("Evidence"), [Length(max=300)], description=_l("Where it hangs, its address, the minutes.")
    )
    file = FileField(_l("Paper"))


class IssueForm(Form):
    """From draft to force."""

    issued_on = DayField(_l("Issued on"), [Required()])
    effective_on = DayField(_l("In force from"), description=_l("Empty: from the day of issue."))


class DayForm(Form):
    """A day."""

    on = DayField(_l("On"), [Required()])


class RepealForm(Form):
    """The last day of a document, and why."""

    until = DayField(_l("Last day in force"), [Required()])
    reason = StringField(_l("Reason"), [Required(), Length(max=300)])


class FileForm(Form):
    """The text of a document."""

    file = FileField(_l("Text"), description=_l("PDF, OFD, Word or Excel, or a picture."))


class FoundForm(Form):
    """What an inspection found, with its first item."""

    on = DayField(_l("Done on"), [Required()])
    result = _prose(_l("Result"), True)
    file = FileField(_l("Record"))
    finding = _prose(_l("First item found"), description=_l("Empty where nothing is to be answered."))
    advice = _prose(_l("Advice"))
    gravity = SelectField(_l("Severity"), choices=[(g.value, g.label) for g in Gravity])
    due_on = DayField(_l("Answer due on"), description=_l("Empty: what the policy lays down."))


class ItemForm(Form):
    """One more item."""

    finding = _prose(_l("Found"), True)
    advice = _prose(_l("Advice"))
    gravity = SelectField(_l("Severity"), choices=[(g.value, g.label) for g in Gravity])
    due_on = DayField(_l("Answer due on"), description=_l("Empty: what the policy lays down."))


class ReasonForm(Form):
    """A reason."""

    reason = StringField(_l("Reason"), [Required(), Length(max=300)])


class AnswerForm(Form):
    """What was done about an item."""

    answer = _prose(_l("Answer"), True)
    on = DayField(_l("On"), [Required()])
    file = FileField(_l("Evidence"))


class AcceptForm(Form):
    """A word on an answer that will do."""

    note = StringField(_l("Note"), [Length(max=500)])


class ReturnForm(Form):
    """Why an answer does not do, and by when another is due."""

    reason = StringField(_l("Reason"), [Required(), Length(max=500)])
    due_on = DayField(_l("Answer due on"), [Required()])


class SuccessorForm(Form):
    """Who takes a duty over."""

    successor = RefField(_l("Successor"), Person, [Required()])
    note = StringField(_l("Note"), [Length(max=300)])


class EndForm(Form):
    """The last day of a duty."""

    until = DayField(_l("Last day"), [Required()])
    reason = StringField(_l("Reason"), [Length(max=300)])
