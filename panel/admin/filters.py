"""The conditions a list can be narrowed by: read from the address, turned into SQL, worded on a chip.

A view names fields; what a filter looks like follows from the field. `ChoiceFilter` takes a condition of its own.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from typing import Any, ClassVar

from peewee import BooleanField, DateField, Expression, IntegerField
from werkzeug.datastructures import MultiDict

from panel.access.identity import current
from panel.admin.columns import Path, called, label_of, path_of, within
from panel.admin.sight import in_sight
from panel.admin.values import read_day, read_fen, read_whole
from panel.database import MoneyField, UtcDateTimeField
from panel.errors import Refused
from panel.i18n import _, _l, show_money, today, zone
from panel.org.models import Unit

EMPTY = "-"  # what an address says for "not filled in"
MOST = 50  # values of one condition
DAYS = re.compile(r"(-?[0-9]{1,4})d")
PERIODS = {
    "past": (_l("Already past"), None, "-1d"),
    "next30": (_l("Within 30 days"), "today", "30d"),
    "next60": (_l("Within 60 days"), "today", "60d"),
    "next90": (_l("Within 90 days"), "today", "90d"),
    "last30": (_l("In the last 30 days"), "-30d", "today"),
}


class Unusable(ValueError):
    """What the address says cannot be a value of this condition; it is left out, with a notice."""


@dataclass
class Filter:
    """A condition called `name` in the address. Subclasses read, apply and word it."""

    name: str
    label: Any
    kind: ClassVar[str] = "text"  # which control the template shows

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, given: MultiDict[str, str]) -> Any:
        """The value in the address, None where there is none. Raises Unusable."""
        raise NotImplementedError

    def condition(self, model: Any, value: Any) -> Expression:
        raise NotImplementedError

    def text(self, value: Any) -> str:
        raise NotImplementedError


@dataclass
class ChoiceFilter(Filter):
    """Any of some values. `where(model, values)` gives the condition."""

    choices: Sequence[tuple[str, Any]] = ()
    where: Callable[[Any, list[str]], Expression] | None = None
    kind: ClassVar[str] = "choice"

    def read(self, given: MultiDict[str, str]) -> Any:
        values = list(dict.fromkeys(v for v in given.getlist(self.name) if v))[:MOST]
        known = {str(value) for value, _label in self.options}
        if any(v not in known for v in values):
            raise Unusable
        return tuple(values) or None

    @property
    def options(self) -> list[tuple[str, Any]]:
        return [(str(value), label) for value, label in self.choices]

    def condition(self, model: Any, value: Any) -> Expression:
        assert self.where is not None
        return self.where(model, list(value))

    def text(self, value: Any) -> str:
        labels = dict(self.options)
        return "、".join(str(labels[v]) for v in value)


@dataclass
class FieldFilter(Filter):
    """A condition on a field of the model, or of a row it refers to."""

    path: Path = field(default_factory=lambda: Path((), None))

    def on(self, model: Any, make: Callable[[Any], Expression]) -> Expression:
        """`make(field)` as a condition on the model."""
        assert self.path.field is not None
        name = self.path.field.name
        return within(self.path.chain, lambda source: make(getattr(source, name)), model)


@dataclass
class FieldChoiceFilter(FieldFilter):
    """Any of the field's choices."""

    kind: ClassVar[str] = "choice"

    @property
    def options(self) -> list[tuple[str, Any]]:
        assert self.path.field is not None
        if isinstance(self.path.field, BooleanField):
            return [("1", _l("Yes")), ("0", _l("No"))]
        empty = [(EMPTY, _l("Not filled in"))] if self.path.field.null else []
        return [*((str(value), label) for value, label in self.path.field.choices), *empty]

    read = ChoiceFilter.read
    text = ChoiceFilter.text

    def condition(self, model: Any, value: Any) -> Expression:
        wanted: list[Any] = [v for v in value if v != EMPTY]
        if isinstance(self.path.field, BooleanField):
            wanted = [v == "1" for v in wanted]

        def make(column: Any) -> Expression:
            some = [column.in_(wanted)] if wanted else []
            return reduce(operator.or_, [*some, column.is_null()] if EMPTY in value else some)

        return self.on(model, make)


@dataclass(frozen=True)
class Chosen:
    """Rows a condition names: ids and what they are called; no id stands for "not filled in"."""

    rows: tuple[tuple[int | None, str], ...]


@dataclass
class RefFilter(FieldFilter):
    """Rows that refer to any of some rows; for a unit, to it or any below it."""

    kind: ClassVar[str] = "ref"

    @property
    def target(self) -> Any:
        return self.path.chain[-1].rel_model

    def read(self, given: MultiDict[str, str]) -> Chosen | None:
        values = list(dict.fromkeys(v for v in given.getlist(self.name) if v))[:MOST]
        if not values:
            return None
        ids = [int(v) for v in values if v.isdecimal() and len(v) < 19]
        names = [v for v in values if not v.isdecimal() and v != EMPTY]  # typed, where no script looked them up
        chosen: list[tuple[int | None, str]] = []
        if ids or names:
            wanted = self.target.id.in_(ids) | called(self.target, names) if names else self.target.id.in_(ids)
            rows: list[Any] = list(in_sight(self.target).where(wanted).limit(MOST))
            chosen += [(row.id, str(row)) for row in rows]
        if EMPTY in values and self.path.nullable:
            chosen.append((None, _("Not filled in")))
        if len(chosen) < len(values):
            raise Unusable
        return Chosen(tuple(chosen))

    def condition(self, model: Any, value: Chosen) -> Expression:
        ids = [i for i, _name in value.rows if i is not None]
        key = self.path.chain[-1].name

        def make(source: Any) -> Expression:
            column = getattr(source, key)
            some = [column.in_(self._with_below(ids))] if ids else []
            return reduce(operator.or_, [*some, column.is_null()] if len(ids) < len(value.rows) else some)

        return within(self.path.chain[:-1], make, model)

    def _with_below(self, ids: list[int]) -> Any:
        if self.target is not Unit:
            return ids
        top, below = Unit.alias(), Unit.alias()
        # Ids and slashes only: nothing in a path is a wildcard.
        return (
            below.select(below.id)
            .join(top, on=(below.path.startswith(top.path) & (below.institution == top.institution)))
            .where(top.id.in_(ids), top.institution == _here())
        )

    def text(self, value: Chosen) -> str:
        names = [name for _id, name in value.rows]
        below = _(" and below") if self.target is Unit and any(i for i, _name in value.rows) else ""
        return "、".join(names) + below


