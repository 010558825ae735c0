"""Checks over who is named for what: the information officers of the departments."""

from __future__ import annotations

from typing import Any

from peewee import Node, fn

from panel.access.models import Grant, Role, User
from panel.access.policy import AccessPolicy
from panel.checks.declare import Mend, Severity, Touched, Watch, check
from panel.checks.sql import breaking
from panel.i18n import _l
from panel.org.models import Unit, UnitKind

# Bodies of the roster that are no departments of their own.
NO_DEPARTMENT = (UnitKind.ROOT, UnitKind.GRADE, UnitKind.TEMPORARY, UnitKind.STUDENT, UnitKind.VIRTUAL)


def _of_roles(touched: Touched) -> Any:
    return Grant.select(Grant.unit).where(Grant.role.in_(touched.ids))


def _of_users(touched: Touched) -> Any:
    return Grant.select(Grant.unit).where(Grant.user.in_(touched.ids))


WATCHES: dict[Any, Watch] = {Grant: "unit", Role: _of_roles, User: _of_users}


def _officers(unit: Any) -> Node:
    """How many people hold the clerk's role in exactly this unit."""
    holders = Grant.select(fn.COUNT(Grant.user.distinct())).join_from(Grant, Role).join_from(Grant, User)
    found: Node = holders.where(Grant.unit == unit.id, Role.code == "clerk", User.active)
    return found


def _department(unit: Any) -> Any:
    return unit.archived_at.is_null() & unit.kind.not_in([kind.value for kind in NO_DEPARTMENT])


@check(
    "access.officer_missing",
    subject=Unit,
    policy=AccessPolicy,
    parameters=("officers_least",),
    severity=Severity.NOTICE,
    rules=("s0-05-r03", "s0-08-r08", "s1-03-r04", "s1-21-r12", "s2-09-r04"),
    watches=WATCHES,
    title=_l("Department without an information officer"),
    message=_l("%(count)s information officers are named, at least %(limit)s should be"),
    advice=_l("Give somebody of the department the role “Unit clerk” there."),
    mend=Mend(_l("Name one"), "org_unit.details_view"),
)
def officer_missing(unit: Any, policy: Any, _day: Any) -> Any:
    named = _officers(unit)
    return breaking(unit, _department(unit) & (named < policy.officers_least), count=named, limit=policy.officers_least)


@check(
    "access.officers_too_many",
    subject=Unit,
    policy=AccessPolicy,
    parameters=("officers_most",),
    severity=Severity.ERROR,
    rules=("s0-05-r03", "s0-08-r08"),
    watches=WATCHES,
    title=_l("More information officers than allowed"),
    message=_l("%(count)s information officers are named, at most %(limit)s may be"),
    advice=_l("Take the role from whoever no longer holds the post."),
    mend=Mend(_l("Look"), "org_unit.details_view"),
    form_field="role",
)
def officers_too_many(unit: Any, policy: Any, _day: Any) -> Any:
    named = _officers(unit)
    return breaking(unit, _department(unit) & (named > policy.officers_most), count=named, limit=policy.officers_most)
