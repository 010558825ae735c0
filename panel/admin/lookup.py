"""Type-ahead and the search page: rows by name, number and pinyin initials, only those in sight."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from peewee import Case, ModelSelect

from panel.access.guard import signed_in
from panel.access.identity import current
from panel.admin import sight
from panel.admin.columns import Joins, as_text, label_field, matches, path_of
from panel.admin.listing import top
from panel.admin.loading import fetch
from panel.database import key_of
from panel.errors import NotFound
from panel.i18n import _, plain
from panel.runtime import runtime

OFFERED = 20  # rows of a type-ahead
HITS = 5  # rows of a kind on the search page


def init_app(app: Flask) -> None:
    app.add_url_rule("/lookup/<key>", "lookup", lookup)
    app.add_url_rule("/search", "search", search)


@signed_in("gives only rows whose own view, or whose form, whoever asks may enter")
def lookup(key: str) -> Response:
    """Rows of a model as [{id, text, note}].

    `?q=` is what was typed; `?for=<endpoint>.<field>` gives what may be chosen in that form rather than all in sight.
    """
    model = next((m for m in runtime().registry.models if key_of(m) == key), None)
    helper = request.args.get("for", "")
    rows = _offered(model, helper) if helper else _listed(model)
    text = " ".join(request.args.get("q", "").split())[:60]
    return jsonify(found(rows, model, text))


def _listed(model: Any) -> ModelSelect:
    if model is None or sight.open_view(model) is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return sight.in_sight(model)


def _offered(model: Any, helper: str) -> ModelSelect:
    endpoint, _dot, name = helper.partition(".")
    view = next((p for p in runtime().pages if p.endpoint == endpoint and name in getattr(p, "form_fields", ())), None)
    doors = [d for d in ("create", "edit") if view is not None and view.can(d)]
    if view is None or not doors or not sight.is_on(view):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    rows = view.offer(name, getattr(view.may, doors[0]))
    if rows.model is not model:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return rows


def found(rows: ModelSelect, model: Any, text: str) -> list[dict[str, Any]]:
    """The first rows that match, those called exactly so before those that begin so before the rest."""
    fields, name = model._meta.fields, label_field(model)
    said = as_text(model, name)
    names = [name.name, *(n for n in ("number", "code", "identifier") if n in fields)] if name is not model.id else []
    condition = matches(model, names, text)
    if condition is not None:
        rank = Case(None, [(said == text, 0), (said.startswith(text), 1)], 2)
        rows = rows.where(condition).order_by(rank, name, model.id)
    else:
        rows = rows.order_by(name, model.id)
    narrowed: Any = rows.select(model.id).limit(OFFERED).tuples()
    ids = [row_id for (row_id,) in narrowed]
    return [{"id": row.id, "text": plain(row), "note": note_of(row)} for row in _joined(model, ids)]


def _joined(model: Any, ids: list[int]) -> list[Any]:
    """The rows with these ids, in that order, with all that their notes speak of."""
    view, unit = sight.view_of(model), path_of(model, "unit")
    page = model.alias("page")
    joins = Joins(page)
    for chain in [*(view.joined if view is not None else ()), *([unit.chain] if unit is not None else ())]:
        joins.add(chain)
    rows = {row.id: row for row in fetch(joins, lambda query: query.where(page.id.in_(ids)))}
    return [rows[row_id] for row_id in ids]


def note_of(row: Any) -> str:
    """What tells the row from others of its name: its unit, and its view's note."""
    view = sight.view_of(type(row))
    notes = [plain(getattr(row, "unit", None)), str(view.note_of(row) or "") if view is not None else ""]
    return " · ".join(dict.fromkeys(note for note in notes if note))


@signed_in("searches only the lists whoever asks may enter")
def search() -> str:
    """The first hits in every list that can be searched."""
    text = " ".join(request.args.get("q", "").split())[:100]
    identity = current()
    groups = []
    for view in runtime().pages if text else ():
        if not getattr(view, "search", ()) or not sight.is_on(view):
            continue
        if identity is not None and identity.may(view.may.view) and (rows := top(view, text, HITS + 1)):
            groups.append((view, rows[:HITS], len(rows) > HITS))
    return render_template("admin/search.html", text=text, groups=groups)
