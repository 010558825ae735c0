"""Signing for others, asking for one signature more, and what happens to steps whose signer is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from panel import audit, records
from panel.access.identity import Identity, asking
from panel.approvals import deciding, seats, telling
from panel.approvals.models import Act, Chain, ChainStep, Decision, Delegation, Of, Request, Task, TaskState, Who
from panel.approvals.people import People
from panel.approvals.permissions import ApprovalPermission as P
from panel.approvals.tally import to_decide
from panel.database import transaction, utcnow
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _, _l, today
from panel.org.holdings import Holding
from panel.org.models import Institution, Person

# ── delegation ─────────────────────────────────────────────────────────────────────────────────


def delegate(
    giver: Person,
    receiver: Person,
    begins_on: date,
    ends_on: date | None = None,
    subject: str = "",
    task: Task | None = None,
    note: str = "",
) -> Delegation:
    """Let somebody sign for `giver`: all, one subject, or one step of a request. What was delegated is not passed on.

    Raises Refused where the receiver cannot sign, the dates cannot be, or it is delegated already.
    """
    identity = asking()
    _refuse_not_theirs(identity, giver)
    if receiver.institution_id != giver.institution_id:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if receiver.id == giver.id:
        raise Refused(_("Choose somebody else."), "receiver")
    if ends_on is not None and ends_on < max(begins_on, today()):
        raise Refused(_("It cannot end before it begins, or in the past."), "ends_on")
    people = People(identity.institution, today())
    if people.known(receiver.id) is None:
        raise Refused(_("%(person)s is not in service or has no user to log in with.", person=receiver), "receiver")
    with transaction(), audit.acting(reason=note.strip()):
        if task is not None:
            _refuse_step(task, giver, receiver, people)
        _refuse_twice(giver, receiver, begins_on, ends_on, subject, task)
        made = records.create(
            Delegation,
            institution=giver.__data__["institution"],
            giver=giver,
            receiver=receiver,
            begins_on=begins_on,
            ends_on=ends_on,
            subject=subject,
            task=task,
            note=note.strip()[:300],
        )
        if task is not None:
            telling.tell_signers(task.request, [task])
    to_decide.forget()
    return made


def end_delegation(delegation: Delegation, note: str = "") -> None:
    """From now on nobody signs by it. What was signed by it stays signed."""
    _refuse_not_theirs(asking(), delegation.giver)
    if delegation.ended_at is not None:
        raise Refused(_("This delegation has ended already."))
    with audit.acting(reason=note):
        records.update(delegation, ended_at=utcnow())
    to_decide.forget()


def _refuse_not_theirs(identity: Identity, giver: Person) -> None:
    if giver.institution_id != identity.institution.id:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    mine = identity.user is not None and identity.user.person_id == giver.id
    if not mine and (not identity.may(P.DELEGATION_EDIT) or identity.reach(P.DELEGATION_EDIT) is not None):
        raise NotAllowed(_("You can delegate what you sign yourself, not what others do."))


def _refuse_step(task: Task, giver: Person, receiver: Person, people: People) -> None:
    request = deciding.locked(task.request_id)
    deciding.refuse_ended(request)
    barred = seats.without(request)
    if receiver.id in barred:
        raise Refused(_("Nobody decides on their own request."), "receiver")
    if giver.id not in [p.id for p in people.of_task(task, barred)]:
        raise NotFound(_("This page does not exist, or is not yours to see."))


def _refuse_twice(
    giver: Person, receiver: Person, begins_on: date, ends_on: date | None, subject: str, task: Task | None
) -> None:
    same = (
        (Delegation.giver == giver)
        & (Delegation.receiver == receiver)
        & (Delegation.subject == subject)
        & Delegation.ended_at.is_null()
        & (Delegation.ends_on.is_null() | (Delegation.ends_on >= begins_on))
    )
    same &= Delegation.task.is_null() if task is None else Delegation.task == task
    if ends_on is not None:
        same &= Delegation.begins_on <= ends_on
    if Delegation.select().where(same).exists():
        raise Refused(_("This is delegated to %(person)s already.", person=receiver), "receiver")


# ── countersigning ─────────────────────────────────────────────────────────────────────────────


def countersign(task: Task, person: Person, note: str) -> Task:
    """Ask somebody to sign beside a step that waits for whoever asks. Its stage ends when both have signed."""
    identity = asking()
    with transaction(), audit.acting(reason=note.strip()):
        request = deciding.locked(task.request_id)
        deciding.refuse_ended(request)
        deciding.seat_of(request, task)
        people = People(identity.institution, today())
        _refuse_signer(request, person, people)
        if not note.strip():
            raise Refused(_("Say what they are asked for."), "note")
        last: Any = Task.select(Task.position).where(Task.request == request).order_by(Task.position.desc()).first()
        made = records.create(
            Task,
            institution=task.__data__["institution"],
            request=request,
            stage=task.stage,
            position=last.position + 1,
            name=_("Countersignature: %(why)s", why=note.strip())[:120],
            who=Who.PERSON.value,
            person=person,
            act=Act.APPROVE.value,
            days=task.days,
            due_on=task.due_on,
            asked_by=str(identity.user)[:60],
            state=TaskState.OPEN.value,
            opened_at=utcnow(),
        )
        telling.tell_signers(request, [made])
    return made


def _refuse_signer(request: Request, person: Person, people: People) -> None:
    if person.institution_id != request.__data__["institution"]:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    if people.known(person.id) is None:
        raise Refused(_("%(person)s is not in service or has no user to log in with.", person=person), "person")
    if person.id in seats.without(request):
        raise Refused(_("Nobody decides on their own request."), "person")
    asked = Task.select().where(Task.request == request, Task.state == TaskState.OPEN)
    if any(person.id in {p.id for p in people.of_task(t, seats.without(request))} for t in asked):
        raise Refused(_("%(person)s is asked to sign already.", person=person), "person")


# ── who leaves, and steps nobody can sign ──────────────────────────────────────────────────────


def sweep(institution: Institution) -> dict[str, int]:
    """Look at what is open: mark steps nobody can sign, end those all have signed who still may. Safe to repeat."""
    people = People(institution, today())
    counts = {"stuck": 0, "ended": 0}
    open_tasks = Task.select(Task, Request).join(Request)
    for task in open_tasks.where(Task.institution == institution, Task.state == TaskState.OPEN):
        holders = people.of_task(task, seats.without(task.request))
        if task.stuck != (not holders):
            with transaction():
                records.update(task, stuck=not holders)
                if holders:
                    telling.tell_signers(task.request, [task])
        counts["stuck"] += not holders
        if task.of == Of.ALL and holders:
            counts["ended"] += _ended(task)
    return counts


def _ended(task: Task) -> bool:
    """End a step of which only those have not signed who no longer may."""
    with transaction():
        request = deciding.locked(task.request_id)
        stored = Task.get_by_id(task.id)
        signed = Decision.select().where(Decision.task == task).exists()
        if not request.waiting or stored.state != TaskState.OPEN or not signed or deciding.missing(request, stored):
            return False
        deciding.close_task(request, stored)
    return True


def _named_in_chains(people: Iterable[Person]) -> list[ChainStep]:
    named = ChainStep.select(ChainStep, Chain).join(Chain).where(ChainStep.person.in_([p.id for p in people]))
    return list(named.where(Chain.active))


def _open_tasks(people: Iterable[Person]) -> list[Task]:
    ids = [p.id for p in people]
    open_or_coming = Task.state.in_([TaskState.OPEN, TaskState.PENDING])
    return list(Task.select(Task, Request).join(Request).where(Task.person.in_(ids), open_or_coming))


def _delegations(people: Iterable[Person]) -> list[Delegation]:
    ids = [p.id for p in people]
    now = Delegation.ended_at.is_null() & (Delegation.ends_on.is_null() | (Delegation.ends_on >= today()))
    return list(Delegation.select().where(Delegation.receiver.in_(ids), now))


def _pass_task(task: Task, successor: Person, note: str) -> None:
    with transaction(), audit.acting(reason=note):
        request = deciding.locked(task.request_id)
        if successor.id in seats.without(request):
            raise Refused(_("Nobody decides on their own request."))
        records.update(task, person=successor)
        telling.take_back([task])
        if task.state == TaskState.OPEN:
            telling.tell_signers(request, [task])


def _pass_step(step: ChainStep, successor: Person, note: str) -> None:
    with transaction(), audit.acting(reason=note):
        records.update(step, person=successor)
        chain = step.chain
        records.update(chain, revision=chain.revision + 1)


def _end_delegation(delegation: Delegation, note: str) -> None:
    with audit.acting(reason=note):
        records.update(delegation, ended_at=utcnow())


def _pass_delegation(delegation: Delegation, successor: Person, note: str) -> None:
    with audit.acting(reason=note):
        records.update(delegation, receiver=successor)


signs_in_chain = Holding(
    kind="approvals.chain_step",
    title=_l("Signs by name in an approval chain"),
    held_by=_named_in_chains,
    holder=lambda step: int(step.__data__["person"]),
    subject=lambda step: f"{step.chain} · {step}",
    hand_over=_pass_step,
)
decision_waits = Holding(
    kind="approvals.task",
    title=_l("A request waits for their decision"),
    held_by=_open_tasks,
    holder=lambda task: int(task.person_id),
    subject=lambda task: f"{task.request} · {task}",
    hand_over=_pass_task,
)
signs_for_others = Holding(
    kind="approvals.delegation",
    title=_l("Signs for somebody else"),
    held_by=_delegations,
    holder=lambda delegation: int(delegation.receiver_id),
    subject=lambda delegation: str(delegation.giver),
    hand_over=_pass_delegation,
    end=_end_delegation,
)
