"""What falls due for sealed secrets that are no password: of a password the account says so itself."""

from __future__ import annotations

from typing import Any

from panel.api import SHORT, Due, Evidence, Institution, ObligationKind, Refused, Terms, _, _l
from plugins.accounts.models import Account
from plugins.accounts.secrets.models import Secret


def _secrets(institution: Institution) -> Any:
    return (
        Secret.select(Secret, Account)
        .join(Account)
        .where(Secret.institution == institution, Secret.destroyed_at.is_null(), Account.status != "closed")
    )


def _replacement(secret: Secret, terms: Terms) -> Due | None:
    if secret.owed_since is None:
        return None
    return Due(
        on=secret.owed_since,
        unit=secret.account.__data__["unit"],
        person=secret.account.responsible_id,
        anchor=secret.sealed_on,
        text=f"{secret} · {secret.account}",
        urgent=True,
    )


def _sealed_anew(secret: Secret, evidence: Evidence) -> None:
    raise Refused(_("Seal the new one on the account's page; this then ends by itself."))


secret = ObligationKind(
    name="accounts.secret",
    title=_l("Replace a sealed secret"),
    model=Secret,
    rows=_secrets,
    due=_replacement,
    met=lambda secret: secret.sealed_on if secret.owed_since is None and secret.destroyed_at is None else None,
    done=_sealed_anew,
    plan=SHORT,
    rules=("s3-01-r08",),
    help=_l("After it was opened, or when somebody who knows it leaves."),
    endpoint="accounts_account.details_view",
)
