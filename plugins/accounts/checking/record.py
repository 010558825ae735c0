"""Checks over the record itself: what it must hold, whose account it may be, filing, idleness, quotas."""

from __future__ import annotations

import functools
from typing import Any

from peewee import Case, Value, fn

from panel.api import (
    Person,
    Severity,
    Unit,
    UnitKind,
    _l,
    breaking,
    check,
    days_before,
    days_between,
    exists,
    how_many,
)
from plugins.accounts.checking.common import EDIT, account_check, live, named, of_platforms, of_units
from plugins.accounts.choices import Certification, EntityKind, Level, Status
from plugins.accounts.models import Account, Operator, Platform
from plugins.accounts.policy import REQUIRABLE, Quota

WEBSITE = "site"  # the platform family of websites
HOSTED = (UnitKind.GRADE, UnitKind.STUDENT, UnitKind.BASE, UnitKind.VIRTUAL)


def _blank(column: Any) -> Any:
    return column.is_null() if column.field.null else column == ""


def _labels(facts: dict[str, Any]) -> dict[str, Any]:
    """The names of the missing columns as the form calls them."""
    names = [n for n in facts["missing"].split(",") if n]
    return {**facts, "missing": "、".join(str(Account._meta.fields[n].verbose_name) for n in names)}


@account_check(
    "accounts.incomplete",
    parameters=("required",),
    severity=Severity.NOTICE,
    rules=("s0-01-r03", "s0-11-r01", "s1-05-r01", "s1-19-r02", "s2-03-r01", "s2-03-r08"),
    title=_l("The record is incomplete"),
    message=_l("Missing: %(missing)s"),
    advice=_l("Fill in what is missing."),
    mend=EDIT,
    prepare=_labels,
)
def incomplete(account: Any, policy: Any, _day: Any) -> Any:
    asked = Value(",").concat(policy.required).concat(",")
    gaps: list[Any] = [
        Case(None, [(asked.contains(f",{name},") & _blank(getattr(account, name)), f"{name},")], "")
        for name in REQUIRABLE
    ]
    missing: Any = functools.reduce(lambda text, gap: text.concat(gap), gaps)
    return breaking(account, live(account) & (missing != ""), missing=missing)


@account_check(
    "accounts.individual",
    parameters=("organisations_only",),
    severity=Severity.ERROR,
    rules=("s0-07-r02", "s0-09-r03"),
    title=_l("Registered to an individual"),
    message=_l("The account is registered to an individual (%(entity)s), not to the institution"),
    advice=_l("Register it to the institution, or take it off the register."),
    mend=EDIT,
    form_field="entity_kind",
)
def individual(account: Any, policy: Any, _day: Any) -> Any:
    private = (account.entity_kind == EntityKind.INDIVIDUAL.value) | (
        account.certification == Certification.INDIVIDUAL.value
    )
    return breaking(account, live(account) & policy.organisations_only & private, entity=account.entity)


@account_check(
    "accounts.temporary_body",
    parameters=("long_term_bodies_only",),
    severity=Severity.ERROR,
    rules=("s0-07-r02",),
    watches={Unit: of_units},
    title=_l("The account of a temporary body"),
    message=_l("%(unit)s is a temporary body: accounts stand for long-term, formally established organisations"),
    advice=_l("Move the account to the unit that stays, or close it."),
    mend=EDIT,
    form_field="unit",
)
def temporary_body(account: Any, policy: Any, _day: Any) -> Any:
    temporary = exists(Unit, Unit.id == account.unit, Unit.kind == UnitKind.TEMPORARY.value)
    broken = live(account) & policy.long_term_bodies_only & temporary
    return breaking(account, broken, unit=named(Unit, account.unit))


@account_check(
    "accounts.hosted_body",
    parameters=("second_level_only",),
    severity=Severity.ERROR,
    rules=("s0-07-r03", "s0-07-r05"),
    watches={Unit: of_units},
    title=_l("An account in the name of a hosted body"),
    message=_l("%(unit)s (%(kind)s) is no second-level entity: the unit that hosts it applies"),
    advice=_l("Enter the account under the unit that hosts the body."),
    mend=EDIT,
    form_field="unit",
    labels={"kind": UnitKind},
)
def hosted_body(account: Any, policy: Any, _day: Any) -> Any:
    hosted = exists(Unit, Unit.id == account.unit, Unit.kind.in_([kind.value for kind in HOSTED]))
    kind = Unit.select(Unit.kind).where(Unit.id == account.unit)
    broken = live(account) & policy.second_level_only & hosted
    return breaking(account, broken, unit=named(Unit, account.unit), kind=kind)


