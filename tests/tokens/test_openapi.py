"""The API does what its description says, whatever is sent: schemathesis asks it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import fn
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from panel.admin.view import RecordView
from panel.runtime import Runtime
from panel.tokens import limits
from tests.cast import World
from tests.security.conftest import undone

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
EXAMPLES = 3  # of each operation


@pytest.mark.one_database
def test_nothing_breaks_it_and_every_answer_is_declared(app: Flask, world: World, script: Any, token_of: Any) -> None:
    runtime: Runtime = app.extensions["zhangyin"]
    runtime.settings = replace(runtime.settings, api_per_minute=999)
    secret = token_of("alice")
    bearer = {"Authorization": f"Bearer {secret}"}
    document = app.test_client().get("/api/v1/openapi.json", headers=bearer).json
    assert document["openapi"] == "3.1.0"
    assert {"/api/v1/accounts/account", "/api/v1/org/unit/{id}"} <= set(document["paths"])
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=bearer)
    operations = [found.ok() for found in schema.get_all_operations()]
    asked: Counter[int] = Counter()
    with app.app_context():
        for operation in operations:
            ask_about(operation, newest(runtime, operation.path), bearer, asked)
    assert asked[200] > len(operations) // 3, asked
    assert {200, 404, 422} <= set(asked), asked


def ask_about(operation: Any, known: int, bearer: dict[str, str], asked: Counter[int]) -> None:
    """A few requests to one operation, some of them about a row that is there; all is undone."""

    @given(case=operation.as_strategy(), real=st.booleans())
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any, real: bool) -> None:
        limits._used.clear()
        if real and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = known
        with undone():
            answer = case.call_and_validate(headers=bearer, checks=CHECKS)
        asked[answer.status_code] += 1

    ask()


def newest(runtime: Runtime, path: str) -> int:
    """The id of a row of the model behind a path, or 1."""
    area, _slash, name = path.removeprefix("/api/v1/").removesuffix("/{id}").partition("/")
    for page in runtime.pages:
        if isinstance(page, RecordView) and page.url == f"/{area}/{name}":
            return page.model.select(fn.MAX(page.model.id)).scalar() or 1
    return 1
