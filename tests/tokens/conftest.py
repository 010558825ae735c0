"""A token and what a script sends with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel import audit
from panel.access.identity import acting_as
from panel.tokens import limits, services
from tests.cast import World

API = "/api/v1"
Script = Callable[..., Any]


@pytest.fixture
def token_of(app: Flask, world: World) -> Callable[..., str]:
    """Make a token of somebody of the cast: all they may, or these permissions, everywhere or in a unit."""

    def make(name: str, permissions: Any = None, unit: Any = None) -> str:
        identity = world.identity(name)
        held = {p for permissions, _path in identity.rights.grants for p in permissions if not p.startswith("tokens.")}
        with app.test_request_context(), acting_as(identity), audit.acting("web", user=world.user(name)):
            return services.make(f"{name} script", permissions or held, unit, 30)[1]

    return make


@pytest.fixture
def script(app: Flask, token_of: Callable[..., str]) -> Iterator[Script]:
    """Requests of a script: `script("GET", "/org/unit", "alice")`; JSON by `json=`."""
    limits._used.clear()
    runtime = app.extensions["zhangyin"]
    before = runtime.settings
    client: FlaskClient = app.test_client()
    secrets: dict[str, str] = {}

    def ask(method: str, path: str, who: str = "alice", secret: str | None = None, **more: Any) -> Any:
        if secret is None:
            secret = secrets.get(who) or secrets.setdefault(who, token_of(who))
        return client.open(API + path, method=method, headers={"Authorization": f"Bearer {secret}"}, **more)

    yield ask
    limits._used.clear()
    runtime.settings = before
