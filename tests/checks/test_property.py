"""After any sequence of saves the findings are those of a full sweep from nothing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel import audit, records
from panel.access.identity import acting_as, system
from panel.access.models import Grant, Role, User
from panel.access.policy import AccessPolicy
from panel.checks import affected, policy
from panel.checks.engine import today_in
from panel.checks.models import Broken, Finding, Judgement, Mark
from panel.checks.saving import recording
from panel.checks.sweep import sweep, sweep_dirty
from panel.database import db, transaction
from panel.errors import Refused
from panel.org.models import Person, Unit
from plugins.accounts import services
from plugins.accounts.choices import Certification, EntityKind, Level, OperatorKind, Status
from plugins.accounts.models import Account, Custodian, Device, Operator, Platform, SealedCopy
from plugins.accounts.policy import AccountsPolicy, NamePermit, NameWord, Quota, WordKind
from tests.checks.conftest import open_findings

NAMES = ["理学院", "北大青年", "ＰＫＵ 读书会", "东北大学团委", "海尔之家", "示范大学图书馆"]
FIGURES: dict[str, list[Any]] = {
    "max_custodians": [None, 1, 2],
    "undertaking_required": [True, False],
    "custodian_unit": ["", "党委宣传部"],
    "password_days": [None, 30],
    "sealed_copy_required": [True, False],
    "devices_required": [True, False],
    "device_check_days": [None, 5],
    "max_administrators": [None, 1],
    "administrator_required": [True, False],
    "students_may_administer": [True, False],
    "max_accounts_per_person": [None, 1],
    "leaders_answer": [True, False],
    "faculty_post": ["", "书记"],
    "organisations_only": [True, False],
    "long_term_bodies_only": [True, False],
    "second_level_only": [True, False],
    "official_unit": ["", "党委宣传部"],
    "one_account_per_platform": [True, False],
    "required": ["", "identifier,level,purpose"],
    "filing_required": [True, False],
    "changes_filed_days": [None, 0, 3],
    "verification_required": [True, False],
    "institution_bindings_only": [True, False],
    "idle_days": [None, 30],
    "silent_days": [None, 14],
    "icp_required": [True, False],
    "work_accounts": [None, 1],
    "name_pattern": ["", ".*大学.*"],
}


class Edits:
    """Random acts on one institution's register, roster, lists and policy."""

    def __init__(self, world: Any, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.institution = world.uni
        self.today = today_in(world.uni)

    def some(self, model: Any) -> Any:
        rows = list(model.select().where(model.institution == self.institution).order_by(model.id))
        return self.chance.choice(rows) if rows else None

    def day(self, back: int = 60) -> date:
        return self.today - timedelta(days=self.chance.randrange(back))

    def maybe(self, value: Any) -> Any:
        return value if self.chance.random() < 0.6 else None

    def act(self) -> None:
        """One act; a refusal of the services leaves all as it was."""
        act = self.chance.choice([getattr(self, name) for name in dir(self) if name.startswith("do_")])
        try:
            with transaction():
                act()
        except (Refused, AttributeError):
            pass

    def values(self) -> dict[str, Any]:
        pick = self.chance.choice
        return {
            "name": pick(NAMES),
            "platform": self.some(Platform),
            "unit": self.some(Unit),
            "responsible": self.maybe(self.some(Person)),
            "entity_kind": pick(list(EntityKind)).value,
            "entity": pick(["", "示例大学"]),
            "level": self.maybe(pick(list(Level)).value),
            "certification": self.maybe(pick(list(Certification)).value),
            "filing_number": pick(["", "京ICP备1号"]),
            "filed_on": self.maybe(self.day()),
            "changed_on": self.maybe(self.day()),
            "published_on": self.maybe(self.day()),
            "password_changed_on": self.maybe(self.day()),
            "password_due_on": self.maybe(self.day()),
            "bound_phone_owner": self.maybe(self.some(Person)),
            "bound_email_owner": self.maybe(self.some(Person)),
            "purpose": pick(["", "宣传"]),
        }

    def do_open(self) -> None:
        status = self.chance.choice([Status.ACTIVE, Status.PENDING, Status.IDLE]).value
        records.create(Account, institution=self.institution, status=status, **self.values())

    def do_edit(self) -> None:
        values = self.values()
        records.update(self.some(Account), **{name: values[name] for name in self.chance.sample(sorted(values), 3)})

    def do_close(self) -> None:
        account = self.some(Account)
        services.change_status(account, Status.CLOSING)
        services.change_status(account, Status.CLOSED, self.today)

    def do_custodian(self) -> None:
        services.add_custodian(self.some(Account), self.some(Person), since=self.day())

    def do_sign(self) -> None:
        records.update(self.some(Custodian), undertaking_on=self.maybe(self.day()))

    def do_end_custodian(self) -> None:
        services.end_custodian(self.some(Custodian))

    def do_operator(self) -> None:
        kind = self.chance.choice(list(OperatorKind))
        services.assign_operator(self.some(Account), self.some(Person), kind, since=self.day(20))

    def do_end_operator(self) -> None:
        services.end_operator(self.some(Operator))

    def do_drop_operator(self) -> None:
        records.delete(self.some(Operator))

    def do_seal(self) -> None:
        services.seal_copy(self.some(Account), "档案室", self.some(Person), sealed_on=self.day(10))

    def do_retire(self) -> None:
        services.retire_sealed_copy(self.some(SealedCopy))

    def do_device(self) -> None:
        services.add_device(self.some(Account), "PC-1", since=self.day(20))

    def do_check_device(self) -> None:
        services.record_device_check(self.some(Device), self.day(20))

    def do_hire(self) -> None:
        kind = self.chance.choice(["staff", "student", "contractor"])
        records.create(
            Person, institution=self.institution, unit=self.some(Unit), name=f"人{self.chance.random()}", kind=kind
        )

    def do_person(self) -> None:
        pick = self.chance.choice
        values = {
            "in_service_until": self.maybe(self.day(20)),
            "unit": self.some(Unit),
            "kind": pick(["staff", "student", "parent"]),
            "post": pick(["", "党总支书记"]),
            "leads_unit": pick([True, False]),
            "name": pick(["张敏", "李伟"]),
        }
        name = pick(sorted(values))
        records.update(self.some(Person), **{name: values[name]})

    def do_unit(self) -> None:
        kind = self.chance.choice(["function", "faculty", "temporary", "class"])
        unit = self.some(Unit)
        if unit.parent_id:
            records.update(unit, kind=kind, name=self.chance.choice([unit.name, f"单位{unit.id}", "党委宣传部"]))

    def do_platform(self) -> None:
        platform = self.some(Platform)
        records.update(platform, certifies=self.chance.random() < 0.5)
        if self.chance.random() < 0.3:
            records.update(platform, name=f"平台{platform.id}", family=self.chance.choice(["wecom", "site", "wechat"]))

    def do_word(self) -> None:
        pick = self.chance.choice
        records.create(
            NameWord,
            institution=self.institution,
            word=pick(["北大", "PKU", "海尔", "图书"]),
            kind=pick(list(WordKind)).value,
            exceptions=pick(["", "东北大学"]),
        )

    def do_change_word(self) -> None:
        records.update(self.some(NameWord), kind=self.chance.choice(list(WordKind)).value)

    def do_permit(self) -> None:
        who = {"account": self.some(Account)} if self.chance.random() < 0.5 else {"unit": self.some(Unit)}
        until = self.maybe(self.day(3) + timedelta(days=2))
        records.create(
            NamePermit,
            institution=self.institution,
            word=self.some(NameWord),
            document="批复",
            since=self.day() - timedelta(days=9),
            until=until,
            **who,
        )

    def do_end_permit(self) -> None:
        records.delete(self.some(NamePermit))

    def do_quota(self) -> None:
        records.create(
            Quota,
            institution=self.institution,
            unit=self.some(Unit),
            platform=self.maybe(self.some(Platform)),
            most=self.chance.randrange(2),
        )

    def do_policy(self) -> None:
        names = self.chance.sample(sorted(FIGURES), 4)
        values = {name: self.chance.choice(FIGURES[name]) for name in names}
        policy.change(AccountsPolicy, self.institution, self.today, values, reason="试")

    def do_officers(self) -> None:
        figures = {"officers_least": self.chance.choice([None, 1]), "officers_most": self.chance.choice([None, 1])}
        policy.change(AccessPolicy, self.institution, self.today, figures)

    def do_grant(self) -> None:
        role = Role.get_or_none(Role.institution == self.institution, Role.code == "clerk") or records.create(
            Role, institution=self.institution, code="clerk", name="信息员"
        )
        records.create(Grant, institution=self.institution, user=self.some(User), role=role, unit=self.some(Unit))

    def do_revoke(self) -> None:
        records.delete(self.some(Grant))

    def do_lock_user(self) -> None:
        records.update(self.some(User), active=self.chance.random() < 0.5)


def from_nothing(world: Any) -> set[Any]:
    """The findings of a full sweep of an institution that was never looked at."""
    for model in (Finding, Mark, Judgement):
        model.delete().execute()
    report = sweep(world.uni)
    assert report.broken == [], [b.error for b in Broken.select()]
    return open_findings()


@pytest.mark.parametrize("at_once", [300, 2])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_saves_and_sweeps_agree(world: Any, monkeypatch: Any, at_once: int, seed: int) -> None:
    monkeypatch.setattr(affected, "AT_ONCE", at_once)  # with 2, most is left behind for the next sweep
    edits = Edits(world, random.Random(seed))
    with db.atomic() as undone, acting_as(system(world.uni)), audit.acting("cli", user_name="t"), recording():
        for _turn in range(60):
            edits.act()
        assert sweep_dirty(world.uni).broken == []
        assert [(b.code, b.error) for b in Broken.select()] == []
        saved = open_findings()
        fresh = from_nothing(world)
        assert (saved - fresh, fresh - saved) == (set(), set())
        undone.rollback()
