"""The ledger's own housekeeping."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from panel.database import utcnow
from panel.i18n import _l
from panel.jobs.models import ENDED, Heartbeat, Run, RunState
from panel.jobs.registry import scheduled
from panel.runtime import runtime

KEEP_FAILED = timedelta(days=400)


@scheduled("jobs.prune", cron="40 3 * * *", system=True, title=_l("Clear old background runs"))
def prune(run: Run) -> dict[str, Any]:
    """Forget runs that ended long ago. The latest run of a schedule stays: without it, its slot would run again."""
    now = utcnow()
    of_days: defaultdict[int, list[str]] = defaultdict(list)
    for task in runtime().tasks.values():
        of_days[task.keep_days].append(task.name)
    gone = sum(_forget(now - timedelta(days=days), Run.task.in_(names)) for days, names in of_days.items())
    gone += _forget(now - timedelta(days=90), Run.task.not_in(list(runtime().tasks)))
    silent = Heartbeat.delete().where(Heartbeat.seen_at < now - timedelta(days=1))
    return {"runs": gone, "processes": silent.execute()}


def _forget(before: datetime, which: Any) -> int:
    """Delete ended runs of some tasks; a schedule's latest run stays."""
    later = Run.alias()
    superseded = later.select(later.id).where(
        later.task == Run.task,
        (later.institution == Run.institution) | (later.institution.is_null() & Run.institution.is_null()),
        later.scheduled,
        later.id > Run.id,
    )
    old = Run.delete().where(
        which,
        Run.state.in_(ENDED),
        (Run.finished_at < utcnow() - KEEP_FAILED) | ((Run.finished_at < before) & (Run.state != RunState.FAILED)),
        ~Run.scheduled | fn.EXISTS(superseded),
    )
    return int(old.execute())


@scheduled(
    "jobs.backup",
    cron="30 3 * * *",
    system=True,
    queue="slow",
    timeout=7200,
    title=_l("Back up, and prove it restores"),
)
def backup(run: Run) -> dict[str, Any]:
    """Save the whole installation, prove that the file restores, keep the newest."""
    from panel import backup as backups

    settings = runtime().settings
    if settings.backups_kept == 0:
        return {"kept": 0}
    path = backups.make(settings, settings.backups)
    manifest = backups.prove(path, settings)
    gone = backups.rotate(settings.backups, settings.backups_kept)
    return {"file": path.name, "rows": sum(manifest.rows.values()), "deleted": gone}
