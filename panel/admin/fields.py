"""Form fields that take what people type: days, amounts, names of people. What they typed is never lost."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from peewee import ModelSelect
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.utils import unset_value
from wtforms.validators import Length, StopValidation, ValidationError

from panel.admin.columns import called, label_field
from panel.admin.sight import in_sight
from panel.admin.values import read_day, read_fen, read_moment, read_whole
from panel.choices import Choice
from panel.database import key_of
from panel.errors import NotFound, Refused
from panel.i18n import _, show_money, show_time
from panel.personal import masked

OFFERED = 10  # rows to pick from where a name is not clear
SEPARATORS = re.compile(r"[、,，;；/\n]+")


class Required:
    """Something must be filled in. A value that could not be read keeps the error that says so."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        blank = field.data is None or field.data == [] or (isinstance(field.data, str) and not field.data.strip())
        if blank and not field.errors:
            raise StopValidation(_("This must be filled in."))
        if blank:
            raise StopValidation


def one_line(text: str) -> str:
    """The text with single blanks, and none at its ends."""
    return " ".join(text.split())


def prose(text: str) -> str:
    """The text with the line ends of this house, and nothing blank at its ends."""
    return text.replace("\r\n", "\n").strip()


class LineField(StringField):
    """A line of text, of at most `most` characters; empty where nothing was sent."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), most: int = 200, **options: Any) -> None:
        options["filters"] = [lambda typed: one_line(typed or "")]
        super().__init__(label, [*validators, Length(max=most)], **options)


class ProseField(TextAreaField):
    """Text of several lines, of at most `most` characters; empty where nothing was sent."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), most: int = 2000, **options: Any) -> None:
        options["filters"] = [lambda typed: prose(typed or "")]
        super().__init__(label, [*validators, Length(max=most)], **options)


class ChoiceField(SelectField):
    """One value of a Choice but those to `leave` out; with `blank`, none of them."""

    def __init__(
        self,
        label: Any,
        kind: type[Choice],
        validators: Sequence[Any] = (),
        leave: Collection[str] = (),
        blank: bool = False,
        **options: Any,
    ) -> None:
        offered = [SelectChoice(value, word) for value, word in kind.pairs() if value not in leave]
        super().__init__(label, validators, choices=[SelectChoice("", "—")] * blank + offered, **options)


class TypedField(StringField):
    """A text box that gives a value; shows what was typed as long as it gives none."""

    reader: ClassVar[Any]  # text -> value, raising Refused
    mode: ClassVar[str] = "text"  # inputmode of the control

    def process_formdata(self, given: Sequence[str]) -> None:
        typed = given[0].strip() if given else ""
        try:
            self.data = type(self).reader(typed) if typed else None
        except Refused as error:
            self.data = None
            raise ValueError(str(error)) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.word(self.data)

    def word(self, value: Any) -> str:
        return str(value)


class DayField(TypedField):
    """A day in any usual writing."""

    reader = staticmethod(read_day)
    mode = "numeric"

    def word(self, value: date) -> str:
        return value.isoformat()


class MomentField(TypedField):
    """A day and a time in the institution's zone; gives a UTC moment."""

    reader = staticmethod(read_moment)

    def word(self, value: datetime) -> str:
        return show_time(value)


class WholeField(TypedField):
    """A whole number."""

    reader = staticmethod(read_whole)
    mode = "numeric"


class PersonalField(TypedField):
    """Personal data: what is stored is shown masked, and left as it is where the mask comes back."""

    def process_formdata(self, given: Sequence[str]) -> None:
        typed = " ".join(given[0].split()) if given else ""
        if self.object_data and typed == masked(self.object_data):
            self.data = self.object_data
            return
        self.data = typed
        if "*" in typed:
            raise ValueError(_("Type it in full: “%(text)s” is what is shown in its place.", text=typed))

    def word(self, value: str) -> str:
        return masked(value) if value == self.object_data else value


class YuanField(TypedField):
    """An amount in yuan; gives whole fen."""

    reader = staticmethod(read_fen)
    mode = "decimal"

    def word(self, value: int) -> str:
        return show_money(value).replace(",", "")


