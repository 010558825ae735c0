"""A house in which every office and role of a preset is somebody, so that its chains can be played by name.

The subjects are stand-ins of the real ones (stand_ins/), with the same names and fields: what is proved here is who
signs, in what order, in which case. Whoever signs is called by what they are: `lead` heads the applying unit, `above`
the one above it, 保密办公室/lead heads that office, and a role such as 党委书记 is held by somebody called so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from panel import audit, create_app, records
from panel.access.identity import acting_as, identify, system
from panel.access.models import Grant, Role, User
from panel.approvals import services
from panel.approvals.models import Act, Request, State, Task, TaskState
from panel.approvals.people import People
from panel.approvals.seats import without
from panel.database import db
from panel.errors import Refused
from panel.i18n import today
from panel.org.models import Institution, Person, Unit
from panel.org.services import create_institution
from panel.policies import applying, presets
from panel.policies.applying import NEW
from tests.conftest import _migrate
from tests.services import empty_database

HERE = Path(__file__).parent
STAND_INS = ("accounts", "content", "groupchat")
IN_EACH_OFFICE = ("lead", "publicity", "clerk")


@pytest.fixture(scope="session")
def panel_app(settings: Any) -> Flask:
    return create_app(replace(settings, plugins=HERE / "stand_ins"))


@pytest.fixture(scope="session")
def sqlite_template(panel_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _make(panel_app, f"sqlite:///{path}")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(panel_app: Flask, postgres_server: str) -> str:
    url = empty_database(postgres_server, "plays")  # of its own: it has tables the panel has not
    _make(panel_app, url)
    db.close()
    return url


def _make(app: Flask, url: str) -> None:
    _migrate(app, url)
    for name in STAND_INS:
        db.create_tables(app.extensions["zhangyin"].registry[name].models)


@dataclass
class House:
    """An institution with one applying unit below another, and whoever a preset asks for."""

    app: Flask
    institution: Institution
    roles: dict[str, Role]
    units: dict[str, Unit]
    users: dict[str, User] = field(default_factory=dict)

    def move_in(
        self, name: str, unit: Unit, role: str | None = None, at: Unit | None = None, heads: bool = False
    ) -> None:
        """Somebody who can log in, with a role in a unit. Who is there already stays as they are."""
        if name in self.users:
            return
        owned = {"institution": self.institution}
        person = records.create(Person, **owned, unit=unit, name=name, leads_unit=heads)
        user = records.create(User, **owned, username=f"u{len(self.users)}", person=person, display_name=name)
        self.users[name] = user
        if role is not None:
            records.create(Grant, **owned, user=user, role=self.roles[role], unit=at or unit)

    def take(self, code: str) -> set[str]:
        """Put the chains of a shipped preset in force, its offices and roles made as they are called."""
        preset = next(p for p in presets.shipped() if p.code == code)
        chains = {part.key for part in preset.parts if part.table == "chain"}
        plan = applying.plan(preset, self.institution)
        answers = {q.asked.key: q.chosen or NEW for q in plan.questions}
        applying.apply(preset, self.institution, chains, answers)
        asked = [q.asked for q in plan.questions]
        for one in asked:
            if one.kind == "office":
                self.units[one.name] = Unit.get(Unit.institution == self.institution, Unit.name == one.name)
                for role in IN_EACH_OFFICE:
                    self.move_in(f"{one.name}/{role}", self.units[one.name], role, heads=role == "lead")
            else:
                self.roles[one.name] = Role.get(Role.institution == self.institution, Role.name == one.name)
                self.move_in(one.name, self.units["root"], one.name)
        return chains

    @contextmanager
    def as_(self, name: str) -> Iterator[Any]:
        user = User.get_by_id(self.users[name].id)
        with acting_as(identify(user, self.institution)), audit.acting("web", user=user):
            yield

    def submit(self, subject: str, unit: str, by: str, values: dict[str, Any]) -> tuple[Any, Request]:
        area = self.app.extensions["zhangyin"].registry[subject.partition(".")[0]]
        paper_model = next(m for m in area.models if m.__name__ == "Slip")
        paper = records.create(
            paper_model, institution=self.institution, unit=self.units[unit], name="试件", values=values
        )
        with self.as_(by):
            return paper, services.submit(paper, subject)

    def open(self, request: Request) -> list[Task]:
        query = Task.select().where(Task.request == request, Task.state == TaskState.OPEN)
        return list(query.order_by(Task.position))

    def signers(self, task: Task, request: Request) -> set[str]:
        people = People(self.institution, today()).of_task(task, without(request))
        return {person.name for person in people}

    def sign(self, request: Request, by: str, verdict: str = "", opinion: str = "同意") -> None:
        """Decide the open step that is theirs; any step of the request where none is."""
        waiting = self.open(request)
        mine = waiting if len(waiting) == 1 else [t for t in waiting if by in self.signers(t, request)]
        self.decide((mine or waiting or list(Task.select().where(Task.request == request)))[0], by, verdict, opinion)

    def decide(self, task: Task, by: str, verdict: str = "", opinion: str = "同意") -> None:
        agreed = "done" if task.act == Act.CARRY_OUT else "approve"
        with self.as_(by):
            services.decide(task, verdict or agreed, opinion, "password")

    def play(self, play: Play) -> None:
        """From submission to the end: each stage is signed by those expected, and by nobody before its turn."""
        paper, request = self.submit(play.subject, play.unit, play.by, play.values)
        assert request.chain_name == play.chain, f"{play} went to {request.chain_name}"
        for place, stage in enumerate(play.stages):
            tasks = self.open(request)
            found = {task: self.signers(task, request) for task in tasks}
            assert set().union(*found.values()) == set(stage.who), f"{play}, stage {place + 1}"
            assert {task.act for task in tasks} == {Act.CARRY_OUT if stage.carries_out else Act.APPROVE}
            assert _state(request) == State.WAITING
            self.has_not_happened(paper)
            self._nobody_else(tasks[0], play, place)
            for name in stage.who:
                self.decide(next(task for task, signers in found.items() if name in signers), name)
        assert _state(request) == State.APPROVED, f"{play}: {[str(t) for t in self.open(request)]} still waits"
        self.has_happened(paper)

    def has_not_happened(self, paper: Any) -> None:
        """What is applied for waits for all signatures."""
        assert _again(paper).state == "draft"

    def has_happened(self, paper: Any) -> None:
        """What the last signature brings about."""
        assert _again(paper).state == "approved"

    def _nobody_else(self, task: Task, play: Play, place: int) -> None:
        """Whoever signs next cannot sign now; at the first stage, nor can the applicant."""
        turn = set(play.stages[place].who)
        following = play.stages[place + 1].who if place + 1 < len(play.stages) else ()
        for name in dict.fromkeys((*following[:1], *((play.by,) if place == 0 else ()))):
            if name not in turn:
                with pytest.raises(Refused):
                    self.decide(task, name)


@dataclass(frozen=True)
class Stage:
    """Those who sign at the same time, each of them."""

    who: tuple[str, ...]
    carries_out: bool = False


@dataclass(frozen=True)
class Play:
    """A subject from submission to the end. Stages are written as `A`, `A+B` (both), `A!` (carries it out)."""

    chain: str
    order: str
    subject: str = "content.submission"
    values: dict[str, Any] = field(default_factory=dict)
    unit: str = "unit"
    by: str = "applicant"

    @property
    def stages(self) -> list[Stage]:
        return [
            Stage(tuple(part.strip().removesuffix("!").strip().split("+")), part.strip().endswith("!"))
            for part in self.order.split(">")
        ]


def _state(request: Request) -> str:
    return Request.get_by_id(request.id).state


def _again(row: Any) -> Any:
    return type(row).get_by_id(row.id)


@pytest.fixture
def house(app: Flask, acting: Any) -> Iterator[House]:
    registry = app.extensions["zhangyin"].registry
    with app.test_request_context():
        made = create_institution(registry, "示例单位", "other", "Asia/Shanghai", None, [*STAND_INS])
        with acting_as(system(made)):
            yield _house(app, made)


def _house(app: Flask, made: Institution, kind: type[House] = House) -> Any:
    roles = {role.code: role for role in Role.select().where(Role.institution == made)}
    root = Unit.get(Unit.institution == made, Unit.parent.is_null())
    house = kind(app, made, roles, {"root": root})
    for name, parent, kind in (("above", root, "faculty"), ("unit", None, "function")):
        unit = records.create(Unit, institution=made, parent=parent or house.units["above"], name=name, kind=kind)
        records.derive(Unit, Unit.id == unit.id, path=f"{unit.parent.path}{unit.id}/")
        house.units[name] = unit
    house.move_in("above", house.units["above"], "lead", heads=True)
    house.move_in("lead", house.units["unit"], "lead", heads=True)
    house.move_in("applicant", house.units["unit"])
    house.move_in("clerk", house.units["unit"], "clerk")
    house.move_in("publicity", house.units["unit"], "publicity", at=root)
    return house
