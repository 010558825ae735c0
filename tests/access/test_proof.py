"""A fresh proof of identity: what counts as one, how long, and how guessing it is slowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask, request
from flask_login import current_user

from panel import audit, records
from panel.access import attempts, factor, proof, sessions
from panel.access.login import manager
from panel.access.models import LoginDelay, Session, User
from panel.database import transaction
from panel.errors import Refused
from tests.access.test_log_in import PASSWORD, STORED, Clock
from tests.cast import World


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (attempts, factor, proof, sessions):
        monkeypatch.setattr(module, "utcnow", clock)
    return clock


@pytest.fixture
def bob(world: World, app: Flask, clock: Clock) -> Iterator[User]:
    """bob with a password, in a request of his own session."""
    records.update(world.users["bob"], password_hash=STORED)
    user = world.user("bob")
    sessions.open_session(user)
    with app.test_request_context("/"):
        manager._update_request_context_with_user(user)
        yield user


def codes_of(user: User) -> Any:
    """The app of the user's second factor."""
    factor.begin(user)
    return pyotp.TOTP(factor.pending_secret(user) or "")


def test_the_password_is_a_proof_for_some_minutes_in_this_session(bob: User, clock: Clock) -> None:
    assert not proof.fresh()
    with pytest.raises(Refused) as refusal:
        proof.demand("")
    assert refusal.value.field == "proof"
    proof.demand(PASSWORD)
    assert proof.fresh()
    proof.demand("")
    with pytest.raises(Refused):
        proof.demand("", minutes=0)
    assert Session.get(Session.user == bob.id).proved_at == clock.now
    clock.move(timedelta(minutes=5))
    assert not proof.fresh()
    other = sessions.open_session(bob)
    assert other
    assert not proof.fresh(), "another session proved nothing"


def test_a_code_is_a_proof_once(bob: User, clock: Clock) -> None:
    app = codes_of(bob)
    assert not proof.prove(bob, app.at(clock.now)), "not confirmed yet"
    factor.confirm(bob, app.at(clock.now), current_user.session)
    assert not proof.prove(bob, app.at(clock.now)), "taken when it was confirmed"
    clock.move(timedelta(seconds=30))
    code = app.at(clock.now)
    assert proof.prove(bob, code)
    assert not proof.prove(bob, code)
    assert proof.prove(bob, PASSWORD)


def test_guessing_is_slowed_and_stays_counted(bob: User, clock: Clock) -> None:
    for _attempt in range(attempts.OWN.free):
        with pytest.raises(Refused, match="wrong"):
            proof.demand("guess")
    with pytest.raises(Refused, match="Too many"):
        proof.demand(PASSWORD)
    clock.move(attempts.OWN.first)
    proof.demand(PASSWORD)
    assert not LoginDelay.select().exists()
    with transaction(), pytest.raises(RuntimeError):
        proof.prove(bob, PASSWORD)


def test_the_field_of_a_form_asks_only_where_it_must(bob: User, app: Flask) -> None:
    from panel.api import Form, ProofField

    class Opening(Form):
        proof = ProofField()

    page = app.jinja_env.from_string('{% from "access/proof.html" import proof with context %}{{ proof(form.proof) }}')
    with app.test_request_context("/", method="POST", data={"proof": "wrong"}):
        manager._update_request_context_with_user(bob)
        form = Opening(request.form)
        assert not form.validate()
        said = page.render(form=form)
        assert "invalid-feedback" in said
        assert 'type="password"' in said
        assert "wrong" not in said.split("<input")[1].split(">")[0]
    with app.test_request_context("/", method="POST", data={"proof": PASSWORD}):
        manager._update_request_context_with_user(bob)
        assert Opening(request.form).validate()
        assert page.render(form=Opening()).strip() == ""
        assert Opening().validate()


def test_somebody_elses_proof_is_not_ones_own(bob: User, world: World) -> None:
    records.update(world.users["alice"], password_hash=STORED)
    assert proof.prove(world.user("alice"), PASSWORD)
    assert not proof.fresh()
    with audit.acting(reason="nothing else was written"):
        assert Session.select().where(Session.proved_at.is_null(False)).count() == 0
