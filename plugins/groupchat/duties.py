"""What falls due in notices, named problems and duty; obligations.py has the rest, and names these."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import AT_ONCE, SHORT, Due, Evidence, Institution, ObligationKind, Terms, _, _l, exists, policy_of, today
from plugins.groupchat import services
from plugins.groupchat.choices import NoticeState
from plugins.groupchat.groups import Group
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import DutyDay, Notice, Problem, Receipt


def _policy(institution_id: int) -> GroupPolicy:
    return policy_of(GroupPolicy, institution_id, today()) or GroupPolicy()


def _local(moment: Any, institution: Institution) -> date:
    return moment.astimezone(ZoneInfo(institution.time_zone)).date()


def _notices(institution: Institution) -> Any:
    silent = exists(Receipt, Receipt.notice == Notice.id, ~Receipt.fits)
    return (
        Notice.select(Notice, Group)
        .join(Group)
        .where(
            Notice.institution == institution,
            Notice.state == NoticeState.SENT,
            Notice.needs_receipt,
            Notice.complete_by.is_null(False),
            Notice.reminded_at.is_null(),
            silent,
        )
    )


def _remind(notice: Notice, terms: Terms) -> Due | None:
    on = _local(notice.complete_by, notice.institution)
    return Due(on=on, unit=notice.group.unit_id, person=notice.__data__["author"])


def _receipts(institution: Institution) -> Any:
    return (
        Receipt.select(Receipt, Notice, Group)
        .join(Notice)
        .join(Group)
        .where(Receipt.institution == institution, Receipt.reminded_at.is_null(False), Receipt.explained_at.is_null())
    )


def _explanation(receipt: Receipt, terms: Terms) -> Due | None:
    on = services.explanation_due(receipt)
    if on is None:
        return None
    group = receipt.notice.group
    return Due(on=on, unit=group.unit_id, person=receipt.person_id, text=str(receipt.notice))


def _problems(institution: Institution) -> Any:
    return (
        Problem.select(Problem, Group)
        .join(Group)
        .where(Problem.institution == institution, Problem.corrected_at.is_null())
    )


def _acknowledge(problem: Problem, terms: Terms) -> Due | None:
    if problem.acknowledged_at is not None:
        return None
    wording = _policy(problem.institution_id).acknowledgement
    return Due(
        on=_local(problem.named_at, problem.institution),
        unit=problem.group.unit_id,
        person=problem.person_id,
        urgent=True,
        details={"wording": wording} if wording else {},
    )


def _correct(problem: Problem, terms: Terms) -> Due | None:
    on = _local(problem.due_at, problem.institution)
    return Due(on=on, unit=problem.group.unit_id, person=problem.person_id)


def _corrected(problem: Problem, evidence: Evidence) -> None:
    services.correct(problem, evidence.note, evidence.file)


def _summons(problem: Problem, terms: Terms) -> Due | None:
    if problem.summoned_at is not None or not services.problem_overdue(problem):
        return None
    place = _policy(problem.institution_id).summons_place
    text = _("%(person)s to %(place)s: %(fact)s", person=problem.person, place=place, fact=problem.fact)
    return Due(
        on=_local(problem.due_at, problem.institution),
        unit=problem.group.unit_id,
        person=problem.inspector_id,
        text=text[:200],
    )


def _duty(day: DutyDay, terms: Terms) -> Due | None:
    if day.recorded_at is not None:
        return None
    return Due(on=day.on, unit=day.__data__["unit"], person=day.person_id)


remind = ObligationKind(
    name="groupchat.remind",
    title=_l("Remind by name"),
    model=Notice,
    rows=_notices,
    due=_remind,
    met=lambda notice: notice.reminded_at,
    done=lambda notice, evidence: services.remind(notice),
    plan=AT_ONCE,
    rules=("s1-23-r16",),
    help=_l("The text that names who is silent is ready on the notice's page."),
)
explanation = ObligationKind(
    name="groupchat.explanation",
    title=_l("Explain in the group"),
    model=Receipt,
    rows=_receipts,
    due=_explanation,
    met=lambda receipt: receipt.explained_at,
    done=lambda receipt, evidence: services.explain(receipt, evidence.note),
    also=(Notice,),
    ids=lambda notice: [r.id for r in Receipt.select(Receipt.id).where(Receipt.notice == notice)],
    plan=AT_ONCE,
    asks=("note",),
    rules=("s1-23-r19",),
)
acknowledge = ObligationKind(
    name="groupchat.acknowledge",
    title=_l("Answer that the problem is known"),
    model=Problem,
    rows=_problems,
    due=_acknowledge,
    met=lambda problem: problem.acknowledged_at,
    done=lambda problem, evidence: services.acknowledge(problem),
    plan=AT_ONCE,
    rules=("s1-23-r25",),
)
correct = ObligationKind(
    name="groupchat.correct",
    title=_l("Correct the problem"),
    model=Problem,
    rows=_problems,
    due=_correct,
    met=lambda problem: problem.corrected_at,
    done=_corrected,
    plan=SHORT,
    asks=("note",),
    rules=("s1-23-r26",),
)
summons = ObligationKind(
    name="groupchat.summons",
    title=_l("Summon to explain"),
    model=Problem,
    rows=_problems,
    due=_summons,
    met=lambda problem: problem.summoned_at,
    done=lambda problem, evidence: services.summon(problem, evidence.note),
    plan=AT_ONCE,
    rules=("s1-23-r26",),
)
duty = ObligationKind(
    name="groupchat.duty",
    title=_l("Record what the inspection found"),
    model=DutyDay,
    due=_duty,
    met=lambda day: day.recorded_at,
    done=lambda day, evidence: services.record_duty(day, evidence.note),
    plan=AT_ONCE,
    asks=("note",),
    rules=("s1-23-r23",),
)
