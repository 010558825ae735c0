"""What becomes of a run, for every way it can go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import audit, records
from panel.access import identity
from panel.access.models import PluginSwitch, User
from panel.database import db, utcnow
from panel.errors import Refused
from panel.jobs import Task, queue, runner
from panel.jobs.models import Run, RunState
from panel.org.models import Institution
from panel.runtime import Runtime
from tests.jobs.conftest import fresh

Do = Callable[..., Run]


@pytest.fixture
def do(jobs: Runtime, uni: Institution) -> Do:
    """Queue a function as probe.it, do it here, and give the run as it is then."""

    def do(work: Callable[..., Any], args: dict[str, Any] | None = None, **options: Any) -> Run:
        jobs.tasks["probe.it"] = Task("probe.it", work, **options)
        run = queue.enqueue("probe.it", institution=uni, args=args)
        runner.perform(run.id)
        return fresh(run)

    return do


def test_done(do: Do) -> None:
    def work(run: Run, rows: int) -> dict[str, Any]:
        queue.progress(run, rows, 20, "almost")
        return {"created": rows}

    run = do(work, {"rows": 19})
    assert (run.state, run.result, run.attempts, run.error) == (RunState.DONE, {"created": 19}, 1, "")
    assert (run.done, run.total, run.message) == (19, 20, "almost")
    assert run.started_at <= run.finished_at


def test_an_error_is_kept_and_tried_again_with_growing_delays(do: Do) -> None:
    run = do(lambda run: 1 / 0)
    assert run.state == RunState.QUEUED
    assert timedelta(seconds=25) < run.due_at - utcnow() <= timedelta(seconds=30)
    assert "ZeroDivisionError" in run.error
    assert 'File "panel/jobs/runner.py"' in run.error  # not where the panel is installed
    runner.perform(run.id)
    assert timedelta(seconds=115) < fresh(run).due_at - utcnow() <= timedelta(seconds=120)
    runner.perform(run.id)
    run = fresh(run)
    assert (run.state, run.attempts) == (RunState.FAILED, 3)
    assert run.finished_at is not None
    runner.perform(run.id)
    assert fresh(run).attempts == 3  # what failed for good is not begun again


def test_a_refusal_is_final(do: Do) -> None:
    def work(run: Run) -> None:
        raise Refused("第 7 行缺少姓名")

    run = do(work)
    assert (run.state, run.error, run.attempts) == (RunState.FAILED, "第 7 行缺少姓名", 1)


def test_an_error_rolls_back_what_the_work_wrote(do: Do) -> None:
    def work(run: Run) -> None:
        with db.atomic():
            Run.create(task="probe.trace", slot="1")
            raise ValueError

    do(work)
    assert not Run.select().where(Run.task == "probe.trace").exists()


def test_cancelled_while_it_works(do: Do) -> None:
    def work(run: Run) -> None:
        queue.cancel(run)
        queue.progress(run, 5, 5)

    run = do(work)
    assert (run.state, run.done) == (RunState.CANCELLED, 5)


def test_work_of_a_plugin_that_is_off_is_not_done(do: Do, uni: Institution) -> None:
    records.update(PluginSwitch.get(PluginSwitch.institution == uni), enabled=False)
    run = do(lambda run: pytest.fail("must not run"))
    assert run.state == RunState.CANCELLED
    assert run.message


def test_work_nobody_knows_any_more_fails(jobs: Runtime, uni: Institution) -> None:
    run = queue.enqueue("probe.fail", institution=uni)
    del jobs.tasks["probe.fail"]
    runner.perform(run.id)
    assert fresh(run).state == RunState.FAILED


def test_it_is_done_in_the_name_of_the_one_who_asked(do: Do, uni: Institution) -> None:
    user = records.create(User, institution=uni, username="alice")
    seen = []

    def work(run: Run) -> None:
        seen.append((audit.current().kind, audit.current().user_name, identity.current()))

    do(work)
    with audit.acting("web", user=user):
        do(work)
    (kind, name, panel), (kind2, name2, alice) = seen
    assert (kind, name, panel.user, panel.institution) == ("job", "probe.it", None, uni)
    assert (kind2, name2, alice.user, alice.institution) == ("job", "alice", user, uni)
    assert not alice.may("accounts.account.view")


def test_a_run_is_claimed_once(uni: Institution) -> None:
    run = queue.enqueue("probe.fail", institution=uni)
    assert runner.claim(run.id, "a") is not None
    assert runner.claim(run.id, "b") is None
    assert fresh(run).worker == "a"


def test_a_late_outcome_counts_unless_someone_has_begun_anew(jobs: Runtime, uni: Institution) -> None:
    """A run that was silent through a long transaction is queued again by the planner; it ends before that begins."""
    run = queue.enqueue("probe.fail", institution=uni)
    first = runner.claim(run.id, "a")
    assert first is not None
    assert runner.worker_died(run.id, first.attempts, "silent")
    assert fresh(run).state == RunState.QUEUED
    runner._end(first, RunState.DONE, result={"by": "a"})
    assert fresh(run).state == RunState.DONE

    other = queue.enqueue("probe.fail", institution=uni)
    first = runner.claim(other.id, "a")
    assert first is not None
    runner.worker_died(other.id, first.attempts, "silent")
    second = runner.claim(other.id, "b")
    runner._end(first, RunState.DONE, result={"by": "a"})
    assert (fresh(other).state, fresh(other).worker) == (RunState.RUNNING, "b")
    assert second is not None


def test_a_run_whose_workers_keep_dying_fails(jobs: Runtime, uni: Institution) -> None:
    run = queue.enqueue("probe.fail", institution=uni)
    for _attempt in range(3):
        claimed = runner.claim(run.id, "a")
        assert claimed is not None
        assert runner.worker_died(run.id, claimed.attempts, "signal 9")
        assert not runner.worker_died(run.id, claimed.attempts, "signal 9")
    run = fresh(run)
    assert (run.state, run.attempts, run.error) == (RunState.FAILED, 3, "signal 9")
