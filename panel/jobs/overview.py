"""What the page of background work shows: processes, queues, schedules, runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn
from redis import RedisError

from panel.access.identity import Identity
from panel.database import utcnow
from panel.jobs import cron, queue, worker
from panel.jobs.models import Heartbeat, Run, RunState
from panel.jobs.registry import QUEUES, Task
from panel.runtime import runtime

SHOWN = 100


@dataclass(frozen=True)
class Scheduled:
    """A schedule, its last run here, and when it runs next (UTC)."""

    task: Task
    next_at: datetime
    last: Run | None


def redis_answers() -> bool:
    try:
        return bool(queue.client().ping())
    except RedisError:
        return False


def waiting() -> dict[str, int] | None:
    """How many runs each queue carries; None while Redis is away."""
    try:
        return {name: queue.queue(name).count for name in QUEUES}
    except RedisError:
        return None


def processes() -> list[tuple[Heartbeat, bool]]:
    """Workers and schedulers, and whether each has been seen of late."""
    since = utcnow() - worker.SILENT_AFTER
    return [(beat, beat.seen_at > since) for beat in Heartbeat.select().order_by(Heartbeat.kind, Heartbeat.name)]


def in_sight(identity: Identity) -> Any:
    """The runs of the institution; those of the whole installation for who runs it."""
    mine = Run.institution == identity.institution.id
    runs_it = identity.user is not None and identity.user.site_admin
    return mine | Run.institution.is_null() if runs_it else mine


def schedules(identity: Identity) -> list[Scheduled]:
    """What runs by itself here, soonest first."""
    tasks = [t for t in runtime().tasks.values() if t.cron and _on(t, identity)]
    newest = Run.select(fn.MAX(Run.id)).where(Run.scheduled, in_sight(identity) | Run.institution.is_null())
    last = {run.task: run for run in Run.select().where(Run.id.in_(newest.group_by(Run.task)))}
    found = []
    for task in tasks:
        zone = ZoneInfo(runtime().settings.time_zone if task.system else identity.institution.time_zone)
        found.append(Scheduled(task, cron.next_slot(str(task.cron), zone, utcnow()), last.get(task.name)))
    return sorted(found, key=lambda s: s.next_at)


def _on(task: Task, identity: Identity) -> bool:
    return task.area not in runtime().registry or identity.plugin_on(task.area)


def runs(identity: Identity, state: str = "", task: str = "") -> list[Run]:
    """The newest runs in sight, with how far the running ones are."""
    query = Run.select().where(in_sight(identity)).order_by(Run.id.desc()).limit(SHOWN)
    if state in [s.value for s in RunState]:
        query = query.where(Run.state == state)
    if task in runtime().tasks:
        query = query.where(Run.task == task)
    return [queue.show_live(run) for run in query]


def title_of(task: str) -> str:
    found = runtime().tasks.get(task)
    return str(found.title or task) if found else task


def duration(run: Run) -> str:
    """How long a run took, or has been at it."""
    if run.started_at is None:
        return ""
    seconds = ((run.finished_at or utcnow()) - run.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
