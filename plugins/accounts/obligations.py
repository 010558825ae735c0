"""What falls due for accounts, their passwords, envelopes and devices, and for the units that run them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import (
    AT_ONCE,
    SHORT,
    Due,
    Every,
    Evidence,
    Institution,
    ObligationKind,
    OwedBy,
    Refused,
    Terms,
    Unit,
    _,
    _l,
    policy_of,
    today,
)
from plugins.accounts.choices import Status
from plugins.accounts.custody import record_password_change
from plugins.accounts.devices import record_device_check
from plugins.accounts.models import Account, Custodian, Device, SealedCopy
from plugins.accounts.policy import AccountsPolicy
from plugins.accounts.secrets.choices import SecretKind
from plugins.accounts.secrets.models import Secret

RUN = (Status.ACTIVE, Status.IDLE, Status.SUSPENDED, Status.PENDING)
WEEK = timedelta(days=7)


def _accounts(institution: Institution) -> Any:
    """Accounts that are not closed, each with its first custodian and the day of the envelope in force."""
    keeper = Custodian.select(fn.MIN(Custodian.person)).where(
        Custodian.account == Account.id, Custodian.until.is_null()
    )
    sealed = SealedCopy.select(fn.MAX(SealedCopy.sealed_on)).where(
        SealedCopy.account == Account.id, SealedCopy.retired_on.is_null()
    )
    secret = Secret.select(fn.MAX(Secret.sealed_on)).where(
        Secret.account == Account.id, Secret.kind == SecretKind.PASSWORD.value, Secret.destroyed_at.is_null()
    )
    return Account.select(Account, keeper.alias("keeper"), sealed.alias("sealed_on"), secret.alias("secret_on")).where(
        Account.institution == institution, Account.status.in_(RUN)
    )


def _policy_days(name: str) -> Any:
    def interval(institution: Institution) -> Every | None:
        policy = policy_of(AccountsPolicy, institution, today())
        days = getattr(policy, name) if policy else None
        return Every(days=days) if days else None

    return interval


def _first(account: Any, terms: Terms) -> Any:
    """One interval after the account came into the register: where nothing was ever done."""
    return terms.every.after(account.created_at.date())


def _password(account: Any, terms: Terms) -> Due | None:
    owed, changed = account.password_due_on, account.password_changed_on
    if owed is None and not terms.every:
        return None
    last = terms.every.after(changed) if changed and terms.every else None
    return Due(
        on=owed or last or _first(account, terms),
        unit=account.__data__["unit"],
        person=account.keeper or account.responsible_id,
        anchor=changed or "",
        urgent=owed is not None,
    )


def _vacancy(account: Any, terms: Terms) -> Due | None:
    if account.responsible_id is not None:
        return None
    return Due(on=today(), unit=account.__data__["unit"], fixed=True)


def _named_in_register(account: Any, evidence: Evidence) -> None:
    if account.responsible_id is None:
        raise Refused(_("Name the person who answers for the account in the register; this then ends by itself."))


def _envelope(account: Any, terms: Terms) -> Due | None:
    """A sealed copy, in an envelope or in the panel, older than the password it should hold (s3-03-r21)."""
    changed = account.password_changed_on
    sealed = max(filter(None, map(_as_day, (account.sealed_on, account.secret_on))), default=None)
    if sealed is None or changed is None or sealed >= changed:
        return None
    return Due(on=changed + WEEK, unit=account.__data__["unit"], person=account.keeper, anchor=sealed)


def _as_day(value: Any) -> date | None:
    """SQLite knows no dates in a column that was computed."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _sealed_anew(account: Any, evidence: Evidence) -> None:
    raise Refused(_("Enter the new envelope on the account's page; this then ends by itself."))


def _again(role: OwedBy) -> Any:
    """What recurs by its own history, from one interval after the account came into the register."""

    def due(account: Any, terms: Terms) -> Due | None:
        if not terms.every:
            return None
        return Due(on=_first(account, terms), unit=account.__data__["unit"], role=role)

    return due


