"""What happens once an application is decided: entering, changing, filing, beginning to close."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from panel.api import Refused, _, approval_of, as_decided, audit, is_postgres, policy_of, records, today, transaction
from plugins.accounts.choices import Status
from plugins.accounts.custody import add_custodian
from plugins.accounts.life.choices import Event, ItemKind, Kind, Part, State
from plugins.accounts.life.filing import file_account
from plugins.accounts.life.judging import changes, identity_of, identity_waits, name_waits, used_quotas
from plugins.accounts.life.models import Application, HandIn
from plugins.accounts.life.reading import hand_ins_of, nominees_of
from plugins.accounts.models import Account, Custodian, Device, Operator, SealedCopy
from plugins.accounts.operators import end_operator, enter_operator
from plugins.accounts.policy import AccountsPolicy
from plugins.accounts.preconditions import locked
from plugins.accounts.register import enter_account, write_account

TAKEN_OVER = (
    *("name", "platform", "identifier", "level", "purpose", "publishing_scope", "description"),
    *("responsible", "contact_phone", "entity", "entity_kind", "unit", "body"),
)


def approved(application: Application) -> None:
    """The chain has approved it: carry it out, or let it wait until its quota has room.

    Raises Refused where nobody has looked at a doubtful name (s1-09-r04), or at a licence made out to another name
    (s0-04-r02): the last signature then does not count.
    """
    if name_waits(application):
        raise Refused(
            _("The name “%(name)s” has to be accepted first, on the application's page.", name=application.name)
        )
    if identity_waits(application):
        raise Refused(
            _(
                "The licence is made out to “%(name)s”: confirm on the application's page that it is the legal entity.",
                name=application.licence_name,
            )
        )
    with transaction():
        records.update(application, state=State.APPROVED.value, decided_on=today())
        if not without_room(application):
            carry_out(application)


def accept_name(application: Application) -> None:
    """Let a doubtful name stand: whoever files has looked whether it misleads (s1-09-r04)."""
    with transaction():
        records.update(application, name_accepted=application.name or "")


def accept_identity(application: Application) -> None:
    """Confirm that the name on the licence is the legal entity's, though it is written otherwise (s0-04-r02)."""
    with transaction():
        records.update(application, identity_accepted=identity_of(application))


def ended(application: Application, state: str) -> None:
    """There is no approval: `state` is how the request ended. What was withdrawn or returned can be edited again."""
    after = {"rejected": State.REJECTED, "withdrawn": State.DRAFT}.get(state, State.RETURNED)
    values: dict[str, Any] = {"decided_on": today()} if after == State.REJECTED else {}
    records.update(application, state=after.value, **values)


def without_room(application: Application) -> bool:
    """Whether an account to be opened has to wait for another one to be closed (s0-07-r06)."""
    if application.kind != Kind.OPENING:
        return False
    return any(used.full for used in used_quotas(application, standing=True))


def carry_out(application: Application) -> None:
    """Write what was approved, and file it; a closing begins with its list of what is handed in.

    Raises Refused where it is not approved, was carried out already, or its quota has no room.
    """
    with transaction(), audit.acting(reason=str(application)):
        query = Application.select().where(Application.id == application.id)
        stored: Application = (query.for_update() if is_postgres() else query).get()
        if stored.state != State.APPROVED or hand_ins_of(stored):
            raise Refused(_("This application is “%(state)s”.", state=State(stored.state).label))
        if without_room(stored):
            raise Refused(_("The quota has no room yet: close “%(name)s” first.", name=stored.replaces or stored.unit))
        with as_decided() if decided(stored) else nullcontext():
            VERBS[Kind(stored.kind)](stored)
        application.__data__.update(stored.__data__)


def _open(application: Application) -> None:
    values = {name: getattr(application, name) for name in TAKEN_OVER if getattr(application, name) is not None}
    values["status"] = Status.ACTIVE.value
    account = enter_account({**values, "institution": application.institution})
    _appoint_all(application, account)
    records.update(application, account=account, state=State.DONE.value)
    _file(application, account, Event.OPENING)


def _change(application: Application) -> None:
    account = locked(application.account)
    altered = changes(application)
    if altered:
        write_account(account, None, {name: new for name, (_old, new) in altered.items()})
    _appoint_all(application, account)
    records.update(application, state=State.DONE.value)
    _file(application, account, Event.CHANGE)


def _appoint_all(application: Application, account: Account) -> None:
    """Begin and end the terms of the people named; who is there already, or gone already, stays so."""
    for nominee in sorted(nominees_of(application), key=lambda n: not n.leaves):
        model: Any = Operator if nominee.part == Part.OPERATOR else Custodian
        term = model.get_or_none(model.account == account, model.person == nominee.person_id, model.until.is_null())
        if nominee.leaves:
            if term is not None:
                end_operator(term)
        elif nominee.part == Part.CUSTODIAN:
            if term is None:
                add_custodian(account, nominee.person)
        elif term is None or term.kind != nominee.kind:
            if term is not None:
                end_operator(term)
            enter_operator(account, nominee.person, nominee.kind, qualifications=application.qualifications)


def _file(application: Application, account: Account, event: Event) -> None:
    """An approved application is filed with it; what no chain decided stays unfiled until somebody confirms it."""
    if decided(application):
        file_account(account, event, application)


def decided(application: Application) -> bool:
    """Whether a chain has approved it."""
    request = approval_of(application)
    return request is not None and request.state == "approved"


def _close(application: Application) -> None:
    account = locked(application.account)
    if account.status != Status.CLOSING:
        write_account(account, None, {"status": Status.CLOSING.value})
    policy = policy_of(AccountsPolicy, account.institution_id, today())
    due = today() + timedelta(days=(policy and policy.hand_in_days) or 14)
    for kind, what, row_id in _to_hand_in(account):
        records.create(
            HandIn,
            institution=application.institution_id,
            application=application,
            kind=kind.value,
            what=what,
            row_id=row_id,
            due_on=due,
        )


def _to_hand_in(account: Account) -> list[tuple[ItemKind, str, int | None]]:
    devices = Device.select().where(Device.account == account, Device.until.is_null()).order_by(Device.id)
    copies = SealedCopy.select().where(SealedCopy.account == account, SealedCopy.retired_on.is_null())
    return [
        (ItemKind.ARCHIVE, "", None),
        (ItemKind.PASSWORD, "", None),
        *((ItemKind.DEVICE, str(device), device.id) for device in devices),
        *((ItemKind.SEALED, str(copy), copy.id) for copy in copies),
        (ItemKind.PLATFORM, "", None),
    ]


VERBS = {Kind.OPENING: _open, Kind.CHANGE: _change, Kind.APPOINTMENT: _change, Kind.CLOSING: _close}
