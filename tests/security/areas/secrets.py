"""Sealed secrets: their rows and pages. An opening is its asker's alone; without a fresh proof nothing is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from panel import records
from plugins.accounts.models import Handover, SealedCopy
from plugins.accounts.secrets import services
from plugins.accounts.secrets.models import Secret, SecretOpening
from tests.security.cases import Case
from tests.security.places import Place


def fill(place: Place, name: str) -> list[Any]:
    """A sealed password somebody asked to open, and a handover."""
    account = place.row("accounts.account")
    secret = services.seal_secret(account, "password", f"{name}-Secret-1")
    given = records.create(
        Handover,
        institution=place.institution,
        account=account,
        leaving=place.people[0],
        taking=place.people[1],
        note=name,
    )
    return [secret, services.ask_opening(secret, f"{name}-reason"), given]


def _mine(place: Place) -> dict[str, int]:
    """Who may look at the opening of a place: who asked for it."""
    asker = {"near": "bob", "far": "alice", "foreign": "oscar"}[place.name]
    answers = {"anonymous": 302, "carol": 403, "dave": 403}
    return {role: 200 if role == asker else answers.get(role, 404) for role in ROLES}


ROLES = ("alice", "bob", "carol", "dave", "oscar", "root", "anonymous")
NEW: dict[str, Callable[[Place], Case]] = {}


def _secret(form: dict[str, Any], **more: Any) -> Callable[[Place], list[Case]]:
    return lambda p: [Case("", {"id": p.row(Secret).id}, form, (p.row(Secret),), **more)]


OTHERS: dict[str, Callable[[Place], Any]] = {
    "accounts_secrets.seal": lambda p: [
        Case("", {"id": p.spare.id}, {"kind": "pin", "text": "4711"}, (p.spare,)),
    ],
    "accounts_secrets.replace": _secret({"text": "Another-Secret-2"}),
    "accounts_secrets.destroy": _secret({"reason": "x"}, done=(422,)),
    "accounts_secrets.open": _secret({"reason": "x"}, seen=(200, 302), done=(422,), notes="POST"),
    "accounts_secrets.opening": lambda p: [
        Case("", {"id": p.row(SecretOpening).id}, rows=(p.row(SecretOpening),), only=_mine(p), done=(422,))
    ],
    "accounts_envelope.label": lambda p: [Case("", {"id": p.row(SealedCopy).id}, rows=(p.row(SealedCopy),))],
    "accounts_envelope.handover": lambda p: [Case("", {"id": p.row(Handover).id}, rows=(p.row(Handover),))],
}
