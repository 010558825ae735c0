"""The plan: what is to go out when and who supplies it, and how much an account may still send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from panel.api import NotAllowed, Refused, _, current, policy_of, records, today, transaction
from plugins.accounts.services import Account
from plugins.content.choices import Period, PlanState
from plugins.content.models import PlanItem, Release, Submission
from plugins.content.permissions import ContentPermission as P
from plugins.content.policy import Column, ContentPolicy, SendBudget


@dataclass(frozen=True)
class Room:
    """What an account may send in a period, what it sent, and what is planned besides."""

    most: int
    period: Period
    sent: int
    planned: int

    @property
    def left(self) -> int:
        return self.most - self.sent - self.planned


def span(period: Period, day: date) -> tuple[date, date]:
    """The first and last day of the period a day lies in."""
    if period == Period.DAY:
        return day, day
    if period == Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def rooms(account: Account, day: date, but: PlanItem | None = None) -> list[Room]:
    """The budgets of an account around a day, with what the policy allows a day."""
    limits: Any = SendBudget.select(SendBudget.period, SendBudget.most).where(SendBudget.account == account).tuples()
    budgets = {Period(period): most for period, most in limits}
    policy = policy_of(ContentPolicy, account.institution_id, day)
    if policy is not None and policy.mass_day_most is not None:
        budgets[Period.DAY] = min(policy.mass_day_most, budgets.get(Period.DAY, policy.mass_day_most))
    found = []
    for period, most in budgets.items():
        first, last = span(period, day)
        sent = Release.select().where(
            Release.account == account, Release.mass, Release.released_on.between(first, last)
        )
        planned = PlanItem.select().where(
            PlanItem.account == account,
            PlanItem.mass,
            PlanItem.state.in_([PlanState.ACCEPTED.value, PlanState.PROPOSED.value]),
            PlanItem.planned_on.between(max(first, today()), last),
            PlanItem.id != (but.id if but else 0),
        )
        found.append(Room(most, period, sent.count(), planned.count()))
    return found


def room_for(account: Account, day: date, plan: bool = False, but: PlanItem | None = None) -> None:
    """Refuse a mass send beyond the budget (s2-07-r14). What is planned counts where another is planned."""
    for room in rooms(account, day, but):
        used = room.sent + (room.planned if plan else 0)
        if used >= room.most:
            raise Refused(
                _(
                    "%(account)s may send to all %(most)s × %(period)s; around %(day)s that is used up.",
                    account=account,
                    most=room.most,
                    period=room.period.label,
                    day=day,
                ),
                "planned_on" if plan else "mass",
            )


def must_be_verified(account: Account, day: date, policy: ContentPolicy | None) -> None:
    """Refuse an account whose verification is not in force on a day, where the policy asks for it (s1-05-r04)."""
    if policy is None or not policy.verified_to_release or not account.platform.certifies:
        return
    until = account.certified_until
    if until is None or until < day:
        raise Refused(
            _("“%(account)s” is not verified on %(day)s. Enter its verification first.", account=account, day=day),
            "account",
        )


def propose(values: dict[str, Any]) -> PlanItem:
    """Put something to the plan; it stands there once it is accepted."""
    with transaction():
        _fits(values)
        return records.create(PlanItem, **{**values, "state": PlanState.PROPOSED.value})


def change_item(item: PlanItem, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change an item of the plan."""
    with transaction():
        if item.state not in (PlanState.PROPOSED, PlanState.ACCEPTED):
            raise Refused(_("This item is closed."))
        _fits({**item.__data__, **values}, item)
        records.update(item, expected_version, **values)


def _fits(values: dict[str, Any], item: PlanItem | None = None) -> None:
    account = values.get("account")
    if account is None:
        return
    account = account if isinstance(account, Account) else Account.get_by_id(account)
    must_be_verified(account, values["planned_on"], policy_of(ContentPolicy, account.institution_id, today()))
    if values.get("mass"):
        room_for(account, values["planned_on"], plan=True, but=item)


def accept(items: Sequence[PlanItem]) -> int:
    """Take proposals into the plan (s4-01-r07). Gives how many were new."""
    count = 0
    with transaction():
        for item in items:
            if item.state == PlanState.PROPOSED:
                records.update(item, state=PlanState.ACCEPTED.value)
                count += 1
    return count


def drop(items: Sequence[PlanItem]) -> int:
    """Take items out of the plan; what was supplied stays."""
    count = 0
    with transaction():
        for item in items:
            if item.state in (PlanState.PROPOSED, PlanState.ACCEPTED):
                records.update(item, state=PlanState.DROPPED.value)
                count += 1
    return count


def supply(item: PlanItem, row: Submission) -> None:
    """Say which submission answers an item of the plan. A unit cannot decline; it can only supply (s2-09-r03)."""
    with transaction():
        if item.state not in (PlanState.PROPOSED, PlanState.ACCEPTED):
            raise Refused(_("This item is closed."))
        if row.__data__["unit"] != item.__data__["unit"]:
            raise Refused(_("This submission is of another unit."), "submission")
        records.update(item, submission=row, state=PlanState.DONE.value)


def may_order(column: Column) -> bool:
    """Whether whoever asks may order the plan of a column: its owner, or the office (s0-10-r02)."""
    identity = current()
    user = identity.user if identity else None
    owns = user is not None and user.person_id is not None and user.person_id == column.owner_id
    return owns or (identity is not None and identity.may(P.PLAN_EDIT) and identity.reach(P.PLAN_EDIT) is None)


def reorder(column: Column, items: Sequence[PlanItem]) -> None:
    """Put the items of a column in this order: its owner may, without asking anybody. Raises NotAllowed."""
    if not may_order(column):
        raise NotAllowed(_("Only the owner of the column or the office orders its plan."))
    with transaction():
        for position, item in enumerate(items):
            if item.__data__["column"] == column.id:
                records.update(item, position=position)
