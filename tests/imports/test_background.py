"""Long files: planned and applied by a worker, which may be stopped, or killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from panel.admin.imports import background, services
from panel.admin.imports.resolve import Answers
from panel.admin.models import ImportRun
from panel.database import db
from panel.errors import Refused
from panel.jobs import queue, runner
from panel.jobs.models import Run, RunState
from panel.org.models import Person
from plugins.accounts.models import Account
from tests.cast import World
from tests.imports.conftest import TARGET, line, rows, sheet

ROOT = Path(__file__).parents[2]


@pytest.fixture
def large(uni: World, app: Any, redis: Any, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Files of more than three rows are long; Redis is there, a worker is not."""
    monkeypatch.setattr(services, "LARGE", 3)
    runtime = app.extensions["zhangyin"]
    before = runtime.settings
    runtime.settings = replace(before, redis=redis_url)
    yield uni
    runtime.settings = before


@pytest.fixture
def worker(large: World, database: str, tmp_path: Path, redis_url: str) -> Iterator[Callable[..., Any]]:
    """Starts a worker process on this test's database and Redis."""
    started = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "PANEL_INSTANCE": str(tmp_path),
            "PANEL_ENVIRONMENT": "testing",
            "PANEL_DATABASE": database,
            "PANEL_REDIS": redis_url,
        }
        db.close()
        started.append(subprocess.Popen([sys.executable, "-m", "panel", "worker", *options], env=env, cwd=ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def _eventually(condition: Callable[[], Any], seconds: float = 240) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, list(Run.select().dicts())
        time.sleep(0.05)
    return found


def _fresh(run: ImportRun) -> ImportRun:
    return ImportRun.get_by_id(run.id)


def _upload(count: int) -> ImportRun:
    return services.upload(TARGET, "大表.xlsx", sheet(*(line(n) for n in range(count)), line(0)))


def _perform(run: ImportRun) -> None:
    """What a worker does, in this process."""
    runner.perform(_fresh(run).job_id)
    db.connect(reuse_if_open=True)


def test_a_worker_plans_and_applies_a_long_file(worker):
    run = _upload(40)
    assert (run.state, run.large, run.digest) == ("planning", True, "")
    process = worker()
    _eventually(lambda: _fresh(run).state == "planned")
    run = services.decide(_fresh(run), answers=Answers(skip=True))
    assert (run.state, run.counts["created"], run.counts["refused"]) == ("planned", 40, 1)
    assert services.confirm(run, run.digest).state == "applying"
    assert services.confirm(run, run.digest).state == "applying"  # a second click queues nothing
    _eventually(lambda: _fresh(run).state == "done")
    process.terminate()
    assert (Account.select().count(), Run.select().where(Run.task == "admin.apply_import").count()) == (40, 1)


def test_a_worker_killed_while_writing_leaves_nothing_and_the_next_one_finishes(worker):
    run = _upload(2500)
    process = worker()
    _eventually(lambda: _fresh(run).state == "planned")
    run = services.confirm(services.decide(_fresh(run), answers=Answers(skip=True)), _fresh(run).digest)
    job = _eventually(lambda: Run.get_or_none(Run.id == run.job_id, Run.state == RunState.RUNNING))
    _eventually(lambda: queue.show_live(Run.get_by_id(job.id)).message in ("Writing", "正在写入"))
    process.send_signal(signal.SIGKILL)  # its work-horse dies with it
    process.wait()
    time.sleep(0.5)
    assert (Account.select().count(), Person.select().where(Person.name == "陈静").count()) == (0, 0)
    assert background.settle(_fresh(run)).state == "applying"  # the ledger does not know yet
    assert runner.worker_died(job.id, None, "killed")
    queue.send([Run.get_by_id(job.id)])
    worker()
    _eventually(lambda: _fresh(run).state == "done")
    assert Account.select().count() == 2500


def test_an_import_whose_work_failed_for_good_can_be_confirmed_again(large):
    run = _upload(5)
    _perform(run)
    run = services.confirm(services.decide(_fresh(run), answers=Answers(skip=True)), _fresh(run).digest)
    Run.update(state=RunState.FAILED).where(Run.id == run.job_id).execute()
    run = background.settle(_fresh(run))
    assert run.state == "failed"
    assert "Nothing has been written" in run.error
    run = services.confirm(run, run.digest)
    _perform(run)
    assert (_fresh(run).state, Account.select().count()) == ("done", 5)


def test_checking_can_be_stopped_before_and_while_it_runs(large, monkeypatch):
    run = _upload(5)
    background.cancel(run)
    assert background.settle(_fresh(run)).state == "draft"
    run = services.decide(_fresh(run), answers=Answers())
    job = Run.get_by_id(run.job_id)
    queue.client().set(f"zhangyin:cancel:{job.id}", 1)
    _perform(run)
    run = background.settle(_fresh(run))
    assert (run.state, rows(run)) == ("draft", [])
    with pytest.raises(Refused):
        background.cancel(run)


def test_work_that_was_overtaken_writes_nothing(large):
    run = _upload(5)
    first = run.job_id
    background.cancel(run)
    run = services.decide(_fresh(run), answers=Answers(skip=True))
    Run.update(state=RunState.QUEUED).where(Run.id == first).execute()
    runner.perform(first)
    db.connect(reuse_if_open=True)
    assert _fresh(run).state == "planning"
    _perform(run)
    assert _fresh(run).state == "planned"


def test_a_mapping_that_cannot_be_is_told_after_the_fact_and_kept_as_typed(large):
    run = _upload(5)
    _perform(run)
    run = services.decide(_fresh(run), letters={"A": "name", "C": "name"})
    _perform(run)
    run = _fresh(run)
    assert (run.state, run.mapping) == ("draft", {"letters": {"A": "name", "C": "name"}})
    assert run.error


def test_the_user_who_asked_does_the_work(large):
    run = _upload(5)
    _perform(run)
    run = services.confirm(services.decide(_fresh(run), answers=Answers(skip=True)), _fresh(run).digest)
    assert Run.get_by_id(run.job_id).user_id is None  # the tests act as a command
    assert _fresh(run).user_id == large.user("alice").id


def test_progress_is_shown_and_ends(large, client_of):
    run = _upload(5)
    client = client_of(large.user("alice"))
    page = client.get(f"/admin/import/{run.id}/").text
    assert "data-progress" in page
    assert 'http-equiv="refresh"' in page
    assert client.get(f"/admin/import/{run.id}/progress/").json["ended"] is False
    db.connect(reuse_if_open=True)
    _perform(run)
    assert client.get(f"/admin/import/{run.id}/progress/").json["ended"] is True
    assert 'name="digest"' in client.get(f"/admin/import/{run.id}/").text
