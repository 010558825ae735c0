"""The acts on cases and what belongs to them: for each a form, a verb, and what its page says."""

from __future__ import annotations

from typing import Any

from panel.api import Act, Form, Refused, _, _l, paper_sent, show_money, today
from plugins.violations import forms, services
from plugins.violations.ladder import earlier, offered, proposal, targets
from plugins.violations.models import Assessment, Case, Measure, Round, Sanction
from plugins.violations.policy import Criterion


def _case_of(row: Any) -> Any:
    return row.case


def kept(institution_id: int, needed: bool = False) -> dict[str, Any]:
    """The uploaded file, kept; empty where none was sent. Raises Refused where one is `needed`."""
    paper = paper_sent(institution_id)
    if needed and not paper:
        raise Refused(_("Choose a file."), "file")
    return paper


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _sanction_ready(form: Any, case: Case) -> list[str]:
    """Whom it may be for, what is offered for any of them, and what the ladder proposes for each."""
    whom = targets(case)
    form.target.choices = [(t.key, str(t)) for t in whom]
    steps: dict[str, str] = {}
    told = []
    for target in whom:
        found, before = offered(case, target), earlier(case, target)
        proposed = proposal(found, before)
        if proposed is None:
            continue
        told.append(
            _(
                "%(whom)s: %(count)s earlier founded cases; the ladder proposes “%(step)s”.",
                whom=target,
                count=before,
                step=proposed.name,
            )
        )
        steps |= {step.name: _step_words(step) for step in found}
    form.name.choices = list(steps.items())
    return told


def _step_words(step: Any) -> str:
    parts = [step.name]
    if step.days:
        parts.append(_("%(count)s days", count=step.days))
    if step.ceiling:
        parts.append(_("at most %(limit)s yuan", limit=show_money(step.ceiling)))
    if step.article:
        parts.append(step.article)
    return " · ".join(parts)


def _proposed(case: Case) -> dict[str, Any]:
    target = targets(case)[0]
    step = proposal(offered(case, target), earlier(case, target))
    return {"name": step.name, "since": today()} if step is not None else {}


def _findings(case: Case) -> dict[str, Any]:
    names = ("findings", "severity", "administrator", "crime", "harm", "deliberate", "liability")
    values = {name: getattr(case, name) for name in names}
    return {**values, "loss": case.loss or None, "investigated_on": case.investigated_on or today()}


def _lacking(_form: Any, case: Case) -> list[str]:
    return [_("Still lacking: %(what)s", what=one) for one in services.lacking(case)]


