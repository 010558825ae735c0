"""What falls due: investigating, measures, carrying out, supervision, the rounds of assessment."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import AT_ONCE, SHORT, Due, Every, Evidence, Institution, ObligationKind, OwedBy, Terms, Unit, _, _l
from plugins.violations import services
from plugins.violations.assessing import periods_due
from plugins.violations.choices import RUNNING, SanctionState
from plugins.violations.common import policy_here
from plugins.violations.models import Case, Measure, Round, Sanction, Supervision


def _case(case: Case, terms: Terms) -> Due | None:
    if case.state not in RUNNING:
        return None
    return Due(
        on=case.due_on,
        unit=case.__data__["unit"],
        person=case.handler_id,
        role=OwedBy.PUBLICITY,
        text=_("Case %(number)s", number=case.id),
    )


def _cases(institution: Institution) -> Any:
    return Case.select().where(Case.institution == institution, Case.state.in_(RUNNING))


def _measures(institution: Institution) -> Any:
    return Measure.select(Measure, Case).join(Case).where(Measure.institution == institution, Measure.done_at.is_null())


def _measure(measure: Measure, terms: Terms) -> Due | None:
    return Due(
        on=measure.due_on,
        unit=measure.case.__data__["unit"],
        person=measure.person_id,
        role=OwedBy.PUBLICITY,
        text=f"{measure} · {_('Case %(number)s', number=measure.case.id)}",
        urgent=True,
    )


def _measured(measure: Measure, evidence: Evidence) -> None:
    services.do_measure(measure, evidence.note, evidence.on, evidence.file, evidence.file_name)


def _sanctions(institution: Institution) -> Any:
    return Sanction.select().where(Sanction.institution == institution, Sanction.state == SanctionState.DECIDED)


def _sanction(row: Sanction, terms: Terms) -> Due | None:
    return Due(
        on=row.due_on,
        unit=row.__data__["unit"],
        role=OwedBy.PUBLICITY,
        text=f"{row} · {_('Case %(number)s', number=row.case_id)}",
    )


def _carried(row: Sanction, evidence: Evidence) -> None:
    services.carry_out(row, evidence.note, evidence.on, evidence.file, evidence.file_name)


def _root(institution: Institution) -> Any:
    """The institution itself, with the last supervision and the last closed round."""
    last = Supervision.select(fn.MAX(Supervision.on)).where(Supervision.institution == institution)
    until = Round.select(fn.MAX(Round.until)).where(Round.institution == institution, Round.closed_on.is_null(False))
    return Unit.select(Unit, last.alias("supervised_on"), until.alias("assessed_until")).where(
        Unit.institution == institution, Unit.parent.is_null()
    )


def _root_of(row: Any) -> list[int]:
    return [unit.id for unit in Unit.select(Unit.id).where(Unit.institution == row.institution, Unit.parent.is_null())]


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _supervision(unit: Any, terms: Terms) -> Due | None:
    if not terms.every:
        return None
    last = _day(unit.supervised_on)
    return Due(
        on=terms.every.after(last or unit.created_at.date()),
        unit=unit,
        role=OwedBy.PUBLICITY,
        anchor=last or "",
    )


def _supervise_every(institution: Institution) -> Every | None:
    days = policy_here(institution.id).supervise_days
    return Every(days=days) if days else None


def _round(unit: Any, terms: Terms) -> Due | None:
    policy = policy_here(unit.institution_id)
    if not policy.assess_months:
        return None
    last = _day(unit.assessed_until)
    until = periods_due(last, policy.assess_months)
    return Due(
        on=until + timedelta(days=policy.assess_days or 0),
        unit=unit,
        role=OwedBy.PUBLICITY,
        anchor=last or "",
        text=_("Period until %(day)s", day=until),
    )


investigate = ObligationKind(
    name="violations.investigate",
    title=_l("Investigate a breach"),
    model=Case,
    rows=_cases,
    due=_case,
    met=lambda case: case.investigated_on,
    plan=SHORT,
    done_at="violations_case.details_view",
    word=_l("To the case"),
    rules=("s1-18-r08", "s2-02-r13", "s1-06-r06"),
)
measure = ObligationKind(
    name="violations.measure",
    title=_l("Immediate measure"),
    model=Measure,
    rows=_measures,
    due=_measure,
    met=lambda measure: measure.done_at,
    done=_measured,
    plan=AT_ONCE,
    rules=("s1-08-r07", "s2-01-r07", "s1-23-r05"),
    help=_l("A note or a paper shows that it was done."),
)
carry_out = ObligationKind(
    name="violations.carry_out",
    title=_l("Carry a sanction out"),
    model=Sanction,
    rows=_sanctions,
    due=_sanction,
    met=lambda row: row.carried_on,
    done=_carried,
    plan=SHORT,
    help=_l("A note or a paper shows that it was done."),
)
supervise = ObligationKind(
    name="violations.supervise",
    title=_l("Look at use and secrecy"),
    model=Unit,
    rows=_root,
    due=_supervision,
    also=(Supervision,),
    ids=_root_of,
    interval=_supervise_every,
    plan=SHORT,
    done_at="violations_supervision.create_view",
    word=_l("Note what was found"),
    rules=("s1-12-r09", "s1-12-r17"),
    help=_l("The duty of the WeChat administrator to monitor how accounts and groups are used."),
)
assess = ObligationKind(
    name="violations.assess",
    title=_l("Close the round of assessment"),
    model=Unit,
    rows=_root,
    due=_round,
    also=(Round,),
    ids=_root_of,
    plan=SHORT,
    done_at="violations_round.index_view",
    word=_l("To the rounds"),
    rules=("s2-06-r15", "s4-01-r32"),
)
