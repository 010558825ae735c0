"""How an application looks: what would change, who is named, what its page offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panel.api import _
from plugins.accounts.approvals import facts
from plugins.accounts.life.choices import EDITABLE, Kind, State
from plugins.accounts.life.judging import changes, identity_waits, name_waits, notices
from plugins.accounts.life.models import Application
from plugins.accounts.life.reading import hand_ins_of, papers_of
from plugins.accounts.models import Account


@dataclass(frozen=True)
class Change:
    """A line of the table of what is different."""

    label: Any
    before: Any
    after: Any


def changed(application: Application) -> list[Change]:
    """What is now, and what shall be. Once it is carried out there is nothing left to compare."""
    if application.kind == Kind.OPENING or not application.account_id or application.state == State.DONE:
        return []
    fields = Account._meta.fields
    return [
        Change(fields[name].verbose_name, _plain(name, old), _plain(name, new))
        for name, (old, new) in changes(application).items()
    ]


def _plain(name: str, value: Any) -> Any:
    pairs = dict(Account._meta.fields[name].choices or ())
    return pairs.get(value, value) or ""


def application_page(application: Application) -> dict[str, Any]:
    """All parts of an application, for its page."""
    editable = application.state in EDITABLE
    altered = changed(application)
    labels = {str(change.label) for change in altered}
    return {
        "editable": editable,
        "notices": notices(application) if editable else [],
        "facts": [(label, value) for label, value in facts(application) if str(label) not in labels],
        "changed": altered,
        "papers": papers_of(application),
        "hand_ins": hand_ins_of(application) if application.kind == Kind.CLOSING else [],
        "name_waits": application.state in (State.WAITING, *EDITABLE) and name_waits(application),
        "identity_waits": application.state in (State.WAITING, *EDITABLE) and identity_waits(application),
        "waits": _("Its quota has no room yet. It is carried out once the other account is closed.")
        if application.state == State.APPROVED and application.kind == Kind.OPENING
        else "",
    }
