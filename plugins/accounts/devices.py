"""Verbs over the devices an account may be run from (s0-05-r08, s4-01-r25, s4-01-r26)."""

from __future__ import annotations

from datetime import date

from panel.api import Person, Refused, _, records, transaction
from plugins.accounts.choices import DeviceKind
from plugins.accounts.models import Account, Device
from plugins.accounts.preconditions import open_account, past, require_in_service, same_institution


def add_device(
    account: Account,
    label: str,
    kind: str = DeviceKind.DESKTOP,
    serial: str = "",
    person: Person | None = None,
    since: date | None = None,
) -> Device:
    """Allow a device for an account, kept by a person in service or by nobody in particular."""
    with transaction():
        account = open_account(account)
        same_institution(account.institution_id, person)
        if not label.strip():
            raise Refused(_("Say which device it is."), "label")
        if person is not None:
            require_in_service(person, "person")
        return records.create(
            Device,
            institution=account.institution_id,
            account=account,
            label=label.strip(),
            kind=DeviceKind(kind).value,
            serial=serial.strip(),
            person=person,
            since=past(since, "since"),
        )


def retire_device(row: Device, until: date | None = None) -> None:
    """Withdraw a device on a day (today). Raises Refused where it is withdrawn already."""
    if row.until is not None:
        raise Refused(_("This device was withdrawn on %(day)s already.", day=row.until))
    records.update(row, until=past(until, "until"))


def record_device_check(row: Device, on: date | None = None) -> None:
    """Record that a device was checked for viruses on a day (s4-01-r26)."""
    records.update(row, checked_on=past(on, "on"))


def give_device(row: Device, person: Person | None) -> None:
    """Name who keeps a device; None: nobody in particular."""
    with transaction():
        same_institution(row.institution_id, person)
        if person is not None:
            require_in_service(person, "person")
        records.update(row, person=person)
