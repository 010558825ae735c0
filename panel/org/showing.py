"""How units and people look in lists."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import reduce
from typing import Any

from markupsafe import Markup
from peewee import fn

from panel.i18n import _, _l, today
from panel.org.models import Person, Unit, serving

SERVICE = (
    ("in", _l("In service")),
    ("leaving", _l("Leaves within 30 days")),
    ("left", _l("Has left")),
    ("coming", _l("Not yet in service")),
)


def show_unit(unit: Unit) -> Markup:
    """The name, indented by its depth in the tree."""
    depth = unit.path.count("/") - 2
    stem = (
        Markup('<span class="dim" aria-hidden="true">{}└ </span>').format("\u3000" * (depth - 1)) if depth > 0 else ""
    )
    return Markup("{}{}").format(stem, unit.name)


def show_open(unit: Unit) -> Markup:
    """Open or archived."""
    if unit.archived_at is None:
        return Markup('<span class="state state-ok">{}</span>').format(_("Open"))
    return Markup('<span class="state state-off">{}</span>').format(_("In the archive"))


def where_open(model: Any, values: Sequence[str]) -> Any:
    """The condition for open units, archived ones, or both."""
    return reduce(operator.or_, [model.archived_at.is_null(value == "open") for value in values])


def show_service(person: Person) -> Markup:
    """Whether the person is in service today."""
    day = today()
    if person.in_service_until is not None and person.in_service_until < day:
        style, text = "state-bad", _("Has left")
    elif person.in_service_from is not None and person.in_service_from > day:
        style, text = "state-off", _("Not yet in service")
    elif person.in_service_until is not None and (person.in_service_until - day).days <= 30:
        style, text = "state-wait", _("Leaves %(day)s", day=person.in_service_until.isoformat())
    else:
        style, text = "state-ok", _("In service")
    return Markup('<span class="state {}">{}</span>').format(style, text)


def where_service(model: Any, values: Sequence[str]) -> Any:
    """The condition for any of the states of SERVICE."""
    day = today()
    left = model.in_service_until < day
    coming = model.in_service_from > day
    soon = model.in_service_until.between(day, day + timedelta(days=30))
    inside = serving(model, day)
    parts = {"in": inside, "leaving": inside & soon, "left": left, "coming": coming}
    return reduce(operator.or_, [parts[value] for value in values])


def count_people(units: Iterable[Unit]) -> None:
    """Hang `people_count` on units: who is in service in the unit itself. One query."""
    ids = [unit.id for unit in units]
    query: Any = (
        Person.select(Person.unit, fn.COUNT(Person.id))
        .where(Person.unit.in_(ids), where_service(Person, ["in"]))
        .group_by(Person.unit)
        .tuples()
    )
    counts = dict(query)
    for unit in units:
        unit.people_count = counts.get(unit.id, 0)  # type: ignore[attr-defined]
