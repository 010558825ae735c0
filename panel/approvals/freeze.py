"""What signers read, kept as text and hashed when it is submitted; what changes meanwhile voids the request."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from panel.approvals.declare import Subject, all_subjects
from panel.approvals.models import Request, State
from panel.database import Touch
from panel.i18n import DEFAULT_LOCALE, plain, speaking


def facts_of(subject: Subject, row: Any) -> list[list[str]]:
    """[label, value] as text, in the language of the records whoever asks."""
    with speaking(DEFAULT_LOCALE):
        return [[plain(label), plain(value)] for label, value in subject.facts(row)]


def digest(facts: list[list[str]]) -> str:
    """The hash of what signers read."""
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def row_of(request: Request) -> Any:
    """The row a request is about, or None where it, or its plugin, is gone."""
    subject = all_subjects().get(request.subject)
    return subject and subject.model.get_or_none(subject.model.id == request.subject_id)


def unchanged(request: Request) -> bool:
    """Whether what would be signed now is what was submitted. A subject whose plugin is gone cannot have changed."""
    subject = all_subjects().get(request.subject)
    if subject is None:
        return True
    row = subject.model.get_or_none(subject.model.id == request.subject_id)
    return row is not None and digest(facts_of(subject, row)) == request.facts_hash


def observe(touches: list[Touch]) -> None:
    """Void the waiting requests whose subject a transaction changed, before it commits."""
    from flask import has_app_context

    if not has_app_context():
        return
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for touch in touches:
        for subject in all_subjects().values():
            wanted[subject.name].update(_concerned(subject, touch))
    for name, ids in wanted.items():
        if ids:
            _check(name, ids)


def _concerned(subject: Subject, touch: Touch) -> Iterable[int]:
    """The rows of a subject that a written row is, or is a part of."""
    if touch.action == "create" and isinstance(touch.row, subject.model):
        return ()
    row: Any = touch.row
    for _level in range(3):
        if isinstance(row, subject.model):
            return (row.id,)
        parent = getattr(type(row), "scope_parent", None)
        if not parent:
            return ()
        key = type(row)._meta.fields[parent]
        if key.rel_model is subject.model:
            return (row.__data__[parent],)
        row = getattr(row, parent)
    return ()


def _check(name: str, ids: set[int]) -> None:
    from panel.approvals.services import void

    waiting = Request.select().where(
        Request.subject == name, Request.subject_id.in_(sorted(ids)), Request.state == State.WAITING
    )
    for request in list(waiting):
        if not unchanged(request):
            void(request)
