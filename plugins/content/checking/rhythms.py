"""Checks over time: accounts that fall silent, columns and subjects that grow stale, too few or too many releases."""

from __future__ import annotations

import hashlib
from typing import Any

from peewee import fn

from panel.api import (
    Mark,
    Mend,
    Severity,
    Touched,
    Unit,
    _l,
    breaking,
    check,
    days_before,
    days_between,
    exists,
    how_many,
    judged,
    month_of,
    policy_of,
    today,
    week_of,
)
from plugins.accounts.services import Account, AccountsPolicy
from plugins.content.checking.pieces import EDIT, in_review, piece_check
from plugins.content.choices import ReleaseState
from plugins.content.hours import clashes, zone_of
from plugins.content.models import Release, StagePlan, Submission
from plugins.content.policy import Column, ContentPolicy, Hours, Rhythm, Topic

WARNED_AT = 7  # tenths of the limit
PLAN = Mend(_l("Look at the plan"), "content_plan_item.index_view")


def _of_rhythms(touched: Touched) -> Any:
    """Accounts these rhythms are for."""
    return Account.select(Account.id).where(
        Account.id.in_(touched.values("account")) | Account.platform.in_(touched.values("platform"))
    )


def _figure(account: Any, name: str) -> Any:
    """What the account's own rhythm says, else its platform's; null where neither says anything."""
    own = Rhythm.select(getattr(Rhythm, name)).where(Rhythm.account == account.id)
    theirs = Rhythm.select(getattr(Rhythm, name)).where(Rhythm.platform == account.platform)
    return fn.COALESCE(own, theirs)


def _active(account: Any) -> Any:
    return account.status == "active"


def _released(account: Any, first: Any, last: Any) -> Any:
    """How many pieces an account released from a day to the day before another."""
    return how_many(
        Release,
        Release.account == account.id,
        Release.state == ReleaseState.OUT.value,
        Release.released_on >= first,
        Release.released_on < last,
    )


@check(
    "content.nearly_silent",
    subject=Account,
    policy=AccountsPolicy,
    parameters=("silent_days",),
    severity=Severity.NOTICE,
    rules=("s0-05-r06", "s2-01-r12", "s3-01-r14"),
    watches={Rhythm: _of_rhythms},
    title=_l("An account that will soon have been silent too long"),
    message=_l("Nothing was published for %(days)s days; %(limit)s are allowed"),
    advice=_l("Release something in the days that are left."),
    mend=PLAN,
    at_save=False,
)
def nearly_silent(account: Any, policy: Any, day: Any) -> Any:
    limit = fn.COALESCE(_figure(account, "silent_days"), policy.silent_days)
    days = days_between(day, account.published_on)
    near = (days * 10 >= limit * WARNED_AT) & (days <= limit)
    return breaking(account, _active(account) & near, days=days, limit=limit)


@check(
    "content.silent",
    subject=Account,
    severity=Severity.ERROR,
    rules=("s0-05-r06", "s2-01-r12", "s2-03-r14", "s3-01-r14"),
    watches={Rhythm: _of_rhythms},
    title=_l("Silent longer than its rhythm allows"),
    message=_l("Nothing was published for %(days)s days; %(limit)s are allowed here"),
    advice=_l("Release something, or change the rhythm."),
    mend=PLAN,
    at_save=False,
)
def silent(account: Any, _policy: Any, day: Any) -> Any:
    limit, days = _figure(account, "silent_days"), days_between(day, account.published_on)
    return breaking(account, _active(account) & (days > limit), days=days, limit=limit)


RELEASES: dict[Any, Any] = {Rhythm: _of_rhythms, Release: "account"}


@check(
    "content.too_few_a_week",
    subject=Account,
    rules=("s3-02-r02", "s2-05-r07", "s4-01-r16"),
    watches=RELEASES,
    title=_l("Too few releases last week"),
    message=_l("%(count)s releases last week, at least %(limit)s are due: %(missing)s short"),
    mend=PLAN,
    at_save=False,
)
def too_few_a_week(account: Any, _policy: Any, day: Any) -> Any:
    monday = week_of(day)
    count, limit = _released(account, days_before(monday, 7), monday), _figure(account, "week_least")
    existed = account.opened_on.is_null() | (account.opened_on < days_before(monday, 6))
    broken = _active(account) & existed & (count < limit)
    return breaking(account, broken, count=count, limit=limit, missing=limit - count)


