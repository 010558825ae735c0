"""Whose signature a step takes, and who may give it for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from panel.access.identity import Identity
from panel.access.models import User
from panel.approvals.models import Decision, Delegation, Of, Request, Task, TaskState
from panel.approvals.people import People, covers, given_to
from panel.i18n import today
from panel.org.models import Person

ANY = "any"


@dataclass(frozen=True)
class Seat:
    """A place for one signature. `person` is who it belongs to, whoever signs in it."""

    key: str
    person: Person


def without(request: Request) -> set[int]:
    """The person who may not sign: the applicant, unless the chain says so."""
    if request.own or request.applicant is None or request.applicant.person_id is None:
        return set()
    return {request.applicant.person_id}


def seats_of(
    task: Task, request: Request, people: People, me: int, given: Sequence[Delegation] | None = None
) -> list[Seat]:
    """The seats of a step that somebody may sign in: their own first, then those of whom they act for."""
    barred = without(request)
    if me in barred or people.known(me) is None:
        return []
    holders = {p.id: p for p in people.of_task(task, barred)}
    found = [holders[me]] if me in holders else []
    for delegation in given_to(me, people.today) if given is None else given:
        if delegation.giver_id in holders and delegation.giver_id != me and covers(delegation, task, request.subject):
            found.append(holders[delegation.giver_id])
    return [Seat(ANY if task.of == Of.ANY else str(p.id), p) for p in found]


@dataclass(frozen=True)
class Waiting:
    """A step that waits for somebody's signature, theirs or that of whom they act for."""

    task: Task
    seat: Seat
    mine: bool

    @property
    def request(self) -> Request:
        found: Request = self.task.request
        return found


def waiting_for(identity: Identity) -> list[Waiting]:
    """What whoever asks has to decide, soonest due first. A constant number of queries, over what is open only."""
    me = identity.user.person_id if identity.user else None
    if me is None:
        return []
    people, given = People(identity.institution, today()), given_to(me, today())
    tasks = _open(identity, me, people, given)
    signed = _signed(tasks)
    found = []
    for task in tasks:
        seats = seats_of(task, task.request, people, me, given)
        free = [seat for seat in seats if (task.id, seat.key) not in signed]
        if free:
            found.append(Waiting(task, free[0], free[0].person.id == me))
    far = today().max
    return sorted(found, key=lambda w: (w.task.due_on or far, w.task.opened_at, w.task.id))


def _open(identity: Identity, me: int, people: People, given: Sequence[Delegation]) -> list[Task]:
    """The open steps that may be theirs, with their requests and applicants."""
    persons = {me, *(d.giver_id for d in given)}
    units: set[int] | None = set()
    for person in persons:
        held = people.places(person)
        units = None if held is None or units is None else units | held
    theirs = Task.person.in_(sorted(persons))
    if units is None:
        theirs |= Task.unit.is_null(False)
    elif units:
        theirs |= Task.unit.in_(sorted(units))
    query = (
        Task.select(Task, Request, User)
        .join_from(Task, Request)
        .join_from(Request, User, JOIN.LEFT_OUTER, on=(Request.applicant == User.id))
        .where(Task.institution == identity.institution.id, Task.state == TaskState.OPEN, theirs)
    )
    return list(query)


def _signed(tasks: Sequence[Task]) -> set[tuple[int, str]]:
    several = [task.id for task in tasks if task.of == Of.ALL]
    if not several:
        return set()
    rows: Any = Decision.select(Decision.task, Decision.seat).where(Decision.task.in_(several)).tuples()
    return set(rows)