@account_check(
    "accounts.official_elsewhere",
    parameters=("official_unit",),
    severity=Severity.ERROR,
    rules=(
        *("s0-03-r01", "s0-05-r02", "s0-06-r01", "s0-08-r10", "s1-04-r02", "s1-08-r01", "s1-13-r02", "s1-22-r02"),
        *("s2-03-r09", "s2-08-r02", "s2-09-r02", "s3-01-r02", "s3-04-r02", "s4-01-r05"),
    ),
    watches={Unit: of_units},
    title=_l("An official account outside the home department"),
    message=_l("An account of the institution itself is kept by %(unit)s, not by %(keeper)s"),
    advice=_l("Move it to the home department, or lower its level."),
    mend=EDIT,
    form_field="unit",
)
def official_elsewhere(account: Any, policy: Any, _day: Any) -> Any:
    unit = named(Unit, account.unit)
    official = live(account) & (account.level == Level.INSTITUTION.value) & (policy.official_unit != "")
    return breaking(account, official & (unit != policy.official_unit), unit=unit, keeper=policy.official_unit)


@account_check(
    "accounts.second_on_platform",
    parameters=("one_account_per_platform",),
    severity=Severity.WARNING,
    rules=("s0-07-r06",),
    watches={
        Account: lambda t: Account.select(Account.id).where(Account.unit.in_(t.values("unit"))),
        Platform: of_platforms,
    },
    title=_l("Several accounts of one unit on a platform"),
    message=_l("The unit has %(count)s accounts on %(platform)s; one unit, one account on a platform"),
    advice=_l("Merge them and close what cannot be kept."),
    mend=EDIT,
    form_field="platform",
)
def second_on_platform(account: Any, policy: Any, _day: Any) -> Any:
    count = how_many(Account, Account.unit == account.unit, Account.platform == account.platform, live(Account))
    broken = live(account) & policy.one_account_per_platform & (count > 1)
    return breaking(account, broken, count=count, platform=named(Platform, account.platform))


@check(
    "accounts.quota_exceeded",
    subject=Quota,
    severity=Severity.ERROR,
    rules=("s0-07-r06",),
    watches={
        Account: lambda t: Quota.select(Quota.id).where(Quota.institution.in_(t.values("institution"))),
        Unit: lambda t: Quota.select(Quota.id).where(Quota.unit.in_(t.ids)),
        Platform: lambda t: Quota.select(Quota.id).where(Quota.platform.in_(t.ids)),
    },
    title=_l("A quota is exceeded"),
    message=_l("%(unit)s %(platform)s %(entity)s: %(count)s accounts, the quota is %(limit)s"),
    advice=_l("Rank the accounts there are and close one before opening another."),
    measure="count",
    form_field="unit",
)
def quota_exceeded(quota: Any, _policy: Any, _day: Any) -> Any:
    count = how_many(
        Account,
        Account.institution == quota.institution,
        quota.unit.is_null() | (Account.unit == quota.unit),
        quota.platform.is_null() | (Account.platform == quota.platform),
        (quota.entity == "") | (Account.entity == quota.entity),
        live(Account),
    )
    unit = fn.COALESCE(named(Unit, quota.unit), "")
    platform = fn.COALESCE(named(Platform, quota.platform), "")
    return breaking(
        quota, count > quota.most, unit=unit, platform=platform, entity=quota.entity, count=count, limit=quota.most
    )


@account_check(
    "accounts.not_filed",
    parameters=("filing_required",),
    severity=Severity.WARNING,
    rules=("s0-03-r08", "s2-02-r01", "s0-09-r18"),
    watches={Platform: of_platforms},
    title=_l("Not filed"),
    message=_l("Not filed: neither filing number nor day of filing is entered"),
    advice=_l("File the account and enter number and day."),
    mend=EDIT,
    at_save=False,
)
def not_filed(account: Any, policy: Any, _day: Any) -> Any:
    unfiled = (account.filing_number == "") & account.filed_on.is_null()
    site = exists(Platform, Platform.id == account.platform, Platform.family == WEBSITE)
    return breaking(account, live(account) & policy.filing_required & unfiled & ~(policy.icp_required & site))


@account_check(
    "accounts.change_not_filed",
    parameters=("changes_filed_days",),
    severity=Severity.WARNING,
    rules=("s0-07-r14", "s4-01-r20"),
    watches={Operator: "account"},
    title=_l("A change is not filed"),
    message=_l("Data changed on %(day)s and not filed within %(limit)s days"),
    advice=_l("File the change and enter the day of filing."),
    mend=EDIT,
    at_save=False,
)
def change_not_filed(account: Any, policy: Any, day: Any) -> Any:
    due = days_before(day, policy.changes_filed_days)
    since_filing = account.filed_on.is_null(False)
    operators = Operator.select(fn.MAX(fn.COALESCE(Operator.until, Operator.since))).where(
        Operator.account == account.id
    )
    data = since_filing & (account.changed_on > account.filed_on) & (account.changed_on < due)
    people = since_filing & (operators > account.filed_on) & (operators < due)
    latest = Case(None, [(data, account.changed_on)], operators)
    return breaking(account, live(account) & (data | people), day=latest, limit=policy.changes_filed_days)


