"""Who knows what a secret holds now: they are listed when they leave, and another value is owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from panel.api import Holding, Person, Refused, _, _l, current, records, today, transaction
from plugins.accounts.choices import Status
from plugins.accounts.models import Account, Custodian, Platform, SealedCopy
from plugins.accounts.secrets.choices import Learned, SecretKind
from plugins.accounts.secrets.models import Secret, SecretKnowledge


def acting_person() -> Person:
    """The person behind whoever is at work. Raises Refused for a user nobody answers for."""
    identity = current()
    person = identity.user.person if identity is not None and identity.user is not None else None
    if person is None:
        raise Refused(_("Your user is linked to no person. Secrets are handled by people who are known by name."))
    return person


def learn(secret: Secret, person: Person, how: Learned) -> None:
    """From now on the person knows the secret; nothing new where they did."""
    known = SecretKnowledge.get_or_none(
        SecretKnowledge.secret == secret, SecretKnowledge.person == person, SecretKnowledge.until.is_null()
    )
    if known is None:
        records.create(
            SecretKnowledge,
            institution=secret.institution_id,
            account=secret.account_id,
            secret=secret,
            person=person,
            how=how.value,
        )
    elif known.given_up_on is not None:
        records.update(known, given_up_on=None, how=how.value)


def forget(secret: Secret, on: date | None = None) -> None:
    """The secret holds another value since that day: what was known of the one before counts no more."""
    day = on or today()
    rows = SecretKnowledge.select().where(
        SecretKnowledge.secret == secret, SecretKnowledge.until.is_null(), SecretKnowledge.since <= day
    )
    for row in list(rows):
        records.update(row, until=day)


def forget_passwords(account: Account, on: date) -> None:
    """The account has another password since that day, wherever it was set."""
    for secret in Secret.select().where(
        Secret.account == account, Secret.kind == SecretKind.PASSWORD, Secret.destroyed_at.is_null()
    ):
        forget(secret, on)


def owe(secret: Secret, day: date) -> None:
    """Another value is owed from that day on: of a password the account says so."""
    from plugins.accounts.custody import owe_password

    if secret.kind == SecretKind.PASSWORD:
        owe_password(Account.get_by_id(secret.account_id), day)
    else:
        stored = Secret.get_by_id(secret.id)
        records.update(stored, owed_since=day if stored.owed_since is None else max(stored.owed_since, day))


def give_up(row: SecretKnowledge, note: str = "") -> None:
    """Somebody who knows a secret leaves or moves: another value is owed from today on (s3-01-r08)."""
    with transaction():
        records.update(row, given_up_on=today())
        secret = Secret.get_by_id(row.__data__["secret"])
        if secret.destroyed_at is None and secret.account.status != Status.CLOSED:
            owe(secret, today())


@dataclass(frozen=True)
class Knower:
    """Somebody who knows the password of an account now, since when, and how they came to know it."""

    person: Person
    since: date
    how: str


def knowers(account: Account, terms: Iterable[Custodian], copies: Iterable[SealedCopy]) -> list[Knower]:
    """Everybody who knows the present password: who keeps it, saw it since it was changed, or kept it until then.

    `terms` and `copies` are all of the account's, with their people. One query.
    """
    changed = account.password_changed_on
    found = [Knower(t.person, t.since, _("keeps the password")) for t in terms if t.until is None]
    rows: Any = (
        SecretKnowledge.select(SecretKnowledge, Person)
        .join_from(SecretKnowledge, Person)
        .join_from(SecretKnowledge, Secret)
        .where(
            SecretKnowledge.account == account,
            SecretKnowledge.until.is_null(),
            Secret.kind == SecretKind.PASSWORD,
            Secret.destroyed_at.is_null(),
        )
        .order_by(SecretKnowledge.id)
    )
    found += [Knower(r.person, r.since, str(Learned(r.how).label)) for r in rows]
    found += [
        Knower(t.person, t.since, _("kept it until %(day)s", day=t.until))
        for t in terms
        if t.until is not None and (changed is None or t.until >= changed)
    ]
    found += [
        Knower(c.opened_by, c.opened_on, _("opened the envelope"))
        for c in copies
        if c.opened_on is not None and (changed is None or c.opened_on >= changed)
    ]
    known: dict[int, Knower] = {}
    for one in found:
        known.setdefault(one.person.id, one)
    return list(known.values())


def _held_by(people: Iterable[Person]) -> list[SecretKnowledge]:
    query: Any = (
        SecretKnowledge.select(SecretKnowledge, Secret, Account, Platform)
        .join_from(SecretKnowledge, Secret)
        .join_from(SecretKnowledge, Account)
        .join_from(Account, Platform)
        .where(
            SecretKnowledge.person.in_([p.id for p in people]),
            SecretKnowledge.until.is_null(),
            SecretKnowledge.given_up_on.is_null(),
            Secret.destroyed_at.is_null(),
        )
        .order_by(Account.name, SecretKnowledge.id)
    )
    return list(query)


secret_knowledge = Holding(
    kind="accounts.secret_knowledge",
    title=_l("Knows a sealed secret"),
    held_by=_held_by,
    holder=lambda row: row.person_id,
    subject=lambda row: f"{row.secret} · {row.account} ({row.account.platform})",
    hand_over=lambda row, successor, note: give_up(row, note),
    end=give_up,
)