class _Lookup(Field):
    """Rows of another model, chosen by typing. `<name>` carries the text, `<name>-id` the ids, `<name>-pick` an answer
    to "which of these?". Works without scripts: a text is looked up by name or number.

    The form names the view (`form.view`) whose `offer(name, permission)` gives the rows to choose from; outside such a
    form, everything of the model in sight is offered.
    """

    widget: ClassVar[Any] = None  # drawn by the macros `ref` and `refs`

    def __init__(self, label: Any = None, model: Any = None, validators: Any = None, **options: Any) -> None:
        self.model = model
        self.form = options.get("_form")
        self.typed = ""
        self.candidates: list[Any] = []
        super().__init__(label, validators, **options)

    def offer(self) -> ModelSelect:
        form: Any = self.form
        view = getattr(form, "view", None)
        return view.offer(self.short_name, form.permission) if view is not None else in_sight(self.model)

    def by_id(self, row_id: str) -> Any:
        """A row by the id a form carries. Raises NotFound for one that is not in sight at all."""
        if not row_id.isdecimal() or len(row_id) > 18:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        row = self.offer().where(self.model.id == int(row_id)).first()
        if row is None and in_sight(self.model).where(self.model.id == int(row_id)).first() is None:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return row

    def by_text(self, typed: str) -> Any:
        """The one row called so. Raises ValueError, with candidates to pick from, where there is none or several."""
        name, fields = label_field(self.model), self.model._meta.fields
        meant = called(self.model, [typed])
        for other in ("number", "code"):
            if other in fields:
                meant |= fields[other] == typed
        exact = list(self.offer().where(meant).limit(OFFERED + 1))
        if len(exact) == 1:
            return exact[0]
        near = exact
        if not near and name is not self.model.id:
            near = list(self.offer().where(name.contains(typed)).order_by(name).limit(OFFERED))
        self.candidates += [row for row in near[:OFFERED] if row not in self.candidates]
        if len(exact) > 1:
            raise ValueError(_("There are several called “%(name)s”. Choose one below.", name=typed))
        if near:
            raise ValueError(_("Nothing here is called “%(name)s”. Is it one of those below?", name=typed))
        raise ValueError(_("Nothing here is called “%(name)s”.", name=typed))

    @property
    def key(self) -> str:
        return key_of(self.model)

    @property
    def helper(self) -> str:
        """What the look-up is for: `<endpoint>.<field>`."""
        view = getattr(self.form, "view", None)
        return f"{view.endpoint}.{self.short_name}" if view is not None else ""


class RefField(_Lookup):
    """One row of another model."""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.data = None if data is unset_value else data
        self.object_data = self.data
        if formdata is None or not (self.name in formdata or f"{self.name}-id" in formdata):
            self.typed = "" if self.data is None else str(self.data)
            return
        self.typed = formdata.get(self.name, "").strip()[:200]
        self.raw_data = [self.typed]
        known, picked = formdata.get(f"{self.name}-id", ""), formdata.get(f"{self.name}-pick", "")
        try:
            self.data = self._chosen(known, picked, self.name in formdata)
        except ValueError as error:
            self.data = None
            self.raw_data = [self.typed or known or picked]
            self.process_errors.append(str(error))
        if self.data is not None:
            self.typed, self.raw_data = str(self.data), [str(self.data)]

    def _chosen(self, known: str, picked: str, typing: bool) -> Any:
        if picked:
            row = self.by_id(picked)
        elif known and (not typing or self.typed):
            row = self.by_id(known)
            if row is not None and typing and str(row) != self.typed:
                return self.by_text(self.typed)
        else:
            return self.by_text(self.typed) if self.typed else None
        if row is None:
            raise ValueError(_("“%(name)s” cannot be chosen here.", name=self.typed or known))
        return row


class RefListField(_Lookup):
    """Several rows of another model, at most `most`."""

    def __init__(self, label: Any = None, model: Any = None, validators: Any = None, **options: Any) -> None:
        self.most: int | None = options.pop("most", None)
        super().__init__(label, model, validators, **options)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        self.process_errors = []
        self.data = [] if data is unset_value or data is None else list(data)
        self.object_data = list(self.data)
        if formdata is None or not any(k in formdata for k in (self.name, f"{self.name}-id", f"{self.name}-sent")):
            return
        rows: dict[int, Any] = {}
        for row_id in [*formdata.getlist(f"{self.name}-id"), *formdata.getlist(f"{self.name}-pick")][:200]:
            row = self.by_id(row_id) or next((r for r in self.object_data if str(r.id) == row_id), None)
            if row is None:
                self.process_errors.append(_("“%(name)s” cannot be chosen here.", name=row_id))
            else:
                rows[row.id] = row
        left = []
        for typed in SEPARATORS.split(formdata.get(self.name, "")[:1000]):
            if typed.strip():
                try:
                    row = self.by_text(typed.strip())
                    rows[row.id] = row
                except ValueError as error:
                    left.append(typed.strip())
                    if not formdata.getlist(f"{self.name}-pick"):
                        self.process_errors.append(str(error))
        self.typed = "、".join(left) if self.process_errors else ""
        self.data = list(rows.values())
        self.raw_data = [*(str(r) for r in self.data), *([self.typed or "?"] if self.process_errors else [])]

    def pre_validate(self, form: Any) -> None:
        if self.most is not None and len(self.data) > self.most:
            raise ValidationError(
                _("%(count)s are too many; at most %(most)s may be named.", count=len(self.data), most=self.most)
            )
