"""Asking for work: the run goes into the ledger, and after the commit Redis carries its id to a worker.

Where Redis is away the row waits; the planner sends it when Redis is back.
"""

from __future__ import annotations

import functools
import json
import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, get_current_job
from rq.serializers import JSONSerializer

from panel import audit, redis_server
from panel.config import Settings
from panel.database import db, transaction, utcnow
from panel.errors import Refused
from panel.i18n import _
from panel.jobs.models import Run, RunState
from panel.jobs.registry import QUEUES, Task
from panel.org.models import Institution
from panel.runtime import runtime

log = logging.getLogger(__name__)

PERFORM = "panel.jobs.runner.perform"
RESEND_AFTER = timedelta(seconds=60)  # a run that nobody has started by then is sent once more
LIVE_TTL = 60  # seconds; a run without a sign of life for so long has lost its worker
CANCEL_TTL = 24 * 3600


class Cancelled(Exception):
    """Raised inside a run that was asked to stop, at its next call of `progress`."""


# ── Redis ──────────────────────────────────────────────────────────────────────────────────────


def redis_url(settings: Settings) -> str:
    return settings.redis or redis_server.url(settings.instance)


@functools.cache
def _client(url: str) -> Redis:
    return connect(url, socket_timeout=3)


def connect(url: str, **options: Any) -> Redis:
    """A client that tells at once that Redis is away: a page must not wait, and a worker waits by itself."""
    return Redis.from_url(url, socket_connect_timeout=1, retry=Retry(NoBackoff(), 1), **options)


def client() -> Redis:
    """Redis for pages and planner, and in a job the worker's; every command may raise RedisError at once."""
    job = get_current_job()
    return job.connection if job is not None else _client(redis_url(runtime().settings))


def queue(name: str, connection: Redis | None = None) -> Queue:
    return Queue(name, connection=connection or client(), serializer=JSONSerializer)


# ── asking for work ────────────────────────────────────────────────────────────────────────────


