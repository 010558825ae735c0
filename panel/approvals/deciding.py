"""Deciding, and how a request goes on by it: one transaction each, decided exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from panel import audit, records
from panel.access.identity import acting_as, asking, system
from panel.access.scope import find
from panel.approvals import freeze, telling
from panel.approvals.declare import all_subjects
from panel.approvals.models import (
    Act,
    Decision,
    Of,
    Request,
    State,
    Task,
    TaskState,
    Verdict,
)
from panel.approvals.people import People
from panel.approvals.permissions import ApprovalPermission as P
from panel.approvals.seats import Seat, seats_of, without
from panel.database import as_decided, is_postgres, key_of, transaction, utcnow
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _, show_time, today
from panel.org.models import Person

LONGEST_OPINION = 2000
NOT_YOURS = "This page does not exist, or is not yours to see."


# ── reading ────────────────────────────────────────────────────────────────────────────────────


def approval_of(row: Any, subject_name: str = "") -> Request | None:
    """The latest request about a row, or None."""
    query = Request.select().where(Request.subject_type == key_of(type(row)), Request.subject_id == row.id)
    if subject_name:
        query = query.where(Request.subject == subject_name)
    return query.order_by(Request.id.desc()).first()


# ── deciding ───────────────────────────────────────────────────────────────────────────────────


def decide(task: Task, verdict: Verdict | str, opinion: str = "", proof: str = "") -> Request:
    """Sign a step: approve, done (carried out), return or reject. `proof` names how the signer proved who they are.

    Raises Refused, worded, where it is not theirs to sign, was signed already, its request ended or its subject
    changed; that change voids the request.
    """
    verdict = Verdict(verdict)
    with transaction():
        request = locked(task.request_id)
        if request.waiting and not freeze.unchanged(request):
            void(request)
        else:
            _sign(request, task, verdict, opinion.strip(), proof)
            return request
    raise Refused(_changed(request))


def decide_many(tasks: Sequence[Task], verdict: Verdict | str = Verdict.APPROVE, opinion: str = "") -> int:
    """Approve several steps at once, all or none. Raises Refused naming the one that must be decided by itself."""
    with transaction():
        for task in tasks:
            if task.proof or task.opinion or not task.request.bulk or task.act != Act.APPROVE:
                raise Refused(_("“%(what)s” must be decided by itself.", what=task.request))
            try:
                decide(task, verdict, opinion)
            except Refused as refusal:
                raise Refused(f"{task.request}：{refusal.message}") from refusal
    return len(tasks)


def locked(request_id: int) -> Request:
    """The request as stored, held against other signers. Raises NotFound."""
    query = Request.select().where(Request.id == request_id)
    stored = (query.for_update() if is_postgres() else query).first()
    if stored is None:
        raise NotFound(_(NOT_YOURS))
    return stored


def _sign(request: Request, task: Task, verdict: Verdict, opinion: str, proof: str) -> None:
    refuse_ended(request)
    stored = Task.get_by_id(task.id)
    seat = seat_of(request, stored)
    if stored.state != TaskState.OPEN:
        raise Refused(
            _("It is not the turn of “%(step)s”: %(state)s.", step=stored, state=TaskState(stored.state).label)
        )
    _check(stored, verdict, opinion, proof)
    _record(request, stored, seat, verdict, opinion, proof)
    if verdict == Verdict.RETURN:
        _end(request, State.RETURNED, opinion)
    elif verdict == Verdict.REJECT:
        _end(request, State.REJECTED, opinion)
    elif stored.of == Of.ANY or not missing(request, stored):
        close_task(request, stored)


def refuse_ended(request: Request) -> None:
    """Raises Refused, saying when and how the request ended."""
    if request.waiting:
        return
    raise Refused(
        _(
            "Too late: “%(what)s” has ended on %(time)s. %(state)s.",
            what=request,
            time=show_time(request.ended_at),
            state=State(request.state).label,
        )
    )


def _changed(request: Request) -> str:
    return _(
        "“%(what)s” was changed while it was in approval, so this request is void. It must be submitted anew.",
        what=request,
    )


def seat_of(request: Request, task: Task) -> Seat:
    """The seat whoever asks signs in. Raises Refused where it is not theirs to sign."""
    identity = asking()
    me = identity.user.person_id if identity.user else None
    if me is None or identity.institution.id != request.__data__["institution"]:
        raise NotFound(_(NOT_YOURS))
    if not request.own and identity.user is not None and request.applicant_id == identity.user.id:
        raise NotAllowed(_("Nobody decides on their own request."))
    mine = seats_of(task, request, People(identity.institution, today()), me)
    if not mine:
        raise NotFound(_(NOT_YOURS))
    taken: Any = Decision.select(Decision.seat).where(Decision.task == task).tuples()
    signed = {seat for (seat,) in taken}
    free = [seat for seat in mine if seat.key not in signed]
    if not free:
        raise Refused(_("“%(step)s” was decided already.", step=task))
    return free[0]


def _check(task: Task, verdict: Verdict, opinion: str, proof: str) -> None:
    agrees = verdict in (Verdict.APPROVE, Verdict.DONE)
    if agrees and (verdict == Verdict.DONE) != (task.act == Act.CARRY_OUT):
        raise Refused(_("This step cannot be decided like that."), "verdict")
    if not opinion and (task.opinion or not agrees):
        why = _("This step asks for an opinion.") if agrees else _("Say why, so that the applicant knows what to do.")
        raise Refused(why, "opinion")
    if len(opinion) > LONGEST_OPINION:
        raise Refused(_("At most %(count)s characters.", count=LONGEST_OPINION), "opinion")
    if task.proof and not proof:
        raise Refused(_("This step asks you to prove anew who you are."), "proof")


def _record(request: Request, task: Task, seat: Seat, verdict: Verdict, opinion: str, proof: str) -> None:
    identity = asking()
    assert identity.user is not None
    me = Person.get_by_id(identity.user.person_id)
    with audit.acting(reason=opinion):
        records.create(
            Decision,
            institution=request.institution,
            request=request,
            task=task,
            seat=seat.key,
            verdict=verdict.value,
            opinion=opinion,
            user=identity.user,
            person=me,
            signer=me.name,
            post=me.post,
            on_behalf="" if seat.person.id == me.id else seat.person.name,
            proof=proof,
        )


def missing(request: Request, task: Task) -> list[Person]:
    """Who has still to sign a step that all must sign, as of today."""
    people = People(request.__data__["institution"], today()).of_task(task, without(request))
    signed: Any = Decision.select(Decision.seat).where(Decision.task == task).tuples()
    seats = {seat for (seat,) in signed}
    return [p for p in people if str(p.id) not in seats]


# ── how a request goes on ──────────────────────────────────────────────────────────────────────


def close_task(request: Request, task: Task) -> None:
    """A step is decided: the next one's turn, or the end."""
    records.update(task, state=TaskState.DONE.value, closed_at=utcnow())
    telling.take_back([task])
    waiting = Task.select().where(Task.request == request, Task.stage == task.stage, Task.state != TaskState.DONE)
    if not waiting.exists():
        open_next(request, task.stage)


