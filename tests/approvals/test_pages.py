"""The pages: who finds what, what comes back with what was typed, and what is told when it is too late."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import g

from panel import records
from panel.access import services as access
from panel.approvals import services
from panel.approvals.models import Chain, Decision, Delegation, Request, Task
from panel.approvals.tally import to_decide
from panel.obligations.models import Obligation
from tests.approvals.conftest import Hall
from tests.approvals.test_chains import TEXT

pytestmark = pytest.mark.one_database

Open = Callable[[str], Any]


class Asking:
    """A client in a test that has an app context of its own: nothing is left there by the one who asked before."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, *given: Any, **options: Any) -> Any:
        g.pop("_login_user", None)
        return self.client.get(*given, **options)

    def post(self, *given: Any, **options: Any) -> Any:
        g.pop("_login_user", None)
        return self.client.post(*given, **options)


@pytest.fixture
def at(hall: Hall, client_of: Any) -> Open:
    """Somebody's client, in English."""
    return lambda name: Asking(client_of(hall.world.user(name), "en"))


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_signer_decides_and_others_find_nothing(hall: Hall, at: Open) -> None:
    hall.chain({"role": "lead", "days": 3}, {"role": "publicity"})
    request = hall.submit(hall.paper("公众号甲"))
    (task,) = hall.open(request)
    page = f"/approvals/decide/task/?id={task.id}"
    bob, carol, erin, oscar = at("bob"), at("carol"), at("erin"), at("oscar")
    to_decide.forget()
    assert "公众号甲" in text(bob.get("/approvals/decide/"))
    assert "tally-seal" in text(bob.get("/"))
    assert "tally-seal" not in text(erin.get("/"))
    owed = Obligation.get(Obligation.kind == "approvals.step", Obligation.state == "open")
    assert bob.get(f"/obligations/work/done/?id={owed.id}").headers["Location"] == page
    assert oscar.get(page).status_code == 404
    assert "does not wait for you now" in text(carol.get(page))  # their turn is to come
    for forged in ("0", "99999", "-1", "x", "9" * 30, f"{task.id}'--"):
        assert bob.get("/approvals/decide/task/", query_string={"id": forged}).status_code == 404
        assert erin.get("/approvals/mine/request/", query_string={"id": forged}).status_code == 404
    refused = bob.post(page, data={"verb": "reject", "opinion": " "})
    assert refused.status_code == 422
    assert "Say why" in text(refused)
    assert bob.post(page, data={"verb": "burn", "opinion": "我的意见"}).status_code == 422
    assert "我的意见" in text(bob.post(page, data={"verb": "burn", "opinion": "我的意见"}))
    assert bob.post(page, data={"verb": "approve", "opinion": "同意"}).status_code == 302
    again = bob.post(page, data={"verb": "approve"})  # the same form once more
    assert again.status_code == 422
    assert "does not wait for you now" in text(again)
    assert Decision.select().count() == 1
    assert "同意" in text(erin.get(f"/approvals/mine/request/?id={request.id}"))
    assert oscar.get(f"/approvals/mine/request/?id={request.id}").status_code == 404
    assert oscar.get(f"/approvals/mine/paper/?id={request.id}").status_code == 404
    assert "same" not in text(oscar.get(f"/approvals/mine/verify/?code={request.code}"))


def test_proof_is_asked_for_on_the_page(hall: Hall, at: Open) -> None:
    with hall.as_("bob"):
        access.set_password(hall.world.user("bob"), "a-long-password-1")
    hall.chain({"role": "lead", "proof": True})
    request = hall.submit()
    page, bob = f"/approvals/decide/task/?id={hall.open(request)[0].id}", at("bob")
    assert 'name="proof"' in text(bob.get(page))
    for typed in ("", "wrong"):
        answer = bob.post(page, data={"verb": "approve", "opinion": "同意。", "proof": typed})
        assert answer.status_code == 422
        assert "同意。" in text(answer)
    assert not Decision.select().exists()
    assert bob.post(page, data={"verb": "approve", "proof": "a-long-password-1"}).status_code == 302
    assert Decision.get().proof == "fresh"


