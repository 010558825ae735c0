"""`panel serve`: the real tree of processes, killed at every joint."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from panel import config, redis_server
from panel.errors import Refused
from panel.serve import instance_lock, listening
from tests.jobs.conftest import PROBES
from tests.test_supervisor import is_alive, wait_for


class Panel:
    """`panel serve` on an instance folder of its own."""

    def __init__(self, instance: Path, port: int = 0) -> None:
        self.instance, self.port = instance, port or free_port()
        self.output = instance.parent / f"output-{time.monotonic_ns()}"
        env = {k: v for k, v in os.environ.items() if not k.startswith("PANEL_")}
        env |= {"PANEL_INSTANCE": str(instance), "PANEL_PLUGINS": str(PROBES), "PANEL_PORT": str(self.port)}
        with self.output.open("w") as out:
            command = [sys.executable, "-P", "-m", "panel", "serve"]
            self.process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=instance.parent)

    def text(self) -> str:
        return self.output.read_text()

    def until_up(self) -> Panel:
        wait_for(lambda: f"http://127.0.0.1:{self.port}/" in self.text() or self.process.poll() is not None, 30)
        assert self.process.poll() is None, self.text()
        return self

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def tree(self) -> dict[str, int]:
        """The direct children by what they are: redis, worker, scheduler, web."""
        found = {}
        for line in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            try:
                words = Path(f"/proc/{line}/cmdline").read_bytes().decode().split("\0")
            except FileNotFoundError:  # ended this moment
                continue
            name = "redis" if "redis.sock" in " ".join(words) else next((w for w in words if w in NAMES), "")
            found[name] = int(line)
        return found

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


pytestmark = pytest.mark.xdist_group("serve")  # all share one panel
NAMES = ("worker", "scheduler", "web")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def everything_below(pid: int) -> list[int]:
    """All processes under one, it included."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += everything_below(int(child))
    return found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """A panel in a folder with too long a path for a socket, and with Redis data that cannot be read."""
    instance = tmp_path_factory.mktemp("serve") / ("很长的路径" * 8) / "instance"
    manifest = instance / "redis/appendonlydir/appendonly.aof.manifest"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("not a manifest\n")
    panel = Panel(instance)
    try:
        yield panel.until_up()
    finally:
        panel.process.kill()
        panel.process.wait()
        shutil.rmtree(redis_server.socket_path(instance).parent)


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Panel]]:
    started: list[Panel] = []

    def launch(instance: Path | None = None, port: int = 0) -> Panel:
        folder = instance or tmp_path / "instance"
        folder.parent.mkdir(parents=True, exist_ok=True)
        started.append(Panel(folder, port))
        return started[-1]

    yield launch
    for panel in started:
        panel.process.kill()
        panel.process.wait()


@linux
def test_it_consists_of_redis_worker_scheduler_and_web(up: Panel) -> None:
    assert up.answers()
    wait_for(lambda: set(up.tree()) == {"redis", *NAMES})


def test_the_socket_of_an_instance_with_a_long_path_lies_elsewhere_and_is_ours_alone(up: Panel) -> None:
    far = redis_server.socket_path(up.instance)
    assert not far.is_relative_to(up.instance)
    assert redis_server.answers(redis_server.url(up.instance))
    assert [oct(path.stat().st_mode & 0o777) for path in (far, far.parent)] == ["0o700", "0o700"]


def test_redis_data_that_cannot_be_read_is_set_aside(up: Panel) -> None:
    (aside,) = up.instance.glob("redis.unreadable-*")
    assert f"what it kept is now in {aside}" in up.text()


@linux
@pytest.mark.parametrize("name", ["redis", *NAMES])
def test_what_is_killed_comes_back(up: Panel, name: str) -> None:
    before = up.tree()
    os.kill(before[name], signal.SIGKILL)
    wait_for(lambda: up.tree().get(name, before[name]) != before[name])
    wait_for(up.answers)
    address = redis_server.url(up.instance)
    wait_for(lambda: redis_server.answers(address))
    assert {n: pid for n, pid in up.tree().items() if n != name} == {n: p for n, p in before.items() if n != name}


def test_a_second_process_on_the_same_folder_is_refused(up: Panel, launch: Callable[..., Panel]) -> None:
    second = launch(up.instance)
    assert second.process.wait(20) == 1
    assert str(up.process.pid) in second.text()
    assert f"127.0.0.1:{up.port}" in second.text()
    assert "Traceback" not in second.text()
    assert up.answers()


def test_a_second_process_on_the_same_port_is_refused(up: Panel, launch: Callable[..., Panel]) -> None:
    second = launch(port=up.port)
    assert second.process.wait(20) == 1
    assert str(up.port) in second.text()
    assert "Traceback" not in second.text()
    assert not (second.instance / "panel.db").exists()
    assert up.answers()


@linux
def test_killing_it_leaves_nothing_and_it_starts_again_and_ends(up: Panel, launch: Callable[..., Panel]) -> None:
    pids = everything_below(up.process.pid)
    assert len(pids) >= 5
    up.process.kill()
    wait_for(lambda: not any(map(is_alive, pids)))
    again = launch(up.instance, up.port).until_up()
    assert again.answers()
    pids = everything_below(again.process.pid)
    assert again.end() == 0
    assert not any(map(is_alive, pids)), again.text()


def test_an_address_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(Refused, match=r"192\.0\.2\.1"), listening("192.0.2.1", 8000):
        pass


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file/instance")  # root may write anywhere, but not below a file
    panel = Panel(tmp_path / "link")
    assert panel.process.wait(120) == 1
    assert str(tmp_path / "file/instance") in panel.text()
    assert "Traceback" not in panel.text()


def test_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    settings = config.Settings(instance=tmp_path)
    with instance_lock(settings), pytest.raises(Refused, match=str(os.getpid())), instance_lock(settings):
        pass
    with instance_lock(settings):
        pass
