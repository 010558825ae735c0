"""What becomes of a request: every verb, every order, every way to come too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from panel import records
from panel.access.models import Grant, User
from panel.approvals import seats, services, standing
from panel.approvals.models import Decision, Request, Task, TaskState
from panel.database import db, transaction
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import today
from panel.notify.models import Message
from panel.obligations.models import Obligation
from panel.org import leaving
from tests.approvals.conftest import Hall

pytestmark = pytest.mark.one_database  # tests/approvals/test_machine.py asks both

Line = Callable[..., Request]


def state(request: Request) -> str:
    return str(Request.get_by_id(request.id).state)


def test_a_chain_is_signed_in_its_order(hall: Hall, line: Line) -> None:
    paper = hall.paper()
    request = hall.submit(paper, note="因教学需要")
    assert [t.name for t in hall.open(request)] == ["第1步"]
    with hall.as_("carol"), pytest.raises(NotFound):
        services.decide(hall.open(request)[0], "approve")
    hall.decide(request, "bob", opinion="同意")
    hall.decide(request, "carol")
    assert services.approval_of(paper).state == "waiting"
    hall.decide(request, "alice")
    stored = services.approval_of(paper, "papers.opening")
    assert (stored.state, stored.note) == ("approved", "因教学需要")
    assert type(paper).get_by_id(paper.id).state == "approved"
    signed = Decision.select().where(Decision.request == request).order_by(Decision.id)
    assert [(d.signer, d.opinion) for d in signed] == [("Bob", "同意"), ("Carol", ""), ("Alice", "")]
    with hall.as_("erin"), pytest.raises(Refused, match="Too late"):
        services.withdraw(stored)
    with hall.as_("alice"), pytest.raises(Refused, match="Too late"):
        services.decide(Task.select().order_by(Task.id.desc()).first(), "approve")


@pytest.mark.parametrize(("verdict", "ends"), [("return", "returned"), ("reject", "rejected")])
def test_a_no_ends_it_and_must_say_why(hall: Hall, line: Line, verdict: str, ends: str) -> None:
    paper = hall.paper()
    request = hall.submit(paper)
    with pytest.raises(Refused, match="Say why") as refusal:
        hall.decide(request, "bob", verdict, opinion="  ")
    assert refusal.value.field == "opinion"
    hall.decide(request, "bob", verdict, opinion="请补充责任书")
    stored = services.approval_of(paper)
    assert (stored.state, stored.ended_note) == (ends, "请补充责任书")
    assert type(paper).get_by_id(paper.id).state == ends
    assert {t.state for t in stored.tasks} == {TaskState.SKIPPED}
    told = Message.get(Message.person == hall.person("erin"))
    assert "请补充责任书" in told.text
    again = hall.submit(paper)
    assert hall.open(again)[0].stage == 1


def test_the_applicant_withdraws_until_the_end_and_nobody_else(hall: Hall, line: Line) -> None:
    request = hall.submit()
    with hall.as_("dave"), pytest.raises(NotFound):
        services.withdraw(request, "不要了")
    with hall.as_("alice"), pytest.raises(Refused, match="Say why"):
        services.withdraw(request)
    hall.decide(request, "bob")
    with hall.as_("erin"):
        services.withdraw(request)
        with pytest.raises(Refused, match="Too late"):
            services.withdraw(request)
    assert state(request) == "withdrawn"
    with hall.as_("carol"), pytest.raises(Refused, match=r"Too late.*Withdrawn"):
        services.decide(Task.get(Task.request == request, Task.stage == 2), "approve")


def test_one_request_at_a_time(hall: Hall, line: Line) -> None:
    paper = hall.paper()
    hall.submit(paper)
    with pytest.raises(Refused, match="in approval already"):
        hall.submit(paper)


def test_what_is_submitted_must_find_a_chain_and_its_people(hall: Hall) -> None:
    with pytest.raises(Refused, match="no approval chain"):
        hall.submit()
    hall.chain({"role": "lead"}, when=[{"field": "kind", "is": ["virtual"]}])
    with pytest.raises(Refused, match="fits this one"):
        hall.submit()
    chain = hall.chain({"role": "finance", "name": "财务"})
    with pytest.raises(Refused, match="“财务”: nobody is “finance”"):
        hall.submit()
    records.update(chain, active=False)
    only = hall.chain({"role": "lead", "when": [{"field": "amount", "least": 100}]})
    with pytest.raises(Refused, match="No step of the chain"):
        hall.submit()
    records.update(only, when=[{"field": "colour", "is": ["red"]}])
    with pytest.raises(Refused, match="“colour”"):
        hall.submit()
    assert not Request.select().exists()


def test_conditions_choose_chain_and_steps(hall: Hall) -> None:
    hall.chain({"role": "publicity", "name": "虚体"}, when=[{"field": "kind", "is": ["virtual"]}], position=2)
    hall.chain(
        {"role": "lead", "name": "负责人"},
        {"role": "publicity", "name": "大额", "when": [{"field": "amount", "least": 100}]},
        {"role": "publicity", "name": "涉密", "when": [{"field": "secret", "is": [True]}], "with_previous": True},
        position=1,
    )
    names = [
        [t.name for t in hall.submit(hall.paper(**v)).tasks.order_by(Task.position)]
        for v in ({}, {"kind": "virtual"}, {"amount": 100}, {"secret": True}, {"amount": 500, "secret": True})
    ]
    assert names == [["负责人"], ["虚体"], ["负责人", "大额"], ["负责人", "涉密"], ["负责人", "大额", "涉密"]]
    stages = [
        t.stage for t in Task.select().where(Task.request == Request.select().order_by(Request.id.desc()).first())
    ]
    assert stages == [1, 2, 2]


def test_steps_side_by_side_wait_for_all_of_them(hall: Hall) -> None:
    hall.chain({"role": "lead"}, {"role": "publicity", "with_previous": True}, {"role": "lead", "who": "parent"})
    request = hall.submit(hall.paper(unit=hall.world.faculty))
    assert len(hall.open(request)) == 2
    with hall.as_("carol"):
        services.decide(hall.open(request)[1], "approve")
    assert [t.stage for t in hall.open(request)] == [1]
    hall.decide(request, "bob")
    assert [t.stage for t in hall.open(request)] == [2]
    hall.decide(request, "alice")
    assert state(request) == "approved"


def test_all_of_them_sign_each_once(hall: Hall) -> None:
    hall.chain({"role": "publicity", "of": "all"})
    grant = {"institution": hall.world.uni, "role": hall.roles["publicity"], "unit": hall.world.root_unit}
    records.create(Grant, user=hall.world.users["dave"], **grant)
    request = hall.submit()
    hall.decide(request, "carol")
    with pytest.raises(Refused, match="decided already"):
        hall.decide(request, "carol")
    assert state(request) == "waiting"
    hall.decide(request, "dave")
    assert state(request) == "approved"


def test_who_is_gone_is_not_waited_for(hall: Hall) -> None:
    hall.chain({"role": "publicity", "of": "all"})
    grant = {"institution": hall.world.uni, "role": hall.roles["publicity"], "unit": hall.world.root_unit}
    leaver = records.create(Grant, user=hall.world.users["dave"], **grant)
    request = hall.submit()
    hall.decide(request, "carol")
    records.delete(leaver)
    assert standing.sweep(hall.world.uni) == {"stuck": 0, "ended": 1}
    assert state(request) == "approved"


def test_carrying_out_is_the_last_step(hall: Hall) -> None:
    hall.chain({"role": "lead"}, {"role": "publicity", "act": "carry_out", "opinion": True})
    request = hall.submit()
    with pytest.raises(Refused, match="cannot be decided like that"):
        hall.decide(request, "bob", "done")
    hall.decide(request, "bob")
    with pytest.raises(Refused, match="cannot be decided like that"):
        hall.decide(request, "carol", "approve")
    with pytest.raises(Refused, match="asks for an opinion"):
        hall.decide(request, "carol", "done")
    hall.decide(request, "carol", "done", opinion="已发布")
    assert state(request) == "approved"


def test_nobody_signs_their_own_unless_the_chain_says_so(hall: Hall) -> None:
    chain = hall.chain({"role": "lead"})
    request = hall.submit(hall.paper(unit=hall.world.faculty), by="bob")
    with pytest.raises(NotAllowed, match="own request"):
        hall.decide(request, "bob")
    hall.decide(request, "alice")  # the nearest above who is not the applicant
    records.update(chain, own=True)
    own = hall.submit(hall.paper(unit=hall.world.faculty), by="bob")
    hall.decide(own, "bob")
    assert state(own) == "approved"
    records.update(chain, own=False)
    with pytest.raises(Refused, match="nobody but the applicant"):
        hall.submit(hall.paper(unit=hall.world.root_unit), by="alice")


def test_a_change_of_the_subject_voids_the_request(hall: Hall, line: Line) -> None:
    from subjects.papers.models import Line as PaperLine

    paper = hall.paper()
    first = hall.submit(paper)
    records.update(paper, secret=True)  # signers do not read it
    assert state(first) == "waiting"
    records.update(paper, amount=7)
    assert state(first) == "void"
    second = hall.submit(paper)
    records.create(PaperLine, institution=paper.institution, paper=paper, name="新增一项")  # a part of it
    assert state(second) == "void"
    third = hall.submit(paper)
    type(paper).audited = False
    try:
        type(paper).update(name="偷偷改了").execute()  # past every verb
    finally:
        type(paper).audited = True
    with pytest.raises(Refused, match="must be submitted anew"):
        hall.decide(third, "bob")
    assert state(third) == "void"
    assert not Decision.select().exists()


def test_a_refusal_of_the_subject_undoes_the_signature(hall: Hall) -> None:
    hall.chain({"role": "lead"})
    request = hall.submit(hall.paper("坏"))
    with pytest.raises(Refused, match="坏了"):
        hall.decide(request, "bob")
    assert (state(request), Decision.select().count()) == ("waiting", 0)


def test_running_requests_keep_their_chain(hall: Hall, line: Line) -> None:
    from panel.approvals.chains import save_chain

    request = hall.submit()
    chain = request.chain
    save_chain(hall.world.uni, {"steps": [{"name": "一步", "role": hall.roles["publicity"]}]}, chain)
    assert (chain.revision, request.revision) == (2, 1)
    assert request.tasks.count() == 3
    assert hall.submit(hall.paper()).tasks.count() == 1


def test_proof_is_asked_for(hall: Hall) -> None:
    hall.chain({"role": "lead", "proof": True})
    request = hall.submit()
    with pytest.raises(Refused) as refusal:
        hall.decide(request, "bob")
    assert refusal.value.field == "proof"
    hall.decide(request, "bob", proof="password")
    assert Decision.get().proof == "password"


# ── delegation and countersigning ──────────────────────────────────────────────────────────────


def test_a_delegate_signs_on_behalf_between_two_days(hall: Hall, line: Line) -> None:
    request = hall.submit()
    with hall.as_("bob"):
        standing.delegate(hall.person("bob"), hall.person("dave"), today() + timedelta(1), today() + timedelta(5))
    with pytest.raises(NotFound):
        hall.decide(request, "dave")
    with hall.as_("bob"):
        made = standing.delegate(hall.person("bob"), hall.person("carol"), today(), note="出差")
        with pytest.raises(Refused, match="already"):
            standing.delegate(hall.person("bob"), hall.person("carol"), today())
    hall.decide(request, "carol", opinion="代签")
    assert (Decision.get().signer, Decision.get().on_behalf) == ("Carol", "Bob")
    with hall.as_("bob"):
        standing.end_delegation(made)
    with pytest.raises(NotFound):
        hall.decide(hall.submit(hall.paper()), "carol")


def test_delegation_has_bounds(hall: Hall, line: Line) -> None:
    bob, erin, dave = (hall.person(n) for n in ("bob", "erin", "dave"))
    request = hall.submit()
    with hall.as_("dave"), pytest.raises(NotAllowed, match="what you sign yourself"):
        standing.delegate(bob, dave, today())
    with hall.as_("bob"):
        for receiver, ends, wrong in (
            (bob, None, "somebody else"),
            (erin, today() - timedelta(1), "cannot end"),
        ):
            with pytest.raises(Refused, match=wrong):
                standing.delegate(bob, receiver, today(), ends)
        with pytest.raises(NotFound):
            standing.delegate(bob, hall.person("oscar"), today())
        with pytest.raises(Refused, match="own request"):
            standing.delegate(bob, erin, today(), task=hall.open(request)[0])
        standing.delegate(bob, erin, today())  # all of it, and still not erin's own
    with pytest.raises(NotAllowed, match="own request"):
        hall.decide(request, "erin")
    with hall.as_("bob"):
        standing.delegate(bob, dave, today(), task=hall.open(request)[0])
    other = hall.submit(hall.paper())
    with pytest.raises(NotFound):
        hall.decide(other, "dave")
    hall.decide(request, "dave")


def test_a_countersigner_signs_beside(hall: Hall, line: Line) -> None:
    request = hall.submit()
    task = hall.open(request)[0]
    with hall.as_("carol"), pytest.raises(NotFound):
        standing.countersign(task, hall.person("dave"), "请把关")
    with hall.as_("bob"):
        for name, note, wrong in (("erin", "x", "own request"), ("bob", "x", "already"), ("dave", "", "Say what")):
            with pytest.raises(Refused, match=wrong):
                standing.countersign(task, hall.person(name), note)
        standing.countersign(task, hall.person("dave"), "请保密办把关")
    hall.decide(request, "bob")
    assert [(t.stage, t.person.name, t.asked_by) for t in hall.open(request)] == [(1, "Dave", "Bob")]
    hall.decide(request, "dave")
    assert [t.stage for t in hall.open(request)] == [2]


def test_who_leaves_hands_over_what_waits(hall: Hall) -> None:
    hall.chain({"who": "person", "person": hall.world.people["carol"]})
    request = hall.submit()
    task = hall.open(request)[0]
    holdings = {h.kind: h for h in (standing.signs_in_chain, standing.decision_waits, standing.signs_for_others)}
    carol = hall.person("carol")
    held = {kind: list(h.held_by([carol])) for kind, h in holdings.items()}
    assert {kind: len(rows) for kind, rows in held.items()} == {
        "approvals.chain_step": 1,
        "approvals.task": 1,
        "approvals.delegation": 0,
    }
    with hall.as_("alice"), pytest.raises(Refused, match="own request"):
        standing.decision_waits.hand_over(task, hall.person("erin"), "离职")
    with hall.as_("alice"):
        standing.decision_waits.hand_over(task, hall.person("dave"), "离职")
        standing.signs_in_chain.hand_over(held["approvals.chain_step"][0], hall.person("dave"), "离职")
    assert set(holdings) <= {holding.kind for holding in leaving.holdings()}
    hall.decide(request, "dave")
    assert state(request) == "approved"


def test_a_role_nobody_holds_is_a_finding_until_somebody_does(hall: Hall) -> None:
    from panel.checks.models import Finding

    hall.chain({"role": "publicity"})
    request = hall.submit()
    grant = Grant.get(Grant.role == hall.roles["publicity"])
    records.delete(grant)
    assert standing.sweep(hall.world.uni)["stuck"] == 1
    found = Finding.get(Finding.code == "approvals.nobody_signs", Finding.subject_id == request.id)
    assert found.closed_at is None
    records.create(
        Grant, institution=hall.world.uni, user=hall.world.users["dave"], role=hall.roles["publicity"],
        unit=hall.world.root_unit,
    )  # fmt: skip
    assert standing.sweep(hall.world.uni)["stuck"] == 0
    assert not Finding.select().where(Finding.id == found.id, Finding.closed_at.is_null()).exists()
    hall.decide(request, "dave")


# ── what waits, and who is told ────────────────────────────────────────────────────────────────


def test_a_waiting_step_is_an_obligation_and_a_message(hall: Hall, line: Line) -> None:
    request = hall.submit()
    owed = Obligation.get(Obligation.kind == "approvals.step", Obligation.state == "open")
    assert (owed.person_id, owed.due_on) == (hall.person("bob").id, today() + timedelta(3))
    assert Message.get(Message.person == hall.person("bob")).withdrawn_at is None
    hall.decide(request, "bob")
    assert Message.get(Message.person == hall.person("bob")).withdrawn_at is not None
    assert Obligation.get_by_id(owed.id).state != "open"
    assert Obligation.get(Obligation.kind == "approvals.step", Obligation.state == "open").subject_id != owed.subject_id
    with hall.as_("erin"):
        services.withdraw(request)
    assert not Obligation.select().where(Obligation.state == "open").exists()


def test_to_decide_lists_what_is_mine_in_few_queries(hall: Hall, line: Line) -> None:
    requests = [hall.submit(hall.paper(f"申请{i}")) for i in range(8)]
    with hall.as_("bob") as identity:
        asked: list[Any] = []
        real = db.obj.execute_sql
        db.obj.execute_sql = lambda *a, **k: asked.append(a) or real(*a, **k)
        try:
            waiting = seats.waiting_for(identity)
        finally:
            del db.obj.execute_sql
    assert [w.request.id for w in waiting] == [r.id for r in requests]
    assert len(asked) <= 7
    for name in ("carol", "alice", "erin", "oscar"):
        with hall.as_(name) as identity:
            assert seats.waiting_for(identity) == []


def test_several_at_once_where_the_chain_allows(hall: Hall) -> None:
    chain = hall.chain({"role": "lead"}, bulk=True)
    requests = [hall.submit(hall.paper(f"申请{i}")) for i in range(3)]
    with hall.as_("bob"):
        assert services.decide_many([hall.open(r)[0] for r in requests], "approve", "同意") == 3
    assert {state(r) for r in requests} == {"approved"}
    records.update(chain, bulk=False)
    later = [hall.submit(hall.paper("甲")), hall.submit(hall.paper("乙"))]
    with hall.as_("bob"), pytest.raises(Refused, match="by itself"):
        services.decide_many([hall.open(r)[0] for r in later])


def test_a_signer_without_a_user_is_nobody(hall: Hall, line: Line) -> None:
    records.update(User.get_by_id(hall.world.users["bob"].id), active=False)
    request = hall.submit()
    with transaction():
        hall.decide(request, "alice")  # who leads the unit above