def _device(device: Device, terms: Terms) -> Due | None:
    if device.until is not None or not terms.every:
        return None
    return Due(
        on=terms.every.after(device.checked_on or device.since),
        unit=device.account.__data__["unit"],
        person=device.__data__["person"],
        anchor=device.checked_on or "",
        text=f"{device.label} · {device.account}",
    )


def _devices(institution: Institution) -> Any:
    return (
        Device.select(Device, Account)
        .join(Account)
        .where(Device.institution == institution, Device.until.is_null(), Account.status.in_(RUN))
    )


def _units(institution: Institution) -> Any:
    """Units that run an account."""
    running = Account.select(Account.unit).where(Account.institution == institution, Account.status.in_(RUN))
    return Unit.select().where(Unit.institution == institution, Unit.archived_at.is_null(), Unit.id.in_(running))


def _unit_check(unit: Unit, terms: Terms) -> Due | None:
    if not terms.every:
        return None
    return Due(on=terms.every.after(unit.created_at.date()), unit=unit.id)


def _units_of(account: Account) -> list[int]:
    return [account.__data__["unit"]]


password = ObligationKind(
    name="accounts.password",
    title=_l("Set a new password"),
    model=Account,
    rows=_accounts,
    due=_password,
    done=lambda account, evidence: record_password_change(account, evidence.on, why=evidence.note),
    every=Every(days=180),
    interval=_policy_days("password_days"),
    plan=SHORT,
    rules=("s4-01-r23", "s3-01-r08"),
    help=_l("At intervals, and at once after a handover, a departure or an opened envelope."),
)
vacancy = ObligationKind(
    name="accounts.vacancy",
    title=_l("Name who answers for the account"),
    model=Account,
    rows=_accounts,
    due=_vacancy,
    met=lambda account: account.updated_at if account.responsible_id else None,
    done=_named_in_register,
    plan=AT_ONCE,
    rules=("s0-07-r10",),
    help=_l("From the day the post is empty until somebody is named."),
)
envelope = ObligationKind(
    name="accounts.envelope",
    title=_l("Seal the new password"),
    model=Account,
    rows=_accounts,
    due=_envelope,
    done=_sealed_anew,
    plan=SHORT,
    rules=("s3-03-r21",),
    help=_l("Within a week after the password was changed, where an envelope is in force."),
)
confirmation = ObligationKind(
    name="accounts.confirmation",
    title=_l("Confirm the register entry"),
    model=Account,
    rows=_accounts,
    due=_again(OwedBy.CLERK),
    every=Every(months=12),
    plan=SHORT,
    help=_l("The unit looks through everything the register says of the account. Each year, or each term: 6 months."),
)
security = ObligationKind(
    name="accounts.security",
    title=_l("Check the security settings"),
    model=Account,
    rows=_accounts,
    due=_again(OwedBy.CLERK),
    every=Every(days=90),
    plan=SHORT,
    rules=("s1-16-r07",),
    help=_l("Bound phone, operators, log-in protection, recovery address."),
)
device = ObligationKind(
    name="accounts.device",
    title=_l("Check the device for viruses"),
    model=Device,
    rows=_devices,
    due=_device,
    done=lambda device, evidence: record_device_check(device, evidence.on),
    interval=_policy_days("device_check_days"),
    plan=SHORT,
    rules=("s4-01-r26",),
    help=_l("For the devices accounts are run from."),
)
unit_check = ObligationKind(
    name="accounts.unit_check",
    title=_l("The unit's own monthly check"),
    model=Unit,
    rows=_units,
    due=_unit_check,
    also=(Account,),
    ids=_units_of,
    every=Every(months=1),
    plan=SHORT,
    help=_l("Each unit that runs an account looks through its accounts once a month."),
)
