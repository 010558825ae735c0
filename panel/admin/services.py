"""The verbs on saved filters."""

from __future__ import annotations

from typing import Any

from peewee import Expression

from panel import records
from panel.access.identity import Identity
from panel.access.scope import require
from panel.admin.models import SavedFilter
from panel.admin.permissions import AdminPermission
from panel.errors import NotFound, Refused
from panel.i18n import _

MOST = 30  # saved filters of one user on one list


def visible(identity: Identity, view: str) -> Expression:
    """The saved filters of a list that somebody sees: their own, and the shared ones."""
    user = identity.user.id if identity.user else None
    here = (SavedFilter.institution == identity.institution.id) & (SavedFilter.view == view)
    return here & ((SavedFilter.user == user) | SavedFilter.shared)


def save_filter(view: str, name: str, query: str, shared: bool = False) -> SavedFilter:
    """Keep the state of a list under a name. Raises Refused for an empty or taken name, or too many of them."""
    identity = require(AdminPermission.SAVED_FILTER_SHARE) if shared else _identity()
    name = " ".join(name.split())
    if not name or len(name) > 40:
        raise Refused(_("Give it a name of at most 40 characters."), "name")
    mine = SavedFilter.select().where(SavedFilter.user == identity.user, SavedFilter.view == view)
    if mine.count() >= MOST:
        raise Refused(_("You have %(count)s saved filters here; delete one first.", count=MOST))
    return records.create(
        SavedFilter,
        institution=identity.institution,
        user=identity.user,
        view=view,
        name=name,
        query=query,
        shared=shared,
    )


def delete_filter(view: str, filter_id: Any) -> SavedFilter:
    """Forget a saved filter: one's own, or a shared one by who may share. Raises NotFound."""
    identity = _identity()
    row = None
    if str(filter_id).isdecimal() and len(str(filter_id)) < 19:
        row = SavedFilter.get_or_none(visible(identity, view) & (SavedFilter.id == int(filter_id)))
    if row is None:
        raise NotFound(_("This saved filter is no longer there."))
    if row.user_id != (identity.user.id if identity.user else None):
        require(AdminPermission.SAVED_FILTER_SHARE)
    records.delete(row)
    return row


def _identity() -> Identity:
    from panel.access.identity import current

    identity = current()
    if identity is None or identity.user is None:
        raise Refused(_("Log in first."))
    return identity
