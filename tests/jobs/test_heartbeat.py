"""Pages say that Redis is away, without waiting for it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel.jobs.heartbeat import EVERY, Heartbeat, heartbeat
from tests.cast import World

NOTICE = "后台任务暂停"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    heartbeat.answers, heartbeat._asked_at = True, float("-inf")


@pytest.mark.one_database
def test_every_page_says_so_and_stops_saying_so(
    world: World, app: Flask, client_of: Callable[..., FlaskClient], redis_url: str
) -> None:
    settings = app.extensions["zhangyin"].settings
    client = client_of(world.user("alice"))
    assert not heartbeat.ask(replace(settings, redis="redis://127.0.0.1:9/0"))
    for page in ("/", "/account", "/accounts/account/"):
        assert NOTICE in client.get(page).text
    assert NOTICE not in client_of(None).get("/login").text
    assert heartbeat.ask(replace(settings, redis=redis_url))
    assert NOTICE not in client.get("/").text


@pytest.mark.one_database
def test_no_page_waits_for_a_redis_that_hangs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener that never answers: the first page still gets the last answer at once, and one thread asks."""
    with socket.create_server(("127.0.0.1", 0)) as silent, app.app_context():
        port = silent.getsockname()[1]
        runtime = app.extensions["zhangyin"]
        monkeypatch.setattr(
            runtime, "settings", replace(runtime.settings, environment="production", redis=f"redis://127.0.0.1:{port}")
        )
        asking = Heartbeat()
        begun = time.monotonic()
        for _page in range(200):
            assert not asking.away()
        assert time.monotonic() - begun < 0.5
        threads = [t for t in threading.enumerate() if t.name == "redis-heartbeat"]
        assert len(threads) == 1
        threads[0].join(10)
        assert asking.away()
        asking._asked_at -= EVERY
        asking.away()
        assert [t for t in threading.enumerate() if t.name == "redis-heartbeat"], "asked again when the answer is old"
