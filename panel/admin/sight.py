"""Which rows of another model somebody may be offered, shown and led to: those its own view would list for them."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect

from panel.access.identity import current
from panel.access.scope import scope
from panel.admin.columns import is_owned
from panel.runtime import runtime


def view_of(model: Any) -> Any:
    """The RecordView that lists the model, or None; where there are several, the one at the model's own address."""
    found = [page for page in runtime().pages if getattr(page, "model", None) is model]
    return min(found, key=lambda page: bool(page.slug), default=None)


def is_on(page: Any) -> bool:
    """Whether the plugin that owns a page is switched on."""
    identity = current()
    return identity is not None and (not page.plugin or identity.plugin_on(page.plugin))


def open_view(model: Any) -> Any:
    """The same, if whoever asks may enter it."""
    view, identity = view_of(model), current()
    if view is None or identity is None or not identity.may(view.may.view) or not is_on(view):
        return None
    return view


def in_sight(model: Any) -> ModelSelect:
    """Rows of the model that whoever asks may see; a model without a view: all of the institution's."""
    view, identity = view_of(model), current()
    if identity is None:
        return model.select().where(model.id.in_([]))
    if view is not None:
        return scope(model.select(), view.may.view)
    return model.select().where(model.institution == identity.institution.id) if is_owned(model) else model.select()
