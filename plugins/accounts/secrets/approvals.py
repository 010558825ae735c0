"""The two-person rule: a second person releases the opening of a secret."""

from __future__ import annotations

from typing import Any

from panel.api import ApprovalField, ApprovalSubject, _l, show_time
from plugins.accounts.secrets.choices import SecretKind
from plugins.accounts.secrets.models import SecretOpening
from plugins.accounts.secrets.opening import SUBJECT, refused, released


def _facts(opening: SecretOpening) -> list[tuple[Any, Any]]:
    return [
        (_l("Account"), f"{opening.account} ({opening.account.platform})"),
        (_l("What is sealed"), opening.what),
        (_l("Opened by"), str(opening.person)),
        (_l("Reason"), opening.reason),
        (_l("Asked"), show_time(opening.asked_at)),
    ]


opening = ApprovalSubject(
    name=SUBJECT,
    title=_l("Opening of a sealed secret"),
    model=SecretOpening,
    unit=lambda opening: opening.unit,
    facts=_facts,
    fields=(
        ApprovalField("kind", _l("Kind"), lambda opening: opening.secret.kind, choices=SecretKind.pairs()),
        ApprovalField("platform", _l("Platform"), lambda opening: opening.account.platform.code),
    ),
    approved=released,
    ended=refused,
    rules=("s2-09-r21", "s4-01-r24"),
)