@check(
    "content.too_many_a_week",
    subject=Account,
    severity=Severity.NOTICE,
    rules=("s4-01-r16",),
    watches=RELEASES,
    title=_l("More releases last week than its rhythm"),
    message=_l("%(count)s releases last week, at most %(limit)s are usual"),
    mend=PLAN,
    at_save=False,
)
def too_many_a_week(account: Any, _policy: Any, day: Any) -> Any:
    monday = week_of(day)
    count, limit = _released(account, days_before(monday, 7), monday), _figure(account, "week_most")
    return breaking(account, _active(account) & (count > limit), count=count, limit=limit)


@check(
    "content.too_few_a_month",
    subject=Account,
    rules=("s1-18-r12",),
    watches=RELEASES,
    title=_l("Too few releases last month"),
    message=_l("%(count)s releases last month, at least %(limit)s are due"),
    mend=PLAN,
    at_save=False,
)
def too_few_a_month(account: Any, _policy: Any, day: Any) -> Any:
    first = month_of(day)
    count, limit = _released(account, month_of(days_before(first, 1)), first), _figure(account, "month_least")
    existed = account.opened_on.is_null() | (account.opened_on <= month_of(days_before(first, 1)))
    return breaking(account, _active(account) & existed & (count < limit), count=count, limit=limit)


@check(
    "content.day_missed",
    subject=Account,
    rules=("s3-04-r08",),
    watches=RELEASES,
    title=_l("A day without a release"),
    message=_l("Nothing was released yesterday, though something is due every day"),
    mend=PLAN,
    at_save=False,
)
def day_missed(account: Any, _policy: Any, day: Any) -> Any:
    daily = exists(Rhythm, (Rhythm.account == account.id) | (Rhythm.platform == account.platform), Rhythm.daily)
    return breaking(account, _active(account) & daily & (_released(account, days_before(day, 1), day) == 0))


# ── columns and subjects ───────────────────────────────────────────────────────────────────────


def _columns_of(touched: Touched) -> Any:
    return Column.select(Column.id).where(Column.id.in_(touched.values("column")))


@check(
    "content.column_stale",
    subject=Column,
    rules=("s0-08-r07", "s1-03-r09", "s1-21-r06", "s2-07-r07"),
    watches={Submission: _columns_of},
    title=_l("A column without anything new"),
    message=_l("Nothing new, and nobody looked through it, for more than %(limit)s days"),
    advice=_l("Release something in it, or look it through and say so."),
    mend=Mend(_l("Look at the column"), "content_column.details_view"),
    at_save=False,
)
def column_stale(column: Any, _policy: Any, day: Any) -> Any:
    since = days_before(day, column.fresh_days)
    fresh = exists(Submission, Submission.column == column.id, Submission.released_on >= since)
    looked = column.confirmed_on.is_null(False) & (column.confirmed_on >= since)
    young = fn.DATE(column.created_at) >= since
    broken = column.active & ~column.still & column.fresh_days.is_null(False) & ~fresh & ~looked
    known = column.confirmed_on.is_null(False) | ~young
    return breaking(column, broken & known, limit=column.fresh_days)


@check(
    "content.column_without_owner",
    subject=Column,
    rules=("s2-07-r06",),
    title=_l("A column without an owner"),
    message=_l("Nobody is named who looks after this column"),
    mend=Mend(_l("Name the owner"), "content_column.edit_view"),
    at_save=False,
)
def column_without_owner(column: Any, _policy: Any, _day: Any) -> Any:
    return breaking(column, column.active & column.owner.is_null())


