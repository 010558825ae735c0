"""Creating, editing and deleting a record: what the form pages do."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from panel import audit, records
from panel.admin import sight
from panel.admin.forms import Conflict, RecordForm, conflicts, form_sent, values_of
from panel.admin.listing import Listing
from panel.admin.state import State
from panel.errors import InUse, NotAllowed, NotFound, Refused, Stale
from panel.i18n import _, plain

ANSWER = 422  # a form that came back with errors


def create(view: Any) -> Any:
    """The page that makes a new record."""
    sent = form_sent()
    form = view.form(sent, permission=view.may.create, data={} if sent else _prefilled(view))
    if sent is not None and form.validate():
        try:
            row = view.create(values_of(form, view.model))
        except (NotAllowed, NotFound):
            raise
        except Refused as error:
            form.refuse(error)
        else:
            flash(_("Saved: %(row)s", row=plain(row)), "success")
            again = "next" in request.form
            return redirect(url_for(".create_view") if again else view.url_of(row))
    return view.render("admin/form.html", form=form, row=None), ANSWER if form.wrong else 200


def _prefilled(view: Any) -> dict[str, Any]:
    """Rows named in the address, `?unit=5`, for the fields that refer to them."""
    found = {}
    for name, field in view.model._meta.fields.items():
        given = request.args.get(name, "")
        if field in view.model._meta.refs and given.isdecimal() and len(given) < 19:
            found[name] = view.offer(name, view.may.create).where(field.rel_model.id == int(given)).first()
    return found


def edit(view: Any) -> Any:
    """The page that changes a record; after a stale save it shows both sides and asks which to keep."""
    row = view.row(request.args.get("id"), view.may.edit)
    sent = form_sent()
    if sent is None and view.fixed(row):
        flash(_("%(row)s can no longer be changed.", row=plain(row)), "info")
        return redirect(view.url_of(row, list=request.args.get("list")))
    form = view.form(sent, obj=row, permission=view.may.edit)
    version, clash = row.version, list[Conflict]()
    if sent is not None:
        given = sent.get("version", "")
        version = int(given) if given.isdecimal() and len(given) < 10 else 0
        following = _following(view, row) if "next" in sent else None
        _keep_theirs(form, row, sent)
        if form.validate():
            try:
                view.change(row, version, values_of(form, view.model))
            except Stale as error:
                row = view.row(row.id, view.may.edit)
                clash, version = conflicts(row, form, version, error), row.version
                form.refusals.append(str(error.message))
            except (NotAllowed, NotFound):
                raise
            except Refused as error:
                form.refuse(error)
            else:
                flash(_("Saved: %(row)s", row=plain(row)), "success")
                return redirect(following or view.url_of(row, list=request.args.get("list")))
    context = {"form": form, "row": row, "version": version, "conflicts": clash}
    status = 409 if clash else ANSWER if form.wrong else 200
    return view.render("admin/form.html", **context), status


def _keep_theirs(form: RecordForm, row: Any, sent: Any) -> None:
    for name in list(form._fields):
        if sent.get(f"keep-{name}") == "theirs":
            form.set(name, getattr(row, name))


def _following(view: Any, row: Any) -> str | None:
    """Address of the edit page of the next row in the list the user came from; the list where there is none."""
    query = request.args.get("list", "")
    state = State.parse(view, query)
    after = Listing(state).after(row)
    if after is None:
        return state.address
    return url_for(".edit_view", id=after, list=query or None)


def delete(view: Any) -> Any:
    """The page that asks before a record is deleted, lists what stands in the way, and offers to archive it."""
    row = view.row(request.args.get("id"), view.may.delete)
    refusal = None
    if request.method == "POST":
        try:
            with audit.acting(reason=request.form.get("reason", "").strip()[:500]):
                if "archive" in request.form and view.archives(row):
                    view.archive(row)
                    flash(_("Archived: %(row)s", row=plain(row)), "success")
                    return redirect(view.url_of(row))
                view.remove(row)
        except InUse as error:
            refusal = error.message
        except (NotAllowed, NotFound):
            raise
        except Refused as error:
            refusal = error.message
        else:
            flash(_("Deleted: %(row)s", row=plain(row)), "success")
            return redirect(State.parse(view, request.args.get("list", "")).address)
    context = {"row": row, "refusal": refusal, "dependants": _dependants(row)}
    return view.render("admin/delete.html", **context), 409 if refusal else 200


def _dependants(row: Any) -> list[tuple[str, int, list[tuple[str, str]]]]:
    """(title, count, [(text, address)]) of what refers to the row; only rows in sight are named."""
    found = []
    for title, count, rows in records.dependants(row):
        view = sight.open_view(type(rows[0]))
        seen = []
        if view is not None:
            ids = [r.id for r in rows]
            seen = [(plain(r), view.url_of(r)) for r in sight.in_sight(type(rows[0])).where(view.model.id.in_(ids))]
        found.append((title, count, seen))
    return found