@dataclass(frozen=True)
class Range:
    """From and to, as typed; `period` names a shipped one; `empty` asks for rows without a value."""

    least: str = ""
    most: str = ""
    period: str = ""


@dataclass
class RangeFilter(FieldFilter):
    """Between two values, either of which may be left out."""

    kind: ClassVar[str] = "range"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_from", f"{self.name}_to")

    @property
    def periods(self) -> list[tuple[str, Any]]:
        return [(EMPTY, _l("Not filled in"))] if self.path.nullable else []

    def read(self, given: MultiDict[str, str]) -> Range | None:
        value = Range(*(given.get(k, "").strip() for k in (self.keys[1], self.keys[2], self.keys[0])))
        if value == Range():
            return None
        if value.period and value.period not in dict(self.periods):
            raise Unusable
        if not value.period:
            self._bounds(value)
        return value

    def condition(self, model: Any, value: Range) -> Expression:
        if value.period == EMPTY:
            return self.on(model, lambda column: column.is_null())
        least, most = self._bounds(value)

        def make(column: Any) -> Expression:
            parts = [column >= least] if least is not None else []
            parts += [column <= most] if most is not None else []
            return reduce(operator.and_, parts)

        return self.on(model, make)

    def _bounds(self, value: Range) -> tuple[Any, Any]:
        return tuple(self.parse(v) if v else None for v in (value.least, value.most))  # type: ignore[return-value]

    def parse(self, typed: str) -> Any:
        try:
            return read_fen(typed) if isinstance(self.path.field, MoneyField) else read_whole(typed)
        except Refused as error:
            raise Unusable from error

    def word(self, typed: str) -> str:
        bound = self.parse(typed)
        return show_money(bound) if isinstance(self.path.field, MoneyField) else f"{bound:,}"

    def text(self, value: Range) -> str:
        if value.period:
            return str(dict(self.periods)[value.period])
        if value.least and value.most:
            return _("%(least)s to %(most)s", least=self.word(value.least), most=self.word(value.most))
        if value.least:
            return _("from %(least)s", least=self.word(value.least))
        return _("up to %(most)s", most=self.word(value.most))


@dataclass
class DateFilter(RangeFilter):
    """Between two days; `today`, `30d` and `-30d` move along with the calendar."""

    kind: ClassVar[str] = "dates"

    @property
    def periods(self) -> list[tuple[str, Any]]:
        return [*((name, label) for name, (label, _a, _b) in PERIODS.items()), *super().periods]

    def parse(self, typed: str) -> date:
        if typed == "today":
            return today()
        if days := DAYS.fullmatch(typed):
            return today() + timedelta(days=int(days[1]))
        try:
            return read_day(typed)
        except Refused as error:
            raise Unusable from error

    def word(self, typed: str) -> str:
        return self.parse(typed).isoformat()

    def _bounds(self, value: Range) -> tuple[Any, Any]:
        if value.period in PERIODS:
            _label, least, most = PERIODS[value.period]
            value = Range(least or "", most or "")
        first, last = super()._bounds(value)
        if isinstance(self.path.field, UtcDateTimeField):
            return first and _start_of(first), last and _start_of(last + timedelta(days=1)) - timedelta(microseconds=1)
        return first, last


@dataclass
class TextFilter(FieldFilter):
    """The text contains the words typed."""

    def read(self, given: MultiDict[str, str]) -> str | None:
        return given.get(self.name, "").strip()[:100] or None

    def condition(self, model: Any, value: str) -> Expression:
        if value == EMPTY:
            return self.on(model, lambda column: (column == "") | column.is_null())
        return self.on(model, lambda column: column.contains(value))

    def text(self, value: str) -> str:
        return _("Not filled in") if value == EMPTY else _("contains “%(text)s”", text=value)


def derive(model: Any, declared: Sequence[str | Filter]) -> list[Filter]:
    """Filter objects for what a view declares. Raises ValueError for a name that is no field."""
    return [_derive(model, entry) if isinstance(entry, str) else entry for entry in declared]


def _derive(model: Any, name: str) -> Filter:
    path = path_of(model, name)
    if path is None:
        raise ValueError(f"filters: {name} is no field of {model.__name__}")
    return _kind(path)(name, label_of(model, name), path)


def _kind(path: Path) -> type[FieldFilter]:
    if path.field is None:
        return RefFilter
    if path.field.choices or isinstance(path.field, BooleanField):
        return FieldChoiceFilter
    if isinstance(path.field, (DateField, UtcDateTimeField)):
        return DateFilter
    return RangeFilter if isinstance(path.field, IntegerField) else TextFilter


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), zone()).astimezone(UTC)


def _here() -> int | None:
    identity = current()
    return identity.institution.id if identity else None
