"""Putting a secret into the panel, replacing and destroying it."""

from __future__ import annotations

import string
from datetime import date

from panel.api import NotFound, Refused, _, audit, is_postgres, policy_of, records, today, transaction, utcnow, vault
from plugins.accounts.custody import record_password_change
from plugins.accounts.models import Account
from plugins.accounts.preconditions import open_account, past
from plugins.accounts.secrets.choices import Learned, SecretKind
from plugins.accounts.secrets.knowing import acting_person, forget, learn
from plugins.accounts.secrets.models import Secret, SecretOpening
from plugins.accounts.secrets.policy import SecretsPolicy

LONGEST, SHORTEST_PASSWORD, KINDS = 2000, 8, 3


def seal_secret(
    account: Account, kind: SecretKind | str, text: str, label: str = "", changed_on: date | None = None
) -> Secret:
    """Seal a secret of an account (s3-03-r21). `changed_on`: the day this became the password, if it was just set.

    Raises Refused where there is one of this kind and designation, or a password is too simple (s4-01-r22).
    """
    with transaction():
        account, person, kind = open_account(account), acting_person(), SecretKind(kind)
        text = _checked(text, kind, account)
        secret = records.create(
            Secret,
            institution=account.institution_id,
            account=account,
            kind=kind.value,
            label=label.strip(),
            sealed_by=person,
        )
        vault.put(secret, "sealed", text)
        _known_to_sealer(secret, account, changed_on)
    return secret


def replace_secret(secret: Secret, text: str, changed_on: date | None = None) -> None:
    """Seal another value in the place of the one before.

    Who knew the one before no longer counts as knowing; of a password only where `changed_on` says it is a new one.
    """
    with transaction():
        stored, account = locked_secret(secret), open_account(secret.account)
        text = _checked(text, SecretKind(stored.kind), account)
        records.update(stored, sealed_on=today(), sealed_by=acting_person(), owed_since=None)
        vault.put(stored, "sealed", text)
        audit.note("value_changed", stored)
        if stored.kind != SecretKind.PASSWORD:
            forget(stored)
        _known_to_sealer(stored, account, changed_on)


def destroy_secret(secret: Secret, reason: str) -> None:
    """Delete what the secret holds for good; that it was there, and who opened it, stays. Backups keep it as sealed."""
    if not reason.strip():
        raise Refused(_("Say why it is destroyed."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        stored = locked_secret(secret)
        vault.put(stored, "sealed", "")
        records.update(stored, destroyed_at=utcnow(), owed_since=None)
        forget(stored)
        pending = SecretOpening.select().where(
            SecretOpening.secret == stored, SecretOpening.state.in_(["waiting", "released"])
        )
        for opening in list(pending):
            records.update(opening, state="lapsed")


def locked_secret(secret: Secret) -> Secret:
    """The secret as stored, held until the transaction ends. Raises Refused once it is destroyed."""
    query = Secret.select().where(Secret.id == secret.id)
    stored = (query.for_update() if is_postgres() else query).first()
    if stored is None:
        raise NotFound(_("This row is no longer there. Go back to the list and look again."))
    if stored.destroyed_at is not None:
        raise Refused(_("This secret was destroyed."))
    return stored


def _known_to_sealer(secret: Secret, account: Account, changed_on: date | None) -> None:
    person = acting_person()
    if secret.kind == SecretKind.PASSWORD and changed_on is not None:
        record_password_change(account, past(changed_on, "changed_on"), person, _("Sealed in the panel"))
    learn(secret, person, Learned.SEALED)


def _checked(text: str, kind: SecretKind, account: Account) -> str:
    """The secret as it is kept: line ends as of one system, no blank lines around. It never stands in a message."""
    text = text.replace("\r\n", "\n").strip("\n")
    if not text.strip():
        raise Refused(_("Enter the secret."), "text")
    if len(text) > LONGEST:
        raise Refused(_("At most %(count)s characters.", count=LONGEST), "text")
    policy = policy_of(SecretsPolicy, account.institution, today())
    if kind == SecretKind.PASSWORD and policy is not None and policy.complex_passwords and _simple(text):
        raise Refused(
            _(
                "This password is too simple: at least %(length)s characters, and of capital letters, small letters, "
                "digits and signs, %(kinds)s kinds. Set another at the platform.",
                length=SHORTEST_PASSWORD,
                kinds=KINDS,
            ),
            "text",
        )
    return text


def _simple(text: str) -> bool:
    alphabets = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    kinds = [any(c in alphabet for c in text) for alphabet in alphabets]
    signs = any(c not in string.ascii_letters + string.digits for c in text)
    return len(text) < SHORTEST_PASSWORD or sum([*kinds, signs]) < KINDS
