"""Approvals: a request that waits for somebody with no user, its chain, a delegation, a paper form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel import files, records
from panel.approvals import sheet
from panel.approvals.declare import all_subjects
from panel.approvals.models import Chain, ChainStep, Delegation, Request, Task, Template
from panel.database import utcnow
from panel.i18n import today
from tests.security.cases import Case
from tests.security.places import Place

NOTHING = "nothing.here"  # a subject whose plugin is gone, where no plugin declares any
ROLES = ("alice", "bob", "carol", "dave", "oscar", "root")


def _subject() -> str:
    return max(all_subjects(), default=NOTHING)  # one whose rows nobody else of these tests submits


def fill(place: Place, name: str) -> list[Any]:
    """The rows, written as they stand: nobody of the cast takes part in the request."""
    owned = {"institution": place.institution}
    named = {"who": "person", "person": place.people[0]}
    chain = records.create(Chain, **owned, subject=_subject(), name=f"{name}-chain")
    step = records.create(ChainStep, **owned, chain=chain, position=1, name=f"{name}-step", **named)
    request = records.create(
        Request,
        **owned,
        subject=_subject(),
        subject_type="nothing.here",
        subject_id=-place.unit.id,
        subject_text=f"{name}-subject",
        unit=place.unit,
        chain=chain,
        chain_name=chain.name,
        revision=1,
        applicant_name=f"{name}-applicant",
        facts=[["名称", name]],
        facts_hash="0" * 64,
        code=f"{place.name:X<12}".upper(),
    )
    opened = {"state": "open", "opened_at": utcnow()}
    task = records.create(Task, **owned, request=request, stage=1, position=1, name=f"{name}-task", **named, **opened)
    people = {"giver": place.people[0], "receiver": place.people[1]}
    delegation = records.create(Delegation, **owned, **people, begins_on=today())
    paper = files.save_paper(sheet.default(), place.institution.id)
    template = records.create(Template, **owned, subject=f"nothing.{place.name}", file=paper, file_name=f"{name}.docx")
    return [chain, step, request, task, delegation, template]


def _as(everybody: int, **others: int) -> dict[str, int]:
    return {**dict.fromkeys(ROLES, everybody), "anonymous": 302, **others}


def _to_sign(form: dict[str, Any] | None = None) -> Callable[[Place], list[Case]]:
    """A step that waits for none of the cast."""
    return lambda p: [Case("", {"id": p.row(Task).id}, form or {}, rows=(p.row(Task),), only=_as(404))]


def _request(p: Place) -> dict[str, Any]:
    return {"rows": (p.row(Request),), "permission": "approvals.request.view", "lacking": 404, "row_first": True}


def _ending(p: Place) -> list[Case]:
    """Who may end somebody else's delegation: who may it in the whole institution."""
    row = p.row(Delegation)
    there = {"oscar": 200} if p.name == "foreign" else {"alice": 200, "root": 200, "carol": 403}
    return [Case("", {}, {"id": row.id}, rows=(row,), only=_as(404, **there), method="POST")]


def _editing(p: Place) -> list[Case]:
    """The page of a chain; where its plugin is gone, there is none."""
    gone = _subject() == NOTHING
    seen = (404,) if gone else (200,)
    row = p.row(Chain)
    return [
        Case("", {"id": row.id}, {"id": row.id, "act": "add", "steps": "0"}, (row,), whole=True, seen=seen, done=seen)
    ]


NEW: dict[str, Callable[[Place], Case]] = {}

OTHERS: dict[str, Callable[[Place], Any]] = {
    "approvals_decide.index": lambda p: [Case("")],
    "approvals_decide.task": _to_sign({"verb": "approve"}),
    "approvals_decide.give": _to_sign(),
    "approvals_decide.ask": _to_sign(),
    "approvals_decide.many": lambda p: [
        Case("", {}, {"id": p.row(Task).id}, rows=(p.row(Task),), only=_as(404), method="POST")
    ],
    "approvals_mine.index": lambda p: [Case("")],
    "approvals_mine.verify": lambda p: [Case("", {"code": "guess"})],
    "approvals_mine.request_view": lambda p: [Case("", {"id": p.row(Request).id}, **_request(p))],
    "approvals_mine.paper": lambda p: [Case("", {"id": p.row(Request).id}, **_request(p))],
    "approvals_mine.withdraw": lambda p: [
        Case(
            "",
            {"id": p.row(Request).id},
            {"reason": "不要了"},
            **{**_request(p), "permission": "approvals.request.withdraw"},
        )
    ],
    "approvals_delegation.index": lambda p: [Case("", form={"begins_on": "x"}, done=(422,))],
    "approvals_delegation.end": _ending,
    "approvals_chain.index": lambda p: [Case("")],
    "approvals_chain.toml": lambda p: [Case("")],
    "approvals_chain.edit": _editing,
    "approvals_chain.delete": lambda p: [
        Case("", {}, {"id": p.row(Chain).id}, (p.row(Chain),), whole=True, done=(409,), method="POST")
    ],
    "approvals_chain.import_view": lambda p: [Case("", form={"text": "x"}, whole=True, done=(422,))],
    "approvals_template.index": lambda p: [Case("", form={"subject": "x"}, whole=True, done=(422,))],
    "approvals_template.file": lambda p: [
        Case("", {"subject": p.row(Template).subject}, rows=(p.row(Template),), whole=True)
    ],
    "approvals_template.drop": lambda p: [
        Case("", {}, {"id": p.row(Template).id}, (p.row(Template),), whole=True, method="POST")
    ],
}
