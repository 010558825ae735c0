"""What falls due: putting approved pieces online, supplying what the plan asks for, forwarding what is out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.api import SHORT, Due, Evidence, Institution, ObligationKind, OwedBy, Person, Refused, Terms, _, _l
from plugins.content import services
from plugins.content.choices import PlanState, State, Task
from plugins.content.models import Forwarding, PlanItem, Submission, Target

FORWARD_DAYS = 3
UPLOAD_DAYS = 2  # after approval, where no day is planned
OUT = (State.APPROVED.value, State.RELEASED.value)


def _targets(institution: Institution) -> Any:
    """Tasks whose piece may go out."""
    return (
        Target.select(Target, Submission)
        .join(Submission)
        .where(Target.institution == institution, Submission.state.in_(OUT), Target.dropped == "")
    )


def _tasks_of(row: Submission) -> list[int]:
    rows: Any = Target.select(Target.id).where(Target.submission == row.id).tuples()
    return [task for (task,) in rows]


def _target(target: Target, terms: Terms) -> Due | None:
    piece = target.submission
    if target.release_id or target.dropped or piece.state not in OUT:
        return None
    account = target.account
    approved = piece.approved_at.date() if piece.approved_at else piece.updated_at.date()
    return Due(
        on=target.due_on or approved + timedelta(days=UPLOAD_DAYS),
        unit=account.__data__["unit"] if account else piece.__data__["unit"],
        person=account.__data__["responsible"] if account else None,
        role=OwedBy.CLERK,
        text=f"{Task(target.task).label} · {target} · {piece}",
    )


def _target_done(target: Target, evidence: Evidence) -> None:
    """Ticking off enters the release, with the screenshot as its proof."""
    services.release(
        target.submission,
        account=target.account,
        medium=target.medium,
        released_on=evidence.on,
        mass=False,
        link=evidence.note if evidence.note.startswith("http") else "",
        note="" if evidence.note.startswith("http") else evidence.note[:300],
        file=evidence.file,
        file_name=evidence.file_name,
    )


def _item(item: PlanItem, terms: Terms) -> Due | None:
    if item.state != PlanState.ACCEPTED or item.due_on is None:
        return None
    return Due(
        on=item.due_on,
        unit=item.__data__["unit"],
        person=item.__data__["owner"],
        role=OwedBy.CLERK,
        text=f"{item}",
    )


def _item_done(item: PlanItem, evidence: Evidence) -> None:
    raise Refused(_("Choose the submission that answers it, on the page of the item."))


def _forwardings(institution: Institution) -> Any:
    return (
        Forwarding.select(Forwarding, Submission, Person)
        .join(Submission)
        .join_from(Forwarding, Person)
        .where(
            Forwarding.institution == institution,
            Forwarding.done_on.is_null(),
            Submission.state == State.RELEASED.value,
        )
    )


def _forwardings_of(row: Submission) -> list[int]:
    rows: Any = Forwarding.select(Forwarding.id).where(Forwarding.submission == row.id).tuples()
    return [one for (one,) in rows]


def _forward(row: Forwarding, terms: Terms) -> Due | None:
    piece = row.submission
    return Due(
        on=row.asked_on + timedelta(days=FORWARD_DAYS),
        unit=row.person.__data__["unit"],
        person=row.person,
        text=str(piece),
    )


upload = ObligationKind(
    name="content.upload",
    title=_l("Put a piece online"),
    model=Target,
    rows=_targets,
    due=_target,
    met=lambda target: target.release.released_on if target.release_id else None,
    done=_target_done,
    plan=SHORT,
    rules=("s1-23-r33", "s0-10-r07", "s3-03-r09"),
    help=_l("Ticking it off enters the release; give the link as the note, or a screenshot."),
    endpoint="content_submission.task",
    also=(Submission,),
    ids=_tasks_of,
)
supply = ObligationKind(
    name="content.supply",
    title=_l("Supply what the plan asks for"),
    model=PlanItem,
    due=_item,
    met=lambda item: item.updated_at if item.state == PlanState.DONE else None,
    done=_item_done,
    plan=SHORT,
    rules=("s2-09-r03",),
    help=_l("It is done by a submission; there is no other answer."),
)
forward = ObligationKind(
    name="content.forward",
    title=_l("Forward the report"),
    model=Forwarding,
    rows=_forwardings,
    due=_forward,
    met=lambda row: row.done_on,
    done=lambda row, evidence: services.forwarded(row, evidence.on),
    plan=SHORT,
    rules=("s1-23-r32",),
    help=_l("To your own Moments, of your own accord; tick it off once you have."),
    also=(Submission,),
    ids=_forwardings_of,
)
