"""Doing the work: claim the run, do it, write down what became of it. Runs inside a worker's child process."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from peewee import InterfaceError, OperationalError
from redis import Redis, RedisError
from rq import get_current_job
from rq.timeouts import JobTimeoutException

from panel import audit
from panel.access.identity import Identity, acting_as, identify, system
from panel.access.models import User
from panel.database import db, utcnow
from panel.errors import Refused
from panel.i18n import _
from panel.jobs import queue
from panel.jobs.models import Run, RunState
from panel.jobs.registry import Task
from panel.runtime import runtime

log = logging.getLogger(__name__)

BEAT = 10.0  # seconds between signs of life
ROOT = f"{Path(__file__).resolve().parents[2]}/"
DATABASE_PATIENCE = 60.0  # seconds an outcome waits for a database that is locked or away


def perform(run_id: int) -> None:
    """What Redis carries to a worker. Whoever loses the claim, or comes twice, does nothing."""
    db.connect(reuse_if_open=True)  # and left open: the process ends here, and SQLite's tidying up at a close is slow
    run = claim(run_id, _worker_name())
    if run is not None:
        execute(run)


def _worker_name() -> str:
    job = get_current_job()
    return (job.worker_name if job else None) or ""


def claim(run_id: int, worker: str) -> Run | None:
    """Take a queued run, by compare-and-set. None: it is not there to be taken."""
    now = utcnow()
    values = {"state": RunState.RUNNING, "worker": worker, "started_at": now, "heartbeat_at": now}
    values |= {"attempts": Run.attempts + 1, "finished_at": None, "error": ""}
    query = Run.update(values).where(Run.id == run_id, Run.state == RunState.QUEUED).returning(Run)
    taken = list(query.execute())  # to the end, or SQLite would keep its lock
    return taken[0] if taken else None


def execute(run: Run) -> None:
    """Do a claimed run and record its outcome. An error of the work is recorded, never raised."""
    task = runtime().tasks.get(run.task)
    if task is None:
        return _end(run, RunState.FAILED, error=_("No part of the panel knows this work any more."))
    user, here = in_whose_name(run)
    if here is not None and task.area in runtime().registry and not here.plugin_on(task.area):
        return _end(run, RunState.CANCELLED, message=_("This part of the panel is switched off."))
    if queue.is_cancelled(run.id):
        return _end(run, RunState.CANCELLED)
    try:
        with signs_of_life(run), acting_as(here), audit.acting("job", user=user, user_name=run.task):
            result = task(run, **run.args)
    except queue.Cancelled:
        _end(run, RunState.CANCELLED)
    except Refused as refusal:  # the same again would be refused again
        _end(run, RunState.FAILED, error=str(refusal))
    except JobTimeoutException:
        fail(run, task, _("Took longer than the %(seconds)d seconds allowed.", seconds=task.timeout))
    except BaseException as error:
        log.exception("run %s failed", run)
        fail(run, task, _traceback(error))
    else:
        _end(run, RunState.DONE, result=result)


def in_whose_name(run: Run) -> tuple[User | None, Identity | None]:
    """The user who asked for the work and what they may do; else nobody, and the panel itself."""
    user = User.get_or_none(User.id == run.user_id) if run.user_id else None
    if run.institution is None:
        return user, None
    return user, identify(user, run.institution) if user else system(run.institution)


@contextmanager
def signs_of_life(run: Run) -> Iterator[None]:
    """Say every few seconds that the run is alive, to the ledger and to Redis, while the work is going on.

    Each may be out of reach, SQLite while something else writes, Redis while it restarts, so neither waits for the
    other.
    """
    ended = threading.Event()
    client = queue.client()
    threads = [
        threading.Thread(target=_beat, args=(ended, say), daemon=True)
        for say in (lambda: _say_to_redis(run.id, client), lambda: _say_to_ledger(run.id))
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(1)


def _beat(ended: threading.Event, say: Callable[[], None]) -> None:
    while not ended.wait(BEAT):
        try:
            say()
        except (RedisError, OperationalError, InterfaceError) as error:
            log.debug("no sign of life: %s", error)


def _say_to_redis(run_id: int, redis: Redis) -> None:
    with redis.pipeline(transaction=False) as pipe:
        pipe.hset(queue.live_key(run_id), "alive", int(time.time()))
        pipe.expire(queue.live_key(run_id), queue.LIVE_TTL)
        pipe.execute()


def _say_to_ledger(run_id: int) -> None:
    with db.connection_context():
        Run.update(heartbeat_at=utcnow()).where(Run.id == run_id, Run.state == RunState.RUNNING).execute()


# ── outcomes ───────────────────────────────────────────────────────────────────────────────────


def retry_delay(attempts: int) -> timedelta:
    """The wait after a number of failed attempts: 30 s, 2 min, 8 min, … at most 2 h."""
    return timedelta(seconds=min(7200, 30 * 4 ** (attempts - 1)))


def fail(run: Run, task: Task, error: str) -> None:
    """Record a failed attempt: queued again after a growing delay, or failed for good after the last."""
    if run.attempts < task.attempts:
        _end(run, RunState.QUEUED, error=error, due_at=utcnow() + retry_delay(run.attempts))
    else:
        _end(run, RunState.FAILED, error=error)


def _end(run: Run, state: RunState, **values: Any) -> None:
    """Write the outcome, unless someone else has begun the run anew in the meantime."""
    values |= {"state": state, "done": run.done, "total": run.total}
    values.setdefault("message", run.message)
    if state != RunState.QUEUED:
        values["finished_at"] = utcnow()
    deadline = time.monotonic() + DATABASE_PATIENCE
    # `queued` too: a planner that took us for dead has asked for a rerun that nobody has started; we spare it.
    ours = (Run.id == run.id) & (Run.attempts == run.attempts) & Run.state.in_([RunState.RUNNING, RunState.QUEUED])
    while True:
        try:
            Run.update(**values).where(ours).execute()
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise  # the planner will find the run without a worker
            time.sleep(1)
            if not db.in_transaction():
                db.close()
                db.connect(reuse_if_open=True)


def worker_died(run_id: int, attempts: int | None, why: str) -> bool:
    """Record that the process doing a run is gone. False where the run had ended, or is in other hands by now."""
    run = Run.get_or_none(Run.id == run_id, Run.state == RunState.RUNNING)
    if run is None or (attempts is not None and run.attempts != attempts):
        return False
    task = runtime().tasks.get(run.task)
    again = task is not None and run.attempts < task.attempts
    values = (
        {"state": RunState.QUEUED, "due_at": run.queued_at}  # long since: the planner sends it in the same round
        if again
        else {"state": RunState.FAILED, "finished_at": utcnow()}
    )
    same = (Run.id == run_id) & (Run.state == RunState.RUNNING) & (Run.attempts == run.attempts)
    return bool(Run.update(error=why, **values).where(same).execute())


def _traceback(error: BaseException) -> str:
    """The traceback without the path the panel is installed at."""
    return "".join(traceback.format_exception(error)).replace(ROOT, "")[-20000:]
