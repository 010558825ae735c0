"""Mappings kept under a name, and offered when a similar sheet comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from panel import records
from panel.admin.imports.columns import fold
from panel.admin.models import ImportMapping, ImportRun
from panel.database import transaction
from panel.errors import NotFound, Refused
from panel.i18n import _

ALIKE = 0.5  # of all headings of both, how many they share


def save_mapping(run: ImportRun, name: str, letters: Mapping[str, str | None]) -> ImportMapping:
    """Keep which heading is which field under a name; a mapping of the same name is replaced."""
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise Refused(_("Give the mapping a name of at most 60 characters."), "mapping_name")
    columns = [
        {"letter": c["letter"], "heading": c["heading"], "column": letters.get(c["letter"])}
        for c in run.reading.get("columns", [])
    ]
    mapping = {"version": 1, "columns": columns}
    known = ImportMapping.get_or_none(_same_target(run), ImportMapping.name == name)
    with transaction():
        if known is not None:
            records.update(known, mapping=mapping)
            return known
        return records.create(
            ImportMapping, institution=run.institution_id, target=run.target, name=name, mapping=mapping
        )


def mappings(run: ImportRun) -> list[ImportMapping]:
    """Saved mappings of the same target, those whose headings are most like the sheet's first."""
    headings = _headings(run.reading.get("columns", []))

    def likeness(saved: ImportMapping) -> float:
        known = _headings(saved.mapping.get("columns", []))
        return len(known & headings) / max(1, len(known | headings))

    found = list(ImportMapping.select().where(_same_target(run)).order_by(ImportMapping.name))
    return sorted((m for m in found if likeness(m) >= ALIKE), key=likeness, reverse=True)


def find_mapping(run: ImportRun, mapping_id: Any) -> ImportMapping:
    """A saved mapping of the same target by id or name. Raises NotFound."""
    by = ImportMapping.name == mapping_id
    if isinstance(mapping_id, int):
        by = ImportMapping.id == mapping_id
    found: ImportMapping | None = ImportMapping.get_or_none(_same_target(run), by)
    if found is None:
        raise NotFound(_("This mapping is no longer there."))
    return found


def _same_target(run: ImportRun) -> Any:
    return (ImportMapping.institution == run.institution_id) & (ImportMapping.target == run.target)


def _headings(columns: Iterable[Mapping[str, Any]]) -> set[str]:
    return {fold(column["heading"]) for column in columns} - {""}
