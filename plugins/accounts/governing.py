"""What a chain of approval governs: where one is in force, nobody opens, changes or closes past it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panel.api import Refused, _, approvals_govern
from plugins.accounts.choices import Filing, Status
from plugins.accounts.models import Account

OPENING, CHANGE = "accounts.opening", "accounts.change"
CLOSING, APPOINTMENT = "accounts.closing", "accounts.appointment"
# What is filed of an account, and stays as filed until a change is approved (s2-01-r04, s3-03-r04, s4-01-r21).
GUARDED = ("name", "unit", "level", "publishing_scope", "description", "responsible", "entity", "entity_kind")
ENDING = (Status.CLOSING, Status.CLOSED)


class NeedsApproval(Refused):
    """The change is decided by a chain; `held_back` is what is not written, by field."""

    def __init__(self, message: str, field: str, held_back: Mapping[str, Any]) -> None:
        super().__init__(message, field)
        self.held_back = dict(held_back)


def governed(institution_id: int, subject: str) -> bool:
    """Whether a chain decides about such things in an institution."""
    return approvals_govern(institution_id, subject)


def appointing_subject(institution_id: int) -> str:
    """The subject operators are appointed under: one of their own, else as a change; empty where no chain is there."""
    return next((s for s in (APPOINTMENT, CHANGE) if governed(institution_id, s)), "")


def held_back(account: Account, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of these values a filed account keeps until a change is approved."""
    if account.filing != Filing.FILED or not governed(account.institution_id, CHANGE):
        return {}
    found = {}
    for name in GUARDED:
        if name in values and key(values[name]) != account.__data__[name]:
            found[name] = values[name]
    return found


def require_direct_change(account: Account, values: Mapping[str, Any]) -> None:
    """Raises NeedsApproval where a chain decides about what is to change, or about closing."""
    if kept := held_back(account, values):
        labels = "、".join(str(Account._meta.fields[name].verbose_name) for name in kept)
        raise NeedsApproval(
            _("%(fields)s: the account is filed, so an approved application is needed to change it.", fields=labels),
            next(iter(kept)),
            kept,
        )
    wanted = values.get("status")
    if wanted in ENDING and account.status not in ENDING and governed(account.institution_id, CLOSING):
        raise NeedsApproval(
            _("Closing an account takes an approved application: apply on the account's page."), "status", {}
        )


def require_direct_opening(institution_id: int) -> None:
    """Raises Refused where a chain decides about opening accounts (s0-09-r17, s3-01-r03)."""
    if governed(institution_id, OPENING):
        raise Refused(_("An account is opened by an approved application here: apply to open it."))


def require_direct_appointment(account: Account) -> None:
    """Raises Refused where a chain decides who operates a filed account (s3-03-r04)."""
    if account.filing == Filing.FILED and appointing_subject(account.institution_id):
        raise Refused(_("Who operates a filed account is decided by an application: apply on the account's page."))


def key(value: Any) -> Any:
    """A row as its id; anything else as it is."""
    return value.id if hasattr(value, "id") else value
