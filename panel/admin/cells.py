"""Editing one value in the list: a small form, as a page of its own or put into the cell by the script."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from panel.admin.editing import ANSWER
from panel.admin.forms import Conflict, RecordForm, conflicts, form_sent, values_of
from panel.admin.state import State
from panel.errors import NotAllowed, NotFound, Refused, Stale
from panel.i18n import _, plain


def respond(view: Any) -> Any:
    """The form of one editable value (GET), and its saving (POST)."""
    name = request.args.get("field", "")
    if name not in view.editable:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    row = view.row(request.args.get("id"), view.may.edit)
    state = State.parse(view, request.args.get("list", ""))
    sent = form_sent()
    form = view.form(sent, obj=row, permission=view.may.edit)
    for other in [n for n in form._fields if n != name]:
        del form[other]
    version, clash = row.version, list[Conflict]()
    if sent is not None:
        given = sent.get("version", "")
        version = int(given) if given.isdecimal() and len(given) < 10 else 0
        row, saved = _save(view, row, version, form, clash)
        version = row.version
        if saved and _fragment():
            column = view.column_objects[name]
            return view.render("admin/cell_value.html", row=row, column=column, state=state)
        if saved:
            flash(_("Saved: %(row)s", row=plain(row)), "success")
            return redirect(state.address)
    template = "admin/cell_form.html" if _fragment() else "admin/cell.html"
    status = 409 if clash else ANSWER if form.wrong else 200
    return view.render(template, row=row, form=form, name=name, version=version, conflicts=clash, state=state), status


def _save(view: Any, row: Any, version: int, form: RecordForm, clash: list[Conflict]) -> tuple[Any, bool]:
    if not form.validate():
        return row, False
    try:
        view.change(row, version, values_of(form, view.model))
    except Stale as error:
        row = view.row(row.id, view.may.edit)
        clash += conflicts(row, form, version, error)
        if not clash:  # somebody else changed other values only
            return _save(view, row, row.version, form, clash)
        form.refusals.append(str(error.message))
        return row, False
    except (NotAllowed, NotFound):
        raise
    except Refused as error:
        form.refuse(error)
        return row, False
    return view.row(row.id, view.may.edit), True


def _fragment() -> bool:
    return request.headers.get("X-Fragment") == "cell"
