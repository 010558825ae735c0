"""The one place that decides which rows an identity sees. Every list, lookup, export, chart and job goes through it."""

from __future__ import annotations

import operator
from enum import StrEnum
from functools import reduce
from typing import Any, TypeVar

from peewee import Expression, Model, ModelSelect

from panel.access.identity import Identity, current
from panel.database import key_of
from panel.errors import NotAllowed, NotFound
from panel.i18n import _
from panel.org.models import Institution, Owned, Unit

M = TypeVar("M", bound=Model)


def scope(query: ModelSelect[Any], permission: StrEnum | str, identity: Identity | None = None) -> ModelSelect[Any]:
    """Narrow a query of an owned model to what `identity` (default: the current one) may see under `permission`."""
    return query.where(condition(query.model, permission, identity))


def condition(model: Any, permission: StrEnum | str, identity: Identity | None = None) -> Expression:
    """The rows of `model` in sight, as a condition.

    Rows of one institution only; below the units where the permission is held, for a model that names a `scope_unit`;
    those whose parent is in sight, for one that names a `scope_parent`.
    """
    who = identity or current()
    if who is None or not who.may(permission):
        return model.id.in_([])  # nobody, or not allowed: nothing
    if model is Institution:
        return Institution.id == who.institution.id
    if model.scope_institution:  # rows of no unit: for who sees the whole institution
        whole = who.reach(permission) is None
        return model._meta.fields[model.scope_institution] == (who.institution.id if whole else None)
    if not issubclass(model, Owned):
        raise TypeError(f"{key_of(model)} is not owned by an institution and cannot be scoped")
    mine = model.institution == who.institution.id
    reach = who.reach(permission)
    if reach is None:
        return mine
    if model.scope_unit:
        return mine & model._meta.combined[model.scope_unit].in_(units_below(who.institution, reach))
    if model.scope_parent:
        key = model._meta.fields[model.scope_parent]
        parents = key.rel_model.select(key.rel_model.id).where(condition(key.rel_model, permission, who))
        return mine & key.in_(parents)
    return mine


def units_below(institution: Institution, paths: list[str]) -> ModelSelect[Any]:
    """Ids of the units at and below the given paths, as a sub-query."""
    inner = Unit.alias()
    below = reduce(operator.or_, (inner.path.startswith(path) for path in paths))
    return inner.select(inner.id).where(inner.institution == institution.id, below)


def find(model: type[M], row_id: Any, permission: StrEnum | str, identity: Identity | None = None) -> M:
    """One row in sight. Raises NotFound, whether it does not exist or may not be seen."""
    row = None
    if str(row_id).isdecimal() and len(str(row_id)) < 19:
        query = model.select().where(model.id == int(row_id))  # type: ignore[attr-defined]
        row = scope(query, permission, identity).first()
    if row is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return row


def require(permission: StrEnum | str, identity: Identity | None = None) -> Identity:
    """The identity, if it holds the permission anywhere. Raises NotAllowed."""
    who = identity or current()
    if who is None or not who.may(permission):
        raise NotAllowed(_("You do not have the permission for this (%(permission)s).", permission=permission))
    return who
