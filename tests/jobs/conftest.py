"""An app with the probe plugin, a real Redis, and worker processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from panel import plugin, records
from panel.access.models import PluginSwitch
from panel.database import db
from panel.jobs import collect, queue, worker
from panel.jobs.models import Run
from panel.jobs.planner import Planner
from panel.org.models import Institution
from panel.runtime import Runtime
from tests.services import RedisServer, redis_in

PROBES = Path(__file__).parent / "probes"


@pytest.fixture
def jobs(app: Flask, redis: Any, redis_url: str) -> Iterator[Runtime]:
    """The runtime with the probe plugin in place of the real ones, inside an app context."""
    runtime: Runtime = app.extensions["zhangyin"]
    before = vars(runtime).copy()
    runtime.registry = plugin.load(PROBES)
    runtime.tasks, problems = collect(runtime.registry.areas)
    assert not problems
    runtime.tasks = {name: task for name, task in runtime.tasks.items() if task.area in ("jobs", "probe")}
    runtime.settings = replace(runtime.settings, redis=redis_url, plugins=PROBES)
    with app.app_context():
        yield runtime
    vars(runtime).update(before)


@pytest.fixture
def uni(jobs: Runtime, acting: Any) -> Institution:
    """An institution with the probe plugin on."""
    return make_institution("示例大学")


def make_institution(name: str, time_zone: str = "Asia/Shanghai", on: bool = True) -> Institution:
    institution = records.create(Institution, name=name, kind="university", time_zone=time_zone)
    records.create(PluginSwitch, institution=institution, plugin="probe", enabled=on)
    return institution


@pytest.fixture
def own_redis(jobs: Runtime, tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test alone, to be killed."""
    for server in redis_in(tmp_path / "r"):
        jobs.settings = replace(jobs.settings, redis=server.url)
        yield server


@pytest.fixture
def start(jobs: Runtime, database: str, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a `panel` command on this test's database and Redis."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "PANEL_INSTANCE": str(tmp_path),
            "PANEL_ENVIRONMENT": "testing",
            "PANEL_DATABASE": database,
            "PANEL_REDIS": jobs.settings.redis,
            "PANEL_PLUGINS": str(PROBES),
        }
        db.close()
        started.append(subprocess.Popen([sys.executable, "-m", "panel", *words], env=env, cwd=PROBES.parents[2]))
        return started[-1]

    yield start
    for process in started:
        process.send_signal(signal.SIGKILL)
        process.wait()


class Forked:
    """A process of our own, forked: as real as one that is started, without the seconds of starting."""

    def __init__(self, work: Callable[[], None]) -> None:
        self.status: int | None = None
        db.close()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL)
                queue._client.cache_clear()
                work()
                os._exit(0)
            except BaseException:
                traceback.print_exc()
            os._exit(1)

    def send(self, sig: signal.Signals) -> None:
        if self.status is None:
            os.kill(self.pid, sig)

    def wait(self) -> int:
        """The exit status, or minus the signal that ended it."""
        if self.status is None:
            eventually(self._has_ended)
        assert self.status is not None
        return self.status

    def _has_ended(self) -> bool:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
        return bool(pid)


@pytest.fixture
def fork(jobs: Runtime, app: Flask) -> Iterator[SimpleNamespace]:
    """`fork.worker(burst=True)` and `fork.scheduler()` start a process on this test's database and Redis."""
    started: list[Forked] = []

    def run(work: Callable[[], None]) -> Forked:
        started.append(Forked(work))
        return started[-1]

    yield SimpleNamespace(
        worker=lambda burst=False: run(lambda: worker.work(app, burst=burst)),
        scheduler=lambda: run(lambda: Planner(app).run()),
    )
    for process in started:
        process.send(signal.SIGKILL)
        process.wait()


def eventually(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until the condition holds, and give what it gave."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not in time; ledger: {list(Run.select().dicts())}"
        time.sleep(0.05)
    return found


def fresh(run: Run) -> Run:
    return Run.get_by_id(run.id)
