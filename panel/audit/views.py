"""The audit log: who did what, when, from where; and the seal over it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for

from panel.access.guard import needs
from panel.access.identity import asking
from panel.access.scope import scope
from panel.admin.history import Change, changes
from panel.admin.view import ChoiceFilter, Crud, Menu, PageView, RecordView, Section, expose
from panel.audit import services
from panel.audit.models import Entry
from panel.audit.permissions import AuditPermission as P
from panel.audit.showing import (
    KINDS,
    Subjects,
    model_of,
    show_action,
    show_changes,
    show_kind,
    show_moment,
    show_who,
    subject_address,
)
from panel.database import utcnow
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, today
from panel.jobs.queue import enqueue

SETTINGS = _l("Settings")
ANCHORS = timedelta(days=30)


class EntryView(RecordView):
    """Search, conditions and export over every entry of the institution."""

    model = Entry
    may = Crud(view=P.ENTRY_VIEW, export=P.ENTRY_EXPORT)
    menu = Menu(section=SETTINGS, label=_l("Audit log"), order=60)
    columns = ("at", "user_name", "action", "subject_text", "reason", "ip")
    more_columns = ("actor_kind", "agent", "correlation", "changed")
    labels = {"changed": _l("Before and after")}
    formats = {
        "changed": show_changes,
        "at": show_moment,
        "user_name": show_who,
        "action": show_action,
        "actor_kind": show_kind,
    }
    search = ("user_name", "subject_text", "reason")
    filters = (
        "at",
        "user_name",
        Subjects("subject", _l("Kind of record"), where=lambda model, values: model.subject_type.in_(values)),
        ChoiceFilter("way", _l("Way in"), choices=KINDS, where=lambda model, values: model.actor_kind.in_(values)),
        "action",
        "subject_text",
        "correlation",
        "ip",
        "reason",
    )
    sort = ("id",)
    default_sort = "-id"
    sections = (Section(_l("Entry"), ()),)
    details = "audit/entry.html"
    list_page = "audit/list.html"

    def changes(self, row: Entry) -> list[Change]:
        """The values before and after."""
        return changes(model_of(row), row.before or {}, row.after or {})

    def same_action(self, row: Entry) -> list[Entry]:
        """The other entries of the action this one is part of, in order; at most a hundred."""
        together = scope(Entry.select(), P.ENTRY_VIEW).where(Entry.correlation == row.correlation, Entry.id != row.id)
        return list(together.order_by(Entry.id).limit(100))

    def address_of(self, row: Entry) -> str:
        """The page of the record the entry is about, if there is one and whoever asks may see it."""
        return subject_address(row)


class SealView(PageView):
    """How the chain stands, its anchors, and its verification."""

    section = SETTINGS

    @expose("/")
    @needs(P.ENTRY_VIEW, whole=True)
    def index(self) -> str:
        """The end of the chain, the last verification, the anchors of the last days."""
        institution = asking().institution
        standing = services.standing(institution)
        return self.render(
            "audit/seal.html",
            standing=standing,
            result=standing.result,
            anchors=services.anchors(institution, today() - ANCHORS, today()),
        )

    @expose("/anchor/")
    @needs(P.ENTRY_VIEW, whole=True)
    def anchor(self) -> Response:
        """A day's anchor as a text file."""
        try:
            day = date.fromisoformat(request.args.get("day", ""))
            found = services.anchor_of(asking().institution, day)
        except (ValueError, Refused):
            raise NotFound(_("This page does not exist, or is not yours to see.")) from None
        response = Response(services.written(found), mimetype="text/plain")
        response.headers["Content-Disposition"] = f"attachment; filename=anchor-{day}.txt"
        return response

    @expose("/verify/", methods=("POST",))
    @needs(P.SEAL_VERIFY, whole=True)
    def verify(self) -> Any:
        """Ask for a walk along the whole chain, at most one a minute."""
        key = f"asked-{utcnow():%Y%m%dT%H%M}"
        enqueue(services.VERIFY, institution=asking().institution, key=key)
        flash(_("The log is being verified in the background. Its outcome is shown here."), "success")
        return redirect(url_for(".index"))
