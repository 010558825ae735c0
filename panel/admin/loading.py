"""Rows and what they refer to, from one joined query, many times faster than an ORM's general way.

A list shows hundreds of joined rows; peewee builds each column of its SELECT and each value of each row through
several calls. Here the list of columns is written once per shape, and rows are filled from the cursor directly.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from peewee import SQL, Field, ForeignKeyField, IntegerField, ModelSelect, _StringField

from panel.admin.columns import Joins
from panel.database import db

UNREAD = frozenset({"created_at", "updated_at"})  # of joined rows; nobody looks at them there


class Part(NamedTuple):
    """The columns of one table in the result, and where its rows hang: (place of the parent's part, key's name)."""

    model: Any
    start: int
    names: tuple[str, ...]
    conversions: tuple[tuple[str, Callable[[Any], Any]], ...]
    parent: int
    key: str


def fetch(joins: Joins, arrange: Callable[[ModelSelect], ModelSelect]) -> list[Any]:
    """The rows of `joins.root` with all that is joined; `arrange` adds conditions and order to the query."""
    text, parts = _shape(joins.root.model, joins.root.alias, joins.chains)
    query = arrange(joins.apply(joins.root.select(SQL(text))))
    return [_row(values, parts) for values in db.execute(query).fetchall()]


@functools.cache
def _shape(root: Any, name: str, chains: tuple[tuple[ForeignKeyField, ...], ...]) -> tuple[str, tuple[Part, ...]]:
    """The text of the columns to select, and how to read them."""
    places = {(): 0} | {chain: place for place, chain in enumerate(chains, 1)}
    columns: list[str] = []
    parts = []
    for chain, place in places.items():
        model = chain[-1].rel_model if chain else root
        fields = [f for f in model._meta.sorted_fields if not (chain and f.name in UNREAD)]
        alias = f"j{place - 1}" if chain else name
        conversions = tuple((f.name, f.python_value) for f in fields if not _is_plain(f))
        names = tuple(f.name for f in fields)
        parts.append(
            Part(model, len(columns), names, conversions, places[chain[:-1]], chain[-1].name)
            if chain
            else Part(model, len(columns), names, conversions, 0, "")
        )
        columns += [f'"{alias}"."{f.column_name}"' for f in fields]
    return ", ".join(columns), tuple(parts)


def _is_plain(field: Field) -> bool:
    """Whether both drivers give the value back as Python wants it."""
    if isinstance(field, ForeignKeyField):
        return True
    return isinstance(field, (_StringField, IntegerField)) and type(field).python_value is Field.python_value


def _row(values: tuple[Any, ...], parts: tuple[Part, ...]) -> Any:
    made: list[Any] = []
    for part in parts:
        end = part.start + len(part.names)
        data = dict(zip(part.names, values[part.start : end], strict=True))
        if part.key and data["id"] is None:  # an outer join found nothing
            made.append(None)
            continue
        for name, convert in part.conversions:
            if data[name] is not None:
                data[name] = convert(data[name])
        row = part.model.__new__(part.model)
        row.__data__, row.__rel__, row._dirty = data, {}, set()
        if part.key and made[part.parent] is not None:
            made[part.parent].__rel__[part.key] = row
        made.append(row)
    return made[0]
