"""Account registers as bytes, and somebody at work to import them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from panel.access.identity import acting_as
from panel.admin.imports import services
from panel.admin.models import ImportRow, ImportRun
from panel.org import services as org
from panel.org.models import Person
from tests.admin.imports.registers import as_xlsx
from tests.cast import World

HEADINGS = ("部门", "平台", "账号名称", "账号ID", "责任人", "联系电话", "运营人", "密码保管人", "开通时间", "备注")
TARGET = "accounts.account"


def line(number: int = 1, **values: Any) -> list[Any]:
    """A row of a register; what is not said is filled in, differently for each number."""
    filled = {
        "部门": "理学院",
        "平台": "微博",
        "账号名称": f"理学院之声{number}",
        "账号ID": f"lxy_{number}",
        "责任人": "陈静",
        "开通时间": "2019.3.12",
        **values,
    }
    return [filled.get(heading) for heading in HEADINGS]


def sheet(*lines: list[Any]) -> bytes:
    return as_xlsx([list(HEADINGS), *lines])


def rows(run: ImportRun, outcome: str | None = None) -> list[ImportRow]:
    query = ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.row_number)
    return [row for row in query if outcome in (None, row.outcome)]


def problems(run: ImportRun) -> list[tuple[int, str, str]]:
    """(sheet row, column, code) of everything that is refused."""
    return [(row.row_number, p["column"], p["code"]) for row in rows(run) for p in row.problems]


@contextmanager
def at_work(app: Any, world: World, name: str = "alice") -> Iterator[World]:
    """One of the cast at work. Not around requests: Flask would take the context, and its user, for theirs."""
    with app.app_context(), acting_as(world.identity(name)):
        yield world


@pytest.fixture
def uni(world: World, app: Any) -> Iterator[World]:
    """The university, with alice, who may do everything, at work in it."""
    with at_work(app, world):
        yield world


@pytest.fixture
def person(uni: World) -> Callable[..., Person]:
    """Enters somebody in the faculty, unless told otherwise."""
    return lambda name, **values: org.hire({"name": name, "unit": uni.faculty, "kind": "staff", **values})


@pytest.fixture
def imported(uni: World) -> Callable[..., ImportRun]:
    """Uploads rows and confirms them."""

    def do(*lines: list[Any], **choices: Any) -> ImportRun:
        run = services.upload(TARGET, "台账.xlsx", sheet(*lines), **choices)
        return services.confirm(run, run.digest)

    return do


def planned(*lines: list[Any], **choices: Any) -> ImportRun:
    """Uploads rows and leaves it at the plan."""
    return services.upload(TARGET, "台账.xlsx", sheet(*lines), **choices)
