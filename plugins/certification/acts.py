"""The acts on renewals and their steps: for each a form, a verb, and what its page says."""

from __future__ import annotations

from typing import Any

from wtforms import FileField

from panel.api import Act, ChoiceField, DayField, Form, ProseField, Required, _, _l, paper_sent, today
from plugins.certification import services
from plugins.certification.models import Outcome, Renewal, RenewalStep


class StepForm(Form):
    """That a step is done."""

    on = DayField(_l("Done on"), [Required()])
    note = ProseField(_l("Note"), most=500)
    file = FileField(_l("Paper"))


class ResultForm(Form):
    """The platform's answer."""

    outcome = ChoiceField(_l("Result"), Outcome, [Required()], leave=(Outcome.RUNNING.value,))
    on = DayField(_l("On"), [Required()])
    until = DayField(_l("Valid until"), description=_l("Where it passed."))
    note = ProseField(_l("Note"))
    file = FileField(_l("Paper"))


def _finish_step(step: RenewalStep, values: dict[str, Any]) -> str:
    services.finish_step(step, values["on"], values["note"], **paper_sent(step.institution_id))
    return _("Done: %(step)s", step=step)


def _finish(renewal: Renewal, values: dict[str, Any]) -> str:
    outcome = Outcome(values["outcome"])
    until = values["until"] if outcome == Outcome.PASSED else None
    paper = paper_sent(renewal.institution_id)
    services.finish_renewal(renewal, outcome, values["on"], until, note=values["note"], **paper)
    return _("Entered: %(result)s", result=outcome.label)


STEP = Act(
    RenewalStep,
    StepForm,
    _l("Tick off a step"),
    _l("Tick off"),
    "",
    _finish_step,
    begins=lambda step: {"on": today()},
    back=lambda step: step.renewal,
)
RESULT = Act(
    Renewal,
    ResultForm,
    _l("Enter the result"),
    _l("Save"),
    "",
    _finish,
    begins=lambda renewal: {"on": today(), "until": services.usual_end(renewal.account, today())},
)
