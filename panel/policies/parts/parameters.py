"""Parameters of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from peewee import BooleanField, IntegerField

from panel.checks import policy
from panel.checks.engine import today_in
from panel.database import key_of
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.policies.national import National, conflicts
from panel.policies.parts.base import Part, Terms, sources
from panel.policies.tables import Table
from panel.runtime import runtime

Value = str | int | bool


@dataclass(frozen=True, kw_only=True)
class ParameterPart(Part):
    """One parameter; an empty text stands for “not in force”."""

    table: ClassVar[str] = "parameter"
    policy: str  # accounts.accounts_policy
    name: str
    value: Value

    @property
    def key(self) -> str:
        return f"parameter {self.policy}.{self.name}"

    @property
    def area(self) -> str:
        return self.policy.partition(".")[0]

    @cached_property
    def model(self) -> Any:
        """The policy's table; None where its plugin is not there."""
        return next((m for m in policy.models(runtime().registry.areas) if key_of(m) == self.policy), None)

    @property
    def title(self) -> str:
        if self.model is None or self.name not in self.model.parameters():
            return self.name
        return str(self.model._meta.fields[self.name].verbose_name)

    @property
    def kind(self) -> type[str] | type[int] | type[bool]:
        """What values are: true or false, a whole number, or a text."""
        field = self.model._meta.fields[self.name] if self.model else None
        return bool if isinstance(field, BooleanField) else int if isinstance(field, IntegerField) else str

    def stored(self) -> Any:
        """The value as its column holds it. Raises Refused for one the policy does not take."""
        called = {bool: _("true or false"), int: _("a whole number"), str: _("a text")}[self.kind]
        if type(self.value) is not self.kind and not (self.value == "" and self.kind is not bool):
            raise Refused(_("must be %(called)s.", called=called))
        typed = str(int(self.value)) if isinstance(self.value, bool) else str(self.value)
        value = policy.clean(self.model, {self.name: typed})[self.name]
        return self.model.checked({self.name: value})[self.name]

    def misfits(self) -> list[tuple[str, str]]:
        if self.model is None:
            return [("policy", _("There is no policy %(name)s.", name=self.policy))]
        if self.name not in self.model.parameters():
            return [("name", _("%(policy)s has no parameter %(name)s.", policy=self.policy, name=self.name))]
        try:
            self.stored()
        except Refused as refusal:
            return [("value", str(refusal))]
        return []

    def _row(self, terms: Terms) -> Any:
        return terms.once(self.policy, lambda: policy.in_force(self.model, terms.institution, terms.day))

    def holds(self, terms: Terms) -> bool:
        row = self._row(terms)
        return row is not None and getattr(row, self.name) == self.stored()

    def before(self, terms: Terms) -> str:
        row = self._row(terms)
        return self.shown(getattr(row, self.name) if row else self.model._meta.fields[self.name].default)

    def after(self, terms: Terms) -> str:
        return self.shown(self.stored())

    def plain(self) -> str:
        return str(self.value)

    def shown(self, value: Any) -> str:
        """A value in words."""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if value is None or value == "":
            return _("not in force")
        unit = self.model.parameters()[self.name].unit
        return f"{value} {unit}" if unit else str(value)

    def against(self, terms: Terms) -> list[National]:
        found = conflicts(terms.institution, self.model, {self.name: self.stored()}, terms.day)
        return [rule for name, rule in found if name == self.name]

    @classmethod
    def apply(cls, parts: Sequence[ParameterPart], terms: Terms) -> None:
        """All parameters of one policy are one change: no period begins twice on a day."""
        for model in dict.fromkeys(part.model for part in parts):
            row = policy.ship(model, terms.institution)
            values = {part.name: part.stored() for part in parts if part.model is model}
            if any(getattr(row, name) != value for name, value in values.items()):
                policy.change(model, terms.institution, max(terms.day, row.valid_from), values, terms.reason)

    @classmethod
    def read(cls, table: Table) -> ParameterPart:
        return cls(
            policy=table.text("policy", need=True, most=80),
            name=table.text("name", need=True, most=80),
            value=_value(table),
            **sources(table),
        )

    def written(self) -> dict[str, Any]:
        return {"policy": self.policy, "name": self.name, "value": self.value}

    @classmethod
    def present(cls, institution: Institution) -> list[ParameterPart]:
        found = []
        for model in policy.models(runtime().registry.areas):
            row = policy.in_force(model, institution, today_in(institution))
            for name, parameter in model.parameters().items() if row else ():
                value = getattr(row, name)
                kept: Value = "" if value is None else value if isinstance(value, bool | int) else str(value)
                found.append(cls(policy=key_of(model), name=name, value=kept, rules=parameter.rules))
        return found


def _value(table: Table) -> Value:
    value = table.any("value")
    return value if isinstance(value, str | int | bool) else ""
