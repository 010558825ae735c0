"""The supervisor with real processes: order, restarts, limits, and that nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPT = """
import sys
from panel.supervisor import Patience, Program, Supervisor
sh = lambda text: ["/bin/sh", "-c", text]
patience = Patience(first_delay=0.05, longest_delay=0.2, limit=4, ready=1)
programs = {programs}
sys.exit(Supervisor(programs, patience).run(lambda: print("READY", flush=True)))
"""
PIDS = "echo $$ >> {name}; sleep 60 & echo $! >> {name}; wait"


class Supervised:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, programs: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(programs=programs)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )

    def pids(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def read_until(self, text: str) -> str:
        assert self.process.stdout is not None
        seen = ""
        for line in self.process.stdout:
            seen += line
            if text in line:
                return seen
        pytest.fail(f"{text!r} never came: {seen}")

    def end(self, sig: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(sig)
        out, _err = self.process.communicate(timeout=20)
        return self.process.returncode, out


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    started: list[Supervised] = []

    def start(programs: str) -> Supervised:
        started.append(Supervised(tmp_path, programs))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_killed_child_comes_back_and_its_grandchildren_go(supervise: Callable[[str], Supervised]) -> None:
    tree = supervise(f"[Program('web', sh({PIDS.format(name='web')!r}))]")
    tree.read_until("READY")
    wait_for(lambda: len(tree.pids("web")) == 2)
    child, grandchild = tree.pids("web")
    os.kill(child, signal.SIGKILL)
    assert "web was killed by SIGKILL; starting it again" in tree.read_until("again")
    wait_for(lambda: len(tree.pids("web")) == 4)
    assert not is_alive(grandchild)
    assert tree.end()[0] == 0
    wait_for(lambda: not any(map(is_alive, tree.pids("web"))))


def test_it_gives_up_says_what_failed_and_ends_the_others(supervise: Callable[[str], Supervised]) -> None:
    tree = supervise(f"[Program('good', sh({PIDS.format(name='good')!r})), Program('bad', sh('echo no disk; exit 3'))]")
    out, _err = tree.process.communicate(timeout=20)
    assert tree.process.returncode == 1
    assert out.count(" bad | no disk") == 4
    assert "bad ended with status 3; giving up" in out
    assert "bad failed 4 times in a row, so everything is stopped. Its last words:" in out
    assert out.rstrip().endswith("no disk")
    assert not any(map(is_alive, tree.pids("good")))


def test_delays_grow(supervise: Callable[[str], Supervised]) -> None:
    out, _err = supervise("[Program('bad', sh('exit 1'))]").process.communicate(timeout=20)
    assert [line.rsplit(" in ", 1)[1] for line in out.splitlines() if "again in" in line] == [
        "0.05 s",
        "0.1 s",
        "0.2 s",
    ]


def test_the_next_starts_when_the_one_before_is_ready_or_done(supervise: Callable[[str], Supervised]) -> None:
    programs = """[
        Program('redis', sh('echo up; touch up; sleep 60'), ready=lambda: __import__('os').path.exists('up')),
        Program('migrate', sh('test -e up && echo migrated && touch done'), once=True),
        Program('web', sh('test -e done && echo serving; sleep 60')),
    ]"""
    tree = supervise(programs)
    out = tree.read_until("serving")
    assert [line.split(" | ")[1].strip() for line in out.splitlines() if " | " in line] == ["up", "migrated", "serving"]


def test_a_failed_preparation_is_final(supervise: Callable[[str], Supervised]) -> None:
    programs = "[Program('migrate', sh('echo no such column; exit 2'), once=True), Program('web', sh('touch started'))]"
    tree = supervise(programs)
    out, _err = tree.process.communicate(timeout=20)
    assert tree.process.returncode == 1
    assert "migrate ended with status 2; giving up" in out
    assert not (tree.folder / "started").exists()


def test_one_that_never_answers_is_ended_and_given_up(supervise: Callable[[str], Supervised]) -> None:
    tree = supervise("[Program('deaf', sh('sleep 60'), ready=lambda: False)]")
    assert "deaf does not answer after 1 s" in tree.read_until("does not answer")


def test_a_false_start_is_mended_once(supervise: Callable[[str], Supervised]) -> None:
    programs = """[Program('redis', sh('test -e clean || exit 1; touch up; sleep 60'),
        ready=lambda: __import__('os').path.exists('up'),
        on_false_start=lambda: open('clean', 'w').close() or 'mended')]"""
    tree = supervise(programs)
    assert tree.read_until("READY").count("| mended") == 1
    assert tree.end()[0] == 0


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_reverse_order(supervise: Callable[[str], Supervised], sig: signal.Signals) -> None:
    one = "trap 'echo {0} ends; exit 0' TERM; echo {0} is up; while :; do sleep 0.05; done"
    tree = supervise(f"[Program(n, sh({one!r}.replace('{{0}}', n))) for n in ('first', 'second')]")
    tree.read_until("second is up")
    status, out = tree.end(sig)
    assert status == 0
    assert [line.split(" | ")[1] for line in out.splitlines() if "ends" in line] == ["second ends", "first ends"]


def test_a_second_signal_ends_the_patience(supervise: Callable[[str], Supervised]) -> None:
    tree = supervise("[Program('stubborn', sh('trap \"\" TERM; echo up; while :; do sleep 0.05; done'))]")
    tree.read_until("| up")
    began = time.monotonic()
    tree.process.terminate()
    time.sleep(0.3)
    tree.end()
    assert time.monotonic() - began < 5


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere our own commands watch their parent themselves")
def test_killing_the_supervisor_leaves_nothing(supervise: Callable[[str], Supervised]) -> None:
    tree = supervise("[Program('web', ['/bin/sleep', '61']), Program('db', ['/bin/sleep', '62'])]")
    tree.read_until("READY")
    children = [int(p) for p in Path(f"/proc/{tree.process.pid}/task/{tree.process.pid}/children").read_text().split()]
    assert len(children) == 2
    tree.process.kill()
    wait_for(lambda: not any(map(is_alive, children)))
