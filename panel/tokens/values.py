"""Between JSON and the panel: a row as an object, and an object as what a form would send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from peewee import BooleanField as BooleanColumn
from peewee import DateField, DateTimeField, Field, FloatField, ForeignKeyField, IntegerField, JSONField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, SelectField, SelectMultipleField
from wtforms.validators import Length
from wtfpeewee.fields import SelectChoicesField

from panel.access.proof import ProofField
from panel.admin.fields import DayField, MomentField, RefField, RefListField, Required, WholeField, YuanField
from panel.admin.show import text as masked_text
from panel.database import PersonalText, SecretText
from panel.i18n import show_money, zone

LARGEST = 2**53  # what every JSON reader keeps exact
Schema = dict[str, Any]


# ── out ────────────────────────────────────────────────────────────────────────────────────────


def names_of(view: Any) -> list[str]:
    """The fields of a row that the API shows: those of the form and the list, no secrets."""
    fields = view.model._meta.fields
    columns = [n for n, c in view.column_objects.items() if c.format is None or n in view.form_fields]
    wanted = dict.fromkeys(["id", "version", *view.form_fields, *columns, "created_at", "updated_at"])
    return [n for n in wanted if n in fields and not isinstance(fields[n], SecretText)]


def as_json(view: Any, row: Any) -> dict[str, Any]:
    """A row as an object; rows it refers to as {"id", "text"}, personal data masked."""
    return {name: _value(row, view.model._meta.fields[name]) for name in names_of(view)}


def _value(row: Any, field: Field) -> Any:
    value = row.__data__.get(field.name)
    if value is None:
        return None
    if isinstance(field, ForeignKeyField):
        related = getattr(row, field.name)
        return {"id": related.id, "text": str(related)}
    if isinstance(field, PersonalText):
        return masked_text(field, value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def schema_of(field: Field) -> Schema:
    """How a field of a row looks in JSON."""
    if isinstance(field, ForeignKeyField):
        made: Schema = {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
            "required": ["id", "text"],
        }
    elif isinstance(field, JSONField):
        return {"description": _told(field)}
    elif isinstance(field, BooleanColumn):
        made = {"type": "boolean"}
    elif isinstance(field, IntegerField):
        made = {"type": "integer"}
    elif isinstance(field, FloatField):
        made = {"type": "number"}
    elif isinstance(field, DateTimeField):
        made = {"type": "string", "format": "date-time"}
    elif isinstance(field, DateField):
        made = {"type": "string", "format": "date"}
    else:
        made = {"type": "string"}
    if field.null:
        made["type"] = [made["type"], "null"]
    return {**made, "description": _told(field)}


def _told(field: Field) -> str:
    told = str(field.verbose_name or field.name)
    if field.choices:
        told += ": " + ", ".join(f"{key} = {label}" for key, label in field.choices)
    return told


# ── in ─────────────────────────────────────────────────────────────────────────────────────────


def takes(control: Any) -> bool:
    """Whether a control of a form can be set through JSON: files and proofs of identity cannot."""
    return not isinstance(control, (FileField, ProofField))


def control_schema(control: Any) -> Schema:
    """What JSON sets a control."""
    longest = next((v.max for v in control.validators if isinstance(v, Length) and v.max > 0), 0)
    if isinstance(control, RefField):
        made: Schema = {"type": ["integer", "null"], "minimum": 1}
    elif isinstance(control, RefListField):
        made = {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 200}
    elif isinstance(control, SelectMultipleField):
        made = {"type": "array", "items": {"type": "string"}}
    elif isinstance(control, BooleanField):
        made = {"type": "boolean"}
    elif isinstance(control, (WholeField, YuanField)):
        made = {"type": ["integer", "null"], "minimum": -LARGEST, "maximum": LARGEST}
    elif isinstance(control, DayField):
        made = {"type": ["string", "null"], "format": "date"}
    elif isinstance(control, MomentField):
        made = {"type": ["string", "null"], "format": "date-time"}
    else:
        made = {"type": ["string", "null"], **({"maxLength": longest} if longest else {})}
    told = str(control.label.text)
    if isinstance(control, YuanField):
        told += " (fen)"
    if isinstance(control, (SelectField, SelectChoicesField)):
        told += ": " + ", ".join(_choices(control))
    return {**made, "description": told}


def _choices(control: Any) -> Iterator[str]:
    for choice in control.iter_choices():
        value = choice.value if hasattr(choice, "value") else choice[0]
        if value not in (None, "", "__None"):
            yield str(value)


def is_required(control: Any) -> bool:
    return any(isinstance(v, Required) for v in control.validators)


def sent_by(form: Any, body: dict[str, Any]) -> tuple[MultiDict[str, str], list[tuple[str, str]]]:
    """What the form would send were it filled in so, and (field, what is wrong) of each that cannot be.

    Where the body says nothing, what the form holds already is sent.
    """
    pairs: list[tuple[str, str]] = []
    wrong: list[tuple[str, str]] = []
    for name, control in form._fields.items():
        if not takes(control):
            continue
        try:
            value = _read(control, body[name]) if name in body else control.data
            pairs += _as_sent(name, control, value)
        except ValueError as error:
            wrong.append((name, str(error)))
    wrong += [(name, "unknown") for name in body if name not in form._fields or not takes(form._fields[name])]
    return MultiDict(pairs), wrong


def _read(control: Any, value: Any) -> Any:
    """A JSON value in the type its control takes. Raises ValueError for any other."""
    schema = control_schema(control)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None:
        if "null" in kinds:
            return None
        raise ValueError(f"must be {kinds[0]}")
    if kinds[0] == "array":
        kind = schema["items"]["type"]
        if not isinstance(value, list) or len(value) > 1000 or not all(_is(kind, one) for one in value):
            raise ValueError(f"must be an array of {kind}")
        return value
    if not _is(kinds[0], value):
        raise ValueError(f"must be {kinds[0]}")
    return value


def _is(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
    return isinstance(value, str) and _storable(value)


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _as_sent(name: str, control: Any, value: Any) -> list[tuple[str, str]]:
    if isinstance(control, RefField):
        return [(f"{name}-id", _id(value))] if value is not None else [(name, "")]
    if isinstance(control, RefListField):
        return [(f"{name}-sent", "1"), *((f"{name}-id", _id(one)) for one in value or ())]
    if isinstance(control, SelectMultipleField):
        return [(f"{name}-sent", "1"), *((name, str(one)) for one in value or ())]
    if isinstance(control, BooleanField):
        return [(name, "y")] if value else []
    if value is None:
        return [(name, "")]
    if isinstance(control, YuanField):
        return [(name, show_money(value).replace(",", ""))]
    if isinstance(control, MomentField):
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        local = moment.astimezone(zone()) if moment.tzinfo else moment
        return [(name, local.strftime("%Y-%m-%d %H:%M"))]
    return [(name, value.isoformat() if isinstance(value, date) else str(value))]


def _id(value: Any) -> str:
    return str(value if isinstance(value, int) else value.id)
