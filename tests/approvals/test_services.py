"""What becomes of a request: every verb, every order, every way to come too late."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from panel.approvals import services
from panel.approvals.models import Decision, Request
from panel.errors import NotFound, Refused
from tests.approvals.conftest import Hall


def test_a_chain_is_signed_in_its_order(hall: Hall, line: Callable[[], Request]) -> None:
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
