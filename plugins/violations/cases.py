"""The verbs on cases: report, open, take up, investigate, decide, appeal, reopen, close."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.api import (
    Institution,
    Person,
    Refused,
    Unit,
    _,
    audit,
    current,
    publicity_office,
    records,
    tell,
    today,
    transaction,
    utcnow,
)
from plugins.violations.choices import (
    DEMANDED,
    CaseState,
    Demand,
    MeasureKind,
    SanctionState,
    Source,
    Verdict,
)
from plugins.violations.common import locked, may_handle, me, move, past, policy_here, said, same_institution
from plugins.violations.models import Case, Evidence, Measure, Referral, Report, Sanction
from plugins.violations.policy import BreachKind, SanctionStep
from plugins.violations.shipped import OTHER, kind_called

USUAL = ("kind", "unit", "severity", "due_on", "source")  # have a value of their own where none is given
REFERENCES = ("kind", "unit", "person", "accused_unit", "account", "handler")


def report_breach(
    institution: Institution, text: str, anonymous: bool = False, file: str = "", file_name: str = "", **values: Any
) -> Report:
    """What somebody reports: a case of its own, which the office is told of at once (s1-18-r08, s2-02-r13).

    `values`: kind, about, link, happened_on. Neither the case nor the audit names the reporter.
    """
    identity = current()
    user = identity.user if identity is not None and not anonymous else None
    text = said(text, "text", _("Say what happened."))
    with transaction(), audit.acting(audit.current().kind, user_name=_("a reporter, kept confidential")):
        case = open_case({"institution": institution, "facts": text, "source": Source.REPORT.value, **values})
        if file:
            records.create(Evidence, institution=institution, case=case, file=file, file_name=file_name[-200:])
        return records.create(Report, institution=institution, case=case, reporter=user, text=text)


def open_case(values: dict[str, Any]) -> Case:
    """Open a case. `values`: institution, facts and any other column; kind, unit, severity and day have defaults.

    Raises Refused without facts; NotFound for rows of another institution.
    """
    values = {name: value for name, value in values.items() if value is not None and (value or name not in USUAL)}
    institution = values["institution"]
    institution_id = institution if isinstance(institution, int) else institution.id
    values["facts"] = said(str(values.get("facts") or ""), "facts", _("Say what happened."))
    same_institution(institution_id, *(values.get(name) for name in REFERENCES))
    past(values.get("happened_on"), "happened_on")
    policy = policy_here(institution_id)
    with transaction():
        kind: BreachKind = values.get("kind") or kind_called(institution_id, OTHER)
        unit = values.get("unit") or _office(institution_id, policy.handling_office)
        days = policy.investigate_days
        filled = {
            "kind": kind,
            "unit": unit,
            "severity": kind.severity,
            "due_on": today() + timedelta(days=15 if days is None else days),
            "stopped_on": today() if policy.stop_releases and values.get("account") else None,
            **values,
        }
        case = records.create(Case, **filled)
        if case.person is not None and case.handler is not None:
            may_handle(case, case.handler)
        people = [p for p in publicity_office(institution_id, unit.id) if p.id != case.person_id]
        tell(
            case, people, lambda: _("A breach was reported: %(case)s", case=case), f"violations.case.{case.id}", unit.id
        )
    return case


def _office(institution_id: int, name: str) -> Unit:
    """Where cases are handled: the unit the policy names, else the whole institution."""
    here = Unit.select().where(Unit.institution == institution_id)
    named = here.where(Unit.name == name.strip()).first() if name.strip() else None
    return named or here.where(Unit.parent.is_null()).get()


def change_case(case: Case, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change what a case says, as long as it is not decided."""
    values = {name: value for name, value in values.items() if value or name not in USUAL}
    same_institution(case.institution_id, *(values.get(name) for name in REFERENCES))
    with transaction():
        stored = locked(case)
        if stored.verdict != Verdict.OPEN:
            raise Refused(_("The case is decided. Reopen it to change it."))
        if values.get("handler") is not None:
            may_handle(Case(**{**stored.__data__, "person": values.get("person", stored.person)}), values["handler"])
        records.update(case, expected_version, **values)


def take_up(case: Case, handler: Person | None = None) -> None:
    """Begin the investigation, by oneself or by somebody named."""
    with transaction():
        stored = locked(case)
        same_institution(case.institution_id, handler)
        records.update(
            case, handler=may_handle(stored, handler or me()), **move(stored, CaseState.INVESTIGATING)
        )  # fmt: skip


def record_findings(case: Case, findings: str, **values: Any) -> None:
    """What the investigation came to; without it nothing is decided (s1-06-r06, s1-22-r10).

    `values`: severity, investigated_on, administrator, crime, harm, deliberate, loss, liability.
    """
    findings = said(findings, "findings", _("Say what the investigation came to."))
    values["investigated_on"] = past(values.get("investigated_on"), "investigated_on")
    with transaction():
        stored = locked(case)
        if stored.state != CaseState.INVESTIGATING:
            raise Refused(_("Take the case up first."))
        may_handle(stored, me())
        records.update(case, findings=findings, **{**values, "loss": values.get("loss") or 0})


def decide(case: Case, verdict: Verdict | str, reasons: str) -> None:
    """Decide whether a breach is founded. Raises Refused without an investigation (s0-01-r10) or reasons."""
    verdict = Verdict(verdict)
    reasons = said(reasons, "reasons", _("Give the reasons."))
    with transaction(), audit.acting(reason=reasons[:300]):
        stored = locked(case)
        if verdict == Verdict.OPEN:
            raise Refused(_("Founded or unfounded?"), "verdict")
        if stored.state == CaseState.APPEALED:
            raise Refused(_("Reopen the case to decide it anew, or turn the appeal down."))
        person = may_handle(stored, me())
        changed = move(stored, CaseState.DECIDED)
        if not stored.findings:
            raise Refused(_("Enter what the investigation came to before anything is decided."))
        lifted = {"stopped_on": None} if verdict == Verdict.UNFOUNDED else {}
        records.update(
            case, verdict=verdict.value, reasons=reasons, decided_by=person, decided_at=utcnow(), **changed, **lifted
        )


