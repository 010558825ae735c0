"""Real workers and schedulers, and what kill -9 does to them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from panel.database import utcnow
from panel.jobs import queue, worker
from panel.jobs.models import Run, RunState
from panel.jobs.planner import Planner
from panel.org.models import Institution
from panel.runtime import Runtime
from tests.jobs.conftest import eventually, fresh
from tests.services import RedisServer
from tests.test_supervisor import is_alive

Start = Callable[..., "subprocess.Popen[bytes]"]


def lines(trace: Path) -> list[str]:
    return trace.read_text().splitlines() if trace.exists() else []


def begun(trace: Path) -> list[int]:
    """The process ids of the horses that began."""
    return [int(line.split()[2]) for line in lines(trace) if line.startswith("begin")]


def ended(trace: Path) -> Counter[str]:
    return Counter(line for line in lines(trace) if line.startswith("end"))


def test_work_is_done_and_its_outcome_written(start: Start, uni: Institution, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    done = queue.enqueue("probe.write", institution=uni, args={"trace": str(trace), "n": 7})
    refused = queue.enqueue("probe.refuse", institution=uni)
    broken = queue.enqueue("probe.fail", institution=uni)
    hung = queue.enqueue("probe.hang", institution=uni)
    killed = queue.enqueue("probe.die", institution=uni)
    assert start("worker", "--burst").wait(60) == 0
    assert (fresh(done).state, fresh(done).result, len(ended(trace))) == (RunState.DONE, {"n": 7}, 1)
    assert (fresh(refused).state, fresh(refused).error) == (RunState.FAILED, "not like this")
    assert fresh(broken).state == RunState.QUEUED
    assert 'probes/probe/jobs.py", line' in fresh(broken).error
    assert fresh(hung).state == RunState.FAILED
    assert "1" in fresh(hung).error
    assert (fresh(killed).state, fresh(killed).attempts) == (RunState.QUEUED, 1)
    assert "signal 9" in fresh(killed).error
    assert fresh(killed).due_at <= utcnow()


def test_an_idle_worker_shows_and_ends_at_once(fork: SimpleNamespace, uni: Institution) -> None:
    process = fork.worker()
    (beat,) = eventually(lambda: worker.alive("worker"))
    assert beat.pid == process.pid
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert worker.alive("worker") == []


def test_asked_to_stop_a_worker_finishes_its_run(fork: SimpleNamespace, uni: Institution, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    run = queue.enqueue("probe.write", institution=uni, args={"trace": str(trace), "n": 1, "seconds": 1})
    process = fork.worker()
    eventually(lambda: begun(trace))
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert fresh(run).state == RunState.DONE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the horse notices half a second later")
def test_a_killed_worker_takes_its_horse_along_and_the_run_is_done_by_another(
    fork: SimpleNamespace, uni: Institution, tmp_path: Path, app: Flask
) -> None:
    trace = tmp_path / "trace"
    args = {"trace": str(trace), "n": 1, "seconds": 1}
    run = queue.enqueue("probe.write", institution=uni, args=args)
    first = fork.worker()
    (horse,) = eventually(lambda: begun(trace))
    first.send(signal.SIGKILL)
    eventually(lambda: not is_alive(horse))
    assert not ended(trace)
    planner = Planner(app, stale=timedelta(0))
    queue.client().delete(queue.live_key(run.id))  # Redis forgets it by itself after a minute
    planner.tick(utcnow())
    assert fork.worker(burst=True).wait() == 0
    assert (fresh(run).state, fresh(run).attempts, ended(trace)) == (RunState.DONE, 2, {"end 1": 1})


def test_cancelling_what_runs(fork: SimpleNamespace, uni: Institution, tmp_path: Path) -> None:
    args = {"trace": str(tmp_path / "trace"), "n": 1, "seconds": 30}
    run = queue.enqueue("probe.write", institution=uni, args=args)
    fork.worker()
    eventually(lambda: queue.show_live(fresh(run)).total == 100)
    queue.cancel(fresh(run))
    eventually(lambda: fresh(run).state == RunState.CANCELLED)


@pytest.mark.parametrize("with_data", [True, False], ids=["with its data", "without"])
def test_redis_is_killed_under_two_workers_and_two_schedulers(
    jobs: Runtime,
    own_redis: RedisServer,
    fork: SimpleNamespace,
    uni: Institution,
    tmp_path: Path,
    app: Flask,
    with_data: bool,
) -> None:
    trace = tmp_path / "trace"
    for _n in range(2):
        fork.worker()
        fork.scheduler()
    eventually(lambda: len(worker.alive("worker")) == 2)
    runs = [
        queue.enqueue("probe.write", institution=uni, args={"trace": str(trace), "n": n, "seconds": 0.02})
        for n in range(30)
    ]
    eventually(lambda: len(begun(trace)) > 3)
    if with_data:
        own_redis.stop(signal.SIGKILL)
        own_redis.start()
    else:
        own_redis.lose_data()

    def all_done() -> bool:
        Run.update(due_at=utcnow()).where(Run.state == RunState.QUEUED).execute()  # as if a minute had passed
        Planner(app).send_due(utcnow())
        return Run.select().where(Run.id.in_(runs), Run.state == RunState.DONE).count() == 30

    eventually(all_done)
    assert ended(trace) == {f"end {n}": 1 for n in range(30)}
    assert all(fresh(run).attempts == 1 for run in runs)


def test_a_scheduler_starts_what_is_due(start: Start, uni: Institution) -> None:
    process = start("scheduler")
    system = eventually(lambda: Run.get_or_none(Run.task == "jobs.prune"))
    assert system.scheduled
    assert worker.alive("scheduler")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert worker.alive("scheduler") == []
