"""Actions on many rows: chosen in the list, confirmed on a page that says how many, done in one transaction."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for

from panel import audit
from panel.access.guard import WHOLE
from panel.access.scope import condition, require
from panel.admin.declare import Bulk
from panel.admin.listing import Listing
from panel.admin.state import State
from panel.database import transaction
from panel.errors import NotAllowed, NotFound, Refused
from panel.i18n import _, ngettext

MOST = 5000  # rows in one go
NAMED = 20  # rows named on the confirmation page
MOST_ON_PAGE = 300  # rows a page of its own is given in its address


def chosen_ids(listing: Listing, most: int) -> list[int]:
    """The rows a list's form names: those ticked, or with `all` every row of the list.

    Raises NotFound for a row that is not in sight, NotAllowed for one beyond the listing's permission, Refused for
    more than `most`.
    """
    if request.form.get("all"):
        ids = list(listing.ids(most + 1))
        if len(ids) > most:
            raise Refused(_("These are more than %(most)s rows. Narrow the list first.", most=f"{most:,}"))
        return ids
    given = request.form.getlist("id")
    if any(not i.isdecimal() or len(i) > 18 for i in given) or len(given) > most:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    ids = list(dict.fromkeys(int(i) for i in given))
    model = listing.model

    def known(permission: Any) -> set[int]:
        rows = model.select(model.id).where(model.id.in_(ids), condition(model, permission))
        return {row_id for (row_id,) in rows.tuples()}

    if len(known(listing.view.may.view)) < len(ids):
        raise NotFound(_("This page does not exist, or is not yours to see."))
    beyond = len(ids) - len(known(listing.permission))
    if beyond:
        raise NotAllowed(
            ngettext("%(num)s row is not yours to change.", "%(num)s rows are not yours to change.", beyond)
        )
    return ids


def run(view: Any) -> Any:
    """The page behind the buttons of the bulk bar."""
    action: Bulk | None = next((a for a in view.bulk_actions if a.name == request.form.get("action")), None)
    if action is None:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    who = require(action.permission)
    if view.whole and not action.page and who.reach(action.permission) is not None:
        raise NotAllowed(WHOLE)
    state = State.parse(view, request.form.get("list", ""))
    listing = Listing(state, action.permission)
    ids = chosen_ids(listing, MOST)
    if not ids:
        flash(_("Tick the rows first."), "warning")
        return redirect(state.address)
    if action.page:
        if len(ids) > MOST_ON_PAGE:
            raise Refused(_("These are more than %(most)s rows. Narrow the list first.", most=MOST_ON_PAGE))
        return redirect(url_for(action.page, row=ids))
    refusal = None
    if request.form.get("expected") == str(len(ids)):
        try:
            changed = _perform(view, action, listing, ids)
        except (NotAllowed, NotFound):
            raise
        except Refused as error:
            refusal = error.message
        else:
            done = ngettext("%(action)s: %(num)s row", "%(action)s: %(num)s rows", changed, action=action.label)
            flash(done, "success")
            return redirect(state.address)
    named = next(listing.batches(ids[:NAMED]), [])
    question = action.confirm(len(ids)) if action.confirm else None
    context = {"action": action, "ids": ids, "named": named, "state": state, "question": question, "refusal": refusal}
    return view.render("admin/confirm.html", **context), 409 if refusal else 200


def _perform(view: Any, action: Bulk, listing: Listing, ids: list[int]) -> int:
    reason = request.form.get("reason", "").strip()[:500]
    with audit.acting(reason=reason), transaction():
        rows = [row for batch in listing.batches(ids) for row in batch]
        return int(getattr(view, action.name)(rows))
