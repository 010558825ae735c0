"""The page on which somebody leaves or moves: all they hold, each with its successor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from wtforms import BooleanField, SelectField

from panel.access.scope import find
from panel.admin.fields import DayField, LineField, RefField
from panel.admin.forms import RecordForm, form_sent
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, today
from panel.org import leaving
from panel.org.holdings import Held
from panel.org.models import Person, Unit
from panel.org.permissions import OrgPermission as P

WAYS = {"leave": _l("Leaves the institution"), "move": _l("Moves to another unit")}


@dataclass(frozen=True)
class Line:
    """One thing held, with the fields that settle it. `end` is None where it must have a successor."""

    thing: Held
    successor: Any
    end: Any


class WizardForm(RecordForm):
    """What is asked beside the things held."""

    way = SelectField(_l("What happens"), choices=list(WAYS.items()))
    last_day = DayField(_l("Last day"), description=_l("Their user may log in until then."))
    unit = RefField(_l("New unit"), Unit)
    everyone = RefField(
        _l("Same successor for all"), Person, description=_l("For every line that names nobody and is not ended.")
    )
    note = LineField(_l("Note"), description=_l("Kept in the history."))


def respond(view: Any) -> Any:
    """`?id=`: whom it is about."""
    person = find(Person, request.args.get("id"), P.PERSON_LEAVE)
    things = leaving.held_by(person)
    form = _form_for(things)(form_sent())
    lines = [Line(t, form._fields[f"to-{n}"], form._fields.get(f"end-{n}")) for n, t in enumerate(things)]
    if request.method == "GET":
        form.last_day.data = person.in_service_until or today()
        form.way.data = "move" if request.args.get("way") == "move" else "leave"
    elif form.validate():
        try:
            _carry_out(person, form, lines)
        except NotFound:
            raise
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_done(form), "success")
            return redirect(view.url_of(person))
    return view.render("org/leave.html", person=person, form=form, lines=lines), 422 if form.wrong else 200


def _form_for(things: list[Held]) -> type[WizardForm]:
    """The form with a successor field, and where it may be ended a box, for each thing."""
    fields: dict[str, Any] = {}
    for number, thing in enumerate(things):
        fields[f"to-{number}"] = RefField(_("Successor"), Person)
        if thing.holding.end is not None:
            fields[f"end-{number}"] = BooleanField(_("End it"))
    return type("WizardForm", (WizardForm,), fields)


def _carry_out(person: Person, form: Any, lines: list[Line]) -> None:
    choices: dict[str, Person | None] = {}
    for line in lines:
        if line.end is not None and line.end.data:
            choices[line.thing.key] = None
        elif successor := line.successor.data or form.everyone.data:
            choices[line.thing.key] = successor
    note = " ".join((form.note.data or "").split())[:200]
    if form.way.data == "leave":
        if form.last_day.data is None:
            raise Refused(_("Name the last day."), "last_day")
        leaving.leave(person, form.last_day.data, choices, note)
    else:
        if form.unit.data is None:
            raise Refused(_("Name the new unit."), "unit")
        leaving.move(person, form.unit.data, choices, note)


def _done(form: Any) -> str:
    if form.way.data == "leave":
        return _("All is handed over. The last day is %(day)s.", day=form.last_day.data.isoformat())
    return _("All is handed over. The unit is now %(unit)s.", unit=form.unit.data)
