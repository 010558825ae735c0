"""A company whose publicity office pays for what was released: pieces are entered as released, cards through verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from panel import audit, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.access.roles import SHIPPED
from panel.approvals import services as approvals
from panel.approvals.chains import import_text
from panel.approvals.models import Task, TaskState
from panel.checks.saving import recording
from panel.i18n import today
from panel.org.models import Person
from plugins.accounts import services as accounts
from plugins.accounts.models import Account, Platform
from plugins.content import services as content
from plugins.content.models import Contribution, Release, Submission
from plugins.content.policy import Medium
from plugins.stipend import services
from plugins.stipend.models import Entry, PayeeLine, RateCard, Settlement
from tests.cast import World

CHAIN = """
[[chain]]
subject = "stipend.settlement"
name = "稿费发放审批"
[[chain.steps]]
name = "财务处审核"
who = "role"
role = "finance"
"""


def month_ago(months: int) -> date:
    """The first day of the month so many months ago."""
    first = today().replace(day=1)
    for _count in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


@dataclass
class House:
    """The institution at work on its fees."""

    world: World
    account: Account
    count: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    month: date = field(default_factory=lambda: month_ago(2))

    @contextmanager
    def as_(self, name: str) -> Iterator[Any]:
        user = User.get_by_id(self.world.users[name].id)
        with acting_as(identify(user, user.institution)) as identity, audit.acting("web", user=user):
            yield identity

    def person(self, name: str, **values: Any) -> Person:
        """Somebody of the faculty, made when first named."""
        if name not in self.people:
            given = {"institution": self.world.uni, "unit": self.world.faculty, "name": name, "kind": "staff", **values}
            self.people[name] = records.create(Person, **given)
        return self.people[name]

    def card(self, *lines: dict[str, Any], since: date = date(2020, 1, 1), **values: Any) -> RateCard:
        card = services.add_card({"institution": self.world.uni, "name": "稿酬标准", "since": since, **values})
        for line in lines:
            services.add_rate({"institution": self.world.uni, "card": card, "name": "稿件", **line})
        return card

    def medium(self, level: str) -> Medium:
        found = Medium.get_or_none(Medium.institution == self.world.uni, Medium.level == level)
        return found or records.create(Medium, institution=self.world.uni, name=level, level=level)

    def piece(self, *authors: Any, on: date | None = None, media: Sequence[str] = (), **values: Any) -> Submission:
        """A released piece. An author is a name, (name, share) or (name, share, part); `media` are levels."""
        self.count += 1
        on = on or self.month + timedelta(days=self.count % 25)
        given = {
            "headline": f"稿件{self.count}",
            "unit": self.world.faculty,
            "source": "original",
            "state": "released",
            "print": "p",
            "frozen": "p",
            "released_on": on,
            **values,
        }
        with recording():
            row = records.create(Submission, institution=self.world.uni, **given)
            for place, one in enumerate(authors):
                name, share, part = (one, None, "author") if isinstance(one, str) else (*one, "author")[:3]
                who = {"person": self.person(name)}
                records.create(
                    Contribution,
                    institution=self.world.uni,
                    submission=row,
                    part=part,
                    position=place,
                    share=share,
                    **who,
                )
            for level in media:
                self.out(row, on, self.medium(level))
            if not media and row.state == "released":
                self.out(row, on)
        return row

    def out(self, row: Submission, on: date, medium: Medium | None = None) -> Release:
        where = {"medium": medium} if medium is not None else {"account": self.account}
        return records.create(Release, institution=self.world.uni, submission=row, released_on=on, **where)

    def reads(self, row: Submission, count: int, days: int = 7) -> None:
        made = Release.get(Release.submission == row)
        content.count_reads(made, made.released_on + timedelta(days=days), count)

    def take_down(self, row: Submission, on: date | None = None) -> None:
        for made in Release.select().where(Release.submission == row, Release.state == "out"):
            with recording():
                content.withdraw(made, "有误", on or made.released_on)

    def factor(self, row: Submission, value: int) -> None:
        with self.as_("carol"):
            made = services.propose(row, value, "质量高")
        with self.as_("alice"):
            services.decide(made, True)

    def settle(self, month: date | None = None) -> Settlement:
        """Begin and reckon a month."""
        with self.as_("alice"):
            made = services.begin(self.world.uni, month or self.month)
        return self.reckon(made)

    def reckon(self, settlement: Settlement) -> Settlement:
        services.reckon_now(settlement)
        return Settlement.get_by_id(settlement.id)

    def approve(self, settlement: Settlement) -> Settlement:
        with self.as_("carol"):
            services.submit(settlement)
        request = approvals.approval_of(Settlement.get_by_id(settlement.id), "stipend.settlement")
        with self.as_("frank"):
            approvals.decide(Task.get(Task.request == request, Task.state == TaskState.OPEN), "approve", "")
        return Settlement.get_by_id(settlement.id)

    def paid(self, settlement: Settlement) -> dict[str, int]:
        """What each payee gets, before tax, in fen."""
        return {line.payee.name: line.gross for line in PayeeLine.select().where(PayeeLine.settlement == settlement)}

    def entries(self, settlement: Settlement) -> list[Entry]:
        return list(Entry.select().where(Entry.settlement == settlement).order_by(Entry.id))

    def problems(self, settlement: Settlement) -> dict[str, str]:
        return {str(p.submission): p.kind for p in settlement.problems}


@pytest.fixture
def house(app: Flask, world: World) -> Iterator[House]:
    uni = world.uni
    world.people["frank"] = records.create(Person, institution=uni, unit=world.root_unit, name="方财", kind="staff")
    world.users["frank"] = records.create(
        User, institution=uni, username="frank", person=world.people["frank"], display_name="方财"
    )
    extra = app.extensions["zhangyin"].registry["stipend"].plugin.roles
    for name, code in (("carol", "publicity"), ("frank", "finance")):
        shipped = next(s for s in SHIPPED if s.code == code)
        permissions = [*map(str, shipped.permissions), *map(str, extra[code]), "approvals.request.view"]
        role = records.create(Role, institution=uni, name=code, code=code, permissions=permissions)
        records.create(Grant, institution=uni, user=world.users[name], role=role, unit=world.root_unit)
    with app.test_request_context(), acting_as(world.identity("alice")):
        services.on_enable(uni)
        platform = Platform.get(Platform.institution == uni, Platform.code == "wechat_subscription")
        account = accounts.register_account(
            {
                "name": "示例",
                "platform": platform,
                "identifier": "uni",
                "unit": world.root_unit,
                "responsible": world.people["dave"],
                "status": "active",
            }
        )
        import_text(uni, CHAIN)
        yield House(world, account)
