"""Writing a confirmed plan: units, then people, then the rows themselves; inside the importer's transaction."""

from __future__ import annotations

from typing import Any

from panel.admin.imports.plan import Plan, Report, Unknown
from panel.admin.imports.target import New, Values
from panel.i18n import _
from panel.org import services as org
from panel.org.models import Institution, PersonKind, Unit

Ids = dict[New, int]
BATCH = 1_000  # rows handed to the target at once; their records and audit entries are in memory together


def write(institution: Institution, made: Plan, report: Report) -> tuple[dict[str, Any], dict[int, int]]:
    """What was created beside the rows, {"units", "people"} of [id, name]; and row number → id of each row's record."""
    ids: Ids = {}
    units = _units(made, ids)
    people = _people(made, ids)
    rows, changes = made.created, made.changed
    total = len(rows) + len(changes)
    subjects: dict[int, int] = {}
    for start in range(0, len(rows), BATCH):
        report(start, total, _("Writing"))
        batch = rows[start : start + BATCH]
        created = made.target.create(institution, [_settled(row.values, ids) for row in batch])
        if isinstance(created, list) and len(created) == len(batch):
            subjects |= {row.number: record.id for row, record in zip(batch, created, strict=True)}
    for start in range(0, len(changes), BATCH):
        report(len(rows) + start, total, _("Writing"))
        batched = changes[start : start + BATCH]
        made.target.change(institution, [c._replace(values=_settled(c.values, ids)) for c in batched])
    return {"units": units, "people": people}, subjects


def _units(made: Plan, ids: Ids) -> list[list[Any]]:
    created = []
    for unknown in made.wanted("unit"):
        parent = made.resolver.parent_of(unknown.key)
        assert parent is not None  # else the plan would have refused the row
        unit = org.add_unit({"name": unknown.new.name, "parent": Unit.get_by_id(parent.id)})
        ids[unknown.new] = unit.id
        created.append([unit.id, unit.name])
    return created


def _people(made: Plan, ids: Ids) -> list[list[Any]]:
    wanted = made.wanted("person")
    places = [_resolved(unknown.unit, ids) for unknown in wanted]
    units = {unit.id: unit for unit in Unit.select().where(Unit.id.in_(sorted(set(places))))}
    people = org.hire_many([_person(unknown, units[place]) for unknown, place in zip(wanted, places, strict=True)])
    ids.update({unknown.new: person.id for unknown, person in zip(wanted, people, strict=True)})
    return [[person.id, person.name] for person in people]


def _person(unknown: Unknown, unit: Unit) -> dict[str, Any]:
    return {"name": unknown.new.name, "unit": unit, "kind": PersonKind.STAFF.value, "phone": unknown.phone}


def _settled(values: Values, ids: Ids) -> Values:
    """The values with the ids of what has been created by now."""
    return {name: _resolved(value, ids) for name, value in values.items()}


def _resolved(value: Any, ids: Ids) -> Any:
    if isinstance(value, list):
        return [_resolved(item, ids) for item in value]
    return ids[value] if isinstance(value, New) else value
