"""What is read of applications: their parts, and what an account still waits for."""

from __future__ import annotations

from typing import Any

from panel.api import Person
from plugins.accounts.life.choices import EDITABLE, OPEN, Kind, Part, State
from plugins.accounts.life.models import Application, HandIn, Nominee, Paper
from plugins.accounts.models import Account


def nominees_of(application: Application, part: Part | None = None) -> list[Nominee]:
    """The people an application names, with their rows."""
    query = Nominee.select(Nominee, Person).join(Person).where(Nominee.application == application)
    if part is not None:
        query = query.where(Nominee.part == part)
    return list(query.order_by(Nominee.part, Nominee.leaves, Nominee.id))


def papers_of(application: Application) -> list[Paper]:
    """The papers attached to an application."""
    return list(Paper.select().where(Paper.application == application).order_by(Paper.id))


def hand_ins_of(application: Application) -> list[HandIn]:
    """What is handed in for an approved closing."""
    return list(HandIn.select().where(HandIn.application == application).order_by(HandIn.id))


def still_out(account: Account) -> list[HandIn]:
    """What is not handed in of an account that is being closed."""
    running = Application.select(Application.id).where(
        Application.account == account, Application.kind == Kind.CLOSING, Application.state == State.APPROVED
    )
    return list(HandIn.select().where(HandIn.application.in_(running), HandIn.done_on.is_null()).order_by(HandIn.id))


def open_for(account: Account) -> list[Application]:
    """The applications about an account that have not ended."""
    return list(
        Application.select()
        .where(Application.account == account, Application.state.in_(OPEN))
        .order_by(Application.id.desc())
    )


def draft_for(account: Account, kind: Kind) -> Any:
    """The application of this kind about an account that can still be edited, or None."""
    return (
        Application.select()
        .where(Application.account == account, Application.kind == kind, Application.state.in_(EDITABLE))
        .order_by(Application.id.desc())
        .first()
    )
