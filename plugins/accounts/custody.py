"""Verbs over the password: who keeps it, how it passed on, when it changed, and its paper copy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from panel.api import Person, Refused, _, records, transaction
from plugins.accounts.choices import Status, Way
from plugins.accounts.models import Account, Custodian, Handover, PasswordChange, SealedCopy
from plugins.accounts.preconditions import locked, open_account, past, require_in_service, same_institution
from plugins.accounts.secrets.knowing import forget_passwords


def add_custodian(
    account: Account,
    person: Person,
    since: date | None = None,
    way: str = Way.IN_PERSON,
    undertaking_on: date | None = None,
    note: str = "",
) -> Custodian:
    """Enter that a person knows the password. Raises Refused where they have left, or are entered already."""
    with transaction():
        account = open_account(account)
        same_institution(account.institution_id, person)
        require_in_service(person, "person")
        if _open_term(account, person) is not None:
            raise Refused(_("%(name)s already keeps the password of this account.", name=person), "person")
        return records.create(
            Custodian,
            institution=account.institution_id,
            account=account,
            person=person,
            since=past(since, "since"),
            way=Way(way).value,
            undertaking_on=undertaking_on,
            note=note,
        )


def end_custodian(row: Custodian, until: date | None = None, note: str | None = None) -> None:
    """End a custodian's term on a day (today). They still know the password: a new one is owed from then on."""
    with transaction():
        if row.until is not None:
            raise Refused(_("This term ended on %(day)s already.", day=row.until))
        account = locked(row.account)
        day = past(until, "until")
        records.update(row, until=day, note=row.note if note is None else note)
        if account.status != Status.CLOSED:
            owe_password(account, day)


def hand_over(
    account: Account,
    leaving: Person,
    taking: Person,
    witness: Person | None = None,
    on: date | None = None,
    way: str = Way.IN_PERSON,
    password_changed_on: date | None = None,
    sealed: dict[str, Any] | None = None,
    note: str = "",
) -> Handover:
    """Pass the password on: end one custodian, start another, record the witness.

    Without `password_changed_on` a new password is owed from that day (s3-01-r08). `sealed` (place, number, keeper)
    puts a new envelope in force. Who takes over may keep the password already; then only the other's term ends.
    Raises Refused where the leaving person does not keep it, the three are not different people, or one has left.
    """
    with transaction():
        account = open_account(account)
        same_institution(account.institution_id, leaving, taking, witness)
        on = past(on, "on")
        _check_people(leaving, taking, witness)
        term = _open_term(account, leaving)
        if term is None:
            raise Refused(_("%(name)s does not keep the password of this account.", name=leaving), "leaving")
        if on < term.since:
            raise Refused(_("%(name)s keeps the password only since %(day)s.", name=leaving, day=term.since), "on")
        if password_changed_on is not None and password_changed_on < on:
            raise Refused(
                _("A password set before the handover is known to %(name)s. Set a new one.", name=leaving),
                "password_changed_on",
            )
        records.update(term, until=on)
        if _open_term(account, taking) is None:
            add_custodian(account, taking, on, way)
        if password_changed_on is None:
            owe_password(account, on)
        else:
            record_password_change(account, password_changed_on, taking, _("Handover"))
        copy = None
        if sealed:
            copy = seal_copy(account, sealed_by=taking, sealed_on=password_changed_on or on, **sealed)
        return records.create(
            Handover,
            institution=account.institution_id,
            account=account,
            leaving=leaving,
            taking=taking,
            witness=witness,
            on=on,
            way=Way(way).value,
            password_changed_on=password_changed_on,
            sealed_copy=copy,
            note=note,
        )


def hand_over_all(terms: Iterable[Custodian], taking: Person, **details: Any) -> list[Handover]:
    """Hand over every one of these open terms to one person, all or none; `details` as for `hand_over`."""
    with transaction():
        return [hand_over(term.account, term.person, taking, **details) for term in terms]


def record_password_change(
    account: Account,
    on: date | None = None,
    person: Person | None = None,
    why: str = "",
    asked_by: Person | None = None,
) -> PasswordChange:
    """Record that the password was changed, by whom and for whom (s2-07-r10).

    What was owed is settled by a change on or after that day (s3-01-r08).
    """
    with transaction():
        account = locked(account)
        same_institution(account.institution_id, person, asked_by)
        on = past(on, "on")
        values: dict[str, Any] = {}
        if account.password_changed_on is None or account.password_changed_on < on:
            values["password_changed_on"] = on
        if account.password_due_on is not None and account.password_due_on <= on:
            values["password_due_on"] = None
        records.update(account, **values)
        forget_passwords(account, on)
        return records.create(
            PasswordChange,
            institution=account.institution_id,
            account=account,
            on=on,
            person=person,
            asked_by=asked_by,
            why=why,
        )


def seal_copy(
    account: Account,
    place: str,
    sealed_by: Person,
    number: str = "",
    sealed_on: date | None = None,
    keeper: Person | None = None,
) -> SealedCopy:
    """Put a new envelope in force (s3-03-r21); the one before it is retired on that day."""
    with transaction():
        account = open_account(account)
        same_institution(account.institution_id, sealed_by, keeper)
        if not place.strip():
            raise Refused(_("Say where the envelope is kept."), "place")
        day = past(sealed_on, "sealed_on")
        before = SealedCopy.get_or_none(SealedCopy.account == account, SealedCopy.retired_on.is_null())
        if before is not None:
            if day < before.sealed_on:
                raise Refused(
                    _("The envelope in force was sealed later, on %(day)s.", day=before.sealed_on), "sealed_on"
                )
            records.update(before, retired_on=day)
        return records.create(
            SealedCopy,
            institution=account.institution_id,
            account=account,
            place=place.strip(),
            number=number.strip(),
            sealed_on=day,
            sealed_by=sealed_by,
            keeper=keeper,
        )


def open_sealed_copy(copy: SealedCopy, person: Person, why: str, on: date | None = None) -> None:
    """Record that an envelope was opened, by whom and why. A new password is owed from then on."""
    with transaction():
        account = locked(copy.account)
        same_institution(account.institution_id, person)
        if copy.opened_on is not None or copy.retired_on is not None:
            raise Refused(_("This envelope was opened or retired already."))
        if not why.strip():
            raise Refused(_("Say why it was opened."), "why")
        day = past(on, "on")
        records.update(copy, opened_on=day, opened_by=person, opened_for=why.strip())
        owe_password(account, day)


def retire_sealed_copy(copy: SealedCopy, on: date | None = None) -> None:
    """Take an envelope out of force without a new one."""
    if copy.retired_on is not None:
        raise Refused(_("This envelope was opened or retired already."))
    records.update(copy, retired_on=past(on, "on"))


def _check_people(leaving: Person, taking: Person, witness: Person | None) -> None:
    if leaving.id == taking.id:
        raise Refused(_("Who takes over must be somebody else."), "taking")
    require_in_service(taking, "taking")
    if witness is not None:
        if witness.id in (leaving.id, taking.id):
            raise Refused(_("The witness is neither who leaves nor who takes over."), "witness")
        require_in_service(witness, "witness")


def _open_term(account: Account, person: Person) -> Custodian | None:
    return Custodian.get_or_none(Custodian.account == account, Custodian.person == person, Custodian.until.is_null())


def owe_password(account: Account, day: date) -> None:
    """From `day` on a new password is owed, unless it was changed on or after that day. The latest reason counts."""
    if account.password_changed_on is not None and account.password_changed_on > day:
        return
    due = account.password_due_on
    records.update(account, password_due_on=day if due is None else max(due, day))
