"""Judgements: what only Python can see in a row, looked at again when the row or what it is judged by has changed."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from peewee import JOIN

from panel.checks.compiled import Statement, compiled
from panel.checks.declare import Judged
from panel.checks.models import Judgement, Mark
from panel.checks.sql import Given, among
from panel.database import db, insert_rows, is_postgres

BATCH = 1000


def judge(judgements: Iterable[Judged], institution_id: int, ids: Collection[int] | None = None) -> int:
    """Bring the marks of these rows (None: all of the institution) up to date; gives how many were judged."""
    return sum(_judge(judged, institution_id, ids) for judged in judgements)


def _judge(judged: Judged, institution_id: int, ids: Collection[int] | None) -> int:
    stamp, see = judged.prepare(institution_id)
    if see is None:
        _forget(judged, institution_id)
        return 0
    count, rows = 0, _stale(judged, institution_id, stamp, ids)
    while rows:
        marks = [
            {"code": judged.code, "subject_id": row.id, "item": item, "text": text[:200]}
            for row in rows
            for item, text in dict(see(row)).items()
        ]
        with db.atomic():
            _write(judged.code, rows, stamp, marks)
        count += len(rows)
        rows = _stale(judged, institution_id, stamp, ids, rows[-1].id) if len(rows) == BATCH else []
    return count


def _forget(judged: Judged, institution_id: int) -> None:
    """Drop the marks of an institution that has nothing to judge by."""
    mine = judged.subject.select(judged.subject.id).where(judged.subject.institution == institution_id)
    for model in (Mark, Judgement):
        if model.select().where(model.code == judged.code).exists():
            model.delete().where(model.code == judged.code, model.subject_id.in_(mine)).execute()


def _stale(judged: Judged, institution_id: int, stamp: str, ids: Collection[int] | None, last: int = 0) -> list[Any]:
    """The next batch, after the row `last`, of rows that were not judged yet as they are now."""
    statement = _asking(judged, ids is not None, is_postgres(), BATCH)
    given = {"ids": ids} if ids is not None else {}
    bound = statement.bound(institution=institution_id, stamp=stamp, last=last, **given)
    return list(judged.subject.raw(statement.sql, *bound))


@functools.lru_cache(maxsize=256)
def _asking(judged: Judged, some: bool, _postgres: bool, batch: int) -> Statement:
    subject = judged.subject
    known = (Judgement.subject_id == subject.id) & (Judgement.code == judged.code)
    query = (
        subject.select(subject.id, subject.version, *(getattr(subject, name) for name in judged.inputs))
        .join(Judgement, JOIN.LEFT_OUTER, on=known)
        .where(
            subject.institution == Given("institution"),
            subject.id > Given("last"),
            Judgement.id.is_null() | (Judgement.version != subject.version) | (Judgement.stamp != Given("stamp")),
        )
    )
    if some:
        query = query.where(among(subject.id, "ids"))
    return compiled(query.order_by(subject.id).limit(batch))


@functools.lru_cache(maxsize=16)
def _dropping(model: Any, _postgres: bool) -> Statement:
    return compiled(model.delete().where(model.code == Given("code"), among(model.subject_id, "ids")))


def _write(code: str, rows: Sequence[Any], stamp: str, marks: list[dict[str, Any]]) -> None:
    ids = [row.id for row in rows]
    for model in (Mark, Judgement):
        statement = _dropping(model, is_postgres())
        db.execute_sql(statement.sql, statement.bound(code=code, ids=ids))
    insert_rows(Mark, marks)
    insert_rows(
        Judgement, [{"code": code, "subject_id": row.id, "version": row.version, "stamp": stamp} for row in rows]
    )


def forget_gone(judged: Judged) -> None:
    """Drop the marks of rows that are no longer there."""
    there = judged.subject.select(judged.subject.id)
    for model in (Mark, Judgement):
        model.delete().where(model.code == judged.code, model.subject_id.not_in(there)).execute()
