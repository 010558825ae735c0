"""The register of releases: what went out where and when, what was mended, and what accounts have still to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import (
    NotAllowed,
    NotFound,
    Person,
    Refused,
    _,
    current,
    policy_of,
    records,
    today,
    transaction,
)
from plugins.accounts.services import Account, change_account
from plugins.content.choices import Mending, ReleaseState, State, Task
from plugins.content.forwarding import ask_staff
from plugins.content.hours import out_of_hours
from plugins.content.models import Correction, ReadCount, Release, Submission, Target
from plugins.content.permissions import ContentPermission as P
from plugins.content.planning import must_be_verified, room_for
from plugins.content.policy import ContentPolicy, Medium

FOLLOW_DAYS = 1  # within which the other media follow


def release(row: Submission, account: Account | None = None, medium: Medium | None = None, **values: Any) -> Release:
    """Enter that an approved piece went out.

    `values`: released_on, released_at, mass, tested, link, file, file_name, by, note. Raises Refused where it is not
    approved, was changed since, or the policy does not let it out like that.
    """
    with transaction():
        stored = Submission.get_by_id(row.id)
        policy = policy_of(ContentPolicy, row.institution_id, today())
        _may_go_out(stored, policy)
        for one in (account, medium):
            if one is not None and one.institution_id != row.institution_id:
                raise NotFound(_("This page does not exist, or is not yours to see."))
        if account is None and medium is None:
            raise Refused(_("Name an account or a medium, one of the two."), "account")
        on = _day(stored, values.pop("released_on", None), values.get("released_at"))
        if account is not None:
            must_be_verified(account, on, policy)
        if values.get("mass"):
            _may_be_sent(account, on, bool(values.get("tested")), policy)
        if policy is not None and values.get("released_at"):
            _in_hours(stored, values["released_at"], policy)
        values.setdefault("by", _person())
        made = records.create(
            Release,
            institution=row.institution_id,
            submission=stored,
            account=account,
            medium=medium,
            released_on=on,
            **values,
        )
        _follow(stored, made)
    return made


def _may_go_out(row: Submission, policy: ContentPolicy | None) -> None:
    if row.state not in (State.APPROVED, State.RELEASED):
        label = State(row.state).label
        raise Refused(_("Only an approved piece is released; this one is: %(state)s.", state=label))
    if row.frozen != row.print:
        raise Refused(_("The text is no longer the one that was approved. It must be approved anew."))
    identity = current()
    office_only = policy is not None and not policy.editor_may_release
    if office_only and identity is not None and identity.reach(P.RELEASE_EDIT) is not None:
        raise NotAllowed(_("Units hand in; the office releases."))


def _day(row: Submission, on: date | None, at: datetime | None) -> date:
    zone = ZoneInfo(row.institution.time_zone)
    if at is not None:
        on = at.astimezone(zone).date()
    on = on or today()
    if on > today():
        raise Refused(_("%(day)s is still to come. Enter the day it happened.", day=on), "released_on")
    if row.approved_at and on < row.approved_at.astimezone(zone).date():
        raise Refused(_("It was not approved yet on %(day)s.", day=on), "released_on")
    return on


def _may_be_sent(account: Account | None, on: date, tested: bool, policy: ContentPolicy | None) -> None:
    if account is None:
        raise Refused(_("Only accounts send to all their followers."), "mass")
    if policy is not None and policy.test_required and not tested:
        raise Refused(_("Send a test first, look at it, and tick that you did (s2-09-r17)."), "tested")
    room_for(account, on)


def _in_hours(row: Submission, at: datetime, policy: ContentPolicy) -> None:
    for one in out_of_hours(row.institution, row.class_, at, policy):
        if one.hours.strict:
            raise Refused(one.sentence, "released_at")


def _person() -> Person | None:
    identity = current()
    person: Person | None = identity.user.person if identity and identity.user else None
    return person


def _follow(row: Submission, made: Release) -> None:
    """What a release brings about: the piece is out, its task is done, its account is not silent, others follow."""
    first = row.released_on is None
    records.update(row, state=State.RELEASED.value, released_on=min(filter(None, [row.released_on, made.released_on])))
    for target in Target.select().where(Target.submission == row, Target.release.is_null()):
        same = target.__data__["account"] if made.account else target.__data__["medium"]
        if same == (made.__data__["account"] or made.__data__["medium"]):
            records.update(target, release=made)
    if made.account is not None:
        account = Account.get_by_id(made.account.id)
        if account.published_on is None or account.published_on < made.released_on:
            change_account(account, None, {"published_on": made.released_on})
    if first:
        ask_staff(row, made.released_on)
    if first and row.joint:
        for medium in Medium.select().where(Medium.institution == row.institution_id, Medium.joint, Medium.active):
            if not Target.select().where(Target.submission == row, Target.medium == medium).exists():
                records.create(
                    Target,
                    institution=row.institution_id,
                    submission=row,
                    medium=medium,
                    task=Task.LINK.value,
                    due_on=made.released_on + timedelta(days=FOLLOW_DAYS),
                )


def ask_repost(row: Submission, accounts: Sequence[Account], due_on: date) -> int:
    """Have other accounts repost a released piece by a day (s3-03-r09). Gives how many were asked anew."""
    with transaction():
        if Submission.get_by_id(row.id).state != State.RELEASED:
            raise Refused(_("Only a piece that is out can be reposted."))
        if due_on < today():
            raise Refused(_("This day is past."), "due_on")
        known = {t.__data__["account"] for t in Target.select().where(Target.submission == row)}
        for account in accounts:
            if account.id not in known:
                records.create(
                    Target,
                    institution=row.institution_id,
                    submission=row,
                    account=account,
                    task=Task.REPOST.value,
                    due_on=due_on,
                )
    return len({a.id for a in accounts} - known)


def drop_target(target: Target, why: str) -> None:
    """Say that a release task is not to be done. Raises Refused without a reason, or once it is done."""
    if not why.strip():
        raise Refused(_("Say why."), "why")
    if target.release is not None:
        raise Refused(_("This is done already."))
    records.update(target, dropped=why.strip()[:200])


def correct(made: Release, what: str, on: date | None = None) -> Correction:
    """Enter what was mended in a piece that is out."""
    return _mend(made, Mending.CORRECTED, what, on)


def withdraw(made: Release, what: str, on: date | None = None) -> Correction:
    """Enter that a piece was taken down, and why. What was paid for it is made good by whoever settles."""
    with transaction():
        if Release.get_by_id(made.id).state == ReleaseState.WITHDRAWN:
            raise Refused(_("This release is withdrawn already."))
        correction = _mend(made, Mending.WITHDRAWN, what, on)
        records.update(made, state=ReleaseState.WITHDRAWN.value, withdrawn_on=correction.on)
        row = Submission.get_by_id(made.__data__["submission"])
        if not Release.select().where(Release.submission == row, Release.state == ReleaseState.OUT.value).exists():
            records.update(row, state=State.WITHDRAWN.value)
    return correction


def _mend(made: Release, kind: Mending, what: str, on: date | None) -> Correction:
    on = on or today()
    if not what.strip():
        raise Refused(_("Say what was wrong and what was done."), "what")
    if not made.released_on <= on <= today():
        raise Refused(_("A day between the release and today."), "on")
    return records.create(
        Correction,
        institution=made.institution_id,
        release=made,
        kind=kind.value,
        on=on,
        what=what.strip()[:1000],
    )


def count_reads(made: Release, on: date, reads: int, likes: int | None = None) -> ReadCount:
    """Enter how often a release was read by a day (s2-03-r13). Raises Refused for a day twice or to come."""
    if not made.released_on <= on <= today():
        raise Refused(_("A day between the release and today."), "on")
    return records.create(ReadCount, institution=made.institution_id, release=made, on=on, reads=reads, likes=likes)
