"""The app of these tests has one plugin more: `samples`, a model with every kind of field (tests/admin/areas)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from panel import config, create_app
from panel.database import db
from tests.conftest import _migrate
from tests.services import empty_database

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def panel_app(settings: config.Settings) -> Flask:
    return create_app(replace(settings, plugins=HERE / "areas"))


@pytest.fixture(scope="session")
def sqlite_template(panel_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _make(panel_app, f"sqlite:///{path}")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(panel_app: Flask, postgres_server: str) -> str:
    url = empty_database(postgres_server, "admin")  # of its own: it has tables the panel has not
    _make(panel_app, url)
    db.close()
    return url


def _make(app: Flask, url: str) -> None:
    _migrate(app, url)
    db.create_tables(app.extensions["zhangyin"].registry["samples"].models)


@pytest.fixture
def items(world: Any) -> list[Any]:
    """Twelve items: eight of the faculty and its laboratory, four of the office."""
    from areas.samples.models import Item
    from areas.samples.services import tag

    from panel import records

    made = []
    for number in range(12):
        unit = world.office if number >= 8 else world.lab if number % 2 else world.faculty
        made.append(
            records.create(
                Item,
                institution=world.uni,
                name=f"物品{number:02}",
                code=f"N-{number}",
                kind=["new", "used", "lost"][number % 3],
                unit=unit,
                owner=world.people["bob" if number % 2 else "alice"],
                deputy=world.people["carol"] if number % 4 == 0 else None,
                price=number * 1050,
            )
        )
    tag(made[0], "贵重", "易碎")
    return made
