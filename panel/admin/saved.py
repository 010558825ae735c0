"""Saving the state of a list under a name, and forgetting it again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from panel.access.identity import asking
from panel.admin import services
from panel.admin.models import SavedFilter
from panel.admin.permissions import AdminPermission
from panel.admin.state import State
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _


def respond(view: Any) -> Any:
    """A page with the form for a new saved filter and the list of those there are."""
    identity = asking()
    state = State.parse(view, request.values.get("list", ""))
    error = ""
    if request.method == "POST":
        try:
            if "delete" in request.form:
                gone = services.delete_filter(view.endpoint, request.form["delete"])
                flash(_("Deleted: %(row)s", row=gone.name), "success")
                return redirect(state.address)
            shared = "shared" in request.form
            kept = services.save_filter(view.endpoint, request.form.get("name", ""), state.query, shared)
            flash(_("Saved: %(row)s", row=kept.name), "success")
            return redirect(State.parse(view, kept.query).address)
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            error = str(refusal.message)
    rows = SavedFilter.select().where(services.visible(identity, view.endpoint)).order_by(SavedFilter.id)
    may_share = identity.may(AdminPermission.SAVED_FILTER_SHARE)
    user_id = identity.user.id if identity.user else None
    context = {"state": state, "saved": list(rows), "may_share": may_share, "error": error, "user_id": user_id}
    return view.render("admin/saved.html", **context), 422 if error else 200
