"""The form of a grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from wtforms import SelectField

from panel.access.models import Role
from panel.access.reach import at_work
from panel.admin.fields import RefField, Required
from panel.admin.forms import RecordForm
from panel.errors import NotFound, Refused
from panel.i18n import _l
from panel.org.models import Unit


class RoleField(SelectField):
    """One of the institution's roles; gives the row."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, coerce=str, choices=[], **options)
        self.rows = {str(r.id): r for r in Role.select().where(Role.institution == at_work()).order_by(Role.id)}
        self.choices = [("", _l("Choose…")), *((key, role.name) for key, role in self.rows.items())]

    def process_formdata(self, given: list[str]) -> None:
        self.data = self.rows.get(given[0]) if given else None

    def pre_validate(self, form: Any) -> None:
        """Whatever is not one of the rows is None, which `Required` refuses."""

    def iter_choices(self) -> Any:
        chosen = str(self.data.id) if self.data else ""
        for value, label in self.choices:
            yield value, label, value == chosen, {}


class GrantForm(RecordForm):
    """A role in a unit."""

    role = RoleField(_l("Role"), [Required()])
    unit = RefField(_l("Unit"), Unit, [Required()], description=_l("It holds there and in all units below."))


def run(form: RecordForm, verb: Callable[[], Any]) -> bool:
    """Whether the form was sent, is filled in right and the verb done; a refusal goes to the field it names."""
    if request.method != "POST" or not form.validate():
        return False
    try:
        verb()
    except NotFound:
        raise
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True
