"""The one kind of the core: standing duties."""

from __future__ import annotations

from panel import records
from panel.i18n import _l
from panel.obligations.kinds import SHORT, Due, Every, Evidence, Kind, Terms
from panel.obligations.models import Duty, Role


def _due(duty: Duty, terms: Terms) -> Due | None:
    """First on its first day; then one interval after it was last done. Once only without an interval."""
    every = Every(duty.every_days, duty.every_months)
    if duty.ended_on is not None or (duty.last_done_on is not None and not every):
        return None
    on = duty.first_due_on if duty.last_done_on is None else every.after(duty.last_done_on)
    return Due(
        on=on,
        unit=duty.__data__["unit"],
        person=duty.__data__["person"],
        role=Role(duty.role),
        anchor=duty.last_done_on or "",
        details={"asks": ["file"]} if duty.asks_file else {},
        recurs=every,
    )


def _done(duty: Duty, evidence: Evidence) -> None:
    last = duty.last_done_on
    records.update(duty, last_done_on=evidence.on if last is None else max(last, evidence.on))


duty = Kind(
    name="obligations.duty",
    title=_l("Standing duty"),
    model=Duty,
    due=_due,
    done=_done,
    plan=SHORT,
    rules=("s1-06-r07", "s1-06-r16", "s2-03-r07", "s2-04-r14", "s1-18-r13", "s1-21-r08", "s2-05-r14", "s0-10-r04"),
    help=_l("What a unit owes by itself, whatever accounts it has."),
)
