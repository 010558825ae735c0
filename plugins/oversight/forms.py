"""The forms of the acts of oversight."""

from __future__ import annotations

from wtforms import FileField, SelectField

from panel.api import DayField, Form, LineField, Person, ProseField, RefField, Required, WholeField, _l
from plugins.oversight.choices import Gravity, Way


class KnownForm(Form):
    """How and when a text was made known."""

    way = SelectField(_l("How"), [Required()], choices=[(w.value, w.label) for w in Way if w != Way.TOLD])
    on = DayField(_l("On"), [Required()])
    reached = WholeField(_l("People reached"))
    evidence = LineField(_l("Evidence"), most=300, description=_l("Where it hangs, its address, the minutes."))
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
    reason = LineField(_l("Reason"), [Required()], most=300)


class FileForm(Form):
    """The text of a document."""

    file = FileField(_l("Text"), description=_l("PDF, OFD, Word or Excel, or a picture."))


class FoundForm(Form):
    """What an inspection found, with its first item."""

    on = DayField(_l("Done on"), [Required()])
    result = ProseField(_l("Result"), [Required()], most=4000)
    file = FileField(_l("Record"))
    finding = ProseField(_l("First item found"), most=4000, description=_l("Empty where nothing is to be answered."))
    advice = ProseField(_l("Advice"), most=4000)
    gravity = SelectField(_l("Severity"), choices=[(g.value, g.label) for g in Gravity])
    due_on = DayField(_l("Answer due on"), description=_l("Empty: what the policy lays down."))


class ItemForm(Form):
    """One more item."""

    finding = ProseField(_l("Found"), [Required()], most=4000)
    advice = ProseField(_l("Advice"), most=4000)
    gravity = SelectField(_l("Severity"), choices=[(g.value, g.label) for g in Gravity])
    due_on = DayField(_l("Answer due on"), description=_l("Empty: what the policy lays down."))


class ReasonForm(Form):
    """A reason."""

    reason = LineField(_l("Reason"), [Required()], most=300)


class AnswerForm(Form):
    """What was done about an item."""

    answer = ProseField(_l("Answer"), [Required()], most=4000)
    on = DayField(_l("On"), [Required()])
    file = FileField(_l("Evidence"))


class AcceptForm(Form):
    """A word on an answer that will do."""

    note = LineField(_l("Note"), most=500)


class ReturnForm(Form):
    """Why an answer does not do, and by when another is due."""

    reason = LineField(_l("Reason"), [Required()], most=500)
    due_on = DayField(_l("Answer due on"), [Required()])


class SuccessorForm(Form):
    """Who takes a duty over."""

    successor = RefField(_l("Successor"), Person, [Required()])
    note = LineField(_l("Note"), most=300)


class EndForm(Form):
    """The last day of a duty."""

    until = DayField(_l("Last day"), [Required()])
    reason = LineField(_l("Reason"), most=300)
