"""Every list keeps to its budget of queries, however many rows it shows and whatever they refer to.

tests/query_budgets.json is raised on purpose only: who asks (1), what stands around the rows (1), the rows with all
they refer to (1), children of the rows (at most 1).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from panel.access.models import User
from panel.checks.saving import recording
from panel.database import db, transaction
from panel.org.models import Owned
from tests.cast import World
from tests.factory import make_rows

BUDGETS = Path(__file__).with_name("query_budgets.json")
MOST = 4
ROWS = 6  # more than the largest budget, so that a query for each row shows
ONLY = {"access_sign_on"}  # of which an institution has one


def lists_of(app: Flask) -> list[Any]:
    return [page for page in app.extensions["zhangyin"].pages if hasattr(page, "filter_objects")]


def queries_of(client: FlaskClient, address: str) -> list[str]:
    """The statements one request costs, once the process is warm."""
    client.get(address)
    seen: list[str] = []
    hook = lambda event: seen.append(event.sql)  # noqa: E731
    db.obj.query_hooks.append(hook)
    try:
        answer = client.get(address)
    finally:
        db.obj.query_hooks.remove(hook)
    assert answer.status_code in (200, 302), address  # a list of one row leads to that row
    return [sql for sql in seen if sql.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE"))]


def test_every_list_has_a_budget_and_keeps_it(
    app: Flask, world: World, client_of: Callable[[User | None], FlaskClient]
) -> None:
    budgets = json.loads(BUDGETS.read_text(encoding="utf-8"))
    views = lists_of(app)
    assert set(budgets) == {view.endpoint for view in views}, "tests/query_budgets.json lists other pages"
    assert max(budgets.values()) <= MOST
    client = client_of(world.user("root"))
    with app.test_request_context():
        addresses = {view.endpoint: f"{view.address}?cols={','.join(view.column_objects)}" for view in views}
    over = {}
    for view in views:
        if issubclass(view.model, Owned):
            with app.app_context(), recording(), transaction():  # what checks find in them is found once
                make_rows(view.model, world.uni, 1 if view.endpoint in ONLY else ROWS)
        asked = queries_of(client, addresses[view.endpoint])
        if len(asked) > budgets[view.endpoint]:
            over[view.endpoint] = asked
    assert not over
