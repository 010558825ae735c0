"""Opening a secret: asked for with a reason, released where two must agree, logged, and only then shown – once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.api import (
    ApprovalRequest,
    Institution,
    NotFound,
    Person,
    Refused,
    User,
    _,
    approval_of,
    audit,
    current,
    is_postgres,
    policy_of,
    publicity_office,
    records,
    show_time,
    submit_for_approval,
    tell,
    today,
    transaction,
    utcnow,
    vault,
    withdraw_approval,
)
from plugins.accounts.models import Account, Custodian
from plugins.accounts.secrets.choices import Learned, OpeningState
from plugins.accounts.secrets.knowing import acting_person, learn, owe
from plugins.accounts.secrets.models import Secret, SecretOpening
from plugins.accounts.secrets.policy import SecretsPolicy
from plugins.accounts.secrets.sealing import locked_secret

SUBJECT = "accounts.secret_opening"
SECONDS = 60  # it stands on the page
PENDING = (OpeningState.WAITING.value, OpeningState.RELEASED.value)


def ask_opening(secret: Secret, reason: str) -> SecretOpening:
    """Ask to open a secret, having proved one's identity; asked again while it is pending, the same one.

    Where the policy wants two people it waits for a release (s2-09-r21). Raises Refused without a reason, or where no
    chain says who releases.
    """
    with transaction(), audit.acting(reason=reason.strip()):
        stored, person, user = locked_secret(secret), acting_person(), _user()
        if not reason.strip():
            raise Refused(_("Say why it is opened."), "reason")
        pending = pending_opening(stored)
        if pending is not None:
            return pending
        account = Account.get_by_id(stored.account_id)
        two = needs_release(stored)
        opening = records.create(
            SecretOpening,
            institution=stored.institution_id,
            account=account,
            unit=account.unit,
            secret=stored,
            what=str(stored),
            person=person,
            user=user,
            reason=reason.strip(),
            state=OpeningState.WAITING.value if two else OpeningState.RELEASED.value,
            until=utcnow() + (_release_time(stored.institution) if two else _show_time(stored.institution)),
        )
        if two:
            submit_for_approval(opening, SUBJECT, note=reason.strip()[:300])
    return opening


def show_secret(opening: SecretOpening) -> str:
    """Give the secret, once and to who asked for it. By then the log, the holders and the office know.

    Raises Refused where it was shown already, is not released, its time is over, or it cannot be read; NotFound for
    anybody else.
    """
    with transaction():
        stored = _locked(opening)
        if stored.user_id != _user().id:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        late = stored.state in PENDING and stored.until < utcnow()
        if late:
            records.update(stored, state=OpeningState.LAPSED.value)
    if late or stored.state != OpeningState.RELEASED:
        raise Refused(_why_not(stored))
    try:
        return _shown(stored)
    except Refused as refusal:
        if refusal.field == "sealed":
            audit.note("unreadable", Secret.get_by_id(stored.__data__["secret"]))
        raise


def _shown(opening: SecretOpening) -> str:
    with transaction(), audit.acting(reason=opening.reason):
        stored, secret = _locked(opening), locked_secret(opening.secret)
        if stored.state != OpeningState.RELEASED:
            raise Refused(_why_not(stored))
        try:
            text = vault.read(secret, "sealed")
        except Refused as refusal:
            raise Refused(refusal.message, "sealed") from None
        person = acting_person()
        records.update(stored, state=OpeningState.SHOWN.value, shown_at=utcnow())
        audit.note("shown", stored)
        learn(secret, person, Learned.OPENED)
        owe(secret, today())
        _tell(stored, secret)
    return text


def _locked(opening: SecretOpening) -> SecretOpening:
    query = SecretOpening.select().where(SecretOpening.id == opening.id)
    stored: SecretOpening = (query.for_update() if is_postgres() else query).get()
    return stored


def released(opening: SecretOpening, request: ApprovalRequest) -> None:
    """The second person agreed: it may be shown within the policy's time. Raises Refused when it is too late."""
    if opening.state != OpeningState.WAITING or opening.until < utcnow():
        raise Refused(_("The time for the release is over. The opening must be asked for anew."))
    signed: Any = request
    names = [decision.signer for decision in signed.decisions]
    records.update(
        opening,
        state=OpeningState.RELEASED.value,
        until=utcnow() + _release_time(opening.institution),
        released_by="、".join(names)[:120],
    )