def test_several_are_signed_together(hall: Hall, at: Open) -> None:
    hall.chain({"role": "lead"}, bulk=True)
    requests = [hall.submit(hall.paper(f"申请{n}")) for n in range(3)]
    ids = [hall.open(r)[0].id for r in requests]
    bob = at("bob")
    assert text(bob.get("/approvals/decide/")).count('type="checkbox"') == 3
    bob.post("/approvals/decide/many/", data={"id": [*ids, ids[0]], "opinion": "批量同意"})
    assert {d.opinion for d in Decision.select()} == {"批量同意"}
    assert {r.state for r in Request.select()} == {"approved"}
    assert bob.post("/approvals/decide/many/", data={"id": ids}).status_code == 422
    assert bob.post("/approvals/decide/many/", data={}).status_code == 404


def test_one_step_is_passed_on_and_a_signature_asked_for_besides(hall: Hall, at: Open) -> None:
    hall.chain({"role": "lead"})
    request = hall.submit()
    (task,) = hall.open(request)
    bob = at("bob")
    assert bob.post(f"/approvals/decide/ask/?id={task.id}", data={"person": "Dave"}).status_code == 422
    asked = bob.post(f"/approvals/decide/ask/?id={task.id}", data={"person": "Dave", "note": "请把关"})
    assert asked.status_code == 302
    passed = {"receiver": "Carol", "ends_on": "昨天"}
    assert bob.post(f"/approvals/decide/give/?id={task.id}", data=passed).status_code == 422
    assert bob.post(f"/approvals/decide/give/?id={task.id}", data={"receiver": "Carol"}).status_code == 302
    assert "for Bob" in text(at("carol").get("/approvals/decide/"))
    at("carol").post(f"/approvals/decide/task/?id={task.id}", data={"verb": "approve"})
    assert Decision.get().on_behalf == "Bob"
    dave = Task.get(Task.asked_by == "Bob")
    at("dave").post(f"/approvals/decide/task/?id={dave.id}", data={"verb": "approve"})
    assert Request.get().state == "approved"


def test_standing_delegation_is_begun_and_ended(hall: Hall, at: Open) -> None:
    hall.chain({"role": "lead"})
    bob, data = at("bob"), {"receiver": "Dave", "begins_on": "2026-01-01", "subject": "papers.opening", "note": "出差"}
    assert bob.post("/approvals/delegation/", data={**data, "begins_on": ""}).status_code == 422
    assert bob.post("/approvals/delegation/", data=data).status_code == 302
    assert "出差" in text(at("dave").get("/approvals/delegation/"))
    assert "出差" not in text(at("erin").get("/approvals/delegation/"))
    row = Delegation.get()
    assert at("erin").post("/approvals/delegation/end/", data={"id": row.id}).status_code == 404
    assert at("dave").post("/approvals/delegation/end/", data={"id": row.id}).status_code == 403
    assert bob.post("/approvals/delegation/end/", data={"id": row.id}).status_code == 302
    assert bob.post("/approvals/delegation/end/", data={"id": row.id}).status_code == 422


def test_the_applicant_withdraws(hall: Hall, at: Open) -> None:
    hall.chain({"role": "lead"})
    request = hall.submit()
    page = f"/approvals/mine/withdraw/?id={request.id}"
    assert at("dave").post(page).status_code == 404
    assert at("alice").post(page).status_code == 422  # not their own: why?
    erin = at("erin")
    assert erin.post(page).status_code == 302
    again = erin.post(page)
    assert again.status_code == 422
    assert "Too late" in text(again)
    assert "Withdrawn" in text(erin.get("/approvals/mine/"))


