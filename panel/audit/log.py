"""Writing and reading audit entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from peewee import ForeignKeyField, Model

from panel.audit import marks
from panel.audit.context import current
from panel.audit.models import Entry
from panel.database import SecretText, insert_rows, key_of, utcnow

REDACTED = "••••••"
BOOKKEEPING = frozenset({"id", "created_at", "updated_at", "version"})


def snapshot(row: Model, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The row's fields as JSON: foreign keys as {"id", "text"}, secrets and what the model withholds redacted.

    `names` limits it to these fields; without, all but the bookkeeping and derived ones.
    """
    fields = row._meta.fields
    kept = BOOKKEEPING.union(getattr(row, "derived", ()))
    chosen = [n for n in fields if n not in kept] if names is None else list(names)
    withheld = getattr(row, "withheld", ())
    shown = {name: _as_json(row, fields[name]) for name in chosen}
    return {name: REDACTED if name in withheld and value is not None else value for name, value in shown.items()}


def _as_json(row: Model, field: Any) -> Any:
    value = row.__data__.get(field.name)
    if value is None or (isinstance(value, (bool, int, float, list, dict)) and not isinstance(field, ForeignKeyField)):
        return value
    if isinstance(field, SecretText):
        return REDACTED
    if isinstance(field, ForeignKeyField):
        related = row.__rel__.get(field.name) or field.rel_model.get_or_none(field.rel_field == value)
        return {"id": value, "text": str(related) if related is not None else ""}
    if isinstance(value, (datetime, date, Decimal)):
        return value.isoformat() if not isinstance(value, Decimal) else str(value)
    return str(value)


def root_of(row: Any) -> tuple[str, int | None]:
    """The record whose history shows this row: itself, or what it is a part of."""
    parent = getattr(type(row), "scope_parent", None)
    if parent:
        field = row._meta.fields[parent]
        return key_of(field.rel_model), row.__data__.get(parent)
    return key_of(type(row)), row.id


def entry_values(
    action: str, row: Any, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The columns of an entry about `row`; raises AuditContextMissing outside `acting`."""
    here = current()
    root_type, root_id = root_of(row)
    subject_type = key_of(type(row))
    institution_id = row.id if subject_type == "org.institution" else row.__data__.get("institution")
    values = {
        "at": utcnow(),
        "institution_id": institution_id,
        "actor_kind": here.kind,
        "user_id": here.user_id,
        "user_name": here.user_name,
        "ip": here.ip,
        "agent": here.agent,
        "correlation": here.correlation,
        "action": f"{subject_type}.{action}",
        "subject_type": subject_type,
        "subject_id": row.id,
        "subject_text": str(row)[:300],
        "root_type": root_type,
        "root_id": root_id,
        "before": before,
        "after": after,
        "reason": here.reason,
    }
    return {**values, "mark": marks.mark_of(values)}


def record(action: str, row: Any, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """Append one entry; called by `panel.records` inside the transaction of the write."""
    Entry.insert(entry_values(action, row, before, after)).execute()


def record_many(values: list[dict[str, Any]]) -> None:
    """Append entries made by `entry_values`."""
    insert_rows(Entry, values)


def note(action: str, subject: Any, details: Mapping[str, Any] | None = None) -> None:
    """Append an event that changes no row of its own: a log-in, an export, a secret that was shown."""
    record(action, subject, None, details)


def history(row: Any) -> Any:
    """Entries of a record and its parts, newest first."""
    own, above = (key_of(type(row)), row.id), root_of(row)
    told = (Entry.root_type == own[0]) & (Entry.root_id == own[1])
    if above != own:  # what happened to a part is told by the record it belongs to
        mine = (Entry.subject_type == own[0]) & (Entry.subject_id == own[1])
        told |= (Entry.root_type == above[0]) & (Entry.root_id == above[1]) & mine
    return Entry.select().where(told).order_by(Entry.id.desc())