@account_check(
    "accounts.not_verified",
    parameters=("verification_required", "verification_own_only"),
    severity=Severity.NOTICE,
    rules=("s3-03-r01", "s2-03-r10"),
    watches={Platform: of_platforms},
    title=_l("Not official: not verified"),
    message=_l("Not official: the account is not verified under real name"),
    advice=_l("Have it verified, or take it down a level."),
    mend=EDIT,
)
def not_verified(account: Any, policy: Any, _day: Any) -> Any:
    unverified = account.certification.is_null() | (account.certification == Certification.NONE.value)
    verifies = exists(Platform, Platform.id == account.platform, Platform.certifies)
    optional = policy.verification_own_only & (fn.COALESCE(account.level, "") != Level.INSTITUTION.value)
    return breaking(account, live(account) & policy.verification_required & unverified & verifies & ~optional)


@account_check(
    "accounts.personal_phone",
    parameters=("institution_bindings_only",),
    severity=Severity.WARNING,
    rules=("s0-05-r08",),
    watches={Person: lambda t: Account.select(Account.id).where(Account.bound_phone_owner.in_(t.ids))},
    title=_l("A personal phone is bound"),
    message=_l("The account is bound to the phone of %(name)s"),
    advice=_l("Bind a phone of the institution."),
    mend=EDIT,
    form_field="bound_phone_owner",
    at_save=False,
)
def personal_phone(account: Any, policy: Any, _day: Any) -> Any:
    bound = live(account) & policy.institution_bindings_only & account.bound_phone_owner.is_null(False)
    return breaking(account, bound, name=named(Person, account.bound_phone_owner))


@account_check(
    "accounts.personal_email",
    parameters=("institution_bindings_only",),
    severity=Severity.WARNING,
    rules=("s0-05-r08",),
    watches={Person: lambda t: Account.select(Account.id).where(Account.bound_email_owner.in_(t.ids))},
    title=_l("A personal mailbox is bound"),
    message=_l("The account is bound to the mailbox of %(name)s"),
    advice=_l("Bind a mailbox of the institution."),
    mend=EDIT,
    form_field="bound_email_owner",
    at_save=False,
)
def personal_email(account: Any, policy: Any, _day: Any) -> Any:
    bound = live(account) & policy.institution_bindings_only & account.bound_email_owner.is_null(False)
    return breaking(account, bound, name=named(Person, account.bound_email_owner))


@account_check(
    "accounts.idle",
    parameters=("idle_days",),
    severity=Severity.WARNING,
    rules=("s1-18-r14",),
    title=_l("An idle account"),
    message=_l("Nothing was published for %(days)s days; idle accounts are closed after %(limit)s"),
    advice=_l("Close the account, or enter the latest publication."),
    mend=EDIT,
    at_save=False,
)
def idle(account: Any, policy: Any, day: Any) -> Any:
    broken = live(account) & (account.published_on < days_before(day, policy.idle_days))
    return breaking(account, broken, days=days_between(day, account.published_on), limit=policy.idle_days)


@account_check(
    "accounts.silent",
    parameters=("silent_days",),
    severity=Severity.ERROR,
    rules=("s3-01-r14", "s2-01-r12"),
    title=_l("A silent account"),
    message=_l("Nothing was published for %(days)s days, at most %(limit)s may pass"),
    advice=_l("Publish, and enter the day; or take the account out of use."),
    mend=EDIT,
    at_save=False,
)
def silent(account: Any, policy: Any, day: Any) -> Any:
    quiet = account.published_on < days_before(day, policy.silent_days)
    broken = (account.status == Status.ACTIVE.value) & quiet
    return breaking(account, broken, days=days_between(day, account.published_on), limit=policy.silent_days)


@account_check(
    "accounts.site_without_icp",
    parameters=("icp_required",),
    severity=Severity.ERROR,
    rules=("s0-09-r06", "s0-09-r08"),
    watches={Platform: of_platforms},
    title=_l("A website without ICP number"),
    message=_l("The website shows no ICP filing number"),
    advice=_l("File the site and enter its number as the filing number."),
    mend=EDIT,
    form_field="filing_number",
    at_save=False,
)
def site_without_icp(account: Any, policy: Any, _day: Any) -> Any:
    site = exists(Platform, Platform.id == account.platform, Platform.family == WEBSITE)
    return breaking(account, live(account) & policy.icp_required & site & (account.filing_number == ""))