def refused(opening: SecretOpening, request: ApprovalRequest) -> None:
    """There will be no release."""
    if opening.state == OpeningState.WAITING:
        late = opening.until < utcnow()
        records.update(opening, state=(OpeningState.LAPSED if late else OpeningState.REFUSED).value)


def needs_release(secret: Secret) -> bool:
    """Whether the policy wants a second person (s2-09-r21)."""
    return bool(_policy(secret.institution).two_people)


def lapse_openings(institution: Institution) -> int:
    """Close what was asked for and neither released nor looked at in time; gives how many."""
    late = SecretOpening.select().where(
        SecretOpening.institution == institution, SecretOpening.state.in_(PENDING), SecretOpening.until < utcnow()
    )
    rows = list(late)
    for row in rows:
        request = approval_of(row, SUBJECT) if row.state == OpeningState.WAITING else None
        if request is not None and request.waiting:
            withdraw_approval(request, _("The time for the release is over."))
        else:
            records.update(row, state=OpeningState.LAPSED.value)
    return len(rows)


def _tell(opening: SecretOpening, secret: Secret) -> None:
    """Who keeps the password, who answers for the account, and the publicity office; not who opened it."""
    account = Account.get_by_id(secret.account_id)
    keepers = Person.select().join(Custodian).where(Custodian.account == account, Custodian.until.is_null())
    unit_id = account.__data__["unit"]
    people = {p.id: p for p in [*keepers, *publicity_office(account.institution_id, unit_id)]}
    if account.responsible is not None:
        people[account.responsible.id] = account.responsible
    people.pop(opening.person_id, None)

    def words() -> str:
        return _(
            "%(person)s opened %(secret)s of %(account)s: %(reason)s",
            person=opening.person,
            secret=secret,
            account=account,
            reason=opening.reason,
        )

    tell(opening, people.values(), words, f"secret-opening:{opening.id}", unit_id)


def _why_not(opening: SecretOpening) -> str:
    if opening.shown_at is not None:
        return _(
            "This was shown at %(time)s, and is shown only once. Ask anew, with a reason.",
            time=show_time(opening.shown_at, seconds=True),
        )
    return {
        OpeningState.WAITING.value: _("The second person has not released it yet."),
        OpeningState.REFUSED.value: _("It was not released."),
    }.get(opening.state, _("The time to look at it is over. Ask anew, with a reason."))


def pending_opening(secret: Secret) -> SecretOpening | None:
    """What whoever is at work asked for and may still look at, if anything."""
    return (
        SecretOpening.select()
        .where(
            SecretOpening.secret == secret,
            SecretOpening.user == _user(),
            SecretOpening.state.in_(PENDING),
            SecretOpening.until > utcnow(),
        )
        .first()
    )


def _user() -> User:
    identity = current()
    if identity is None or identity.user is None:
        raise Refused(_("Your user is linked to no person. Secrets are handled by people who are known by name."))
    return identity.user


def _policy(institution: Institution) -> SecretsPolicy:
    found: SecretsPolicy = policy_of(SecretsPolicy, institution, today()) or SecretsPolicy()
    return found


def _release_time(institution: Institution) -> timedelta:
    return timedelta(hours=_policy(institution).release_hours or 24)


def _show_time(institution: Institution) -> timedelta:
    return timedelta(minutes=_policy(institution).show_minutes or 5)
