"""The planner: one run a slot, whatever happens to planners, workers and Redis."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from panel import records
from panel.access.models import PluginSwitch
from panel.database import inside_verb, utcnow
from panel.jobs import queue, runner, worker
from panel.jobs.jobs import prune
from panel.jobs.models import Heartbeat, Run, RunState
from panel.jobs.planner import Planner
from panel.org.models import Institution
from panel.runtime import Runtime
from tests.jobs.conftest import fresh, make_institution


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = utc("2030-05-10 20:00")  # 04:00 of the 11th in Shanghai


@pytest.fixture
def planner(app: Flask, jobs: Runtime) -> Planner:
    del jobs.tasks["jobs.prune"]
    return Planner(app)


def nightly() -> list[tuple[str, str]]:
    rows = Run.select().where(Run.task == "probe.nightly").order_by(Run.id)
    return [(row.institution.name, row.slot) for row in rows]


def test_a_due_slot_is_entered_and_sent_once(planner: Planner, uni: Institution) -> None:
    planner.tick(NOW)
    planner.tick(NOW + timedelta(minutes=1))
    assert nightly() == [("示例大学", "20300510T191000Z")]
    assert queue.queue("default").count == 1
    planner.tick(NOW + timedelta(hours=23, minutes=10))
    assert nightly()[1:] == [("示例大学", "20300511T191000Z")]


def test_after_an_outage_only_the_last_slot_is_caught_up(planner: Planner, uni: Institution) -> None:
    planner.tick(NOW)
    planner.tick(NOW + timedelta(days=3))
    assert [slot for _name, slot in nightly()] == ["20300510T191000Z", "20300513T191000Z"]


def test_each_institution_by_its_own_clock(planner: Planner, uni: Institution) -> None:
    make_institution("New York", "America/New_York")
    nowhere = make_institution("Nowhere")
    with inside_verb():  # is logged, and keeps nobody from being planned
        Institution.update(time_zone="Mars/Olympus").where(Institution.id == nowhere.id).execute()
    planner.tick(NOW)
    assert sorted(nightly()) == [("New York", "20300510T071000Z"), ("示例大学", "20300510T191000Z")]


def test_not_before_an_institution_existed_nor_while_the_plugin_is_off(planner: Planner, uni: Institution) -> None:
    off = make_institution("off", on=False)
    with inside_verb():
        Institution.update(created_at=NOW - timedelta(minutes=1)).execute()
    planner.tick(NOW)
    assert nightly() == []
    records.update(PluginSwitch.get(PluginSwitch.institution == off), enabled=True)
    planner.tick(NOW + timedelta(days=1))
    assert [name for name, _slot in nightly()] == ["示例大学", "off"]


def test_work_of_the_whole_installation_has_one_run(app: Flask, jobs: Runtime, uni: Institution) -> None:
    make_institution("second")
    for _time in range(2):
        Planner(app).tick(NOW)
    assert Run.select().where(Run.task == "jobs.prune").count() == 1


def test_planners_side_by_side(planner: Planner, uni: Institution, app: Flask) -> None:
    for n in range(20):
        make_institution(f"school {n}")
    planners = [Planner(app) for _n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda p: p.tick(NOW), planners))
    assert len(nightly()) == 21 == len(set(nightly()))
    ids = queue.queue("default").job_ids
    assert len(ids) == 21 == len(set(ids))


def test_an_emptied_redis_loses_nothing(planner: Planner, uni: Institution, redis: Any) -> None:
    planner.tick(NOW)
    redis.flushall()
    planner.tick(NOW + timedelta(seconds=30))
    assert queue.queue("default").count == 0  # a worker may just be starting it
    planner.tick(NOW + timedelta(seconds=90))
    assert queue.queue("default").count == 1


def test_many_waiting_runs_are_sent_in_one_look(planner: Planner, uni: Institution) -> None:
    Run.insert_many(
        [{"task": "probe.fail", "institution": uni.id, "slot": str(n), "due_at": NOW} for n in range(1200)]
    ).execute()
    assert planner.send_due(NOW) == 1200
    assert planner.send_due(NOW) == 0


def test_a_silent_run_is_given_to_another_worker(planner: Planner, uni: Institution) -> None:
    run = queue.enqueue("probe.fail", institution=uni)
    runner.claim(run.id, "dead")
    assert planner.recover(utcnow() + timedelta(seconds=80)) == 0
    assert planner.recover(utcnow() + timedelta(seconds=100)) == 1
    assert (fresh(run).state, fresh(run).attempts) == (RunState.QUEUED, 1)
    assert fresh(run).error


def test_a_run_that_redis_knows_to_be_alive_is_left_alone(planner: Planner, uni: Institution) -> None:
    """In one long SQLite transaction a run cannot write its sign of life to the database."""
    run = queue.enqueue("probe.fail", institution=uni)
    runner.claim(run.id, "busy")
    queue.client().hset(queue.live_key(run.id), "alive", 1)
    assert planner.recover(utcnow() + timedelta(hours=1)) == 0


def test_a_database_that_is_away_is_survived(planner: Planner, monkeypatch: pytest.MonkeyPatch) -> None:
    from peewee import OperationalError

    def away(*_args: Any, **_options: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(planner, "plan", away)
    monkeypatch.setattr(worker.Heartbeat, "insert", away)
    planner.tick(NOW)


def test_processes_show_that_they_are_alive(planner: Planner) -> None:
    planner.tick()
    planner.tick()
    (beat,) = worker.alive("scheduler")
    assert beat.pid == os.getpid()
    Heartbeat.update(seen_at=utcnow() - timedelta(minutes=2)).execute()
    assert worker.alive("scheduler") == []
    worker.gone(planner.name)
    assert Heartbeat.select().count() == 0


def test_old_runs_are_cleared_but_never_the_last_of_a_schedule(uni: Institution, jobs: Runtime) -> None:
    def run(slot: str, days: int, **values: Any) -> None:
        ended = utcnow() - timedelta(days=days)
        defaults = {"task": "probe.nightly", "institution": uni, "state": RunState.DONE, "scheduled": True}
        Run.create(slot=slot, finished_at=ended, **{**defaults, **values})

    run("older", 200)
    run("last", 100)
    run("last of all", 100, institution=None)
    run("asked for", 100, scheduled=False, task="probe.write")
    run("asked for lately", 80, scheduled=False, task="probe.write")
    run("failed", 100, scheduled=False, state=RunState.FAILED)
    run("failed long ago", 500, scheduled=False, state=RunState.FAILED)
    run("waits", 500, scheduled=False, state=RunState.QUEUED)
    assert prune(Run())["runs"] == 3
    left = {r.slot for r in Run.select()}
    assert left == {"last", "last of all", "asked for lately", "failed", "waits"}
