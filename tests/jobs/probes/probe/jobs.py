"""Work that leaves a trace in a file: `begin N` and `end N` for the run with argument N."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from panel.errors import Refused
from panel.jobs import scheduled, task
from panel.jobs.models import Run
from panel.jobs.queue import progress


def note(trace: str, text: str) -> None:
    with Path(trace).open("a") as out:
        out.write(text + "\n")


@task("probe.write")
def write(run: Run, trace: str, n: int, seconds: float = 0) -> dict[str, Any]:
    note(trace, f"begin {n} {os.getpid()}")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.02)
        progress(run, int(100 * (1 - (until - time.monotonic()) / seconds)), 100)
    note(trace, f"end {n}")
    return {"n": n}


@task("probe.fail")
def fail(run: Run) -> None:
    raise ValueError("broken on purpose")


@task("probe.refuse")
def refuse(run: Run) -> None:
    raise Refused("not like this")


@task("probe.die")
def die(run: Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@task("probe.hang", timeout=1, attempts=1)
def hang(run: Run) -> None:
    while True:
        time.sleep(0.05)


@scheduled("probe.nightly", cron="10 3 * * *")
def nightly(run: Run) -> None:
    """Nothing to do; that it ran is in the ledger."""
