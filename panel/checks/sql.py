"""Pieces of SQL that checks are written with; each works on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from peewee import SQL, Alias, Cast, ModelSelect, Node, NodeList, fn

from panel.database import is_postgres


class Given(Node):
    """A value that is filled in when the statement runs: `day`, `ids` or `institutions`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def clone(self) -> Given:
        return self

    def __sql__(self, ctx: Any) -> Any:
        ctx._values.append(self)
        return ctx.literal(ctx.state.param or "?")


def given_day() -> Node:
    """The day the rows are judged by, as a date."""
    return Cast(Given("day"), "DATE") if is_postgres() else Given("day")


def among(column: Any, name: str) -> Node:
    """Whether a column is one of a list filled in when the statement runs, however long."""
    opening, closing = ("= ANY(", ")") if is_postgres() else ("IN (SELECT value FROM json_each(", "))")
    return NodeList((column, SQL(opening), Given(name), SQL(closing)))


def days_before(day: Any, days: Any) -> Any:
    """The date so many days before another; null where either is."""
    if is_postgres():
        return NodeList((SQL("("), day, SQL("-"), Cast(days, "INTEGER"), SQL(")")))
    return fn.DATE(day, NodeList((SQL("'-' ||"), Cast(days, "INTEGER"), SQL("|| ' days'"))))


def days_between(later: Any, earlier: Any) -> Any:
    """Whole days from one date to a later one."""
    if is_postgres():
        return NodeList((SQL("("), later, SQL("-"), earlier, SQL(")")))
    return Cast(fn.JULIANDAY(later) - fn.JULIANDAY(earlier), "INTEGER")


def week_of(day: Any) -> Any:
    """The Monday of a date's week."""
    return Cast(fn.DATE_TRUNC("week", day), "DATE") if is_postgres() else fn.DATE(day, "weekday 0", "-6 days")


def month_of(day: Any) -> Any:
    """The first day of a date's month."""
    return Cast(fn.DATE_TRUNC("month", day), "DATE") if is_postgres() else fn.DATE(day, "start of month")


def listed(query: Any) -> Any:
    """The texts a query gives, in its order, as one: `张敏、李伟`. The query selects one column, aliased `text`."""
    join = fn.STRING_AGG if is_postgres() else fn.GROUP_CONCAT
    return NodeList((SQL("(SELECT"), join(SQL("l.text"), SQL("'、'")), SQL("FROM"), query, SQL("AS l)")))


def breaking(subject: Any, where: Any, **values: Any) -> Any:
    """The subject's rows that meet the condition, with the values of the message."""
    return subject.select(subject.id, *(Alias(value, name) for name, value in values.items())).where(where)


def how_many(source: Any, *where: Any) -> Any:
    """The number of rows of a model, or of a query with its joins, that meet the conditions."""
    return _narrowed(source, fn.COUNT(SQL("*")), where)


def exists(source: Any, *where: Any) -> Any:
    """Whether any row of a model, or of a query with its joins, meets the conditions."""
    return fn.EXISTS(_narrowed(source, SQL("1"), where))


def _narrowed(source: Any, column: Node, where: tuple[Any, ...]) -> Any:
    query: Any = source.clone() if isinstance(source, ModelSelect) else source.select()
    query._returning = (column,)
    return query.where(*where) if where else query


def json_object(facts: dict[str, Any]) -> Any:
    """The values of a message as JSON text."""
    pairs: list[Any] = []
    for name, value in facts.items():
        if not name.isidentifier():
            raise ValueError(f"{name!r} cannot name a value of a message")
        pairs += [SQL(f"'{name}'"), value]
    built = (fn.JSON_BUILD_OBJECT if is_postgres() else fn.JSON_OBJECT)(*pairs)
    return Cast(built, "TEXT") if is_postgres() else built
