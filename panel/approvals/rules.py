"""Checks over what is in approval."""

from __future__ import annotations

from typing import Any

from panel.approvals.models import Request, State, Task, TaskState
from panel.checks.declare import Mend, Severity, check
from panel.checks.sql import breaking, how_many
from panel.i18n import _l


@check(
    "approvals.nobody_signs",
    subject=Request,
    severity=Severity.WARNING,
    at_save=False,
    rules=(),
    watches={Task: "request"},
    title=_l("A request waits for somebody who cannot sign"),
    message=_l("%(count)s steps wait for a signature, and nobody holds the role or the person has left"),
    advice=_l("Give somebody the role, or name a successor; the request then goes on by itself."),
    mend=Mend(_l("Look"), "approvals_request.details_view"),
)
def nobody_signs(request: Any, _policy: Any, _day: Any) -> Any:
    stuck = how_many(Task, (Task.request == request.id) & (Task.state == TaskState.OPEN.value) & Task.stuck)
    return breaking(request, (request.state == State.WAITING.value) & (stuck > 0), count=stuck)
