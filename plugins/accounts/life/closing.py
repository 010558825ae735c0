"""Closing: ticking off what is handed in; the last thing closes the account."""

from __future__ import annotations

from datetime import date
from typing import Any

from panel.api import Refused, _, audit, is_postgres, records, transaction
from plugins.accounts.choices import Status
from plugins.accounts.custody import retire_sealed_copy
from plugins.accounts.devices import retire_device
from plugins.accounts.life.choices import Event, ItemKind, Kind, State
from plugins.accounts.life.deciding import decided
from plugins.accounts.life.filing import file_account
from plugins.accounts.life.models import Application, HandIn
from plugins.accounts.life.reading import hand_ins_of
from plugins.accounts.models import Account, Device, SealedCopy
from plugins.accounts.preconditions import locked, past
from plugins.accounts.register import write_account


def hand_in(item: HandIn, on: date | None = None, note: str = "", file: str = "", file_name: str = "") -> None:
    """Tick off a thing with what shows it: a note or a paper. With the last one the account is closed.

    Raises Refused without evidence, where it is ticked off already, or the closing is not approved.
    """
    with transaction():
        query = HandIn.select().where(HandIn.id == item.id)
        stored: HandIn = (query.for_update() if is_postgres() else query).get()
        if stored.done_on is not None:
            raise Refused(_("This was handed in on %(day)s already.", day=stored.done_on))
        if stored.application.state != State.APPROVED:
            raise Refused(_("The closing is not approved, or over."))
        if not note.strip() and not file:
            raise Refused(_("Say what shows it, or attach a paper."), "note")
        on = past(on, "on")
        records.update(item, done_on=on, note=note.strip()[:500], file=file, file_name=file_name[-200:])
        _retire(stored, on)
        if all(other.done_on is not None for other in hand_ins_of(stored.application)):
            _close(stored.application, on)


def _retire(item: HandIn, on: date) -> None:
    """A device or an envelope that is handed in leaves the register of devices and envelopes."""
    model: Any = {ItemKind.DEVICE: Device, ItemKind.SEALED: SealedCopy}.get(ItemKind(item.kind))
    row = model.get_or_none(model.id == item.row_id) if model is not None else None
    if isinstance(row, Device) and row.until is None:
        retire_device(row, until=max(on, row.since))
    if isinstance(row, SealedCopy) and row.retired_on is None:
        retire_sealed_copy(row, max(on, row.sealed_on))


def _close(application: Application, on: date) -> None:
    account = locked(application.account)
    with audit.acting(reason=str(application)):
        day = max(on, account.opened_on) if account.opened_on else on
        write_account(account, None, {"status": Status.CLOSED.value, "closed_on": day})
        if decided(application):
            file_account(account, Event.CLOSING, application)
        records.update(application, state=State.DONE.value)


def break_off(application: Application, reason: str) -> None:
    """Leave off a closing that was approved: the account is in use again. Raises Refused once it is closed."""
    with transaction(), audit.acting(reason=reason.strip()):
        query = Application.select().where(Application.id == application.id)
        stored: Application = (query.for_update() if is_postgres() else query).get()
        if stored.kind != Kind.CLOSING or stored.state != State.APPROVED:
            raise Refused(_("The closing is not approved, or over."))
        if not reason.strip():
            raise Refused(_("Say why."), "reason")
        for item in hand_ins_of(stored):
            if item.done_on is None:
                records.delete(item)
        records.update(application, state=State.DROPPED.value)
        account = locked(stored.account)
        if account.status == Status.CLOSING:
            write_account(account, None, {"status": Status.ACTIVE.value})


def change_state(account: Account, status: Status, reason: str) -> None:
    """Suspend an account, or take it into use again, and say why. Raises Refused where it cannot be from here."""
    if not reason.strip():
        raise Refused(_("Say why."), "reason")
    with transaction(), audit.acting(reason=reason.strip()):
        write_account(locked(account), None, {"status": status.value})
