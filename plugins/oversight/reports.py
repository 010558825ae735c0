"""How oversight is going: what is open, by unit."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import url_for
from peewee import Case, fn

from panel.api import Bar, Chart, Figure, Identity, Reading, Series, Unit, _, _l, scope, today
from plugins.oversight.choices import OWED, ItemState
from plugins.oversight.models import Inspection, Item
from plugins.oversight.permissions import OversightPermission as P

MOST = 10


def _by_unit(identity: Identity) -> list[Bar]:
    """Items not settled by inspected unit: late, and under way."""
    late = Case(None, [(Item.state.in_([s.value for s in OWED]) & (Item.due_on < today()), 1)], 0)
    query = (
        Item.select(Unit.name, fn.SUM(late), fn.COUNT(Item.id))
        .join(Inspection)
        .join(Unit, on=(Inspection.unit == Unit.id))
        .where(Item.state != ItemState.ACCEPTED)
    )
    rows: Any = scope(query, P.INSPECTION_VIEW, identity).group_by(Unit.id, Unit.name).tuples()
    most = sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))[:MOST]
    return [Bar(name, (int(past), count - int(past))) for name, past, count in most]


def _held(identity: Identity) -> list[Bar]:
    """Inspections of this year by unit: done, planned."""
    query = (
        Inspection.select(Unit.name, Inspection.state, fn.COUNT(Inspection.id))
        .join(Unit, on=(Inspection.unit == Unit.id))
        .where(Inspection.planned_on.year == today().year)
    )
    done, coming = Counter[str](), Counter[str]()
    rows: Any = scope(query, P.INSPECTION_VIEW, identity).group_by(Unit.id, Unit.name, Inspection.state).tuples()
    for name, state, count in rows:
        (done if state == "done" else coming)[name] += count if state != "dropped" else 0
    return [Bar(name, (done[name], coming[name])) for name, _n in (done + coming).most_common(MOST)]


def _unanswered(identity: Identity) -> Reading:
    owed = [state.value for state in OWED]
    rows = scope(Item.select().where(Item.state.in_(owed)), P.INSPECTION_VIEW, identity)
    count, late = rows.count(), rows.where(Item.due_on < today()).count()
    note = _("of them %(count)s late", count=late) if late else ""
    address = url_for("oversight_item.index_view", state=ItemState.OPEN.value)
    return Reading(count, address, note, "late" if late else "" if count else "empty")


items = Chart(
    name="oversight.items",
    title=_l("Inspection items not settled, by unit"),
    series=(Series(_l("Late"), "late"), Series(_l("Under way"), "soft")),
    read=_by_unit,
    permission=P.INSPECTION_VIEW,
    label=_l("Unit"),
    endpoint="oversight_item.index_view",
    order=80,
)
held = Chart(
    name="oversight.inspections",
    title=_l("Inspections this year, by unit"),
    series=(Series(_l("Done"), "bar"), Series(_l("Planned"), "soft")),
    read=_held,
    permission=P.INSPECTION_VIEW,
    label=_l("Unit"),
    endpoint="oversight_inspection.index_view",
    order=81,
)
unanswered = Figure(
    name="oversight.unanswered",
    title=_l("Inspection items to answer"),
    read=_unanswered,
    permission=P.INSPECTION_VIEW,
    order=60,
)
