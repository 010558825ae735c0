"""The planner: every few seconds, start what is due, send what waits, take back what lost its worker.

It keeps nothing in mind. The unique slot in the ledger is the claim, so any number of planners may run side by side,
and a restart, an hour of downtime or an emptied Redis neither doubles nor loses a run.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from peewee import InterfaceError, OperationalError
from redis import RedisError

from panel.access.models import PluginSwitch
from panel.database import db, utcnow
from panel.i18n import _
from panel.jobs import cron, queue, runner, worker
from panel.jobs.models import Run, RunState
from panel.jobs.registry import Task
from panel.org.models import Institution
from panel.runtime import Runtime

log = logging.getLogger(__name__)

EVERY = 20.0  # seconds
BATCH = 500
LARGEST_SWEEP = 5000  # runs sent in one tick


class Planner:
    """One planner process. `every` in seconds; a running run silent for `stale` has lost its worker."""

    def __init__(self, app: Flask, every: float = EVERY, stale: timedelta = timedelta(seconds=90)) -> None:
        self.app = app
        self.runtime: Runtime = app.extensions["zhangyin"]
        self.every, self.stale = every, stale
        self.name = f"scheduler-{socket.gethostname()}-{os.getpid()}"
        self.stopping = threading.Event()

    def run(self) -> None:
        """Tick until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        while not self.stopping.is_set():
            self.tick()
            self.stopping.wait(self.every)
        worker.gone(self.name)

    def tick(self, now: datetime | None = None) -> None:
        """One look at everything. What fails is logged and does not keep the rest from being done."""
        now = now or utcnow()
        worker.beat("scheduler", self.name)
        with self.app.app_context():
            for step in (self.recover, self.plan, self.send_due):
                self._try(step, now)

    def _try(self, step: Callable[[datetime], int], now: datetime) -> None:
        try:
            with db.connection_context():
                step(now)
        except (OperationalError, InterfaceError, RedisError) as error:
            log.warning("%s waits for the next round: %s", step.__name__, error)
        except Exception:
            log.exception("%s failed", step.__name__)

    # ── what is due ─────────────────────────────────────────────────────────────────────

    def plan(self, now: datetime) -> int:
        """Enter the latest slot of every schedule and institution that is not in the ledger yet; gives how many.

        Of slots missed during an outage only the latest is caught up; those before an institution existed never were.
        """
        schedules = [task for task in self.runtime.tasks.values() if task.cron]
        institutions = list(Institution.select(Institution.id, Institution.time_zone, Institution.created_at))
        switched_on: defaultdict[str, set[int]] = defaultdict(set)
        for switch in PluginSwitch.select().where(PluginSwitch.enabled):
            switched_on[switch.plugin].add(switch.__data__["institution"])
        entered = 0
        for task in schedules:
            if task.system:
                zone = ZoneInfo(self.runtime.settings.time_zone)
                entered += self._enter(task, cron.last_slot(str(task.cron), zone, now), [None])
                continue
            of_plugin = task.area in self.runtime.registry
            wanted = [i for i in institutions if not of_plugin or i.id in switched_on[task.area]]
            for time_zone in {i.time_zone for i in wanted}:
                slot = self._slot(task, time_zone, now)
                if slot is not None:
                    ids = [i.id for i in wanted if i.time_zone == time_zone and i.created_at <= slot]
                    entered += self._enter(task, slot, ids)
        return entered

    def _slot(self, task: Task, time_zone: str, now: datetime) -> datetime | None:
        try:
            return cron.last_slot(str(task.cron), ZoneInfo(time_zone), now)
        except (KeyError, ValueError, OSError):
            log.error("time zone %r is unknown: %s is not scheduled there", time_zone, task.name)
            return None

    def _enter(self, task: Task, slot: datetime, institutions: Sequence[int | None]) -> int:
        name = cron.slot_name(slot)
        entered = Run.select(Run.institution).where(Run.task == task.name, Run.slot == name)
        there = {run.__data__["institution"] for run in entered}
        missing = [i for i in institutions if i not in there]
        for start in range(0, len(missing), BATCH):
            rows = [
                {"task": task.name, "institution": i, "slot": name, "scheduled": True}
                for i in missing[start : start + BATCH]
            ]
            Run.insert_many(rows).on_conflict_ignore().execute()
        return len(missing)

    # ── what waits ──────────────────────────────────────────────────────────────────────

    def send_due(self, now: datetime) -> int:
        """Send the queued runs whose time has come: new slots, retries, and whatever Redis lost; gives how many."""
        waiting = queue.in_redis()
        sent = 0
        for _batch in range(LARGEST_SWEEP // BATCH):
            runs = self._due(now)
            lost = [run for run in runs if queue.job_id(run) not in waiting]
            taken = queue.send(lost)
            sent += taken
            if not runs or taken < len(lost):
                break
        return sent

    def _due(self, now: datetime) -> list[Run]:
        """Take a batch of due runs: put off, so that no other planner sends them and none keeps others from it."""
        due = (Run.state == RunState.QUEUED) & (Run.due_at <= now)
        first = Run.select(Run.id).where(due).order_by(Run.due_at, Run.id).limit(BATCH)
        ids = [run.id for run in first]
        taken = Run.update(due_at=now + queue.RESEND_AFTER).where(due, Run.id.in_(ids)).returning(Run)
        return sorted(taken.execute(), key=lambda run: ids.index(run.id)) if ids else []

    # ── what lost its worker ────────────────────────────────────────────────────────────

    def recover(self, now: datetime) -> int:
        """Queue again the runs that have given no sign of life; gives how many. Does nothing while Redis is away."""
        silent = Run.select().where(Run.state == RunState.RUNNING, Run.heartbeat_at < now - self.stale)
        found = 0
        for run in list(silent):
            if queue.client().exists(queue.live_key(run.id)):
                continue
            found += runner.worker_died(run.id, run.attempts, _("The worker doing this work disappeared."))
        return found