EDIT_ACTS = {
    "take": Act(
        Case,
        forms.HandlerForm,
        _l("Take the case up"),
        _l("Begin the investigation"),
        "",
        lambda case, v: services.take_up(case, v["handler"]),
        rules={"handler": ("s1-16-r08", "s1-18-r10")},
        remark=_l("Whoever answers for the breach cannot handle it."),
    ),
    "findings": Act(
        Case,
        forms.FindingsForm,
        _l("Enter what the investigation came to"),
        _l("Save"),
        "",
        lambda case, v: services.record_findings(case, v["findings"], **_without(v, "findings")),
        rules={
            "findings": ("s1-06-r06", "s1-22-r10"),
            "crime": ("s1-01-r08", "s4-01-r34"),
            "harm": ("s1-16-r10",),
            "deliberate": ("s1-18-r11",),
            "loss": ("s1-22-r11",),
        },
        begins=_findings,
    ),
    "measure": Act(
        Case,
        forms.MeasureForm,
        _l("Order a measure"),
        _l("Order"),
        "",
        lambda case, v: services.order_measure(case, **v),
        rules={"kind": ("s1-08-r07", "s1-23-r05", "s2-01-r07")},
        remark=_l("Whoever is to do it finds it among what is due, and says what shows that it is done."),
        begins=lambda row: {"due_on": today()},
    ),
    "done": Act(
        Measure,
        forms.DoneForm,
        _l("Measure taken"),
        _l("Tick off"),
        "",
        lambda row, v: services.do_measure(row, v["note"], v["on"], **kept(row.institution_id)),
        begins=lambda row: {"on": today()},
        back=_case_of,
    ),
    "party": Act(
        Case,
        forms.PartyForm,
        _l("Name an accountable party"),
        _l("Name"),
        "",
        lambda case, v: services.name_party(case, **v),
        rules={"role": ("s3-03-r22", "s3-03-r23")},
    ),
    "evidence": Act(
        Case,
        forms.EvidenceForm,
        _l("Add evidence"),
        _l("Add"),
        "",
        lambda case, v: services.attach(case, note=v["note"], **kept(case.institution_id, needed=True)),
    ),
    "superior": Act(
        Case,
        forms.SuperiorForm,
        _l("The superior was told"),
        _l("Save"),
        "",
        lambda case, v: services.tell_superior(case, v["superior"]),
        rules={"superior": ("s1-12-r10",)},
    ),
    "liability": Act(
        Case,
        forms.LiabilityForm,
        _l("Legal liability"),
        _l("Save"),
        "",
        lambda case, v: services.note_liability(case, v["liability"]),
        rules={"liability": ("s1-16-r10", "s1-18-r11", "s1-22-r11")},
    ),
    "refer": Act(
        Case,
        forms.ReferralForm,
        _l("Hand over to the authority"),
        _l("Enter"),
        "",
        lambda case, v: services.refer(
            case, v["authority"], v["on"], receipt=v["receipt"], **kept(case.institution_id)
        ),
        rules={"authority": ("s1-01-r08", "s4-01-r34")},
        begins=lambda row: {"on": today()},
    ),
    "appeal": Act(
        Case,
        forms.AppealForm,
        _l("Note an appeal"),
        _l("Save"),
        "",
        lambda case, v: services.appeal(case, v["text"]),
    ),
}
DECIDE_ACTS = {
    "decide": Act(
        Case,
        forms.VerdictForm,
        _l("Decide whether the breach is founded"),
        _l("Decide"),
        "",
        lambda case, v: services.decide(case, v["verdict"], v["reasons"]),
        rules={"verdict": ("s0-01-r10",)},
    ),
    "sanction": Act(
        Case,
        forms.SanctionForm,
        _l("Decide what follows"),
        _l("Decide"),
        "",
        lambda case, v: services.sanction(case, **{**v, "amount": v["amount"] or 0}),
        rules={"name": ("s0-01-r11", "s1-08-r14", "s1-17-r10"), "until": ("s1-09-r13", "s1-16-r09")},
        remark=_l("What the ladder proposes is a proposal: you decide. Where a chain governs it, it is signed first."),
        ready=_sanction_ready,
        begins=_proposed,
    ),
    "carry": Act(
        Sanction,
        forms.DoneForm,
        _l("Sanction carried out"),
        _l("Tick off"),
        "",
        lambda row, v: services.carry_out(row, v["note"], v["on"], **kept(row.institution_id)),
        begins=lambda row: {"on": today()},
        back=_case_of,
    ),
    "lift": Act(
        Sanction,
        forms.ReasonForm,
        _l("End a sanction early"),
        _l("End"),
        "",
        lambda row, v: services.lift(row, v["reason"]),
        look="btn-danger",
        back=_case_of,
    ),
    "rectified": Act(
        Case,
        forms.RectifiedForm,
        _l("Accept the rectification"),
        _l("Accept"),
        "",
        lambda case, v: services.accept_rectification(case, v["on"]),
        rules={"on": ("s2-01-r07",)},
        remark=_l("From then on the account may release again."),
        begins=lambda row: {"on": today()},
    ),
    "turn_down": Act(
        Case,
        forms.ReasonForm,
        _l("Turn the appeal down"),
        _l("Turn down"),
        "",
        lambda case, v: services.turn_down(case, v["reason"]),
    ),
    "reopen": Act(
        Case,
        forms.ReasonForm,
        _l("Reopen the case"),
        _l("Reopen"),
        "",
        lambda case, v: services.reopen(case, v["reason"]),
        remark=_l("The decision no longer stands, and its sanctions end."),
        look="btn-danger",
    ),
    "close": Act(
        Case,
        forms.CloseForm,
        _l("Close the case"),
        _l("Close"),
        "",
        lambda case, v: services.close(case, v["answer"]),
        ready=_lacking,
    ),
}


def _mark(row: Assessment, values: dict[str, Any]) -> None:
    criteria = {f"c{c.id}": c.name for c in Criterion.select().where(Criterion.institution == row.institution_id)}
    given = {criteria[name]: value for name, value in values.items() if name in criteria}
    services.mark(row, given, values["basis"], values["grade"])


def _marked(row: Assessment) -> dict[str, Any]:
    points = {f"c{c.id}": round(row.marks[c.name]) for c in forms.by_hand(row) if c.name in row.marks}
    return {**points, "grade": row.grade, "basis": row.basis}


ROUND_ACTS = {
    "result": Act(
        Round,
        forms.ResultForm,
        _l("Take a unit or person into the round"),
        _l("Add"),
        "",
        lambda row, v: services.begin_assessment(row, **v),
    ),
    "close": Act(
        Round,
        Form,
        _l("Close the round"),
        _l("Close the round"),
        "",
        lambda row, _v: services.close_round(row),
        remark=_l("Its results stand from then on."),
    ),
}
ASSESS_ACTS = {
    "mark": Act(
        Assessment,
        forms.mark_form,
        _l("Enter points"),
        _l("Save"),
        "",
        _mark,
        rules={"basis": ("s1-12-r09",)},
        remark=_l("Criteria that the panel counts are counted anew. Nobody is ranked."),
        begins=_marked,
    ),
}