@check(
    "content.topic_stale",
    subject=Topic,
    rules=("s1-07-r03",),
    watches={Submission: lambda t: Topic.select(Topic.id).where(Topic.id.in_(t.values("topic")))},
    title=_l("Nothing new on a subject"),
    message=_l("Nothing was released on this for more than %(limit)s days"),
    mend=PLAN,
    at_save=False,
)
def topic_stale(topic: Any, _policy: Any, day: Any) -> Any:
    since = days_before(day, topic.fresh_days)
    fresh = exists(Submission, Submission.topic == topic.id, Submission.released_on >= since)
    old = exists(Submission, Submission.topic == topic.id, Submission.released_on < since)
    young = fn.DATE(topic.created_at) >= since
    return breaking(
        topic, topic.active & topic.fresh_days.is_null(False) & ~fresh & (old | ~young), limit=topic.fresh_days
    )


# ── hours ──────────────────────────────────────────────────────────────────────────────────────


@judged("content.planned_hours", subject=Submission, inputs=("planned_at", "class_"), parameters=(Hours, ContentPolicy))
def planned_hours(institution_id: int) -> tuple[str, Any]:
    """Marks the hours that a planned time does not fit, with the sentence that says so."""
    rows = list(Hours.select().where(Hours.institution == institution_id, Hours.active).order_by(Hours.begins))
    policy = policy_of(ContentPolicy, institution_id, today())
    urgent = policy.urgent_classes.split(",") if policy else []
    zone = zone_of(institution_id)

    def see(row: Submission) -> list[tuple[int, str]]:
        if row.planned_at is None or row.class_ in urgent:
            return []
        found = clashes(rows, row.planned_at.astimezone(zone))
        return [(c.hours.id, f"{c.time}|{c.hours.name}|{c.better}") for c in found]

    stamp = hashlib.sha256(repr([(h.id, h.version) for h in rows] + urgent).encode()).hexdigest()
    return stamp, see if rows else None


def _parts(facts: dict[str, Any]) -> dict[str, Any]:
    time, name, better = str(facts["mark"]).split("|", 2)
    return {"time": time, "hours": name, "better": better}


def _clashing(piece: Any, strict: bool) -> Any:
    mark = (
        Mark.select(Mark.text)
        .join(Hours, on=(Hours.id == Mark.item))
        .where(
            Mark.subject_id == piece.id,
            Mark.code == planned_hours.code,
            Hours.strict if strict else ~Hours.strict,
        )
        .limit(1)
    )
    return breaking(piece, in_review(piece) & exists(mark), mark=mark)


_HOURS: dict[str, Any] = {
    "sees": (planned_hours,),
    "rules": ("s2-04-r06", "s0-08-r06", "s4-01-r19"),
    "message": _l("Planned for %(time)s, in “%(hours)s”; the next time that fits is %(better)s"),
    "mend": EDIT,
    "prepare": _parts,
    "form_field": "planned_at",
}


@piece_check("content.quiet_hours", title=_l("Planned for a time nobody should be disturbed"), **_HOURS)
def quiet_hours(piece: Any, _policy: Any, _day: Any) -> Any:
    return _clashing(piece, strict=False)


@piece_check(
    "content.closed_hours", severity=Severity.ERROR, title=_l("Planned for a time nothing is released"), **_HOURS
)
def closed_hours(piece: Any, _policy: Any, _day: Any) -> Any:
    return _clashing(piece, strict=True)


@check(
    "content.no_stage_plan",
    subject=Unit,
    policy=ContentPolicy,
    parameters=("stage_plans",),
    rules=("s4-01-r09",),
    watches={
        StagePlan: lambda t: Unit.select(Unit.id).where(Unit.institution.in_(t.values("institution"))),
    },
    title=_l("No plan of the stage"),
    message=_l("No plan by stage is on record for these days"),
    advice=_l("Enter what the quarter or year is about."),
    mend=Mend(_l("Enter the plan"), "content_stage_plan.create_view"),
    at_save=False,
)
def no_stage_plan(unit: Any, policy: Any, day: Any) -> Any:
    planned = exists(
        StagePlan, StagePlan.institution == unit.institution, StagePlan.starts_on <= day, StagePlan.ends_on >= day
    )
    return breaking(unit, unit.parent.is_null() & policy.stage_plans & ~planned)
