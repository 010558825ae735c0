"""The form of a grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from wtforms import SelectField

from panel.access.identity import asking
from panel.access.models import Role
from panel.admin.fields import RefField, Required
from panel.admin.forms import RecordForm
from panel.errors import NotFound, Refused
from panel.i18n import _l
from panel.org.models import Unit


class GrantForm(RecordForm):
    """A role in a unit."""

    role = SelectField(_l("Role"), [Required()], choices=())
    unit = RefField(_l("Unit"), Unit, [Required()], description=_l("It holds there and in all units below."))

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.roles = {
            str(r.id): r for r in Role.select().where(Role.institution == asking().institution).order_by(Role.id)
        }
        self.role.choices = [("", _l("Choose…")), *((key, role.name) for key, role in self.roles.items())]

    @property
    def granted(self) -> tuple[Role, Unit]:
        """What is granted, and where."""
        unit: Unit = self.unit.data  # type: ignore[assignment]  # `Required` saw to it
        return self.roles[str(self.role.data)], unit


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
