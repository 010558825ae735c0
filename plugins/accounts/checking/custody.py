"""Checks over the password: who keeps it, how old it is, its sealed copy, the devices it is typed on."""

from __future__ import annotations

from typing import Any

from peewee import fn

from panel.api import Person, Severity, Unit, _l, breaking, check, days_before, days_between, exists, how_many, listed
from plugins.accounts.checking.common import (
    CUSTODY,
    DEVICES,
    HAND_OVER,
    NEW_PASSWORD,
    SEAL,
    account_check,
    custodians_of,
    keepers_in_units,
    live,
)
from plugins.accounts.models import Account, Custodian, Device, SealedCopy
from plugins.accounts.policy import AccountsPolicy
from plugins.accounts.secrets.choices import SecretKind
from plugins.accounts.secrets.models import Secret


def _kept(account: Any, *where: Any) -> tuple[Any, ...]:
    return (Custodian.account == account.id, Custodian.until.is_null(), *where)


def _keepers(account: Any, *where: Any) -> Any:
    """The names of the custodians that meet the conditions."""
    people = Custodian.select(Person.name.alias("text")).join_from(Custodian, Person)
    return listed(people.where(*_kept(account, *where)).order_by(Custodian.id))


def _has_keeper(account: Any, *where: Any) -> Any:
    return exists(Custodian.select().join_from(Custodian, Person), *_kept(account, *where))


@account_check(
    "accounts.too_many_custodians",
    parameters=("max_custodians",),
    severity=Severity.ERROR,
    rules=("s3-01-r07", "s4-01-r22", "s4-01-r24"),
    watches={Custodian: "account"},
    title=_l("Too many people know the password"),
    message=_l("%(count)s people know the password, at most %(limit)s may"),
    advice=_l("Hand over to one of them and change the password; where more must know it, have a waiver granted."),
    mend=HAND_OVER,
    measure="count",
    form_field="person",
)
def too_many_custodians(account: Any, policy: Any, _day: Any) -> Any:
    known = how_many(Custodian, *_kept(account))
    return breaking(account, live(account) & (known > policy.max_custodians), count=known, limit=policy.max_custodians)


@account_check(
    "accounts.no_custodian",
    severity=Severity.WARNING,
    rules=("s0-03-r04", "s0-06-r04", "s1-19-r06", "s2-05-r13", "s4-01-r22"),
    watches={Custodian: "account"},
    title=_l("Nobody keeps the password"),
    message=_l("No designated password keeper"),
    advice=_l("Enter who knows the password, or set a new one."),
    mend=CUSTODY,
    at_save=False,
)
def no_custodian(account: Any, _policy: Any, _day: Any) -> Any:
    return breaking(account, live(account) & ~exists(Custodian, *_kept(account)))


@account_check(
    "accounts.custodian_left",
    severity=Severity.ERROR,
    rules=("s0-06-r04", "s3-01-r08"),
    watches={Custodian: "account", Person: custodians_of},
    title=_l("A password keeper has left"),
    message=_l("%(names)s left and still counts as keeping the password"),
    advice=_l("Hand over, and change the password."),
    mend=HAND_OVER,
    at_save=False,
)
def custodian_left(account: Any, _policy: Any, day: Any) -> Any:
    gone = Person.in_service_until < day
    return breaking(account, live(account) & _has_keeper(account, gone), names=_keepers(account, gone))


@account_check(
    "accounts.password_owed",
    severity=Severity.ERROR,
    rules=("s3-01-r08",),
    title=_l("A new password is owed"),
    message=_l("Somebody who knew the password stopped keeping it on %(day)s; it was not changed since"),
    advice=_l("Change the password at the platform and record the day."),
    mend=NEW_PASSWORD,
    at_save=False,
)
def password_owed(account: Any, _policy: Any, day: Any) -> Any:
    return breaking(account, live(account) & (account.password_due_on <= day), day=account.password_due_on)


@account_check(
    "accounts.password_old",
    parameters=("password_days",),
    severity=Severity.WARNING,
    rules=("s4-01-r23",),
    title=_l("The password is old"),
    message=_l("The password was last changed on %(day)s, more than %(limit)s days ago"),
    advice=_l("Change the password at the platform and record the day."),
    mend=NEW_PASSWORD,
    at_save=False,
)
def password_old(account: Any, policy: Any, day: Any) -> Any:
    old = account.password_changed_on < days_before(day, policy.password_days)
    return breaking(account, live(account) & old, day=account.password_changed_on, limit=policy.password_days)


@account_check(
    "accounts.password_never_changed",
    parameters=("password_days",),
    severity=Severity.NOTICE,
    rules=("s4-01-r23",),
    title=_l("No password change is recorded"),
    message=_l("No change of the password is recorded; one is due every %(limit)s days"),
    advice=_l("Record the day of the last change."),
    mend=NEW_PASSWORD,
)
def password_never_changed(account: Any, policy: Any, _day: Any) -> Any:
    never = account.password_changed_on.is_null() & policy.password_days.is_null(False)
    return breaking(account, live(account) & never, limit=policy.password_days)


@account_check(
    "accounts.sealed_copy_missing",
    parameters=("sealed_copy_required",),
    severity=Severity.WARNING,
    rules=("s3-03-r21",),
    watches={SealedCopy: "account", Secret: "account"},
    title=_l("No sealed copy"),
    message=_l("User name and password do not lie sealed in the archive"),
    advice=_l("Seal a copy and say where it is kept."),
    mend=SEAL,
    at_save=False,
)
def sealed_copy_missing(account: Any, policy: Any, _day: Any) -> Any:
    return breaking(account, live(account) & policy.sealed_copy_required & ~_sealed(account))


