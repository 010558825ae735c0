"""What an account's page shows of its sealed secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from panel.api import Person, condition, current
from plugins.accounts.models import Account, Custodian, SealedCopy
from plugins.accounts.permissions import AccountsPermission as P
from plugins.accounts.secrets.choices import OpeningState, SecretKind
from plugins.accounts.secrets.knowing import knowers
from plugins.accounts.secrets.models import Secret, SecretOpening

LAST = 5


def secrets_part(account: Account, terms: Iterable[Custodian], copies: Iterable[SealedCopy]) -> dict[str, Any]:
    """Its secrets, their last openings and who knows the password; nothing for whoever may not see them."""
    identity = current()
    if identity is None or not identity.may(P.SECRET_VIEW):
        return {}
    mine: Any = (
        Secret.select(Secret, Person)
        .join(Person)
        .where(Secret.account == account, Secret.destroyed_at.is_null(), condition(Secret, P.SECRET_VIEW))
        .order_by(Secret.label, Secret.id)
    )
    secrets = sorted(mine, key=lambda secret: list(SecretKind).index(SecretKind(secret.kind)))
    for secret in secrets:
        secret.account = account
        secret.outdated = secret.kind == SecretKind.PASSWORD and _older(secret, account)
    openings: Any = (
        SecretOpening.select(SecretOpening, Person)
        .join(Person)
        .where(SecretOpening.account == account, condition(SecretOpening, P.SECRET_VIEW))
        .order_by(SecretOpening.id.desc())
        .limit(LAST)
    )
    last = list(openings)
    for one in last:
        one.state_label = OpeningState(one.state).label
    return {"secrets": secrets, "openings": last, "knowers": knowers(account, terms, copies)}


def _older(secret: Secret, account: Account) -> bool:
    return account.password_changed_on is not None and secret.sealed_on < account.password_changed_on
