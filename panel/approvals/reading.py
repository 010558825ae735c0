"""What the pages read: in sight of whoever asks, found or not found."""

from __future__ import annotations

from typing import Any

from flask import request as sent
from peewee import JOIN

from panel.access.identity import Identity
from panel.access.scope import find
from panel.approvals import seats
from panel.approvals.declare import Subject, all_subjects
from panel.approvals.forms import subject_choices
from panel.approvals.models import Chain, ChainStep, Decision, Delegation, Request, Task, Template
from panel.approvals.people import People
from panel.approvals.permissions import ApprovalPermission as P
from panel.approvals.seats import Waiting, waiting_for
from panel.errors import NotFound, Refused
from panel.i18n import _, today
from panel.org.models import Institution, Person

__all__ = ["waiting_for"]

PAGE = 50


def number(given: Any) -> int:
    """An id as an address carries it. Raises NotFound."""
    text = str(given or "")
    if not text.isdecimal() or len(text) > 18:
        raise _gone()
    return int(text)


def _gone() -> NotFound:
    return NotFound(_("This page does not exist, or is not yours to see."))


def waiting_one(identity: Identity, task_id: Any) -> tuple[Waiting, Waiting | None]:
    """A step that waits for whoever asks, and the next one that does. Raises NotFound; Refused, worded, where it was
    theirs and is decided."""
    wanted, waiting = number(task_id), waiting_for(identity)
    for place, one in enumerate(waiting):
        if one.task.id == wanted:
            following = waiting[(place + 1) % len(waiting)]
            return one, following if following is not one else None
    task = Task.get_or_none(Task.id == wanted, Task.institution == identity.institution.id)
    if task is not None and _takes_part(identity, task.request):
        raise Refused(_("“%(what)s” does not wait for you now.", what=task.request))
    raise _gone()


def _takes_part(identity: Identity, row: Request) -> bool:
    """Whether somebody asked for it, signed it, or has to."""
    user = identity.user
    if user is None:
        return False
    if row.applicant_id == user.id:
        return True
    if user.person_id is None:
        return False
    if Decision.select().where(Decision.request == row, Decision.person == user.person_id).exists():
        return True
    people, given = People(identity.institution, today()), seats.given_to(user.person_id, today())
    tasks = Task.select().where(Task.request == row)
    return any(seats.seats_of(task, row, people, user.person_id, given) for task in tasks)


def readable(identity: Identity, request_id: Any, permission: P = P.REQUEST_VIEW) -> Request:
    """A request whoever asks takes part in, or may see under the permission. Raises NotFound."""
    row: Request | None = Request.get_or_none(
        Request.id == number(request_id), Request.institution == identity.institution.id
    )
    if row is None:
        raise _gone()
    mine = identity.user is not None and row.applicant_id == identity.user.id
    if mine or (permission == P.REQUEST_VIEW and _takes_part(identity, row)):
        return row
    return find(Request, row.id, permission)


def mine(identity: Identity, page: int) -> tuple[list[Request], bool]:
    """A page of what whoever asks asked for, newest first, and whether more follow."""
    if identity.user is None:
        return [], False
    query = Request.select().where(Request.applicant == identity.user, Request.institution == identity.institution.id)
    rows = list(query.order_by(Request.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1))
    return rows[:PAGE], len(rows) > PAGE


def page_of(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < int(text[:6]) < 100_000 else 1


def by_code(institution: Institution, code: str) -> Request | None:
    """The request a code of a paper form belongs to, however it was typed."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    if len(plain) != 12:
        return None
    return Request.get_or_none(Request.code == plain, Request.institution == institution)


def decisions(row: Request) -> list[Decision]:
    """The signatures of a request, with their steps."""
    return list(Decision.select(Decision, Task).join(Task).where(Decision.request == row).order_by(Decision.id))


# ── delegations ────────────────────────────────────────────────────────────────────────────────


def person_of(identity: Identity) -> Person:
    """The person whoever asks is. Raises Refused for a user without one."""
    if identity.user is None or identity.user.person_id is None:
        raise Refused(_("Your user is linked to no person, so you sign nothing that could be delegated."), "giver")
    return Person.get_by_id(identity.user.person_id)


def _sees_all(identity: Identity) -> bool:
    return identity.may(P.DELEGATION_VIEW) and identity.reach(P.DELEGATION_VIEW) is None


def delegations(identity: Identity) -> list[Delegation]:
    """Those of whoever asks, or all for who may see them; those in force first, at most 200."""
    giver, receiver = Person.alias(), Person.alias()
    query = (
        Delegation.select(Delegation, giver, receiver, Task, Request)
        .join_from(Delegation, giver, on=(Delegation.giver == giver.id))
        .join_from(Delegation, receiver, on=(Delegation.receiver == receiver.id))
        .join_from(Delegation, Task, JOIN.LEFT_OUTER)
        .join_from(Task, Request, JOIN.LEFT_OUTER)
        .where(Delegation.institution == identity.institution.id)
    )
    if not _sees_all(identity):
        me = identity.user.person_id if identity.user else None
        query = query.where((Delegation.giver == me) | (Delegation.receiver == me))
    return list(query.order_by(Delegation.ended_at.is_null(False), Delegation.id.desc()).limit(200))


def delegation(identity: Identity, row_id: Any) -> Delegation:
    """One that whoever asks gave, or may see. Raises NotFound."""
    row: Delegation | None = Delegation.get_or_none(
        Delegation.id == number(row_id), Delegation.institution == identity.institution.id
    )
    me = identity.user.person_id if identity.user else None
    if row is None or (me not in (row.giver_id, row.receiver_id) and not _sees_all(identity)):
        raise _gone()
    return row


# ── chains and forms ───────────────────────────────────────────────────────────────────────────


def chains(institution: Institution) -> list[tuple[Subject, list[tuple[Chain, list[ChainStep]]]]]:
    """Every subject that is on, with its chains and their steps. Two queries."""
    steps: dict[int, list[ChainStep]] = {}
    query = ChainStep.select().where(ChainStep.institution == institution).order_by(ChainStep.position)
    for step in query:
        steps.setdefault(step.__data__["chain"], []).append(step)
    found: dict[str, list[tuple[Chain, list[ChainStep]]]] = {}
    rows = Chain.select().where(Chain.institution == institution).order_by(Chain.position, Chain.id)
    for chain in rows:
        found.setdefault(chain.subject, []).append((chain, steps.get(chain.id, [])))
    return [(all_subjects()[name], found.get(name, [])) for name, _title in subject_choices()]


def templates(institution: Institution) -> list[tuple[Subject, Template | None]]:
    """Every subject that is on, with the institution's own form where it has one."""
    own = {t.subject: t for t in Template.select().where(Template.institution == institution)}
    return [(all_subjects()[name], own.get(name)) for name, _title in subject_choices()]


def sent_text(form: Any) -> str:
    """What was typed or sent as a file. Raises Refused where it is no text."""
    upload = sent.files.get("file")
    if upload is not None and upload.filename:
        try:
            return upload.read(200_001).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(_("This is no text in UTF-8."), "file") from None
    return str(form.text.data or "")
