"""Rows of the lists that belong to a policy, such as words in names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from panel import records
from panel.checks.policy import PolicyRecord
from panel.database import key_of
from panel.i18n import _
from panel.org.models import Institution, Owned
from panel.policies.parts.base import Part, Terms, joined, sources
from panel.policies.tables import Table
from panel.runtime import runtime

SIMPLE = (CharField, TextField, IntegerField, BooleanField)
MANY = 2000  # rows of a list that an export takes along, at most


def lists() -> dict[str, Any]:
    """The lists a preset may fill: tables beside a plugin's policy whose rows stand by themselves."""
    beside = [
        m for a in runtime().registry.areas for m in a.defined("policy", Owned) if not issubclass(m, PolicyRecord)
    ]
    return {key_of(model): model for model in beside if told_apart_by(model)}


def told_apart_by(model: Any) -> tuple[str, ...]:
    """The columns that tell rows of a list apart: its `preset_key`, its unique index, or all it cannot do without.

    None where a row must belong to something else.
    """
    columns = _columns(model)
    if any(
        isinstance(f, ForeignKeyField) and not f.null and f.name != "institution" for f in model._meta.sorted_fields
    ):
        return ()
    if named := getattr(model, "preset_key", ()):
        return tuple(named)
    for index in model._meta.indexes:
        names, unique = index
        if unique and "institution" in names and set(names) - {"institution"} <= set(columns):
            return tuple(name for name in names if name != "institution")
    return tuple(name for name, f in columns.items() if not f.null and f.default is None)


@dataclass(frozen=True, kw_only=True)
class RowPart(Part):
    """One row of a list, told apart from the others by what makes it unique."""

    table: ClassVar[str] = "row"
    of: str  # accounts.name_word
    values: dict[str, Any] = field(hash=False)

    @cached_property
    def model(self) -> Any:
        return lists().get(self.of)

    @property
    def key(self) -> str:
        names = told_apart_by(self.model) if self.model else tuple(self.values)
        return f"row {self.of} {'/'.join(str(self.values.get(name, '')) for name in names)}"[:250]

    @property
    def area(self) -> str:
        return self.of.partition(".")[0]

    @property
    def title(self) -> str:
        if self.model is None:
            return self.key.removeprefix("row ")
        named = "/".join(str(self.values.get(name, "")) for name in told_apart_by(self.model))
        return f"{self.model.title}：{named}"

    def misfits(self) -> list[tuple[str, str]]:
        if self.model is None:
            return [("list", _("There is no list %(name)s that presets may fill.", name=self.of))]
        columns = _columns(self.model)
        wrong = [
            (f"values.{n}", _("The list has no column %(name)s.", name=n)) for n in self.values if n not in columns
        ]
        for name, column in columns.items():
            if name in self.values:
                if text := _mistake(column, self.values[name]):
                    wrong.append((f"values.{name}", text))
            elif not column.null and column.default is None:
                wrong.append((f"values.{name}", _("is missing.")))
        return wrong

    def found(self, institution: Institution) -> Any:
        """The row that stands there now."""
        columns = _columns(self.model)
        told = {name: self.values.get(name, columns[name].default) for name in told_apart_by(self.model)}
        conditions = [getattr(self.model, name) == value for name, value in told.items()]
        conditions += [f.is_null() for f in _references(self.model)]  # the row of the whole institution
        return self.model.get_or_none(self.model.institution == institution, *conditions)

    def holds(self, terms: Terms) -> bool:
        row = self.found(terms.institution)
        return row is not None and all(getattr(row, name) == value for name, value in self.values.items())

    def before(self, terms: Terms) -> str:
        row = self.found(terms.institution)
        return self._worded({name: getattr(row, name) for name in self.values}) if row else ""

    def after(self, terms: Terms) -> str:
        return self._worded(self.values)

    def plain(self) -> str:
        return joined(str(value) for value in self.values.values() if not isinstance(value, bool))

    def worded(self) -> str:
        """Its values in words."""
        return self._worded(self.values) if self.model else self.plain()

    def _worded(self, values: dict[str, Any]) -> str:
        shown = []
        for name, value in values.items():
            column = self.model._meta.fields[name]
            text = str(dict(column.choices or ()).get(value, value))
            if isinstance(value, bool):
                text = str(column.verbose_name) if value else ""
            shown.append(text)
        return joined(shown)

    @classmethod
    def apply(cls, parts: Sequence[RowPart], terms: Terms) -> None:
        for part in parts:
            row = part.found(terms.institution)
            if row is None:
                records.create(part.model, institution=terms.institution, **part.values)
            else:
                records.update(row, **part.values)

    @classmethod
    def read(cls, table: Table) -> RowPart:
        return cls(of=table.text("list", need=True, most=80), values=table.values("values"), **sources(table))

    def written(self) -> dict[str, Any]:
        return {"list": self.of, "values": self.values}

    @classmethod
    def present(cls, institution: Institution) -> list[RowPart]:
        found = []
        for key, model in lists().items():
            columns = _columns(model)
            rows = model.select().where(model.institution == institution, *(f.is_null() for f in _references(model)))
            for row in rows.order_by(model.id).limit(MANY):
                values = {name: getattr(row, name) for name in columns}
                found.append(cls(of=key, values={n: v for n, v in values.items() if v is not None and v != ""}))
        return found


def _columns(model: Any) -> dict[str, Any]:
    """The columns a preset may fill: those of the model itself that hold plain values."""
    own = {f.name: f for f in model._meta.sorted_fields if f.name not in Owned._meta.fields}
    return {n: f for n, f in own.items() if isinstance(f, SIMPLE) and not isinstance(f, ForeignKeyField | DateField)}


def _references(model: Any) -> list[Any]:
    return [f for f in model._meta.sorted_fields if isinstance(f, ForeignKeyField) and f.name != "institution"]


def _mistake(column: Any, value: Any) -> str:
    if isinstance(column, BooleanField):
        return "" if isinstance(value, bool) else _("must be true or false.")
    if isinstance(column, IntegerField):
        fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
        return "" if fits else _("must be a whole number.")
    if not isinstance(value, str):
        return _("must be a text.")
    most = getattr(column, "max_length", None)
    if most and len(value) > most:
        return _("%(count)s characters; at most %(most)s are allowed.", count=len(value), most=most)
    known = [code for code, _label in column.choices or ()]
    if known and value not in known:
        return _("“%(value)s” is none of: %(known)s.", value=value, known=", ".join(map(str, known)))
    return ""
