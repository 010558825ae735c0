"""What signers and applicants are told. Rows only, in the transaction of what they are told of: the outbox sends."""

from __future__ import annotations

from collections.abc import Iterable

from panel.access.models import User
from panel.approvals.models import Decision, Delegation, Request, State, Task, TaskState
from panel.approvals.people import People
from panel.approvals.seats import without
from panel.approvals.tally import to_decide
from panel.database import utcnow
from panel.i18n import DEFAULT_LOCALE, _, speaking, today
from panel.notify import outbox
from panel.notify.outbox import Notice, Post
from panel.org.models import Person

STEP = "approvals.step"  # the kind of obligation, whose title begins the message
TASKS = "approvals.task"


def tell_signers(request: Request, tasks: Iterable[Task] = ()) -> None:
    """It is their turn: everybody who may sign what is open now, or one of `tasks`, and who acts for them."""
    to_decide.forget()
    chosen = list(tasks) or list(Task.select().where(Task.request == request, Task.state == TaskState.OPEN))
    people = People(request.__data__["institution"], today())
    notices = [_turn(request, task, person) for task in chosen for person in _with_deputies(people, task, request)]
    Post(request.institution).tell(notices)


def _turn(request: Request, task: Task, person: Person) -> Notice:
    return Notice(
        person=person,
        key=f"{TASKS}:{task.id}",
        subject_type=TASKS,
        subject_id=task.id,
        unit_id=request.unit_id,
        what=STEP,
        text=f"{request} · {task.name}"[:300],
        due_on=task.due_on,
    )


def _with_deputies(people: People, task: Task, request: Request) -> list[Person]:
    barred = without(request)
    holders = people.of_task(task, barred)
    given = Delegation.select().where(
        Delegation.giver.in_([p.id for p in holders]),
        Delegation.ended_at.is_null(),
        Delegation.begins_on <= people.today,
        Delegation.ends_on.is_null() | (Delegation.ends_on >= people.today),
    )
    told = {p.id: p for p in holders}
    for delegation in given:
        deputy = people.known(delegation.receiver_id)
        if deputy is not None and deputy.id not in barred and _covers(delegation, task, request):
            told[deputy.id] = deputy
    return list(told.values())


def _covers(delegation: Delegation, task: Task, request: Request) -> bool:
    from panel.approvals.people import covers

    return covers(delegation, task, request.subject)


def take_back(tasks: Iterable[Task]) -> None:
    """These wait for nobody any more."""
    to_decide.forget()
    outbox.withdraw(TASKS, [task.id for task in tasks])


def tell_applicant(request: Request) -> None:
    """How it ended, in their language."""
    user: User | None = request.applicant
    if user is None or user.person_id is None:
        return
    person = Person.get_by_id(user.person_id)
    with speaking(user.locale or DEFAULT_LOCALE):
        text = f"{request}：{State(request.state).label}"
        last = Decision.select().where(Decision.request == request).order_by(Decision.id.desc()).first()
        if last is not None and request.state != State.WITHDRAWN:
            text += _(" (%(signer)s)", signer=last.signer)
        if request.ended_note:
            text += f" · {request.ended_note}"
    notice = Notice(
        person=person,
        key=f"approvals.request:{request.id}:{request.state}",
        subject_type="approvals.request",
        subject_id=request.id,
        unit_id=request.unit_id,
        text=text[:300],
    )
    Post(request.institution, utcnow()).tell([notice])
