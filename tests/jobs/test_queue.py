"""Asking for work: after the commit, once for each key, and also while Redis is away."""

from __future__ import annotations

import signal
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from panel import audit
from panel.database import db, transaction, utcnow
from panel.errors import Refused
from panel.jobs import QUEUES, Task, collect, queue
from panel.jobs.models import Run, RunState
from panel.jobs.planner import Planner
from panel.org.models import Institution
from panel.runtime import Runtime
from tests.jobs.conftest import fresh
from tests.services import RedisServer


def waiting() -> int:
    return sum(queue.queue(name).count for name in QUEUES)


def test_work_is_sent_after_the_commit_and_never_after_a_rollback(uni: Institution) -> None:
    with transaction():
        run = queue.enqueue("probe.write", institution=uni, args={"n": 1})
        assert waiting() == 0
    assert waiting() == 1
    assert (run.state, run.args, run.institution) == (RunState.QUEUED, {"n": 1}, uni)

    with pytest.raises(ZeroDivisionError), transaction():
        queue.enqueue("probe.write", institution=uni, args={"n": 2})
        raise ZeroDivisionError
    assert (waiting(), Run.select().count()) == (1, 1)


def test_the_same_key_is_the_same_run(uni: Institution) -> None:
    first = queue.enqueue("probe.write", institution=uni, args={"n": 1}, key="import:7")
    assert queue.enqueue("probe.write", institution=uni, args={"n": 1}, key="import:7") == first
    system = queue.enqueue("probe.write", institution=None, key="import:7")
    assert queue.enqueue("probe.write", institution=None, key="import:7") == system != first
    assert (waiting(), Run.select().count()) == (2, 2)


def test_only_known_work_with_json_arguments(uni: Institution) -> None:
    with pytest.raises(LookupError):
        queue.enqueue("probe.unheard_of", institution=uni)
    with pytest.raises(TypeError):
        queue.enqueue("probe.write", institution=uni, args={"row": uni})
    assert Run.select().count() == 0


def test_the_one_who_asked_is_remembered(uni: Institution) -> None:
    with audit.acting("web", user=SimpleNamespace(id=17)):
        assert queue.enqueue("probe.fail", institution=uni).user_id == 17
    assert queue.enqueue("probe.fail", institution=uni).user_id is None


def test_work_asked_for_while_redis_is_away_is_sent_when_it_is_back(
    jobs: Runtime, own_redis: RedisServer, uni: Institution, app: Any
) -> None:
    own_redis.stop(signal.SIGKILL)
    began = time.monotonic()
    run = queue.enqueue("probe.fail", institution=uni)
    assert time.monotonic() - began < 0.5  # a page does not hang
    planner, later = Planner(app), utcnow() + timedelta(minutes=5)
    planner.tick(later)  # still away: nothing breaks
    assert fresh(run).state == RunState.QUEUED
    own_redis.start()
    assert waiting() == 0
    planner.tick(later + timedelta(minutes=5))
    assert f"run-{run.id}-0" in queue.queue("default").job_ids
    count = waiting()
    planner.tick(later + timedelta(minutes=10))
    assert waiting() == count  # sent again, it is not there twice


def test_progress_and_cancelling(uni: Institution) -> None:
    run = queue.enqueue("probe.write", institution=uni)
    Run.update(state=RunState.RUNNING).execute()
    run = fresh(run)
    queue.progress(run, 3, 10, "第 3 行")
    seen = queue.show_live(fresh(run))
    assert (seen.done, seen.total, seen.message) == (3, 10, "第 3 行")
    queue.cancel(run)
    run.shown_at = 0.0
    with pytest.raises(queue.Cancelled):
        queue.progress(run, 4)


def test_cancelling_what_waits_and_what_has_ended(uni: Institution) -> None:
    run = queue.enqueue("probe.write", institution=uni)
    queue.cancel(run)
    assert fresh(run).state == RunState.CANCELLED
    with pytest.raises(Refused):
        queue.cancel(run)


def test_retrying(uni: Institution) -> None:
    run = queue.enqueue("probe.fail", institution=uni)
    with pytest.raises(Refused):
        queue.retry(run)
    Run.update(state=RunState.FAILED, attempts=3, error="why").execute()
    queue.queue("default").empty()
    queue.retry(run)
    again = fresh(run)
    assert (again.state, again.attempts, again.error, waiting()) == (RunState.QUEUED, 0, "", 1)


def test_the_ledger_holds_its_states(uni: Institution) -> None:
    from peewee import IntegrityError

    with pytest.raises(IntegrityError), db.atomic():
        Run.create(task="x", institution=uni, slot="1", state="lost")


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        (Task("other.write", print), "its name must read probe.<verb>"),
        (Task("probe.a.b", print), "its name must read probe.<verb>"),
        (Task("probe.write", print), "taken twice"),
        (Task("probe.x", print, queue="fast"), "queue 'fast' is none of urgent, default, slow"),
        (Task("probe.x", print, cron="never"), "'never' is not a cron expression"),
    ],
)
def test_a_wrong_declaration_is_named(jobs: Runtime, monkeypatch: pytest.MonkeyPatch, task: Task, problem: str) -> None:
    monkeypatch.setattr(jobs.registry["probe"].modules["jobs"], "extra", task, raising=False)
    _tasks, problems = collect(jobs.registry.areas)
    assert len(problems) == 1
    assert problem in problems[0]
    assert "probes/probe/jobs.py" in problems[0]
