"""What falls due: answers, decisions on them, inspections, the end of trial periods, reviews of rule documents."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import (
    SHORT,
    STANDARD,
    Due,
    Every,
    Evidence,
    Institution,
    ObligationKind,
    OwedBy,
    Terms,
    Unit,
    _l,
    policy_of,
    today,
)
from plugins.accounts.services import Account
from plugins.oversight import services
from plugins.oversight.choices import OWED, InspectionState, ItemState, Standing
from plugins.oversight.models import Inspection, Item, RuleDocument
from plugins.oversight.policy import OversightPolicy

DECIDE_DAYS = 7


def _open_items(institution: Institution) -> Any:
    return (
        Item.select(Item, Inspection)
        .join(Inspection)
        .where(Item.institution == institution, Item.state != ItemState.ACCEPTED)
    )


def _answer(item: Item, terms: Terms) -> Due | None:
    if item.state not in OWED:
        return None
    return Due(
        on=item.due_on,
        unit=item.inspection.__data__["unit"],
        anchor=str(item.returns),
        text=str(item),
        details={"advice": item.advice[:200]} if item.advice else {},
    )


def _decide(item: Item, terms: Terms) -> Due | None:
    if item.state != ItemState.ANSWERED or item.answered_on is None:
        return None
    held = item.inspection
    return Due(
        on=item.answered_on + timedelta(days=DECIDE_DAYS),
        unit=held.__data__["by_unit"] or held.__data__["unit"],
        person=held.__data__["inspector"],
        role=OwedBy.PUBLICITY,
        anchor=str(item.returns),
        text=str(item),
    )


def _units(institution: Institution) -> Any:
    """Units with accounts that are not closed, with the day of their last inspection."""
    last = Inspection.select(fn.MAX(Inspection.done_on)).where(
        Inspection.unit == Unit.id, Inspection.state == InspectionState.DONE
    )
    holding = Account.select(Account.unit).where(Account.institution == institution, Account.status != "closed")
    return Unit.select(Unit, last.alias("inspected_on")).where(
        Unit.institution == institution, Unit.archived_at.is_null(), Unit.id.in_(holding)
    )


def _inspect(unit: Any, terms: Terms) -> Due | None:
    if not terms.every:
        return None
    last = unit.inspected_on
    if isinstance(last, str):
        last = date.fromisoformat(last)
    return Due(
        on=terms.every.after(last or unit.created_at.date()),
        unit=unit.id,
        role=OwedBy.PUBLICITY,
        anchor=last or "",
        fixed=last is None,
    )


def _interval(name: str) -> Any:
    def read(institution: Institution) -> Every | None:
        policy = policy_of(OversightPolicy, institution, today())
        months = getattr(policy, name, None)
        return Every(months=months) if months else Every()

    return read


def _planned(row: Inspection, terms: Terms) -> Due | None:
    if row.state != InspectionState.PLANNED:
        return None
    return Due(
        on=row.planned_on,
        unit=row.__data__["by_unit"] or row.__data__["unit"],
        person=row.__data__["inspector"],
        role=OwedBy.PUBLICITY,
    )


def _trial(row: RuleDocument, terms: Terms) -> Due | None:
    if row.trial_until is None or row.standing() != Standing.TRIAL:
        return None
    return Due(on=row.trial_until, unit=row.__data__["unit"])


def _review(row: RuleDocument, terms: Terms) -> Due | None:
    last = row.reviewed_on or row.effective_on
    if not terms.every or last is None or row.standing() not in (Standing.FORCE, Standing.TRIAL):
        return None
    return Due(on=terms.every.after(last), unit=row.__data__["unit"], anchor=last)


answer = ObligationKind(
    name="oversight.answer",
    title=_l("Answer an item of an inspection"),
    model=Item,
    rows=_open_items,
    due=_answer,
    met=lambda item: item.answered_on if item.state not in OWED else None,
    done=lambda item, evidence: _answered(item, evidence),
    done_at="oversight_item.answer",
    word=_l("Answer"),
    also=(Inspection,),
    ids=lambda row: [i.id for i in Item.select(Item.id).where(Item.inspection == row)],
    plan=SHORT,
    asks=("note",),
    rules=("s1-06-r08", "s2-03-r06", "s2-04-r13"),
)


def _answered(item: Item, evidence: Evidence) -> None:
    paper = {"file": evidence.file, "file_name": evidence.file_name} if evidence.file else {}
    services.answer(item, evidence.note, evidence.on, **paper)


decide = ObligationKind(
    name="oversight.decide",
    title=_l("Accept or return an answer"),
    model=Item,
    rows=_open_items,
    due=_decide,
    met=lambda item: item.decided_on if item.state != ItemState.ANSWERED else None,
    done=lambda item, evidence: services.accept(item, evidence.note, evidence.on),
    done_at="oversight_item.details_view",
    word=_l("Look at it"),
    plan=SHORT,
    rules=("s1-06-r08",),
)
inspect = ObligationKind(
    name="oversight.inspect",
    title=_l("Inspect the unit"),
    model=Unit,
    rows=_units,
    due=_inspect,
    interval=_interval("inspection_months"),
    every=Every(months=12),
    done_at="oversight_inspection.plan_for",
    word=_l("Plan an inspection"),
    also=(Inspection, Account),
    ids=lambda row: [row.__data__["unit"]],
    plan=STANDARD,
    rules=("s1-09-r12", "s1-01-r09", "s1-06-r05"),
)
planned = ObligationKind(
    name="oversight.planned",
    title=_l("Hold a planned inspection"),
    model=Inspection,
    due=_planned,
    met=lambda row: row.done_on,
    done_at="oversight_inspection.carry_out",
    word=_l("Enter what was found"),
    plan=SHORT,
    rules=("s2-04-r13",),
)
trial = ObligationKind(
    name="oversight.trial",
    title=_l("Confirm or revise before the trial period ends"),
    model=RuleDocument,
    due=_trial,
    met=lambda row: row.confirmed_on,
    done=lambda row, evidence: services.confirm(row, evidence.on),
    plan=STANDARD,
    rules=("s1-02-r12", "s1-20-r13"),
)
review = ObligationKind(
    name="oversight.review",
    title=_l("Review the rule document"),
    model=RuleDocument,
    due=_review,
    done=lambda row, evidence: services.review(row, evidence.on),
    interval=_interval("review_months"),
    plan=STANDARD,
    rules=("s1-02-r12", "s1-20-r13"),
    help=_l("Confirm it, draft a new text that supersedes it, or repeal it."),
)
