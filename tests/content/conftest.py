"""A university that publishes: erin of the laboratory writes, bob heads the faculty, carol is the publicity office."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from PIL import Image

from panel import audit, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.access.roles import SHIPPED
from panel.approvals import services as approvals
from panel.approvals.chains import import_text
from panel.approvals.models import Task, TaskState
from panel.checks.models import Finding
from panel.checks.policy import change
from panel.checks.registry import checks
from panel.org.models import Person
from plugins.accounts import services as accounts
from plugins.accounts.models import Account, Platform
from plugins.content import services
from plugins.content.choices import Part
from plugins.content.models import Submission
from plugins.content.policy import ContentPolicy
from plugins.content.submissions import Contributor
from tests.cast import World

CHINA = ZoneInfo("Asia/Shanghai")
TODAY = datetime.now(CHINA).date()
TEXT = "我校物理实验室昨日举行开放日活动，近三百名师生参加，现场气氛热烈。"

CHAINS = """
[[chain]]
subject = "content.submission"
name = "重要稿件三审三校"
when = [{field = "class", is = ["important"]}]
[[chain.steps]]
name = "初审：单位负责人"
who = "role"
role = "lead"
[[chain.steps]]
name = "复审：宣传部"
who = "role"
role = "publicity"

[[chain]]
subject = "content.submission"
name = "一般稿件"
[[chain.steps]]
name = "宣传部审核"
who = "role"
role = "publicity"
"""


@dataclass
class Desk:
    """The university at work, with shortcuts to write, hand in and sign as one of its people."""

    world: World
    account: Account
    users: dict[str, User] = field(default_factory=dict)

    @contextmanager
    def as_(self, name: str) -> Iterator[Any]:
        user = User.get_by_id(self.world.users[name].id)
        with acting_as(identify(user, user.institution)) as identity, audit.acting("web", user=user):
            yield identity

    def person(self, name: str) -> Person:
        return Person.get_by_id(self.world.people[name].id)

    def lay_down(self, **figures: Any) -> None:
        change(ContentPolicy, self.world.uni, date(1970, 1, 1), figures, reason="test")

    def add(self, model: Any, **values: Any) -> Any:
        return records.create(model, institution=self.world.uni, **values)

    def write(self, **values: Any) -> Submission:
        """A draft of erin's that breaks no rule, changed by `values`."""
        given: dict[str, Any] = {
            "institution": self.world.uni,
            "unit": self.world.lab,
            "headline": "实验室开放日",
            "body": TEXT,
            "source": "original",
            "parts": {Part.AUTHOR: [Contributor(self.person("erin"))]},
            "accounts": [self.account],
        }
        with self.as_("erin"):
            return services.begin({**given, **values})

    def hand_in(self, row: Submission, note: str = "") -> Submission:
        with self.as_("erin"):
            services.hand_in(row, note)
        return Submission.get_by_id(row.id)

    def sign(self, row: Submission, by: str = "carol", verdict: str = "approve", opinion: str = "") -> Submission:
        """The first open step, signed by somebody."""
        request = approvals.approval_of(row, "content.submission")
        with self.as_(by):
            task = Task.get(Task.request == request, Task.state == TaskState.OPEN)
            approvals.decide(task, verdict, opinion)
        return Submission.get_by_id(row.id)

    def approved(self, **values: Any) -> Submission:
        row = self.hand_in(self.write(**values))
        with self.as_("carol"):
            services.answer(row, {item.id for item, _given in services.checklist(row) if item.kind == "confirm"})
        return self.sign(row)

    def release(self, row: Submission, account: Account | None = None, by: str = "alice", **values: Any) -> Any:
        with self.as_(by):
            return services.release(row, account or self.account, **values)

    def found(self, row: Any) -> set[str]:
        """The checks whose findings are open about a row."""
        rows = Finding.select().where(Finding.subject_id == row.id, Finding.closed_at.is_null())
        mine = [f.code for f in rows if f.code.startswith("content.") and checks[f.code].subject is type(row)]
        return {code.partition(".")[2] for code in mine}


@pytest.fixture
def desk(app: Flask, world: World) -> Iterator[Desk]:
    uni = world.uni
    world.people["erin"] = records.create(Person, institution=uni, unit=world.lab, name="何苗", kind="staff")
    world.users["erin"] = records.create(
        User, institution=uni, username="erin", person=world.people["erin"], display_name="何苗"
    )
    registry = app.extensions["zhangyin"].registry
    extra = registry["content"].plugin.roles
    for name, code, unit in (
        ("erin", "clerk", world.lab),
        ("bob", "lead", world.faculty),
        ("carol", "publicity", world.root_unit),
    ):
        shipped = next(s for s in SHIPPED if s.code == code)
        permissions = [*map(str, shipped.permissions), *map(str, extra[code]), "approvals.request.view"]
        role = records.create(Role, institution=uni, name=code, code=code, permissions=permissions)
        records.create(Grant, institution=uni, user=world.users[name], role=role, unit=unit)
    with app.test_request_context():
        with acting_as(world.identity("alice")):
            platform = Platform.get(Platform.institution == uni, Platform.code == "wechat_subscription")
            account = accounts.register_account(
                {
                    "name": "示例大学",
                    "platform": platform,
                    "identifier": "uni",
                    "unit": world.root_unit,
                    "responsible": world.people["dave"],
                    "status": "active",
                }
            )
            import_text(uni, CHAINS)
            change(ContentPolicy, uni, date(1970, 1, 1), {"pictures_expected": False, "likeness": None}, reason="test")
        yield Desk(world, account)


def jpeg(width: int = 900, height: int = 500, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture of a size."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "maroon").save(out, kind, **options)
    return out.getvalue()


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(size: int = 0, brand: bytes = b"isom", seconds: int = 12, handler: bytes = b"vide") -> bytes:
    """A film's head as a camera writes it, filled up to a size."""
    mvhd = _box(b"mvhd", bytes(12) + struct.pack(">II", 1000, seconds * 1000) + bytes(80))
    tkhd = _box(b"tkhd", bytes(76) + struct.pack(">II", 1280 << 16, 720 << 16))
    hdlr = _box(b"hdlr", bytes(8) + handler + bytes(12))
    head = _box(b"ftyp", brand + bytes(4) + brand) + _box(b"moov", mvhd + _box(b"trak", tkhd + _box(b"mdia", hdlr)))
    return head + _box(b"mdat", bytes(max(0, size - len(head) - 8)))


def flv(size: int = 100) -> bytes:
    return b"FLV\x01\x05" + (9).to_bytes(4, "big") + bytes(size - 9)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days)
