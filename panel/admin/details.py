"""The page of one record: its facts by sections, rows that refer to it, its history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import request

from panel import audit
from panel.access.identity import current
from panel.admin import history, sight
from panel.admin.columns import Column
from panel.admin.filters import Chosen, RefFilter
from panel.admin.listing import Listing
from panel.admin.state import Active, State
from panel.database import PersonalText
from panel.runtime import runtime

SHOWN = 5  # related rows of a kind


@dataclass(frozen=True)
class Fact:
    """One value of the record; `address` leads to the row it refers to."""

    label: Any
    value: Any
    wide: bool
    address: str
    reveal: str = ""  # where a masked value is shown in full


@dataclass(frozen=True)
class Kin:
    """Rows of another list that refer to the record through one of its filters."""

    view: Any
    name: str
    label: Any
    columns: list[Column]
    rows: list[Any]
    more: bool
    address: str
    new: str


def respond(view: Any) -> Any:
    row = view.row(request.args.get("id"), view.may.view)
    given = request.args.get("history", "")
    page = int(given) if given.isdecimal() and 0 < int(given[:6]) < 100_000 else 1
    events, more = history.events(row, page)
    related = related_to(row)
    context = {"row": row, "events": events, "history_page": page, "history_more": more, "related": related}
    return view.render(view.details, **context)


def facts(view: Any, row: Any) -> list[tuple[Any, list[Fact]]]:
    """(section title, facts). Columns that no section names stand in the first."""
    sections = [(s.title, list(s.fields)) for s in view.form_sections]
    named = {n for _title, fields in sections for n in fields}
    sections[0][1].extend(n for n in view.column_objects if n not in named)
    return [(title, [_fact(view, row, n) for n in names]) for title, names in sections]


def _fact(view: Any, row: Any, name: str) -> Fact:
    column = view.column_objects.get(name) or view._column(name)
    value = column.value(row)
    wide = name in view.wide or (column.field is not None and column.field.field_type == "TEXT")
    address = ""
    if column.path is not None and column.path.field is None and value is not None and column.format is None:
        other = sight.open_view(type(value))
        address = other.url_of(value) if other is not None else ""
    masked = isinstance(column.field, PersonalText) and value and view.can("reveal")
    shown_at = view.at("reveal_view", id=row.id) if masked else ""
    return Fact(column.label, view.shown(column, row), wide, address, shown_at)


def reveal(view: Any) -> str:
    """The personal data of a record in full; that somebody looked is noted first."""
    row = view.row(request.args.get("id"), view.may.reveal)
    fields = [f for f in row._meta.sorted_fields if isinstance(f, PersonalText) and getattr(row, f.name)]
    audit.note("revealed", row, {"fields": [str(f.verbose_name) for f in fields]})
    return str(
        view.render("admin/reveal.html", row=row, values=[(f.verbose_name, getattr(row, f.name)) for f in fields])
    )


def related_to(row: Any) -> list[Kin]:
    """Lists with a filter on the record's kind, and their first rows."""
    identity = current()
    found = []
    for view in runtime().pages:
        for one in getattr(view, "filter_objects", ()):
            if not isinstance(one, RefFilter) or one.target is not type(row) or len(one.path.chain) > 1:
                continue
            if identity is not None and identity.may(view.may.view) and sight.is_on(view):
                found.append(_kin(view, one, row))
    return [kin for kin in found if kin.rows]


def _kin(view: Any, one: RefFilter, row: Any) -> Kin:
    chosen = Active(one, Chosen(((row.id, str(row)),)), ((one.name, str(row.id)),))
    state = replace(State.parse(view, ""), active=(chosen,), size=SHOWN + 1)
    rows = Listing(state).rows(0)
    columns = [c for c in view.list_columns(view.columns) if c.name != one.name][:6]
    address = replace(state, size=State(view).size).address
    new = f"{view.endpoint}.create_view" if view.can("create") and one.name in view.form_fields else ""
    return Kin(view, one.name, one.label, columns, rows[:SHOWN], len(rows) > SHOWN, address, new)
