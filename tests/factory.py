"""Rows of any model, made from its fields: for tests that go over every list by construction."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import timedelta
from typing import Any

from peewee import BooleanField, DateField, DateTimeField, ForeignKeyField, IntegerField, JSONField

from panel import records
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import today
from panel.org.models import Institution, Person, Unit

SHARED = 3
MANY = {"stipend_settlement": {"state": "locked"}}  # what many rows may be, where of the usual there is but one
_marks = itertools.count(1)  # what makes each row unlike the others


def make_rows(model: Any, institution: Institution, count: int) -> list[Any]:
    """`count` rows, with every reference filled in where the constraints let them; the required ones where not.

    Each has rows of its own to refer to: a row that several share hides a query for each. What those refer to in turn
    is shared by three.
    """
    maker = _Maker(institution)
    return [maker.referred(model, 0) for _number in range(count)]


class _Maker:
    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        self.shared: dict[Any, list[Any]] = defaultdict(list)
        self.turn = itertools.count()

    def referred(self, model: Any, depth: int) -> Any:
        """A row to refer to: of its own near the top, one of three further down."""
        if model is Institution:
            return self.institution
        if depth > 1 and len(self.shared[model]) == SHARED:
            return self.shared[model][next(self.turn) % SHARED]
        made = self._unit() if model is Unit else self._person(depth) if model is Person else self._make(model, depth)
        if depth > 1:
            self.shared[model].append(made)
        return made

    def _unit(self) -> Unit:
        root = Unit.get(Unit.institution == self.institution, Unit.parent.is_null())
        made = records.create(Unit, institution=self.institution, parent=root, name=f"部门{next(_marks):04}")
        records.derive(Unit, Unit.id == made.id, path=f"{root.path}{made.id}/")
        return made

    def _person(self, depth: int) -> Person:
        unit = self.referred(Unit, depth + 1)
        return records.create(Person, institution=self.institution, unit=unit, name=f"人员{next(_marks):04}")

    def _make(self, model: Any, depth: int) -> Any:
        mark = f"{next(_marks) % 10000:04}"  # as short as the shortest text, and a day not too far
        optional = {f.name for f in model._meta.sorted_fields if isinstance(f, ForeignKeyField) and f.null}
        fillings = (optional, set(), *({name} for name in sorted(optional)))
        refusals = []
        for level, filled in itertools.product(dict.fromkeys((depth, 0)), fillings):
            for several in (False, True):  # where choices tell rows apart: another one for each
                values = self._values(model, mark, filled, level)
                if several:
                    chosen = {f.name: list(f.choices) for f in model._meta.sorted_fields if f.choices}
                    chosen.pop("state", None)
                    values |= {name: pairs[int(mark) % len(pairs)][0] for name, pairs in chosen.items()}
                try:
                    with transaction():
                        return records.create(model, institution=self.institution, **values)
                except Refused as refusal:
                    refusals.append(str(refusal))
        raise AssertionError(f"tests/factory.py cannot make a {model.__name__}: {refusals}")

    def _values(self, model: Any, mark: str, filled: set[str], depth: int) -> dict[str, Any]:
        values: dict[str, Any] = dict(MANY.get(model._meta.table_name, {}))
        for field in model._meta.sorted_fields:
            if field.name in ("id", "created_at", "updated_at", "version", "institution", "archived_at"):
                continue
            if isinstance(field, ForeignKeyField):
                if not field.null or (field.name in filled and field.rel_model is not model):
                    values[field.name] = self.referred(field.rel_model, depth + 1)
            elif field.default is None and not field.null:
                values[field.name] = _value(field, mark)
        return values


def _value(field: Any, mark: str) -> Any:
    if field.choices:
        return next(iter(field.choices))[0]
    if isinstance(field, BooleanField):
        return True
    if isinstance(field, (DateField, DateTimeField)):
        return today() + timedelta(days=int(mark))
    if isinstance(field, IntegerField):
        return int(mark) + 1
    return [] if isinstance(field, JSONField) else f"{mark}{field.name}"[: getattr(field, "max_length", 40) or 40]