@account_check(
    "accounts.sealed_copy_outdated",
    parameters=("sealed_copy_required",),
    severity=Severity.WARNING,
    rules=("s3-03-r21",),
    watches={SealedCopy: "account", Secret: "account"},
    title=_l("The sealed copy is outdated"),
    message=_l("Sealed on %(sealed)s, but the password was changed on %(changed)s"),
    advice=_l("Seal a copy of the present password."),
    mend=SEAL,
    at_save=False,
)
def sealed_copy_outdated(account: Any, policy: Any, _day: Any) -> Any:
    changed = account.password_changed_on
    envelope = SealedCopy.select(SealedCopy.sealed_on).where(*_envelope(account))
    secret = Secret.select(fn.MAX(Secret.sealed_on)).where(*_secret(account))
    current = _sealed(account, changed)
    outdated = live(account) & policy.sealed_copy_required & changed.is_null(False) & _sealed(account) & ~current
    return breaking(account, outdated, sealed=fn.COALESCE(secret, envelope), changed=changed)


def _envelope(account: Any) -> tuple[Any, ...]:
    return (SealedCopy.account == account.id, SealedCopy.retired_on.is_null())


def _secret(account: Any) -> tuple[Any, ...]:
    """The password sealed in the panel, which is as good as an envelope."""
    return (Secret.account == account.id, Secret.kind == SecretKind.PASSWORD.value, Secret.destroyed_at.is_null())


def _sealed(account: Any, since: Any = None) -> Any:
    """Whether the password lies sealed, in an envelope or in the panel; `since`: sealed on that day or later."""
    newer: Any = (lambda day: (day >= since,)) if since is not None else (lambda _day: ())
    envelope = exists(SealedCopy, *_envelope(account), *newer(SealedCopy.sealed_on))
    return envelope | exists(Secret, *_secret(account), *newer(Secret.sealed_on))


@account_check(
    "accounts.custodian_outside",
    parameters=("custodian_unit",),
    severity=Severity.ERROR,
    rules=("s2-09-r21",),
    watches={Custodian: "account", Person: custodians_of, Unit: keepers_in_units},
    title=_l("The password is kept outside the office"),
    message=_l("%(names)s keeps the password and is not in %(unit)s"),
    advice=_l("Hand the password over to somebody of the office."),
    mend=HAND_OVER,
    measure="names",
    form_field="person",
)
def custodian_outside(account: Any, policy: Any, _day: Any) -> Any:
    inside = Unit.select(Unit.id).where(Unit.institution == account.institution, Unit.name == policy.custodian_unit)
    outside = Person.unit.not_in(inside)
    broken = live(account) & (policy.custodian_unit != "") & _has_keeper(account, outside)
    return breaking(account, broken, names=_keepers(account, outside), unit=policy.custodian_unit)


@account_check(
    "accounts.undertaking_missing",
    parameters=("undertaking_required",),
    severity=Severity.NOTICE,
    rules=("s2-01-r18", "s2-04-r11"),
    watches={Custodian: "account", Person: custodians_of},
    title=_l("No confidentiality undertaking"),
    message=_l("%(names)s keeps the password without a signed undertaking"),
    advice=_l("Have it signed and enter the day."),
    mend=CUSTODY,
)
def undertaking_missing(account: Any, policy: Any, _day: Any) -> Any:
    unsigned = Custodian.undertaking_on.is_null()
    broken = live(account) & policy.undertaking_required & exists(Custodian, *_kept(account, unsigned))
    return breaking(account, broken, names=_keepers(account, unsigned))


@account_check(
    "accounts.no_device",
    parameters=("devices_required",),
    severity=Severity.NOTICE,
    rules=("s0-05-r08", "s4-01-r25"),
    watches={Device: "account"},
    title=_l("No registered device"),
    message=_l("No phone, tablet or computer is registered for the account"),
    advice=_l("Register the devices it is run from."),
    mend=DEVICES,
)
def no_device(account: Any, policy: Any, _day: Any) -> Any:
    registered = exists(Device, Device.account == account.id, Device.until.is_null())
    return breaking(account, live(account) & policy.devices_required & ~registered)


@check(
    "accounts.device_check_overdue",
    subject=Device,
    policy=AccountsPolicy,
    parameters=("device_check_days",),
    severity=Severity.WARNING,
    rules=("s4-01-r26",),
    watches={Account: lambda t: Device.select(Device.id).where(Device.account.in_(t.ids))},
    title=_l("A virus check is overdue"),
    message=_l("%(device)s of %(account)s: last checked for viruses %(days)s days ago, at most %(limit)s may pass"),
    advice=_l("Check the device and record the day."),
    at_save=False,
)
def device_check_overdue(device: Any, policy: Any, day: Any) -> Any:
    last = fn.COALESCE(device.checked_on, device.since)
    overdue = device.until.is_null() & (last < days_before(day, policy.device_check_days))
    name = Account.select(Account.name).where(Account.id == device.account)
    return breaking(
        device,
        overdue,
        device=device.label,
        account=name,
        days=days_between(day, last),
        limit=policy.device_check_days,
    )
