"""From a check's query to SQL text, made once: the same statement serves one row, or all rows of many institutions."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import SQL, Alias, Node, Source

from panel.checks.declare import Check
from panel.checks.sql import Given, among, given_day, json_object
from panel.database import db, is_postgres
from panel.org.models import Institution

COLUMNS = "code, institution_id, subject_id, unit_id, severity, facts"


@dataclass(frozen=True)
class Statement:
    """SQL with gaps for what is given when it runs."""

    sql: str
    values: tuple[Any, ...]

    def bound(self, **given: Any) -> list[Any]:
        """The parameters; dates, numbers and texts, and lists of numbers for `among`."""
        ready = {name: _adapted(value) for name, value in given.items()}
        return [ready[v.name] if isinstance(v, Given) else v for v in self.values]


def _adapted(value: Any) -> Any:
    if isinstance(value, (int, str)):
        return value
    if is_postgres():
        return list(value) if not isinstance(value, date) else value
    return value.isoformat() if isinstance(value, date) else json.dumps(list(value))


def compiled(query: Any) -> Statement:
    """The statement of a query with `Given` values: kept, it spares peewee the writing of its text each time."""
    sql, values = db.get_sql_context().sql(query).query()
    return Statement(sql, tuple(values))


def prepare(checks: Iterable[Check]) -> None:
    """Make the statements that saves need, so that the first save is as quick as any other."""
    for check in checks:
        _one(check, "ids", is_postgres())


def breaches(checks: Sequence[Check], by: str) -> Statement:
    """The rows that break any of the checks, in the order of COLUMNS; `by` is "ids" or "institutions"."""
    return _joined(tuple(checks), by, is_postgres())


@functools.lru_cache(maxsize=512)
def _joined(checks: tuple[Check, ...], by: str, postgres: bool) -> Statement:
    parts = [_one(check, by, postgres) for check in checks]
    return Statement(" UNION ALL ".join(p.sql for p in parts), tuple(v for p in parts for v in p.values))


@functools.lru_cache(maxsize=2048)
def _one(check: Check, by: str, postgres: bool) -> Statement:
    query, subject = query_of(check)
    institution = subject.id if check.subject is Institution else subject.institution
    query = query.where(among(subject.id if by == "ids" else institution, by))
    query._returning = (
        SQL(_text(check.code)),
        institution,
        subject.id,
        unit_of(check.subject, subject),
        SQL(_text(check.severity.value)),
        json_object(_facts(check, query)),
    )
    return compiled(query)


def query_of(check: Check) -> tuple[Any, Any]:
    """The check's query, joined with the policy of the day, and the alias of its subject."""
    subject = check.subject.alias("s")
    policy = check.policy.alias("p") if check.policy is not None else None
    day = given_day()
    query = check.query(subject, policy, day)
    if policy is not None:
        institution = subject.id if check.subject is Institution else subject.institution
        valid = (policy.valid_from <= day) & (policy.valid_until.is_null() | (policy.valid_until >= day))
        query = query.join_from(subject, policy, on=(policy.institution == institution) & valid)
    return query, subject


def unit_of(model: Any, subject: Any) -> Node:
    """The unit that decides who sees a row of the model, null for the whole institution."""
    if getattr(model, "scope_unit", None):
        column: Node = getattr(subject, model.scope_unit)
        return column
    if getattr(model, "scope_parent", None):
        key = model._meta.fields[model.scope_parent]
        parent = key.rel_model.alias("u")
        inner: Node = parent.select(unit_of(key.rel_model, parent)).where(parent.id == getattr(subject, key.name))
        return inner
    return SQL("CAST(NULL AS BIGINT)")


def _text(value: str) -> str:
    """A code of ours as an SQL literal; codes are checked at start to be plain."""
    return f"'{value}'"


def _facts(check: Check, query: Any) -> dict[str, Any]:
    """The values of the message: what the query selects by alias, after the subject's id."""
    facts = {}
    for column in query._returning[1:]:
        name = getattr(column, "_alias", None) if isinstance(column, (Alias, Source)) else None
        if not name:
            raise TypeError(f"check {check.code}: every value it selects after the id must have an alias")
        node = column.node if isinstance(column, Alias) else column.alias(None)
        facts[name] = node
    return facts
