"""From a name a view declares (`unit`, `responsible.name`) to fields, joins and values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

from peewee import (
    JOIN,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    Field,
    ForeignKeyField,
    IntegerField,
    ModelSelect,
    TextField,
)

from panel.i18n import _l
from panel.org.models import Institution, Owned


@dataclass(frozen=True)
class Path:
    """The foreign keys to follow from a model, and the field at their end (None: the row they lead to itself)."""

    chain: tuple[ForeignKeyField, ...]
    field: Field | None

    @property
    def nullable(self) -> bool:
        return any(key.null for key in self.chain) or (self.field is not None and bool(self.field.null))


def path_of(model: Any, name: str) -> Path | None:
    """The path a dotted name stands for, or None where it names no field (an attribute that `load` sets)."""
    chain: list[ForeignKeyField] = []
    for part in name.split("."):
        field = model._meta.fields.get(part)
        if field is None:
            return None
        if isinstance(field, ForeignKeyField):
            chain.append(field)
            model = field.rel_model
        else:
            return Path(tuple(chain), field)
    return Path(tuple(chain), None)


def label_field(model: Any) -> Any:
    """The field rows of a model are called and sorted by."""
    return model._meta.fields.get(model.called) or model.id


def called(model: Any, names: Iterable[str]) -> Expression:
    """The rows of a model called exactly so, as a condition."""
    field = label_field(model)
    if field is model.id:  # PostgreSQL compares no number with a text
        return field.in_([int(n) for n in names if n.isdecimal() and len(n) < 19])
    return field.in_(list(names))


@dataclass(frozen=True)
class Column:
    """A column of a list, a fact of a details page, a column of an export."""

    name: str
    label: Any
    path: Path | None
    format: Callable[[Any], Any] | None = None
    figure: bool = False  # a number that the model works out

    def value(self, row: Any) -> Any:
        """The raw value in a row; foreign keys give rows."""
        for part in self.name.split("."):
            if row is None:
                return None
            row = getattr(row, part, None)
        return row

    @cached_property
    def style(self) -> str:
        """Classes of a cell: figures to the right, dates and names unbroken."""
        if isinstance(self.field, (DateField, DateTimeField, ForeignKeyField)):
            return "keep"
        return "num" if self.figure or (isinstance(self.field, IntegerField) and not self.field.choices) else ""

    @cached_property
    def field(self) -> Field | None:
        """The field that decides how a value is shown; for a row it is the foreign key."""
        if self.path is None:
            return None
        return self.path.field or self.path.chain[-1]


def label_of(model: Any, name: str) -> Any:
    """What people call a field: the verbose name of its last named part."""
    path = path_of(model, name)
    if path is None:
        return getattr(model, "labels", {}).get(name, name)
    parts: list[Any] = [*path.chain, path.field] if path.field is not None else [*path.chain]
    if len(parts) > 1 and parts[-1] is label_field(parts[-1].model):
        parts.pop()  # "responsible.name" is called what "responsible" is
    names = [part.verbose_name or part.name for part in parts]
    return names[0] if len(names) == 1 else _l("%(first)s · %(second)s", first=names[0], second=names[-1])


class Joins:
    """The joins of one query: each chain of foreign keys is joined once, under an alias of its own."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._aliases: dict[tuple[ForeignKeyField, ...], Any] = {}

    def add(self, chain: tuple[ForeignKeyField, ...]) -> Any:
        """The alias at the end of the chain; the root for an empty one."""
        if not chain:
            return self.root
        if chain not in self._aliases:
            self.add(chain[:-1])
            self._aliases[chain] = chain[-1].rel_model.alias(f"j{len(self._aliases)}")
        return self._aliases[chain]

    def field(self, path: Path) -> Any:
        """The joined field; for a path to a row, the field such rows are sorted by."""
        source = self.add(path.chain)
        field = path.field or label_field(path.chain[-1].rel_model)
        return getattr(source, field.name)

    @property
    def chains(self) -> tuple[tuple[ForeignKeyField, ...], ...]:
        """What is joined, in order: the alias of the n-th is `j<n>`."""
        return tuple(self._aliases)

    def apply(self, query: ModelSelect) -> ModelSelect:
        """Join everything asked for."""
        outer: set[tuple[ForeignKeyField, ...]] = set()
        for chain, alias in self._aliases.items():
            key, source = chain[-1], self.add(chain[:-1])
            missing = key.null or chain[:-1] in outer
            if missing:
                outer.add(chain)
            kind = JOIN.LEFT_OUTER if missing else JOIN.INNER
            here = getattr(source, key.name) == alias.id
            query = query.join_from(source, alias, kind, on=here)
        return query


def within(chain: tuple[ForeignKeyField, ...], make: Callable[[Any], Expression], model: Any) -> Expression:
    """`make(model)` at the end of the chain, as a condition on `model`: sub-queries instead of joins.

    The database answers each sub-query once, from the index of the related table.
    """
    if not chain:
        return make(model)
    related = chain[0].rel_model.alias()
    inner = related.select(related.id).where(within(chain[1:], make, related))
    if issubclass(chain[0].rel_model, Owned):
        from panel.access.identity import current

        identity = current()
        inner = inner.where(related.institution == (identity.institution.id if identity else None))
    return getattr(model, chain[0].name).in_(inner)


def matches(model: Any, names: Iterable[str], text: str) -> Expression | None:
    """Rows in which each word of the text is found in one of the fields; None where there is nothing to look for.

    `%` and `_` stand for themselves. Letters are also looked for in the pinyin initials of people.
    """
    paths = [path for path in (path_of(model, name) for name in names) if path is not None]
    words = text.split()[:8]
    if not words or not paths:
        return None
    return reduce(operator.and_, (reduce(operator.or_, _found(model, paths, word)) for word in words))


def as_text(source: Any, field: Field) -> Any:
    """A field of a model or alias, to be searched: PostgreSQL compares a day or a number with no text."""
    column = getattr(source, field.name)
    return column if isinstance(field, CharField | TextField) else column.cast("TEXT")


def _found(model: Any, paths: list[Path], word: str) -> list[Expression]:
    found = []
    for path in paths:
        target = path.field.model if path.field is not None else path.chain[-1].rel_model
        field = path.field or label_field(target)

        def holds(source: Any, field: Field = field, target: Any = target) -> Expression:
            here = as_text(source, field).contains(word)
            if word.isascii() and word.isalpha() and field.name == "name" and "initials" in target._meta.fields:
                here |= source.initials.startswith(word.lower())
            return here

        found.append(within(path.chain, holds, model))
    return found


def is_owned(model: Any) -> bool:
    return isinstance(model, type) and (issubclass(model, Owned) or model is Institution)
