"""The worker: RQ's, whose work-horses die with it, inside our app, and which outlasts an absence of Redis."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Flask
from peewee import InterfaceError, OperationalError
from redis import RedisError
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from panel import lifeline
from panel.database import db, is_postgres, utcnow
from panel.i18n import _
from panel.jobs import queue, runner
from panel.jobs.models import Heartbeat
from panel.jobs.registry import QUEUES

__all__ = ["QUEUES", "PanelWorker", "beat", "work"]

log = logging.getLogger(__name__)

WORKER_TTL = 30  # seconds; RQ looks after lost jobs only between two waits of this, less 15
MONITORING = 15  # seconds between two looks at a busy horse
SILENT_AFTER = timedelta(seconds=60)  # a process not seen for so long counts as gone


class PanelWorker(Worker):
    """RQ's worker for our ledger. `app` is imported before it forks, so that a horse starts at once."""

    app: Flask
    asked_to_stop = False
    _beat_at = 0.0

    def main_work_horse(self, job: Job, queue: Any) -> None:
        # A horse that outlived a killed worker would work on while the planner gives its run to another.
        lifeline.tie_to_parent(os.getppid(), signal.SIGKILL)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Any) -> bool:
        with self.app.app_context():
            return bool(super().perform_job(job, queue))

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        super().heartbeat(timeout, pipeline)
        if not self.is_horse and time.monotonic() - self._beat_at > 10:
            self._beat_at = time.monotonic()
            beat("worker", self.name)
            _let_go()

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        how = f"signal {os.WTERMSIG(ret_val)}" if os.WIFSIGNALED(ret_val) else f"status {os.WEXITSTATUS(ret_val)}"
        with self.app.app_context():
            why = _(
                "The process doing this work was ended from outside (%(how)s), perhaps for want of memory.", how=how
            )
            try:
                with db.connection_context():
                    runner.worker_died(int(job.args[0]), None, why)
            except (OperationalError, InterfaceError):
                log.exception("cannot record the death of a horse; the planner will find the run")
            finally:
                _let_go()

    def request_stop(self, signum: Any, frame: Any) -> None:
        self.asked_to_stop = True
        super().request_stop(signum, frame)


def beat(kind: str, name: str) -> None:
    """Write that a process is alive; a database that is away is not our worry here."""
    now = utcnow()
    try:
        with db.connection_context():
            Heartbeat.insert(
                kind=kind, name=name, host=socket.gethostname(), pid=os.getpid(), started_at=now, seen_at=now
            ).on_conflict(conflict_target=[Heartbeat.name], update={Heartbeat.seen_at: now}).execute()
    except (OperationalError, InterfaceError) as error:
        log.debug("no heartbeat: %s", error)


def _let_go() -> None:
    """Close what the pool keeps open: the next fork must not inherit a connection."""
    if is_postgres():
        db.close_all()


def gone(name: str) -> None:
    """Take a process that ends in good order off the list."""
    try:
        with db.connection_context():
            Heartbeat.delete().where(Heartbeat.name == name).execute()
    except (OperationalError, InterfaceError) as error:
        log.debug("heartbeat stays: %s", error)


def alive(kind: str) -> list[Heartbeat]:
    """The processes of a kind that have been seen of late, for the panel and `panel doctor`."""
    return list(Heartbeat.select().where(Heartbeat.kind == kind, Heartbeat.seen_at > utcnow() - SILENT_AFTER))


def work(app: Flask, queues: Sequence[str] = QUEUES, *, burst: bool = False) -> None:
    """Take work until asked to stop (or, in `burst`, until there is none); wait while Redis is away."""
    with app.app_context():
        url = queue.redis_url(app.extensions["zhangyin"].settings)
    while True:
        worker = _worker(app, url, queues)
        if worker is not None:
            try:
                worker.work(burst=burst, logging_level="WARNING")
            except RedisError as error:
                log.warning("Redis is away: %s", error)
            if worker.horse_pid:
                worker.wait_for_horse()  # it finishes its run; the ledger does not need Redis for that
            if burst or worker.asked_to_stop:
                gone(worker.name)
                return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        time.sleep(1)


def _worker(app: Flask, url: str, queues: Sequence[str]) -> PanelWorker | None:
    connection = queue.connect(url)
    try:
        connection.ping()
        worker = PanelWorker(
            [queue.queue(name, connection) for name in queues],
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL,
            maintenance_interval=30,
            job_monitoring_interval=MONITORING,
            log_job_description=False,
        )
    except RedisError as error:
        log.warning("Redis is away: %s", error)
        return None
    worker.app = app
    return worker
