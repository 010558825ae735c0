"""Judgements: what only Python can see in a row, looked at again when the row or what it is judged by has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from peewee import JOIN

from panel.checks.declare import Judged
from panel.checks.models import Judgement, Mark
from panel.database import db, insert_rows

BATCH = 1000


def judge(judgements: Iterable[Judged], institution_id: int, ids: Collection[int] | None = None) -> int:
    """Bring the marks of these rows (None: all of the institution) up to date; gives how many were judged."""
    return sum(_judge(judged, institution_id, ids) for judged in judgements)


def _judge(judged: Judged, institution_id: int, ids: Collection[int] | None) -> int:
    stamp, see = judged.prepare(institution_id)
    if see is None:
        _forget(judged, institution_id)
        return 0
    count, last = 0, 0
    while rows := _stale(judged, institution_id, stamp, ids, last):
        marks = [
            {"code": judged.code, "subject_id": row.id, "item": item, "text": text[:200]}
            for row in rows
            for item, text in dict(see(row)).items()
        ]
        with db.atomic():
            _write(judged.code, rows, stamp, marks)
        count, last = count + len(rows), rows[-1].id
    return count


def _forget(judged: Judged, institution_id: int) -> None:
    """Drop the marks of an institution that has nothing to judge by."""
    mine = judged.subject.select(judged.subject.id).where(judged.subject.institution == institution_id)
    for model in (Mark, Judgement):
        if model.select().where(model.code == judged.code).exists():
            model.delete().where(model.code == judged.code, model.subject_id.in_(mine)).execute()


def _stale(judged: Judged, institution_id: int, stamp: str, ids: Collection[int] | None, last: int) -> list[Any]:
    """The next batch, after the row `last`, of rows that were not judged yet as they are now."""
    subject = judged.subject
    known = (Judgement.subject_id == subject.id) & (Judgement.code == judged.code)
    query = (
        subject.select(subject.id, subject.version, *(getattr(subject, name) for name in judged.inputs))
        .join(Judgement, JOIN.LEFT_OUTER, on=known)
        .where(
            subject.institution == institution_id,
            subject.id > last,
            Judgement.id.is_null() | (Judgement.version != subject.version) | (Judgement.stamp != stamp),
        )
    )
    if ids is not None:
        query = query.where(subject.id.in_(list(ids)))
    return list(query.order_by(subject.id).limit(BATCH))


def _write(code: str, rows: Sequence[Any], stamp: str, marks: list[dict[str, Any]]) -> None:
    ids = [row.id for row in rows]
    for model in (Mark, Judgement):
        model.delete().where(model.code == code, model.subject_id.in_(ids)).execute()
    insert_rows(Mark, marks)
    insert_rows(
        Judgement, [{"code": code, "subject_id": row.id, "version": row.version, "stamp": stamp} for row in rows]
    )


def forget_gone(judged: Judged) -> None:
    """Drop the marks of rows that are no longer there."""
    there = judged.subject.select(judged.subject.id)
    for model in (Mark, Judgement):
        model.delete().where(model.code == judged.code, model.subject_id.not_in(there)).execute()
