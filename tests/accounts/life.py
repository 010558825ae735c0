"""A university whose chains decide about accounts: who applies, who signs, and shortcuts to play both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from panel import audit, files, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.approvals import services as approvals
from panel.approvals.models import Chain, ChainStep, Request, Task, TaskState
from panel.checks import policy
from panel.org.models import Person, Unit
from plugins.accounts import services
from plugins.accounts.life.models import Application
from plugins.accounts.models import Account, Platform
from plugins.accounts.policy import AccountsPolicy
from tests.cast import World
from tests.security.places import picture


class Life:
    """The cast at work: bob applies for the faculty, alice files; chains are signed by whoever holds a role."""

    def __init__(self, world: World) -> None:
        self.world, self.uni = world, world.uni
        self.roles: dict[str, Role] = {}
        self.head = self.person("韩梅", world.faculty, leads_unit=True)

    # ── who there is ──────────────────────────────────────────────────────────────────────────

    def unit(self, name: str, kind: str = "function", parent: Unit | None = None) -> Unit:
        parent = parent or self.world.root_unit
        unit = records.create(Unit, institution=self.uni, parent=parent, name=name, kind=kind)
        records.derive(Unit, Unit.id == unit.id, path=f"{parent.path}{unit.id}/")
        return unit

    def person(self, name: str, unit: Unit | None = None, **values: Any) -> Person:
        return records.create(Person, institution=self.uni, unit=unit or self.world.faculty, name=name, **values)

    def role(self, code: str) -> Role:
        if code not in self.roles:
            self.roles[code] = records.create(Role, institution=self.uni, name=code, code=code, permissions=[])
        return self.roles[code]

    def signer(self, code: str, unit: Unit, name: str) -> User:
        """Somebody with a login who holds a role in a unit, and nothing else."""
        person = self.person(name, unit)
        user = records.create(User, institution=self.uni, username=name, display_name=name, person=person)
        records.create(Grant, institution=self.uni, user=user, role=self.role(code), unit=unit)
        return user

    def chain(self, subject: str, *steps: dict[str, Any], **values: Any) -> Chain:
        """A chain; a step names `role` by code and, for an office, `office`."""
        chain = records.create(
            Chain, institution=self.uni, subject=f"accounts.{subject}", name=f"{subject}链", **values
        )
        for position, step in enumerate(steps, 1):
            filled = {"name": f"第{position}步", "who": "office" if "office" in step else "role", **step}
            filled["role"] = self.role(step["role"])
            records.create(ChainStep, institution=self.uni, chain=chain, position=position, **filled)
        return chain

    # ── what they do ──────────────────────────────────────────────────────────────────────────

    @contextmanager
    def as_(self, name: str) -> Iterator[None]:
        user = User.get(User.username == name)
        with acting_as(identify(user, user.institution)), audit.acting("web", user=user):
            yield

    def lay_down(self, **figures: Any) -> None:
        policy.change(AccountsPolicy, self.uni, policy.BEGINNING, figures, reason="test")

    def platform(self, code: str = "wechat_subscription") -> Platform:
        return Platform.get(Platform.institution == self.uni, Platform.code == code)

    def wanted(self, **values: Any) -> dict[str, Any]:
        """What somebody fills in who applies to open an account."""
        return {
            "unit": self.world.faculty,
            "name": "燕园书评",
            "platform": self.platform(),
            "responsible": self.head,
            "reason": "读书活动需要独立栏目",
            "publishing_scope": "全校师生",
            **values,
        }

    def apply(self, by: str = "bob", submit: bool = True, **values: Any) -> Application:
        with self.as_(by):
            application = services.draft("opening", self.wanted(**values))
            return services.submit(application, True) if submit else application

    def about(self, kind: str, account: Account, by: str = "bob", submit: bool = True, **values: Any) -> Application:
        with self.as_(by):
            application = services.draft(kind, {"reason": "工作需要", **values}, account)
            return services.submit(application, True) if submit else application

    def attach(self, application: Application, kind: str = "report") -> None:
        stored = files.save_paper(picture(), self.uni.id)
        services.attach(application, kind, stored, "签字盖章的审批表.png")

    def account(self, name: str = "燕园书评", filed: bool = True, **values: Any) -> Account:
        """An account that was there before there was a chain."""
        given = {"name": name, "platform": self.platform(), "unit": self.world.faculty, "responsible": self.head}
        account = services.register_account({**given, "identifier": name, "status": "active", **values})
        if filed:
            services.confirm_filing(account)
        return Account.get_by_id(account.id)

    def request(self, application: Application) -> Request:
        found = approvals.approval_of(application)
        assert found is not None
        return found

    def open(self, application: Application) -> list[str]:
        """The steps that wait for a decision."""
        rows = Task.select().where(Task.request == self.request(application), Task.state == TaskState.OPEN)
        return [task.name for task in rows.order_by(Task.position)]

    def sign(self, application: Application, by: str, verdict: str = "approve", opinion: str = "同意") -> None:
        with self.as_(by):
            waiting = Task.select().where(Task.request == self.request(application), Task.state == TaskState.OPEN)
            approvals.decide(waiting.order_by(Task.position).get(), verdict, opinion)


def fresh(row: Any) -> Any:
    """A row as stored now."""
    return type(row).get_by_id(row.id)
