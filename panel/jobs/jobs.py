"""The ledger's own housekeeping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import fn

from panel.database import utcnow
from panel.i18n import _l
from panel.jobs.models import ENDED, Heartbeat, Run, RunState
from panel.jobs.registry import scheduled

KEEP = timedelta(days=90)
KEEP_FAILED = timedelta(days=400)


@scheduled("jobs.prune", cron="40 3 * * *", system=True, title=_l("Clear old background runs"))
def prune(run: Run) -> dict[str, Any]:
    """Forget runs that ended long ago. The latest run of a schedule stays: without it, its slot would run again."""
    now = utcnow()
    later = Run.alias()
    superseded = later.select(later.id).where(
        later.task == Run.task,
        (later.institution == Run.institution) | (later.institution.is_null() & Run.institution.is_null()),
        later.scheduled,
        later.id > Run.id,
    )
    old = Run.delete().where(
        Run.state.in_(ENDED),
        (Run.finished_at < now - KEEP_FAILED) | ((Run.finished_at < now - KEEP) & (Run.state != RunState.FAILED)),
        ~Run.scheduled | fn.EXISTS(superseded),
    )
    silent = Heartbeat.delete().where(Heartbeat.seen_at < now - timedelta(days=1))
    return {"runs": old.execute(), "processes": silent.execute()}
