"""Writing a confirmed plan: units, then people, then the rows themselves; inside the importer's transaction."""

from __future__ import annotations

from typing import Any

from panel.admin.imports.plan import Plan, Unknown
from panel.admin.imports.target import New, Values
from panel.org import services as org
from panel.org.models import Institution, PersonKind, Unit

Ids = dict[New, int]


def write(institution: Institution, made: Plan) -> tuple[dict[str, Any], dict[int, int]]:
    """What was created beside the rows, {"units", "people"} of [id, name]; and row number → id of each row's record."""
    ids: Ids = {}
    units = _units(made, ids)
    people = _people(made, ids)
    rows = made.created
    created = made.target.create(institution, [_settled(row.values, ids) for row in rows])
    changed = made.changed
    made.target.change(institution, [change._replace(values=_settled(change.values, ids)) for change in changed])
    subjects: dict[int, int] = {}
    if isinstance(created, list) and len(created) == len(rows):
        subjects = {row.number: record.id for row, record in zip(rows, created, strict=True)}
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
