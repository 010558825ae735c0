"""The form of a model: Flask-Admin's and wtf-peewee's conversion, with our own fields where theirs do not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request
from flask_admin.contrib.peewee.form import CustomModelConverter
from flask_admin.form import BaseForm
from peewee import (
    CharField,
    DateField,
    DateTimeField,
    Field,
    ForeignKeyField,
    IntegerField,
    JSONField,
    TextField,
)
from wtforms import BooleanField, TextAreaField
from wtfpeewee.fields import SelectChoicesField
from wtfpeewee.orm import FieldInfo, ValueRequired

from panel import files
from panel.admin import show
from panel.admin.fields import (
    DayField,
    MomentField,
    PersonalField,
    RefField,
    RefListField,
    Required,
    WholeField,
    YuanField,
    one_line,
    prose,
)
from panel.audit.log import BOOKKEEPING, root_of
from panel.audit.models import Entry
from panel.database import MoneyField, PersonalText, SecretText, UtcDateTimeField, key_of
from panel.errors import Refused, Stale
from panel.i18n import _

NEVER = BOOKKEEPING | {"institution", "archived_at"}  # set by the panel, never by a form


def form_sent() -> Any:
    """What was posted, for a form to take; None where the page is only looked at."""
    return request.form if request.method == "POST" else None


def paper_sent(institution_id: int, field: str = "file") -> dict[str, Any]:
    """The document sent with a form, kept: the columns `file` and `file_name` of a row; empty where none was sent.

    Raises Refused, naming the field, for what is no document.
    """
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        return {}
    stored = files.save_paper(sent.read(), institution_id, field)
    return {"file": stored, "file_name": sent.filename.replace("\\", "/").rpartition("/")[2][-200:]}


class RecordForm(BaseForm):
    """A form of a view. `permission` is what whoever fills it in acts under: it bounds what they may choose."""

    view: ClassVar[Any] = None

    def __init__(self, *given: Any, permission: Any = None, **options: Any) -> None:
        self.permission = permission or (self.view.may.edit if self.view else None)
        self.refusals: list[str] = []  # what is wrong with no field in particular
        super().__init__(*given, **options)

    @property
    def wrong(self) -> list[tuple[str, Any, str]]:
        """(id of the control, label, what is wrong) of every field that is, for the summary on top."""
        found = [(f.id, f.label.text, str(e)) for f in self for e in f.errors]
        return [*(("", "", str(text)) for text in self.refusals), *found]

    def refuse(self, error: Refused) -> None:
        """Put a refusal where it can be mended."""
        if error.field and error.field in self._fields:
            field = self._fields[error.field]
            field.errors = [*field.errors, str(error.message)]
        else:
            self.refusals.append(str(error.message))

    def set(self, name: str, value: Any) -> None:
        """Give a field a value as if it had been typed right."""
        self._fields[name].process(None, value)


class Converter(CustomModelConverter):
    """Peewee fields to ours. wtf-peewee's texts, choices and validators stay."""

    def __init__(self, view: Any) -> None:
        super().__init__(view)
        self.converters = {
            ForeignKeyField: self._ref,
            MoneyField: self._typed(YuanField),
            UtcDateTimeField: self._typed(MomentField),
            DateTimeField: self._typed(MomentField),
            DateField: self._typed(DayField),
            PersonalText: self._typed(PersonalField),
        }

    def convert(self, model: Any, field: Field, args: dict[str, Any] | None) -> FieldInfo:
        args = dict(args or {})
        if isinstance(field, (CharField, TextField)) and not field.choices:
            args["filters"] = [_cleaned(one_line if isinstance(field, CharField) else prose)]
        converted = super().convert(model, field, args)
        unbound = converted.field
        if unbound is not None:
            if isinstance(field, IntegerField) and not field.choices and not isinstance(field, MoneyField):
                unbound.field_class = WholeField
            if unbound.field_class is SelectChoicesField:
                unbound.kwargs["blank_text"] = "—"
            checks = unbound.kwargs.get("validators", [])
            unbound.kwargs["validators"] = [Required() if isinstance(v, ValueRequired) else v for v in checks]
            unbound.kwargs["label"] = field.verbose_name or field.name
        return converted

    def _ref(self, model: Any, field: ForeignKeyField, **options: Any) -> FieldInfo:
        options.pop("filters", None)
        return FieldInfo(field.name, RefField(model=field.rel_model, **options))

    @staticmethod
    def _typed(kind: Any) -> Any:
        return lambda model, field, **options: FieldInfo(field.name, kind(**options))


def formable(model: Any) -> list[str]:
    """The fields of a model that a form may set."""
    return [
        field.name
        for field in model._meta.sorted_fields
        if field.name not in NEVER | set(model.derived) and not isinstance(field, (SecretText, JSONField))
    ]


def values_of(form: RecordForm, model: Any) -> dict[str, Any]:
    """What the form says, by field. A blank where the database wants a value is the field's default."""
    values = {}
    for name, control in form._fields.items():
        field, value = model._meta.fields.get(name), control.data
        if field is not None and value is None and not field.null and field.default is not None:
            value = field.default() if callable(field.default) else field.default
        values[name] = value
    return values


def kind_of(field: Any) -> str:
    """Which macro draws a field of a form."""
    if isinstance(field, RefField):
        return "ref"
    if isinstance(field, RefListField):
        return "refs"
    if isinstance(field, TextAreaField):
        return "area"
    return "check" if isinstance(field, BooleanField) else "plain"


@dataclass(frozen=True)
class Conflict:
    """A field both sides changed or only the other one did: what is stored now, what the form says."""

    name: str
    label: Any
    theirs: str
    mine: str
    keep: str  # the side proposed: "mine" or "theirs"


def conflicts(row: Any, form: RecordForm, version: int, error: Stale) -> list[Conflict]:
    """What a stale save clashes over. `row` is as stored now.

    Fields only this user changed are no conflict; those only the other one changed are proposed as theirs.
    """
    before = _since(row, version)
    found = []
    for name, theirs in error.theirs.items():
        if name not in form._fields or (before is not None and name not in before):
            continue
        field, control = row._meta.fields.get(name), form._fields[name]
        mine, stored = show.text(field, control.data), show.text(field, theirs)
        untouched = before is not None and show.stored(field, before[name]) == mine
        keep = "theirs" if untouched else "mine"
        found.append(Conflict(name, control.label.text, stored or _("(empty)"), mine or _("(empty)"), keep))
    return found


def _since(row: Any, version: int) -> dict[str, Any] | None:
    """The fields others changed since `version` and what they were then; None where the audit cannot tell."""
    steps = row.version - version
    if not 0 < steps <= 100:
        return None
    root_type, root_id = root_of(row)
    entries = list(
        Entry.select(Entry.before)
        .where(
            Entry.root_type == root_type,
            Entry.root_id == root_id,
            Entry.subject_id == row.id,
            Entry.action == f"{key_of(row.__class__)}.update",
        )
        .order_by(Entry.id.desc())
        .limit(steps)
    )
    before: dict[str, Any] = {}
    for entry in entries:
        before.update(entry.before or {})
    return before if len(entries) == steps else None


def _cleaned(clean: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: clean(value) if isinstance(value, str) else value
