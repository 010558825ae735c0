"""Rows of any model, made from its fields: for tests that go over every list by construction."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from peewee import BooleanField, DateField, DateTimeField, ForeignKeyField, IntegerField, JSONField

from panel import records
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import today
from panel.org.models import Institution, Person, Unit

_marks = itertools.count(1)  # what makes each row unlike the others


def make_rows(model: Any, institution: Institution, count: int) -> list[Any]:
    """`count` rows, with every reference filled in where the constraints let them; the required ones where not."""
    return [_referred(model, institution) for _number in range(count)]


def _make(model: Any, institution: Institution) -> Any:
    mark = f"{next(_marks) % 10000:04}"  # as short as the shortest text, and a day not too far
    refusals = []
    optional = {f.name for f in model._meta.sorted_fields if isinstance(f, ForeignKeyField) and f.null}
    for filled in (optional, set(), *({name} for name in sorted(optional))):
        try:
            with transaction():
                return records.create(model, institution=institution, **_values(model, institution, mark, filled))
        except Refused as refusal:
            refusals.append(str(refusal))
    try:  # where choices tell rows apart: another one for each
        with transaction():
            values = _values(model, institution, mark, set())
            chosen = {f.name: list(f.choices) for f in model._meta.sorted_fields if f.choices and f.name != "state"}
            values |= {name: pairs[int(mark) % len(pairs)][0] for name, pairs in chosen.items()}
            return records.create(model, institution=institution, **values)
    except Refused as refusal:
        refusals.append(str(refusal))
    raise AssertionError(f"tests/factory.py cannot make a {model.__name__}: {refusals}")


def _values(model: Any, institution: Institution, mark: str, filled: set[str]) -> dict[str, Any]:
    values = {}
    for field in model._meta.sorted_fields:
        if field.name in ("id", "created_at", "updated_at", "version", "institution", "archived_at"):
            continue
        if isinstance(field, ForeignKeyField):
            if not field.null or (field.name in filled and field.rel_model is not model):
                values[field.name] = _referred(field.rel_model, institution)
        elif field.default is None and not field.null:
            values[field.name] = _value(field, mark)
    return values


def _referred(model: Any, institution: Institution) -> Any:
    """A row of its own to refer to: rows that share one hide a query for each."""
    if model is Institution:
        return institution
    if model is Unit:
        root = Unit.get(Unit.institution == institution, Unit.parent.is_null())
        made = records.create(Unit, institution=institution, parent=root, name=f"部门{next(_marks):04}")
        records.derive(Unit, Unit.id == made.id, path=f"{root.path}{made.id}/")
        return made
    if model is Person:
        unit = _referred(Unit, institution)
        return records.create(Person, institution=institution, unit=unit, name=f"人员{next(_marks):04}")
    return _make(model, institution)


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
