"""What waits for one's signature."""

from __future__ import annotations

from flask import url_for

from panel.access.identity import Identity
from panel.approvals.seats import waiting_for
from panel.i18n import _l, ngettext, today
from panel.reports.declare import Figure, Reading


def _waiting(identity: Identity) -> Reading | None:
    if identity.user is None or identity.user.person_id is None:
        return None
    rows = waiting_for(identity)
    late = [one for one in rows if one.task.due_on and one.task.due_on < today()]
    note = ngettext("%(num)s past its time limit", "%(num)s past their time limit", len(late)) if late else ""
    return Reading(len(rows), url_for("approvals_decide.index"), note, "hot" if rows else "")


waiting = Figure("approvals.waiting", _l("To decide"), _waiting, order=10)
