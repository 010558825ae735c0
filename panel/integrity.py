"""What a constraint of the database means, in words.

A model explains its constraints in `refusals`: constraint or index name, or comma-joined column names of a unique
index, to a lazily translated sentence.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from peewee import Field, IntegrityError

from panel.errors import Refused
from panel.i18n import _, plain


def readable(error: IntegrityError, model: Any) -> Refused:
    """The refusal for a failed constraint of `model`, naming the field to mend where one is known."""
    name, columns = _what_failed(error, model)
    refusals: dict[str, Any] = getattr(model, "refusals", {})
    fields = [f for f in (model._meta.columns.get(c) for c in columns) if f is not None and f.name != "institution"]
    field = fields[-1].name if fields else None
    for key in (name, ",".join(c.removesuffix("_id") for c in columns)):
        if key in refusals:
            return Refused(refusals[key], field)
    kind = str(error).upper()
    labels = "、".join(plain(f.verbose_name or f.name) for f in fields)
    if "UNIQUE" in kind:
        return Refused(_("There is already one with the same %(fields)s.", fields=labels or name), field)
    if "NOT NULL" in kind or "NOT-NULL" in kind:
        return Refused(_("%(fields)s must be filled in.", fields=labels), field)
    if "FOREIGN KEY" in kind:
        return Refused(_("Something this refers to is no longer there, or something still refers to this."))
    return Refused(_("The database does not allow this (%(name)s).", name=name or "?"))


def fitting(model: Any, values: Mapping[str, Any]) -> None:
    """Raises Refused for a text that is longer than its column, which PostgreSQL refuses and SQLite does not."""
    for name, most in _limits(model).items():
        value = values.get(name)
        if isinstance(value, str) and len(value) > most:
            told = {"name": plain(model._meta.fields[name].verbose_name or name), "length": len(value), "limit": most}
            raise Refused(_("%(name)s: the text has %(length)s characters; at most %(limit)s fit.", **told), name)


@functools.cache
def _limits(model: Any) -> dict[str, int]:
    """How many characters each text of a model holds."""
    return {f.name: f.max_length for f in model._meta.sorted_fields if getattr(f, "max_length", None)}


def _what_failed(error: IntegrityError, model: Any) -> tuple[str, list[str]]:
    """Constraint or index name and columns, from either database's error."""
    unique = [index for index in model._meta.fields_to_index() if index._unique]
    indexes = {index._name: [f.column_name for f in index._expressions if isinstance(f, Field)] for index in unique}
    diag = getattr(error.__cause__ or getattr(error, "orig", None), "diag", None)
    if diag is not None and (diag.constraint_name or diag.column_name):
        name = diag.constraint_name or ""
        known = [diag.column_name] if diag.column_name else _columns_of_check(name, model)
        return name, indexes.get(name) or known
    text = str(error)
    if match := re.search(r"UNIQUE constraint failed: (.+)", text):
        columns = [part.strip().split(".")[-1] for part in match.group(1).split(",")]
        return next((name for name, held in indexes.items() if held == columns), ""), columns
    if match := re.search(r"NOT NULL constraint failed: (\S+)", text):
        return "", [match.group(1).split(".")[-1]]
    if match := re.search(r"CHECK constraint failed: (\S+)", text):
        return match.group(1), _columns_of_check(match.group(1), model)
    return "", []


def _columns_of_check(name: str, model: Any) -> list[str]:
    """The column a check constraint speaks of first, where it is found among the model's."""
    for constraint in model._meta.constraints or ():
        parts = getattr(constraint, "nodes", ())
        if any(getattr(part, "_path", None) == [name] for part in parts):
            words = re.findall(r"\w+", " ".join(str(getattr(part, "sql", "")) for part in parts))
            return [w for w in words if w in model._meta.columns][:1]
    return []
