"""Rows of the lists that belong to a policy, such as words in names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from peewee import BooleanField, CharField, DateField, ForeignKeyField, IntegerField, TextField

from panel import records
from panel.database import key_of
from panel.i18n import _
from panel.org.models import Institution, Owned
from panel.policies.parts.base import Part, Terms, joined, sources
from panel.policies.tables import Table
from panel.runtime import runtime

SIMPLE = (CharField, TextField, IntegerField, BooleanField)
MANY = 2000  # rows of a list that an export takes along, at most


def lists() -> dict[str, Any]:
    """The models of policies whose rows a preset may bring: those that say by which columns (`preset_key`)."""
    return {key_of(model): model for model in runtime().registry.models if getattr(model, "preset_key", ())}


@dataclass(frozen=True, kw_only=True)
class RowPart(Part):
    """One row of a list, told apart by the columns the model names as its `preset_key`."""

    table: ClassVar[str] = "row"
    list: str  # accounts.name_word
    values: dict[str, Any] = field(hash=False)

    @cached_property
    def model(self) -> Any:
        return lists().get(self.list)

    @property
    def key(self) -> str:
        names = self.model.preset_key if self.model else sorted(self.values)[:1]
        return f"row {self.list} {'/'.join(str(self.values.get(name, '')) for name in names)}"[:250]

    @property
    def area(self) -> str:
        return self.list.partition(".")[0]

    @property
    def title(self) -> str:
        if self.model is None:
            return self.key.removeprefix("row ")
        named = "/".join(str(self.values.get(name, "")) for name in self.model.preset_key)
        return f"{self.model.title}：{named}"

    def misfits(self) -> list[tuple[str, str]]:
        if self.model is None:
            return [("list", _("There is no list %(name)s that presets may fill.", name=self.list))]
        columns = _columns(self.model)
        wrong = [(f"values.{n}", _("The list has no column %(name)s.", name=n)) for n in self.values if n not in columns]
        for name, column in columns.items():
            if name in self.values:
                if text := _mistake(column, self.values[name]):
                    wrong.append((f"values.{name}", text))
            elif name in self.model.preset_key or (not column.null and column.default is None):
                wrong.append((f"values.{name}", _("is missing.")))
        return wrong

    def found(self, institution: Institution) -> Any:
        """The row that stands there now."""
        conditions = [getattr(self.model, name) == self.values.get(name) for name in self.model.preset_key]
        return self.model.get_or_none(self.model.institution == institution, *conditions)

    def before(self, terms: Terms) -> str:
        row = self.found(terms.institution)
        return self._worded({name: getattr(row, name) for name in self.values}) if row else ""

    def after(self, terms: Terms) -> str:
        return self._worded(self.values)

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
        return cls(list=table.text("list", need=True, most=80), values=table.values("values"), **sources(table))

    def written(self) -> dict[str, Any]:
        return {"list": self.list, "values": self.values}

    @classmethod
    def present(cls, institution: Institution) -> list[RowPart]:
        found = []
        for key, model in lists().items():
            columns = _columns(model)
            for row in model.select().where(model.institution == institution).order_by(model.id).limit(MANY):
                values = {name: getattr(row, name) for name in columns}
                found.append(cls(list=key, values={n: v for n, v in values.items() if v is not None and v != ""}))
        return found


def _columns(model: Any) -> dict[str, Any]:
    """The columns a preset may fill: those of the model itself that hold plain values."""
    own = {f.name: f for f in model._meta.sorted_fields if f.name not in Owned._meta.fields}
    return {n: f for n, f in own.items() if isinstance(f, SIMPLE) and not isinstance(f, ForeignKeyField | DateField)}


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