def enqueue(
    task: str | Task,
    *,
    institution: Institution | None,
    args: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Run:
    """Queue work once the current transaction commits, and give its run.

    `args` are JSON values: ids, never objects. The same `key` for the same task and institution is the same run,
    whatever became of it. The work is done in the name of the user at work here.
    Raises LookupError for an unknown task, TypeError for arguments that are not JSON.
    """
    found = runtime().tasks[task if isinstance(task, str) else task.name]
    values = json.loads(json.dumps(dict(args or {})))
    slot = key or uuid.uuid4().hex
    row = {
        "task": found.name,
        "institution": institution,
        "slot": slot,
        "args": values,
        "user_id": _user(),
        "due_at": utcnow() + RESEND_AFTER,
    }
    with transaction():
        is_new = Run.insert(row).on_conflict_ignore().as_rowcount().execute()
        of = Run.institution.is_null() if institution is None else Run.institution == institution
        run = Run.get(Run.task == found.name, of, Run.slot == slot)
        if is_new:
            db.after_commit(lambda: send([run]))
    return run


def _user() -> int | None:
    try:
        return audit.current().user_id
    except audit.AuditContextMissing:
        return None


def send(runs: Iterable[Run]) -> int:
    """Hand queued runs to the workers; gives how many Redis took. Repeating it is harmless: a run is claimed once."""
    taken = 0
    for run in runs:
        task = runtime().tasks.get(run.task)
        try:
            queue(task.queue if task else "default").enqueue(
                PERFORM,
                run.id,
                job_id=job_id(run),
                job_timeout=task.timeout if task else 60,
                result_ttl=0,  # the ledger keeps the result
                failure_ttl=60,
                description=run.task,
            )
        except RedisError as error:
            log.warning("Redis is away (%s): %s waits in the ledger", error, run)
            break
        taken += 1
    return taken


def job_id(run: Run) -> str:
    """RQ's name for this attempt at a run."""
    return f"run-{run.id}-{run.attempts}"


def in_redis() -> set[str]:
    """The job ids that wait for a worker. Raises RedisError.

    The queues themselves are asked: RQ also remembers jobs that a worker took and lost, and those must be sent again.
    """
    return {found for name in QUEUES for found in queue(name).job_ids}


# ── while it runs ──────────────────────────────────────────────────────────────────────────────
# Progress and the wish to cancel go through Redis: a run that works in one long transaction could neither show its
# progress in the database nor see there that it should stop.


def live_key(run_id: int) -> str:
    return f"zhangyin:run:{run_id}"


def _cancel_key(run_id: int) -> str:
    return f"zhangyin:cancel:{run_id}"


def progress(run: Run, done: int, total: int | None = None, message: str = "") -> None:
    """Say how far a run is; cheap enough to call for every row. Raises Cancelled where someone stopped the run."""
    is_new = message[:300] != run.message
    run.done, run.total, run.message = done, run.total if total is None else total, message[:300]
    now = time.monotonic()
    if done != run.total and not is_new and now - run.shown_at < 0.5:
        return
    run.shown_at = now
    try:
        with client().pipeline(transaction=False) as pipe:
            pipe.hset(live_key(run.id), mapping={"done": run.done, "total": run.total, "message": run.message})
            pipe.expire(live_key(run.id), LIVE_TTL)
            pipe.exists(_cancel_key(run.id))
            wanted = pipe.execute()[-1]
    except RedisError:
        return
    if wanted:
        raise Cancelled


def is_cancelled(run_id: int) -> bool:
    """Whether someone asked the run to stop."""
    try:
        return bool(client().exists(_cancel_key(run_id)))
    except RedisError:
        return False


def show_live(run: Run) -> Run:
    """Fill in how far a running run is at this moment, where Redis can tell."""
    if run.state == RunState.RUNNING:
        try:
            seen: dict[Any, Any] = client().hgetall(live_key(run.id))
        except RedisError:
            return run
        run.done, run.total = int(seen.get(b"done", run.done)), int(seen.get(b"total", run.total))
        run.message = seen.get(b"message", run.message.encode()).decode()
    return run


def progress_of(run_id: int | None) -> tuple[int, int] | None:
    """How far a run is at this moment (done, total); None where it is not running."""
    run = None if run_id is None else Run.get_or_none(Run.id == run_id, Run.state == RunState.RUNNING)
    if run is None:
        return None
    show_live(run)
    return run.done, run.total


# ── control ────────────────────────────────────────────────────────────────────────────────────


def cancel(run: Run) -> None:
    """Stop a run: at once while it waits, at its next sign of progress while it runs. Raises Refused otherwise."""
    waiting = (Run.id == run.id) & (Run.state == RunState.QUEUED)
    if Run.update(state=RunState.CANCELLED, finished_at=utcnow()).where(waiting).execute():
        return
    if Run.get_by_id(run.id).ended:
        raise Refused(_("This work has already ended."))
    try:
        client().set(_cancel_key(run.id), 1, ex=CANCEL_TTL)
    except RedisError as error:
        raise Refused(_("Background work cannot be reached just now. Try again in a minute.")) from error


def retry(run: Run) -> None:
    """Run failed or cancelled work again, with all its attempts. Raises Refused where there is nothing to repeat."""
    again = (Run.id == run.id) & Run.state.in_([RunState.FAILED, RunState.CANCELLED])
    with transaction():
        changed = (
            Run.update(
                state=RunState.QUEUED,
                attempts=0,
                error="",
                result=None,
                finished_at=None,
                done=0,
                message="",
                due_at=utcnow() + RESEND_AFTER,
            )
            .where(again)
            .execute()
        )
        if not changed:
            raise Refused(_("Only failed or cancelled work can be run again."))
        fresh = Run.get_by_id(run.id)
        db.after_commit(lambda: _begin_anew(fresh))


def _begin_anew(run: Run) -> None:
    try:
        client().delete(_cancel_key(run.id))
    except RedisError:
        log.warning("Redis is away: the wish to cancel run %s stays until it expires", run.id)
    send([run])
