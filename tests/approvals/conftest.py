"""The app of these tests has one plugin more: `papers`, whose rows are decided by chains (tests/approvals/subjects).

In the university: bob heads the faculty, carol holds the publicity office at the root, dave heads the office,
alice leads the whole. erin is a clerk of the laboratory, who applies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from panel import audit, create_app, records
from panel.access.identity import acting_as, identify
from panel.access.models import Grant, Role, User
from panel.approvals import services
from panel.approvals.models import Chain, ChainStep, Request, Task, TaskState
from panel.database import db
from panel.org.models import Person
from tests.cast import World
from tests.conftest import _migrate
from tests.services import empty_database

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def panel_app(settings: Any) -> Flask:
    return create_app(replace(settings, plugins=HERE / "subjects"))


@pytest.fixture(scope="session")
def sqlite_template(panel_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _make(panel_app, f"sqlite:///{path}")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(panel_app: Flask, postgres_server: str) -> str:
    url = empty_database(postgres_server, "approvals")  # of its own: it has tables the panel has not
    _make(panel_app, url)
    db.close()
    return url


def _make(app: Flask, url: str) -> None:
    _migrate(app, url)
    db.create_tables(app.extensions["zhangyin"].registry["papers"].models)


@dataclass
class Hall:
    """The university with its signers, and shortcuts to act as one of them."""

    world: World
    roles: dict[str, Role]

    def as_(self, name: str) -> AbstractContextManager[Any]:
        """Whoever it is, at work."""
        return _as(self.world.users[name].id)

    def person(self, name: str) -> Person:
        return Person.get_by_id(self.world.people[name].id)

    def paper(self, name: str = "物理实验室公众号", **values: Any) -> Any:
        from subjects.papers.models import Paper

        given = {"institution": self.world.uni, "unit": self.world.lab, "name": name, **values}
        return records.create(Paper, **given)

    def chain(self, *steps: dict[str, Any], **values: Any) -> Chain:
        """A chain of steps; a step's `role` is a code."""
        given = {"name": f"链{Chain.select().count() + 1}", "subject": "papers.opening", **values}
        chain = records.create(Chain, institution=self.world.uni, **given)
        for position, step in enumerate(steps, 1):
            step = {"name": f"第{position}步", "who": "role", **step}
            if "role" in step:
                step["role"] = self.roles[step["role"]]
            records.create(ChainStep, institution=self.world.uni, chain=chain, position=position, **step)
        return chain

    def submit(self, paper: Any = None, by: str = "erin", note: str = "") -> Request:
        with self.as_(by):
            return services.submit(paper or self.paper(), "papers.opening", note)

    def decide(self, request: Request, by: str, verdict: str = "approve", **values: Any) -> Request:
        """Sign the first open step that is theirs."""
        with self.as_(by):
            return services.decide(self.open(request)[0], verdict, **values)

    def open(self, request: Request) -> list[Task]:
        return list(Task.select().where(Task.request == request, Task.state == TaskState.OPEN).order_by(Task.position))


@contextmanager
def _as(user_id: int) -> Iterator[Any]:
    user = User.get_by_id(user_id)
    identity = identify(user, user.institution)
    with acting_as(identity), audit.acting("web", user=user):
        yield identity


@pytest.fixture
def hall(app: Flask, world: World) -> Iterator[Hall]:
    """The university with bob, carol, dave, alice and erin in their places."""
    uni = world.uni
    permissions = {
        "lead": ["approvals.request.view", "papers.paper.view"],
        "clerk": ["papers.paper.view", "papers.paper.edit"],
        "publicity": ["approvals.request.view", "papers.paper.view"],
        "finance": [],
    }
    roles = {c: records.create(Role, institution=uni, name=c, code=c, permissions=p) for c, p in permissions.items()}
    world.people["erin"] = records.create(Person, institution=uni, unit=world.lab, name="Erin")
    world.users["erin"] = records.create(
        User, institution=uni, username="erin", person=world.people["erin"], display_name="Erin"
    )
    for name in ("bob", "dave"):
        records.update(world.people[name], leads_unit=True)
    for name, role, unit in (
        ("erin", "clerk", world.lab),
        ("carol", "publicity", world.root_unit),
        ("alice", "lead", world.root_unit),
        ("bob", "lead", world.faculty),
    ):
        records.create(Grant, institution=uni, user=world.users[name], role=roles[role], unit=unit)
    with app.test_request_context():
        yield Hall(world, roles)


@pytest.fixture
def line(hall: Hall) -> Callable[[], Request]:
    """A request on a chain of three: head of the unit, publicity office, head of the whole."""
    hall.chain(
        {"role": "lead", "days": 3},
        {"role": "publicity"},
        {"role": "lead", "who": "office", "office": hall.world.root_unit, "name": "分管领导"},
    )
    return hall.submit
