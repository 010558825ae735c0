"""The generic write verbs. Whoever writes a row does it here: row and audit entry, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from peewee import IntegrityError, Model

from panel.audit import log
from panel.database import (
    Touch,
    WriteOutsideVerb,
    db,
    insert_rows,
    inside_verb,
    is_postgres,
    key_of,
    touched,
    transaction,
    utcnow,
)
from panel.errors import InUse, NotFound, Stale
from panel.i18n import _, plain
from panel.integrity import fitting, readable

M = TypeVar("M", bound=Model)


def create(model: type[M], **values: Any) -> M:
    """Insert one row. Raises Refused, worded, where a constraint of the database does not allow it."""
    row = model(**values)
    fitting(model, row.__data__)
    with transaction(), inside_verb():
        try:
            row.save(force_insert=True)
        except IntegrityError as error:
            raise readable(error, model) from error
        log.record("create", row, None, log.snapshot(row))
        touched(Touch("create", row))
    return row


def update(row: Any, expected_version: int | None = None, **values: Any) -> dict[str, Any]:
    """Change a row and give the changed fields as {name: old value}; nothing changed, nothing written.

    `expected_version` is what the user was shown: raises Stale with the stored values where it moved on.
    `row` is brought up to date in place.
    """
    model = type(row)
    with transaction(), inside_verb():
        stored = _locked(model, row.id)
        if expected_version is not None and stored.version != expected_version:
            raise _stale(stored, values)
        changed = {n: stored.__data__.get(n) for n, v in values.items() if stored.__data__.get(n) != _key(v)}
        if changed:
            before = log.snapshot(stored, changed)
            fitting(model, {name: values[name] for name in changed})
            for name in changed:
                setattr(stored, name, values[name])
            stored.updated_at, stored.version = utcnow(), stored.version + 1
            try:
                stored.save(only=[*changed, "updated_at", "version"])
            except IntegrityError as error:
                raise readable(error, model) from error
            log.record("update", stored, before, log.snapshot(stored, changed))
            touched(Touch("update", stored, changed))
        row.__data__.update(stored.__data__)
        for name in changed:
            row.__rel__.pop(name, None)
    return changed


def delete(row: Any) -> None:
    """Delete a row nothing refers to. Raises InUse with the list of what does."""
    model = type(row)
    with transaction(), inside_verb():
        stored = _locked(model, row.id)
        used_by = dependants(stored)
        if used_by:
            names = "、".join(f"{title} {count}" for title, count, _rows in used_by)
            raise InUse(_("%(row)s is still used by: %(names)s", row=plain(stored), names=names), used_by)
        log.record("delete", stored, log.snapshot(stored), None)
        try:
            model.delete().where(model.id == row.id).execute()
        except IntegrityError as error:
            raise readable(error, model) from error
        touched(Touch("delete", stored))


def bulk_create(model: type[M], rows: Sequence[dict[str, Any]]) -> list[M]:
    """Insert many rows with an audit entry each, all or nothing; gives them with their ids, in order."""
    made = [model(**values) for values in rows]
    for row in made:
        fitting(model, row.__data__)
    with transaction(), inside_verb():
        try:
            ids = insert_rows(model, [row.__data__ for row in made])
        except IntegrityError as error:
            raise readable(error, model) from error
        for row, row_id in zip(made, ids, strict=True):
            row.id = row_id  # type: ignore[attr-defined]
        log.record_many([log.entry_values("create", row, None, log.snapshot(row)) for row in made])
        for row in made:
            touched(Touch("create", row))
    return made


def derive(model: Any, where: Any, **values: Any) -> int:
    """Set columns that only follow from an audited act (a path, an epoch, a stamp), on many rows at once.

    They have no entry and no version of their own. Raises WriteOutsideVerb for a column the model does not declare
    `derived`. Gives the number of rows.
    """
    if stray := set(values) - set(model.derived):
        raise WriteOutsideVerb(f"{key_of(model)}: {', '.join(sorted(stray))} is not derived")
    with transaction(), inside_verb():
        return int(model.update(**values).where(where).execute())


def dependants(row: Any) -> list[tuple[str, int, list[Any]]]:
    """What refers to `row`: (plural title, count, up to five rows) for each kind that does."""
    found = []
    present = set(db.get_tables())  # a plugin that was imported but never migrated refers to nothing
    for key in row._meta.backrefs:
        model = key.model
        if model._meta.table_name not in present:
            continue
        rows = model.select().where(key == row.id)
        count = rows.count()
        if count:
            found.append((plain(getattr(model, "titles", "") or model.__name__), count, list(rows.limit(5))))
    return found


def _locked(model: Any, row_id: int) -> Any:
    query = model.select().where(model.id == row_id)
    row = (query.for_update() if is_postgres() else query).get_or_none()
    if row is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    return row


def _stale(stored: Any, wanted: dict[str, Any]) -> Stale:
    theirs = {n: getattr(stored, n) for n, v in wanted.items() if stored.__data__.get(n) != _key(v)}
    return Stale(
        _("%(row)s was changed by someone else while you were editing. Nothing is saved yet.", row=plain(stored)),
        theirs,
    )


def _key(value: Any) -> Any:
    """A row as the key it is stored by; anything else as it is."""
    return value.get_id() if isinstance(value, Model) else value


def commit_hook(callback: Any) -> None:
    """Call `callback` once the outermost transaction has committed."""
    db.after_commit(callback)
