"""What falls due: a step that waits for its signature."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.approvals.models import Request, Task, TaskState, Who
from panel.approvals.people import LEAD, People
from panel.approvals.seats import without
from panel.errors import Refused
from panel.i18n import _, _l, today
from panel.obligations.kinds import AT_ONCE, Due, Evidence, Kind, Terms
from panel.obligations.models import Role
from panel.org.models import Institution

USUAL = timedelta(days=7)  # where the chain says nothing


def _due(task: Task, _terms: Terms) -> Due | None:
    """The day its time limit ends. Owed by the one who may sign it, or by the role where several may."""
    request: Request = task.request
    if task.state != TaskState.OPEN or task.opened_at is None:
        return None
    opened = task.opened_at.date()
    holders = People(task.__data__["institution"], today()).of_task(task, without(request))
    code = task.role.code if task.role is not None else LEAD
    ours = code in set(Role) and task.who != Who.PERSON  # what an obligation can be owed by
    role = Role(code) if ours else Role.LEAD
    named = holders[0] if holders and (len(holders) == 1 or not ours) else None
    return Due(
        on=task.due_on or opened + USUAL,
        unit=task.unit_id or request.unit_id,
        person=named,
        role=role,
        anchor=f"task-{task.id}",
        text=f"{request} · {task.name}",
    )


def _done(task: Task, evidence: Evidence) -> None:
    """It is ticked off by signing it, nowhere else."""
    raise Refused(_("Decide it under “To decide”: only a signature ends this."))


def _rows(institution: Institution) -> Any:
    return Task.select().where(Task.institution == institution, Task.state == TaskState.OPEN)


step = Kind(
    name="approvals.step",
    title=_l("To decide"),
    model=Task,
    rows=_rows,
    due=_due,
    done=_done,
    plan=AT_ONCE,
    help=_l("Requests that wait for a signature."),
    endpoint="approvals_decide.task",
    done_at="approvals_decide.task",
    word=_l("Decide"),
)