def open_next(request: Request, stage: int) -> None:
    """The turn of the stage after this one; after the last, the request is approved."""
    following = list(Task.select().where(Task.request == request, Task.stage > stage).order_by(Task.position))
    if not following:
        _end(request, State.APPROVED)
        return
    for task in (t for t in following if t.stage == following[0].stage):
        due = today() + timedelta(days=task.days) if task.days else None
        records.update(task, state=TaskState.OPEN.value, opened_at=utcnow(), due_on=due)
    telling.tell_signers(request)


def _end(request: Request, state: State, why: str = "") -> None:
    """End a request and tell its plugin, as the panel itself: it was authorised by the signatures."""
    left = list(Task.select().where(Task.request == request, Task.state.in_([TaskState.OPEN, TaskState.PENDING])))
    for task in left:
        records.update(task, state=TaskState.SKIPPED.value, closed_at=utcnow())
    telling.take_back(left)
    records.update(request, state=state.value, ended_at=utcnow(), ended_note=why)
    subject, row = all_subjects().get(request.subject), freeze.row_of(request)
    if subject is not None and row is not None:
        with acting_as(system(request.institution)):
            if state == State.APPROVED:
                with as_decided():
                    subject.approved(row, request)
            elif subject.ended is not None:
                subject.ended(row, request)
    telling.tell_applicant(request)


def void(request: Request) -> None:
    """The subject is no longer what was submitted: the request ends, and what was signed of it holds no more."""
    _end(request, State.VOID, _("Its subject was changed or deleted while it was in approval."))


def withdraw(request: Request, reason: str = "") -> None:
    """The applicant takes a request back. Raises Refused once it has ended, after the last signature too."""
    identity = asking()
    mine = identity.user is not None and request.applicant_id == identity.user.id
    if not mine:
        find(Request, request.id, P.REQUEST_WITHDRAW)
        if not reason.strip():
            raise Refused(_("Say why: it is not your own request."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        stored = locked(request.id)
        refuse_ended(stored)
        _end(stored, State.WITHDRAWN, reason.strip())
    request.__data__.update(stored.__data__)
