"""What falls due in the life of an account: filing with offices, entering what the platform gave, handing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.api import AT_ONCE, SHORT, Due, Evidence, Institution, ObligationKind, OwedBy, Refused, Terms, _, _l, today
from plugins.accounts.choices import Filing, Status
from plugins.accounts.life.choices import Kind, State
from plugins.accounts.life.closing import hand_in
from plugins.accounts.life.deciding import carry_out
from plugins.accounts.life.filing import settle_filing
from plugins.accounts.life.models import Application, FilingRecord, HandIn
from plugins.accounts.models import Account

OPENED_WITHIN = timedelta(days=30)
CARRIED_OUT_WITHIN = timedelta(days=7)


def _owed(institution: Institution) -> Any:
    return (
        FilingRecord.select(FilingRecord, Account)
        .join(Account)
        .where(FilingRecord.institution == institution, FilingRecord.filed_on.is_null())
    )


def _filing(record: FilingRecord, terms: Terms) -> Due | None:
    if record.filed_on is not None or record.__data__["office"] is None:
        return None
    return Due(
        on=record.owed_on,
        unit=record.__data__["office"],
        role=OwedBy.CLERK,
        text=f"{record.account}：{record.text}",
    )


def _unopened(institution: Institution) -> Any:
    """Accounts that were filed, and whose ID on the platform nobody has entered."""
    return Account.select().where(
        Account.institution == institution,
        Account.filing == Filing.FILED,
        Account.identifier == "",
        Account.status.in_((Status.ACTIVE, Status.PENDING)),
    )


def _identifier(account: Account, terms: Terms) -> Due | None:
    awaited = account.filing == Filing.FILED and account.status in (Status.ACTIVE, Status.PENDING)
    if not awaited or account.identifier or account.filed_on is None:
        return None
    return Due(
        on=account.filed_on + OPENED_WITHIN,
        unit=account.__data__["unit"],
        person=account.responsible_id,
        fixed=True,
    )


def _named_in_register(account: Account, evidence: Evidence) -> None:
    if not account.identifier:
        raise Refused(_("Enter the account's ID in the register; this then ends by itself."))


def _items(institution: Institution) -> Any:
    return (
        HandIn.select(HandIn, Application, Account)
        .join(Application)
        .join(Account, on=Application.account)
        .where(HandIn.institution == institution, HandIn.done_on.is_null(), Application.state == State.APPROVED)
    )


def _item(item: HandIn, terms: Terms) -> Due | None:
    application = item.application
    if item.done_on is not None or application.state != State.APPROVED:
        return None
    account = application.account
    return Due(
        on=item.due_on,
        unit=account.__data__["unit"],
        person=account.responsible_id,
        text=f"{item} · {account}",
    )


def _waiting(institution: Institution) -> Any:
    return Application.select().where(
        Application.institution == institution,
        Application.kind == Kind.OPENING,
        Application.state == State.APPROVED,
    )


def _to_carry_out(application: Application, terms: Terms) -> Due | None:
    if application.kind != Kind.OPENING or application.state != State.APPROVED:
        return None
    begun = application.decided_on or today()
    return Due(
        on=begun + CARRIED_OUT_WITHIN,
        unit=application.unit_id,
        role=OwedBy.CLERK,
        fixed=True,
    )


filing = ObligationKind(
    name="accounts.filing",
    title=_l("File a change with the office"),
    model=FilingRecord,
    rows=_owed,
    due=_filing,
    met=lambda record: record.filed_on,
    done=lambda record, evidence: settle_filing(record, evidence.on, evidence.note),
    plan=AT_ONCE,
    rules=("s0-07-r14", "s3-03-r04"),
    help=_l("Changes that no chain has decided are filed with each office the policy names."),
)
identifier = ObligationKind(
    name="accounts.identifier",
    title=_l("Open the account at the platform and enter its ID"),
    model=Account,
    rows=_unopened,
    due=_identifier,
    met=lambda account: account.updated_at if account.identifier else None,
    done=_named_in_register,
    plan=SHORT,
    rules=("s0-11-r01",),
    help=_l("Within thirty days of the filing."),
)
handing_in = ObligationKind(
    name="accounts.hand_in",
    title=_l("Hand in for the closing"),
    model=HandIn,
    rows=_items,
    due=_item,
    met=lambda item: item.done_on,
    done=lambda item, evidence: hand_in(item, evidence.on, evidence.note, evidence.file, evidence.file_name),
    also=(Application,),
    ids=lambda application: [i.id for i in HandIn.select(HandIn.id).where(HandIn.application == application)],
    asks=("note",),
    plan=SHORT,
    endpoint="accounts_application.hand_in",
    rules=("s0-09-r18",),
    help=_l("Password, devices, sealed copy, archive, and the cancellation at the platform."),
)
carrying_out = ObligationKind(
    name="accounts.carry_out",
    title=_l("Carry out what was approved"),
    model=Application,
    rows=_waiting,
    due=_to_carry_out,
    met=lambda application: application.updated_at if application.state == State.DONE else None,
    done=lambda application, evidence: carry_out(application),
    plan=SHORT,
    rules=("s0-07-r06",),
    help=_l("An account that was approved waits until the quota has room: until another one is closed."),
)
