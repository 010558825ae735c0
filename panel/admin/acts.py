"""An act: something done to a row that is more than saving it. It has a page of its own, a form and a verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, g, redirect, request
from wtforms import FileField

from panel.access.scope import find
from panel.admin.forms import RecordForm, form_sent
from panel.admin.sight import open_view, view_of
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _


@dataclass(frozen=True)
class Act:
    """`verb(row, values)` runs on a row of `model` once the form is filled in; then a page is shown, which says `done`.

    `form` is a form's class, or makes one for a row. `ready(form, row)` gives it its choices; texts it returns are told
    above it. `begins(row)` is what stands in it at first, by field. `back(row)` is the row whose page is shown
    afterwards, `part` the section of it. A text the verb returns is said instead of `done`; with `once`, a template,
    what it returns is shown this once.
    """

    model: Any
    form: Any
    title: Any
    button: Any
    done: Any
    verb: Callable[[Any, dict[str, Any]], Any]
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remark: Any = ""
    ready: Callable[[Any, Any], Sequence[Any] | None] = lambda form, row: None
    begins: Callable[[Any], Mapping[str, Any]] = lambda row: {}
    back: Callable[[Any], Any] = lambda row: row
    part: str = ""
    look: str = "btn-primary"
    once: str = ""


def respond(view: Any, acts: Mapping[str, Act], permission: Any, name: str = "") -> Any:
    """The page of the act named in the address, on the row named there by `id`.

    Raises NotFound for an unknown act, and for a row out of reach of the permission.
    """
    act = acts.get(name or request.values.get("act", ""))
    if act is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return ask(view, act, permission)


def ask(view: Any, act: Act, permission: Any) -> Any:
    """The page of one act: asks with its form, and does it once that is filled in right."""
    row = find(act.model, request.values.get("id"), permission)
    made = act.form if isinstance(act.form, type) else act.form(row)
    form = made(form_sent(), permission=permission)
    told = act.ready(form, row)
    if request.method == "GET":
        for name, value in act.begins(row).items():
            form.set(name, value)
    subject = act.back(row)
    home, back = open_view(type(subject)), address_of(subject, act.part)
    if home is not None:
        g.menu_place = home.endpoint
    context = {
        "act": act,
        "row": None if row == subject else row,
        "subject": subject,
        "home": home,
        "back": back,
        "form": form,
        "told": told or (),
    }
    given: list[Any] = []
    if not carried_out(form, lambda: given.append(act.verb(row, values_in(form)))):
        return view.render("admin/act.html", **context), 422 if form.wrong else 200
    if act.once and given[0]:
        return view.render(act.once, **context, given=given[0])
    said = given[0] if isinstance(given[0], str) and given[0] else act.done
    flash(said or _("Done: %(what)s", what=act.title), "success")
    return redirect(back)


def carried_out(form: Any, verb: Callable[[], Any]) -> bool:
    """Whether the form was sent, is filled in right and the verb done; a refusal goes to the field it names."""
    if request.method != "POST" or not form.validate():
        return False
    try:
        verb()
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def values_in(form: RecordForm) -> dict[str, Any]:
    """What a form says, by field; the files sent with it are for the verb to take."""
    return {name: field.data for name, field in form._fields.items() if not isinstance(field, FileField)}


def address_of(row: Any, part: str = "") -> str:
    """The page of a row, at one of its sections."""
    address = view_of(type(row)).url_of(row)
    return f"{address}#{part}" if part else str(address)
