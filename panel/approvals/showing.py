"""How requests look: the steps with their seals, what a preview says, the timeline on a subject."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for

from panel.access.identity import current
from panel.approvals.declare import all_subjects, subjects_of
from panel.approvals.models import Act, Decision, Of, Request, State, Task, TaskState, Verdict
from panel.approvals.people import People
from panel.approvals.seats import seats_of, without
from panel.approvals.submitting import Played, nobody
from panel.database import key_of
from panel.i18n import _, ngettext, today

SHOWN = 3  # requests on the page of their subject


@dataclass
class Step:
    """A step of a request as its timeline shows it."""

    task: Task
    style: str  # is-me, is-open or nothing, as the stylesheet has it
    seal: str
    seal_style: str
    notes: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # who may sign it today
    mine: bool = False


def steps_of(request: Request) -> list[Step]:
    """The timeline of one request. People are looked up only while it waits."""
    tasks = list(Task.select().where(Task.request == request).order_by(Task.stage, Task.position))
    signed: dict[int, list[Decision]] = {}
    for decision in Decision.select().where(Decision.request == request).order_by(Decision.id):
        signed.setdefault(decision.task_id, []).append(decision)
    people = People(request.__data__["institution"], today()) if request.waiting else None
    return [_step(request, place, task, signed.get(task.id, []), people) for place, task in enumerate(tasks, 1)]


def _step(request: Request, place: int, task: Task, decisions: list[Decision], people: People | None) -> Step:
    names, mine = _who(request, task, people)
    last = decisions[-1] if decisions else None
    no = last is not None and last.verdict in (Verdict.RETURN, Verdict.REJECT)
    if task.state == TaskState.OPEN:
        style, seal, seal_style = "is-me", _("to sign"), "seal-me"
    elif last is None:
        style, seal, seal_style = "is-open", str(place), "seal-open"
    else:
        style, seal, seal_style = "", seal_of(last.signer), "seal-no" if no else ""
    return Step(task, style, seal, seal_style, notes_of(task), decisions, names, mine)


def _who(request: Request, task: Task, people: People | None) -> tuple[list[str], bool]:
    if people is None or task.state not in (TaskState.OPEN, TaskState.PENDING):
        return [], False
    identity = current()
    me = identity.user.person_id if identity and identity.user else None
    names = [_("%(name)s (you)", name=p) if p.id == me else str(p) for p in people.of_task(task, without(request))]
    mine = task.state == TaskState.OPEN and me is not None and bool(seats_of(task, request, people, me))
    return names, mine


def seal_of(name: str) -> str:
    """A name as a seal bears it: four characters where it is Chinese."""
    if not any("\u4e00" <= c <= "\u9fff" for c in name):
        return name[:4]
    return {2: f"{name}之印", 3: f"{name}印"}.get(len(name), name[:4])


def notes_of(step: Any) -> list[str]:
    """What a step asks for, in a word each."""
    notes = [_("all of them")] if step.of == Of.ALL else []
    if step.act == Act.CARRY_OUT:
        notes.append(_("carries out"))
    if step.proof:
        notes.append(_("with proof of identity"))
    if step.opinion:
        notes.append(_("with an opinion"))
    if step.days:
        notes.append(ngettext("within %(num)s day", "within %(num)s days", step.days))
    return notes


# ── on the page of the subject ─────────────────────────────────────────────────────────────────


def requests_about(row: Any) -> list[tuple[Request, list[Step]]]:
    """The latest requests about a row with their steps; nothing, at no cost, where rows of its kind are not decided."""
    if row is None or not subjects_of(type(row)):
        return []
    query = Request.select().where(Request.subject_type == key_of(type(row)), Request.subject_id == row.id)
    return [(request, steps_of(request)) for request in query.order_by(Request.id.desc()).limit(SHOWN)]


def subject_address(request: Request) -> str | None:
    """The page of what it is about, where there is one and whoever asks may see it."""
    from panel.admin.sight import open_view

    subject = all_subjects().get(request.subject)
    view = open_view(subject.model) if subject else None
    endpoint = f"{request.subject_type.replace('.', '_')}.details_view"
    if view is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, id=request.subject_id)


def state_of(request: Request) -> State:
    return State(request.state)


# ── the preview of a chain ─────────────────────────────────────────────────────────────────────


@dataclass
class Preview:
    """A step of a chain that was played, and what is odd about it."""

    played: Played
    names: list[str]
    warnings: list[str]


def preview(played: list[Played]) -> list[Preview]:
    """What a play of a chain says: who is reached, and where it would not go on as meant."""
    alone = Counter(step.people[0].id for step in played if len(step.people) == 1)
    found = []
    for step in played:
        warnings = [] if step.people else [nobody(step)]
        if step.passed and step.people:
            names = "、".join(p.name for p in step.passed)
            warnings.append(_("%(names)s would sign their own request and is passed over.", names=names))
        if len(step.people) == 1 and alone[step.people[0].id] > 1:
            warnings.append(_("%(name)s would sign more than once.", name=step.people[0]))
        found.append(Preview(step, [str(p) for p in step.people], warnings))
    return found