def appeal(case: Case, text: str) -> None:
    """Note that somebody appeals against the decision, and with what words."""
    text = said(text, "text", _("Say what the appeal brings forward."))
    with transaction():
        records.update(case, appeal=text, closed_on=None, **move(locked(case), CaseState.APPEALED))


def turn_down(case: Case, reason: str) -> None:
    """Turn an appeal down: what was decided stands."""
    reason = said(reason, "reason", _("Give the reason."))
    with transaction(), audit.acting(reason=reason[:300]):
        stored = locked(case)
        may_handle(stored, me())
        if stored.state != CaseState.APPEALED:
            raise Refused(_("Nobody has appealed."))
        records.update(case, appeal=f"{stored.appeal}\n— {reason}", **move(stored, CaseState.DECIDED))
        progress(case)


def reopen(case: Case, reason: str) -> None:
    """Investigate anew: what was decided no longer stands, and what followed it ends."""
    reason = said(reason, "reason", _("Give the reason."))
    with transaction(), audit.acting(reason=reason[:300]):
        stored = locked(case)
        if stored.state in (CaseState.REPORTED, CaseState.INVESTIGATING):
            raise Refused(_("The case is not decided yet."))
        may_handle(stored, me())
        waiting = Sanction.select().where(Sanction.case == stored, Sanction.state == SanctionState.WAITING)
        if waiting.exists():
            raise Refused(_("A sanction is in approval. Withdraw it first."))
        for sanction in Sanction.select().where(Sanction.case == stored, Sanction.state.in_(("decided", "carried"))):
            records.update(sanction, state=SanctionState.LIFTED.value, lifted_on=today())
        records.update(
            case,
            verdict=Verdict.OPEN.value,
            reasons="",
            decided_by=None,
            decided_at=None,
            closed_on=None,
            **move(stored, CaseState.INVESTIGATING),
        )


def progress(case: Case) -> None:
    """A decided case is carried out once all that was decided and ordered is; and no longer, where more is."""
    stored = Case.get_by_id(case.id)
    if stored.state not in (CaseState.DECIDED, CaseState.CARRIED_OUT):
        return
    states = [s.state for s in Sanction.select(Sanction.state).where(Sanction.case == stored)]
    open_ones = any(state in (SanctionState.WAITING, SanctionState.DECIDED) for state in states)
    left = Measure.select().where(Measure.case == stored, Measure.done_at.is_null()).exists()
    done = any(state in (SanctionState.CARRIED, SanctionState.LIFTED) for state in states)
    to = CaseState.CARRIED_OUT if done and not open_ones and not left else CaseState.DECIDED
    if to != stored.state:
        records.update(case, state=to.value)


def close(case: Case, answer: str = "") -> None:
    """Close a case. Raises Refused naming all that is missing; `answer` is what its reporters are told."""
    with transaction():
        stored = locked(case)
        changed = move(stored, CaseState.CLOSED)
        may_handle(stored, me())
        if missing := lacking(stored):
            raise Refused(_("Before it is closed: %(missing)s", missing="；".join(missing)))
        records.update(case, closed_on=today(), **changed)
        if answer.strip():
            for report in Report.select().where(Report.case == stored):
                records.update(report, answer=answer.strip())


def lacking(case: Case) -> list[str]:
    """What a case still lacks to be closed, in words."""
    if case.verdict != Verdict.FOUNDED:
        return []
    found = []
    sanctions = list(Sanction.select().where(Sanction.case == case))
    measures = list(Measure.select().where(Measure.case == case))
    if not any(s.state in (SanctionState.CARRIED, SanctionState.LIFTED) for s in sanctions):
        found.append(_("a sanction that is carried out"))
    if any(s.state in (SanctionState.WAITING, SanctionState.DECIDED) for s in sanctions):
        found.append(_("all sanctions carried out"))
    if any(m.done_at is None for m in measures):
        found.append(_("all measures done"))
    found += _demanded(Demand(case.kind.demand), measures)
    if case.crime and not Referral.select().where(Referral.case == case).exists():
        found.append(_("the referral to the authority, as a crime or unlawful act is suspected"))
    if (case.harm or case.deliberate or case.loss) and not case.liability.strip():
        found.append(_("a note on legal liability, or that legal action is reserved"))
    if case.stopped_on is not None and case.rectified_on is None:
        found.append(_("the rectification accepted"))
    if policy_here(case.institution_id).report_to_superior and not case.superior:
        found.append(_("which superior was told"))
    return found


def _demanded(demand: Demand, measures: list[Measure]) -> list[str]:
    found = []
    for kinds in DEMANDED[demand]:
        done = [m for m in measures if m.kind in kinds and m.done_at is not None]
        words = _(" or ").join(str(MeasureKind(kind).label) for kind in kinds)
        if not done:
            found.append(_("the measure “%(measure)s” with its time", measure=words))
        elif demand == Demand.DELETION and all(m.person_id is None for m in done):
            found.append(_("who was responsible for “%(measure)s”", measure=words))
    return found


def rename_kind(kind: BreachKind, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a kind; the steps of the ladder that are for it follow its name."""
    old = kind.name
    with transaction():
        records.update(kind, expected_version, **values)
        if kind.name != old:
            same = SanctionStep.select().where(SanctionStep.institution == kind.institution_id)
            for step in same.where(SanctionStep.breach == old):
                records.update(step, breach=kind.name)
