"""The audit log: who did what, when, from where."""

from __future__ import annotations

from panel.access.scope import scope
from panel.admin.history import Change, changes
from panel.admin.view import ChoiceFilter, Crud, Menu, RecordView, Section
from panel.audit.models import Entry
from panel.audit.permissions import AuditPermission as P
from panel.audit.showing import (
    KINDS,
    Subjects,
    model_of,
    show_action,
    show_kind,
    show_moment,
    show_who,
    subject_address,
)
from panel.i18n import _l


class EntryView(RecordView):
    """Search, conditions and export over every entry of the institution."""

    model = Entry
    may = Crud(view=P.ENTRY_VIEW, export=P.ENTRY_EXPORT)
    menu = Menu(section=_l("Settings"), label=_l("Audit log"), order=60)
    columns = ("at", "user_name", "action", "subject_text", "reason", "ip")
    more_columns = ("actor_kind", "agent", "correlation")
    formats = {"at": show_moment, "user_name": show_who, "action": show_action, "actor_kind": show_kind}
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
    )
    sort = ("id",)
    default_sort = "-id"
    sections = (Section(_l("Entry"), ()),)
    details = "audit/entry.html"

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
