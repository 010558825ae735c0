"""Whose signature a step takes, and who may give it for them."""

from __future__ import annotations

from dataclasses import dataclass

from panel.access.models import User
from panel.approvals.models import Of, Request, Task
from panel.approvals.people import People, covers, given_to
from panel.org.models import Person

ANY = "any"


@dataclass(frozen=True)
class Seat:
    """A place for one signature. `person` is who it belongs to, whoever signs in it."""

    key: str
    person: Person


def without(request: Request) -> set[int]:
    """The person who may not sign: the applicant, unless the chain says so."""
    if request.own or request.applicant_id is None:
        return set()
    person = User.get_by_id(request.applicant_id).person_id
    return {person} if person is not None else set()


def seats_of(task: Task, request: Request, people: People, me: int, delegations: list | None = None) -> list[Seat]:
    """The seats of a step that somebody may sign in: their own first, then those they act for."""
    barred = without(request)
    if me in barred or people.known(me) is None:
        return []
    holders = {p.id: p for p in people.of_task(task, barred)}
    found = [holders[me]] if me in holders else []
    given = given_to(me, people.today) if delegations is None else delegations
    for delegation in given:
        if delegation.giver_id in holders and delegation.giver_id != me and covers(delegation, task, request.subject):
            found.append(holders[delegation.giver_id])
    return [Seat(ANY if task.of == Of.ANY else str(p.id), p) for p in found]