def test_chains_are_written_in_the_panel(hall: Hall, at: Open) -> None:
    alice = at("alice")
    new = "/approvals/chain/edit/?subject=papers.opening"
    assert alice.get("/approvals/chain/edit/?subject=nothing.here").status_code == 404
    assert at("bob").get(new).status_code == 403  # only in the faculty
    role = hall.roles["lead"].id
    head = {"name": "新链", "active": "y", "steps": "2"}
    steps = {
        "step-0-name": "甲",
        "step-0-who": "role",
        "step-0-role": role,
        "step-0-of": "any",
        "step-0-act": "approve",
    }
    empty = {"step-1-name": "", "step-1-role": "", "step-1-who": "person", "step-1-of": "any", "step-1-act": "approve"}
    wrong = alice.post(new, data={**head, **steps, **empty, "act": "save"})
    assert wrong.status_code == 422
    assert "Give the step a name" in text(wrong)
    assert 'value="甲"' in text(wrong)
    moved = alice.post(new, data={**head, **steps, **empty, "act": "down-0"})
    assert 'name="step-1-name"' in text(moved)
    assert text(moved).index('name="step-0-name"') < text(moved).index('value="甲"')
    taken = {
        **head,
        **steps,
        **empty,
        "act": "drop-1",
        "when-0-field": "amount",
        "when-0-test": "least",
        "when-0-value": "x",
    }
    assert "step-1-name" not in text(alice.post(new, data=taken))
    saved = {**taken, "steps": "1", "act": "save"}
    assert "is not a number" in text(alice.post(new, data=saved))
    assert alice.post(new, data={**saved, "when-0-value": "100"}).status_code == 302
    chain = Chain.get()
    assert chain.when == [{"field": "amount", "least": 100}]
    edit = f"/approvals/chain/edit/?id={chain.id}"
    assert 'value="100"' in text(alice.get(edit))
    records.update(chain, position=7)
    stale = alice.post(edit, data={**saved, "when-0-value": "200", "version": chain.version - 1})
    assert stale.status_code == 422
    assert "changed by someone else" in text(stale)
    assert at("oscar").get(edit).status_code == 404
    assert alice.post("/approvals/chain/delete/", data={"id": chain.id}).status_code == 302


def test_chains_are_exchanged_as_files(hall: Hall, at: Open) -> None:
    alice = at("alice")
    assert alice.post("/approvals/chain/import/", data={"text": "[[chain"}).status_code == 422
    file = {"file": (io.BytesIO(b"\xff\xfe\x00"), "chains.toml")}
    assert "UTF-8" in text(alice.post("/approvals/chain/import/", data=file))
    file = {"file": (io.BytesIO(TEXT.encode()), "chains.toml")}
    assert alice.post("/approvals/chain/import/", data=file).status_code == 302
    assert "单位党委负责人签字" in text(alice.get("/approvals/chain/export/"))
    assert "only where" in text(alice.get("/approvals/chain/"))


def test_forms_are_uploaded_and_filled(hall: Hall, at: Open, line: Any) -> None:
    alice, subject = at("alice"), "papers.opening"
    bad = {"subject": subject, "file": (io.BytesIO(b"MZ"), "virus.exe")}
    assert "Choose a Word file" in text(alice.post("/approvals/template/", data=bad))
    own = alice.get(f"/approvals/template/file/?subject={subject}").data
    good = {"subject": subject, "file": (io.BytesIO(own), "审批表.docx")}
    assert alice.post("/approvals/template/", data=good).status_code == 302
    assert "审批表.docx" in text(alice.get("/approvals/template/"))
    request = line(hall.paper("a/b:公众号"))
    paper = at("erin").get(f"/approvals/mine/paper/?id={request.id}")
    assert paper.data.startswith(b"PK")
    assert "filename*=UTF-8''" in paper.headers["Content-Disposition"]
    assert services.approval_of(hall.paper()) is None
