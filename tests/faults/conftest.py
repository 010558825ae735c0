"""A panel of real processes that can be killed, and thousands of people to remind through a real HTTP server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from panel.access.identity import acting_as
from panel.access.models import User
from panel.database import db, inside_verb, utcnow
from panel.notify import services
from panel.notify.models import Channel, Delivery
from panel.obligations.models import Obligation
from panel.org.models import Person
from tests.cast import World
from tests.notify.sinks import WebSink, web_server
from tests.services import RedisServer, redis_in

ROOT = Path(__file__).parents[2]


class House:
    """The processes of a panel on this test's database and Redis."""

    def __init__(self, environ: dict[str, str], redis: RedisServer, sink: WebSink) -> None:
        self.environ, self.redis, self.sink = environ, redis, sink
        self.processes: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, kind: str) -> None:
        command = [sys.executable, "-m", "tests.faults.process", kind]
        process = subprocess.Popen(command, env=self.environ, cwd=ROOT, stderr=subprocess.DEVNULL)
        self.processes.append((kind, process))

    def kill(self, kind: str) -> None:
        """kill -9 the longest running process of a kind, with what hangs on it."""
        found = next(entry for entry in self.processes if entry[0] == kind and entry[1].poll() is None)
        found[1].send_signal(signal.SIGKILL)
        found[1].wait()
        self.processes.remove(found)

    def stop(self) -> None:
        for _kind, process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()

    @property
    def arrived(self) -> Counter[str]:
        """How often each delivery arrived."""
        return Counter(headers["Idempotency-Key"] for _path, headers, _body in list(self.sink.posts))


@pytest.fixture
def house(app: Flask, world: World, database: str, tmp_path: Path) -> Iterator[House]:
    """The processes' settings, a Redis of their own and the sink; nothing runs yet."""
    runtime = app.extensions["zhangyin"]
    before = runtime.settings
    with web_server() as sink:
        for redis in redis_in(tmp_path / "r"):
            runtime.settings = replace(before, redis=redis.url, local_targets=True, instance=tmp_path)
            environ = {
                **os.environ,
                "PANEL_INSTANCE": str(tmp_path),
                "PANEL_ENVIRONMENT": "testing",
                "PANEL_DATABASE": database,
                "PANEL_REDIS": redis.url,
                "PANEL_LOCAL_TARGETS": "true",
                "PANEL_LOG_LEVEL": "ERROR",
            }
            running = House(environ, redis, sink)
            yield running
            running.stop()
    runtime.settings = before


@pytest.fixture
def crowd(app: Flask, world: World, house: House) -> Callable[..., Channel]:
    """So many people, each with something due for three days, and a channel that tells them one by one."""

    def make(count: int) -> Channel:
        with app.test_request_context(), acting_as(world.identity("alice")):
            channel = services.add_channel(
                {"kind": "webhook", "name": "汇", "secrets": {"url": f"{house.sink.url}/hook"}}
            )
        since = utcnow() - timedelta(days=3)
        common = {"institution": world.uni.id, "unit": world.lab.id}
        with inside_verb(), db.atomic():
            for start in range(0, count, 500):
                people = [{**common, "name": f"P{n}"} for n in range(start, min(count, start + 500))]
                Person.insert_many(people).execute()
            User.update(active=False).where(User.username != "alice").execute()
            ids = [i for (i,) in Person.select(Person.id).where(Person.unit == world.lab).tuples()]
            rows: list[dict[str, Any]] = [
                {
                    **common,
                    "kind": "obligations.duty",
                    "subject_type": "obligations.duty",
                    "subject_id": -person,
                    "subject_text": f"事项 {person}",
                    "person": person,
                    "due_on": since.date(),
                    "next_at": since,
                }
                for person in ids
            ]
            for start in range(0, count, 500):
                Obligation.insert_many(rows[start : start + 500]).execute()
        return channel

    return make


def eventually(condition: Callable[[], Any], seconds: float) -> None:
    deadline = time.monotonic() + 4 * seconds  # a busy machine is no fault; what is asked for is that it arrives
    while not condition():
        if time.monotonic() > deadline:
            states = Counter(str(d.state) for d in Delivery.select(Delivery.state))
            raise AssertionError(f"not in time; deliveries: {states}, obligations looked at: {_reached()}")
        time.sleep(0.1)


def _reached() -> int:
    return Obligation.select().where(Obligation.reached.is_null(False)).count()
