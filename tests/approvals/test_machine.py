"""The states of a request are a checked machine, whatever is asked in whatever order, and however many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import OperationalError

from panel import records
from panel.approvals import services, standing
from panel.approvals.models import Decision, Request, State, Task, TaskState
from panel.database import db
from panel.errors import Refused
from panel.i18n import today
from tests.approvals.conftest import Hall, _as

SIGNERS = ("alice", "bob", "carol", "dave", "erin")
VERBS = ("approve", "done", "return", "reject", "withdraw", "change", "delegate", "countersign", "submit", "sweep")
STEPS = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["lead", "publicity"]),
        "who": st.sampled_from(["role", "parent"]),
        "of": st.sampled_from(["any", "all"]),
        "with_previous": st.booleans(),
        "act": st.sampled_from(["approve", "approve", "carry_out"]),
        "opinion": st.booleans(),
    }
)


def _try(hall: Hall, paper: Any, verb: str, who: str, whom: str) -> None:
    """Ask for a verb, in somebody's name, on whatever is there; being refused is an answer."""
    request = services.approval_of(paper)
    try:
        with hall.as_(who):
            if verb == "submit" or request is None:
                services.submit(paper, "papers.opening")
            elif verb == "change":
                records.update(paper, amount=type(paper).get_by_id(paper.id).amount + 1)
            elif verb == "withdraw":
                services.withdraw(request, "不要了")
            elif verb == "sweep":
                standing.sweep(hall.world.uni)
            elif verb == "delegate":
                standing.delegate(hall.person(who), hall.person(whom), today())
            else:
                for task in Task.select().where(Task.request == request).order_by(Task.position):
                    if verb == "countersign":
                        standing.countersign(task, hall.person(whom), "请把关")
                    else:
                        services.decide(task, verb, "意见")
    except Refused:
        pass


def _hold(request: Request) -> None:
    """What is true of every request at every moment."""
    tasks = list(Task.select().where(Task.request == request).order_by(Task.stage, Task.position))
    decisions = list(Decision.select().where(Decision.request == request))
    stages = {t.stage for t in tasks if t.state == TaskState.OPEN}
    if request.state == State.WAITING:
        assert len(stages) == 1
        assert all(t.state == TaskState.DONE for t in tasks if t.stage < min(stages))
        assert all(t.state == TaskState.PENDING for t in tasks if t.stage > min(stages))
        assert all(d.verdict in ("approve", "done") for d in decisions)
    else:
        assert not stages
        assert not any(t.state == TaskState.PENDING for t in tasks)
    assert (request.state == State.APPROVED) == all(t.state == TaskState.DONE for t in tasks)
    noes = [d for d in decisions if d.verdict in ("return", "reject")]
    assert len(noes) == (request.state in (State.RETURNED, State.REJECTED))
    assert len({(d.task_id, d.seat) for d in decisions}) == len(decisions)
    for task in tasks:
        signed = [d for d in decisions if d.task_id == task.id]
        assert task.of == "all" or len(signed) <= 1
        assert signed or task.state != TaskState.DONE
    assert request.applicant_id not in [d.user_id for d in decisions if not request.own]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEPS, min_size=1, max_size=3),
    acts=st.lists(
        st.tuples(st.sampled_from(VERBS), st.sampled_from(SIGNERS), st.sampled_from(SIGNERS)), min_size=4, max_size=14
    ),
)
@pytest.mark.one_database
def test_every_sequence_of_verbs_keeps_the_machine_sound(hall: Hall, steps: list[Any], acts: list[Any]) -> None:
    with db.atomic() as every:
        hall.chain(*steps)
        paper = hall.paper()
        seen: dict[int, str] = {}
        for verb, who, whom in [("submit", "erin", "bob"), *acts]:
            _try(hall, paper, verb, who, whom)
            for request in Request.select().where(Request.subject_id == paper.id):
                _hold(request)
                before = seen.get(request.id, "waiting")
                assert before in ("waiting", request.state)  # what has ended stays as it ended
                seen[request.id] = request.state
            assert list(seen.values()).count("waiting") <= 1
        approved = "approved" in seen.values()
        assert (type(paper).get_by_id(paper.id).state == "approved") <= approved
        every.rollback()


def test_two_hundred_at_once_record_one_decision(app: Flask, hall: Hall) -> None:
    hall.chain({"role": "publicity"}, {"role": "lead"})
    request = hall.submit()
    (task,) = hall.open(request)
    user_id, is_postgres = hall.world.users["carol"].id, not str(db.obj.database).endswith(".db")
    assert db.obj is not None

    def attempt(_number: int) -> str:
        with app.app_context():
            db.connect(reuse_if_open=True)
            try:
                with _as(user_id):
                    services.decide(Task.get_by_id(task.id), "approve", "同意")
                return "signed"
            except Refused as refusal:
                return str(type(refusal).__name__)
            except OperationalError as error:
                return str(error)
            finally:
                db.close()

    with ThreadPoolExecutor(8 if is_postgres else 4) as pool:
        results = list(pool.map(attempt, range(200)))
    assert results.count("signed") == 1, set(results)
    assert set(results) == {"signed", "Refused"}
    assert Decision.select().where(Decision.task == task).count() == 1
    assert [t.stage for t in hall.open(request)] == [2]
