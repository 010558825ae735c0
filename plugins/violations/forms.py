"""The forms of the acts on cases; each field is named as the verb's argument it fills."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, FileField, SelectField

from panel.api import DayField, Form, LineField, Person, ProseField, RefField, Required, Unit, WholeField, YuanField, _l
from plugins.violations.choices import MeasureKind, PartyRole, Severity, Verdict
from plugins.violations.models import Assessment
from plugins.violations.policy import Criterion


class ReportForm(Form):
    """What anybody may report."""

    text = ProseField(
        _l("What happened"), [Required()], most=4000, description=_l("Who, when and where, as far as you know.")
    )
    kind = SelectField(_l("Kind"), default="", description=_l("If you are not sure, leave it open."))
    about = LineField(_l("Which account, group or person"))
    link = LineField(_l("Link"), most=500)
    happened_on = DayField(_l("Happened on"))
    file = FileField(_l("Screenshot or document"))
    anonymous = BooleanField(
        _l("Report without my name"),
        description=_l("Then nothing leads back to you, and you cannot follow here what becomes of it."),
    )


class HandlerForm(Form):
    """Who investigates."""

    handler = RefField(_l("Handled by"), Person, description=_l("You, if left empty."))


class FindingsForm(Form):
    """What the investigation came to."""

    findings = ProseField(_l("Result of the investigation"), [Required()], most=4000)
    investigated_on = DayField(_l("Investigated on"))
    severity = SelectField(_l("Severity"), choices=Severity.pairs())
    administrator = BooleanField(_l("Acted as administrator"))
    crime = BooleanField(_l("Suspected crime or unlawful act"))
    harm = BooleanField(_l("Harmful consequences"))
    deliberate = BooleanField(_l("Deliberate"))
    loss = YuanField(_l("Loss"))
    liability = ProseField(_l("Legal liability"), most=4000)


class VerdictForm(Form):
    """Whether it is one."""

    verdict = SelectField(
        _l("Decision"), [Required()], choices=[(v.value, v.label) for v in (Verdict.FOUNDED, Verdict.UNFOUNDED)]
    )
    reasons = ProseField(_l("Reasons"), [Required()], most=4000)


class SanctionForm(Form):
    """What follows."""

    target = SelectField(_l("For whom"))
    name = SelectField(_l("Sanction"), [Required()])
    reason = ProseField(_l("Reason for departing from it"))
    since = DayField(_l("From"))
    until = DayField(_l("Until"), description=_l("Of a suspension or limit; if left empty, what the ladder says."))
    amount = YuanField(_l("Amount"), description=_l("Of a deduction or fine, in yuan."))


class DoneForm(Form):
    """That something is done, and what shows it."""

    note = LineField(_l("What was done"), most=500)
    on = DayField(_l("On"))
    file = FileField(_l("Evidence"))


class MeasureForm(Form):
    """Something ordered at once."""

    kind = SelectField(_l("Measure"), choices=MeasureKind.pairs())
    text = LineField(_l("In detail"), most=300)
    person = RefField(_l("To be done by"), Person, description=_l("The office, if left empty."))
    due_on = DayField(_l("Due on"), [Required()])


class PartyForm(Form):
    """Who answers, too."""

    role = SelectField(_l("Answers as"), choices=PartyRole.pairs())
    person = RefField(_l("Person"), Person)
    unit = RefField(_l("Unit"), Unit)


class ReasonForm(Form):
    """Something that needs a reason."""

    reason = LineField(_l("Reason"), [Required()], most=300)


class AppealForm(Form):
    """What an appeal says."""

    text = ProseField(_l("Appeal"), [Required()], most=4000)


class SuperiorForm(Form):
    """Which superior was told."""

    superior = LineField(_l("Superior told"), [Required()], most=120)


class LiabilityForm(Form):
    """What follows by law."""

    liability = ProseField(_l("Legal liability"), [Required()], most=4000)


class RectifiedForm(Form):
    """From when on the account may release again."""

    on = DayField(_l("Rectification accepted on"))


class ReferralForm(Form):
    """Handing over to the authority."""

    authority = LineField(_l("Authority"), [Required()], most=120)
    on = DayField(_l("Handed over on"))
    receipt = LineField(_l("Receipt number"), most=120)
    file = FileField(_l("Receipt"))


class EvidenceForm(Form):
    """A file as evidence."""

    file = FileField(_l("File"))
    note = LineField(_l("What it shows"))


class CloseForm(Form):
    """What the reporters are told at the end."""

    answer = ProseField(
        _l("Answer to the reporter"), most=4000, description=_l("They see this, and nothing else of the case.")
    )


class ResultForm(Form):
    """Who is assessed."""

    unit = RefField(_l("Unit"), Unit)
    person = RefField(_l("Person"), Person)


def by_hand(row: Assessment) -> list[Criterion]:
    """The criteria of a result that are marked by hand."""
    criteria = Criterion.select().where(
        Criterion.institution == row.institution_id, Criterion.active, Criterion.measured == "hand"
    )
    return list(criteria.order_by(Criterion.id))


def mark_form(row: Assessment) -> Any:
    """The form for the points of one result: a field for each criterion that is marked by hand."""
    fields: dict[str, Any] = {
        f"c{one.id}": WholeField(one.name, description=_l("0 to 100 points, weight %(weight)s", weight=one.weight))
        for one in by_hand(row)
    }
    fields["grade"] = LineField(_l("Grade"), most=40)
    fields["basis"] = ProseField(_l("Basis"), most=4000)
    return type("MarkForm", (Form,), fields)
