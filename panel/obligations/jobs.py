"""Looking for what is due, keeping obligations in step with their subjects, filling the calendar."""

from __future__ import annotations

from typing import Any

from panel.database import utcnow
from panel.i18n import _l
from panel.jobs.queue import enqueue, progress
from panel.jobs.registry import scheduled, task
from panel.notify.jobs import send_due
from panel.obligations import remind, settle, workdays


@scheduled(
    "obligations.look",
    cron="* * * * *",
    system=True,
    queue="urgent",
    timeout=60,
    attempts=1,
    keep_days=1,
    title=_l("Look for what is due"),
)
def look(run: Any) -> dict[str, Any]:
    """Start a scan for each institution where something is due."""
    due = remind.institutions_due(utcnow())
    for institution in due:
        enqueue("obligations.remind", institution=institution, key=f"due-{run.slot}")
    return {"institutions": len(due)}


@task("obligations.remind", queue="urgent", timeout=600, keep_days=3, title=_l("Remind of what is due"))
def remind_institution(run: Any) -> dict[str, Any]:
    """Write the reminders of one institution; they begin to leave while it is still at it."""

    def tell(done: int) -> None:
        progress(run, done)
        send_due(f"begun-{run.id}-{run.attempts}")

    counts = remind.Scan(run.institution).run(tell)
    send_due(f"ended-{run.id}-{run.attempts}")
    return dict(counts)


@scheduled("obligations.settle", cron="20 1 * * *", timeout=1800, title=_l("Bring obligations up to date"))
def settle_institution(run: Any) -> dict[str, Any]:
    """Compare every subject with what is open for it. Changes are followed at once; this is the net below."""
    return dict(settle.Settling(run.institution).all())


@scheduled("obligations.holidays", cron="15 0 * * *", system=True, title=_l("Take over the calendar of holidays"))
def holidays(run: Any) -> dict[str, Any]:
    """Take the holidays that an update of the package may have brought."""
    return {"days": workdays.fill()}
