"""A small process supervisor: starts programs in order, restarts what dies, ends all in reverse.

One thread and one selector: output, deaths and signals all wake the same loop, so nothing is polled while all is well.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from panel import lifeline


@dataclass(frozen=True)
class Program:
    """One child process. `ready` is asked until it says yes before the next program starts."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None
    once: bool = False  # runs to its end before the next one starts; its failure is final
    on_false_start: Callable[[], str] | None = (
        None  # called once when it ends before it was ever ready; tells what it did
    )
    grace: float = 10.0  # seconds between SIGTERM and SIGKILL
    death_signal: signal.Signals = signal.SIGTERM  # what it gets when the supervisor is killed
    environ: Mapping[str, str] = field(default_factory=dict)
    keep_fds: tuple[int, ...] = ()
    mute: str = ""  # a regular expression: lines of its output that help nobody


class Child:
    """A program's present process and its past."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.failures = 0  # in a row
        self.retry_at: float | None = None
        self.was_ready = program.ready is None
        self.partial = b""
        self.last_lines: deque[str] = deque(maxlen=12)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass(frozen=True)
class Patience:
    """How long a supervisor waits, in seconds, and how often it tries."""

    first_delay: float = 0.5  # doubled with each failure in a row
    longest_delay: float = 30.0
    limit: int = 7  # failures in a row before giving up: about a minute
    steady: float = 60.0  # after this long alive, earlier failures are forgotten
    ready: float = 60.0


class Supervisor:
    """Runs programs until told to stop (SIGTERM, SIGINT, SIGHUP) or until one cannot be kept alive."""

    def __init__(
        self, programs: Sequence[Program], patience: Patience | None = None, out: IO[str] | None = None
    ) -> None:
        self.children = [Child(program) for program in programs]
        self.patience = patience or Patience()
        self.out = out or sys.stdout
        self.width = max(len(program.name) for program in programs)
        self.stop_signals = 0
        self.failed: Child | None = None
        self.selector = selectors.DefaultSelector()

    def run(self, on_ready: Callable[[], None] | None = None) -> int:
        """Start, keep alive, stop. Gives the exit status: 0 when asked to stop, 1 when a program was given up."""
        restore = self._catch_signals()
        try:
            if all(self._start(child) for child in self.children):
                if on_ready:
                    on_ready()
                while not self._ending:
                    self._step(None)
            if self.failed:
                self._explain(self.failed)
        finally:
            self._stop_all()
            restore()
        return 1 if self.failed else 0

    @property
    def _ending(self) -> bool:
        return bool(self.stop_signals or self.failed)

    # ── starting ────────────────────────────────────────────────────────────────────────

    def _start(self, child: Child) -> bool:
        """Start a program and wait until it is ready (or, of one that runs once, done). False: do not go on."""
        self._spawn(child)
        if child.program.once:
            while child.process and not self._ending:
                self._step(None)
            return not self._ending
        while not child.was_ready and not self._ending:
            self._step(0.05)
            if child.alive and child.program.ready and child.program.ready():
                child.was_ready = True
            elif child.alive and time.monotonic() - child.started_at > self.patience.ready:
                self.say(f"{child.program.name} does not answer after {self.patience.ready:.0f} s")
                self._kill_group(child, signal.SIGKILL)
        return not self._ending

    def _spawn(self, child: Child) -> None:
        program, parent = child.program, os.getpid()

        def before_exec() -> None:
            os.setpgrp()  # a Ctrl-C at the terminal reaches us alone, and we end the group as one
            if sys.platform == "linux":
                lifeline.tie_to_parent(parent, program.death_signal)

        child.retry_at, child.partial, child.started_at = None, b"", time.monotonic()
        child.process = subprocess.Popen(
            list(program.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **program.environ, lifeline.SUPERVISOR: str(parent), "PYTHONUNBUFFERED": "1"},
            pass_fds=program.keep_fds,
            preexec_fn=before_exec,  # safe: there is no second thread
        )
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    # ── keeping alive ───────────────────────────────────────────────────────────────────

    def _step(self, longest: float | None) -> None:
        """Wait for output, a death, a signal, a retry that is due, or `longest` seconds; deal with it."""
        due = [child.retry_at for child in self.children if child.retry_at is not None]
        wait = min(
            [*([longest] if longest is not None else []), *(max(0.0, t - time.monotonic()) for t in due)], default=None
        )
        for key, _events in self.selector.select(wait):
            if key.data is None:
                os.read(key.fd, 4096)  # the wake-up pipe: a signal came in
            else:
                self._forward(key.data)
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._buried(child)
            if child.retry_at is not None and child.retry_at <= time.monotonic() and not self._ending:
                self._spawn(child)

    def _buried(self, child: Child) -> None:
        """A child has ended: note why, and when to try again, or that there is no sense in it."""
        process, program = child.process, child.program
        assert process is not None
        self._forward(child)
        self._close_output(child)
        self._kill_group(child, signal.SIGKILL)  # grandchildren it left behind
        child.process = None
        if self._ending or (program.once and process.returncode == 0):
            return
        if time.monotonic() - child.started_at >= self.patience.steady:
            child.failures = 0
        child.failures += 1
        how = _how_it_ended(process.returncode)
        if program.once or child.failures >= self.patience.limit:
            self.say(f"{program.name} {how}; giving up")
            self.failed = child
            return
        delay = min(self.patience.longest_delay, self.patience.first_delay * 2 ** (child.failures - 1))
        child.retry_at = time.monotonic() + delay
        self.say(f"{program.name} {how}; starting it again in {delay:g} s")
        if not child.was_ready and child.failures == 1 and program.on_false_start:
            self.say(program.on_false_start(), program.name)

    def _explain(self, child: Child) -> None:
        times = f" {child.failures} times in a row" if child.failures > 1 else ""
        self.say(f"{child.program.name} failed{times}, so everything is stopped. Its last words:")
        for line in child.last_lines:
            self.say(f"    {line}")

    # ── stopping ────────────────────────────────────────────────────────────────────────

    def _stop_all(self) -> None:
        """End the children in reverse order, each with its grace; a second signal cuts the grace short."""
        self.stop_signals = max(1, self.stop_signals)
        for child in reversed(self.children):
            child.retry_at = None
            if child.process is None:
                continue
            deadline = time.monotonic() + child.program.grace
            child.process.terminate()
            while child.alive and time.monotonic() < deadline and self.stop_signals < 2:
                self._step(0.1)
            if child.process is not None:
                self._kill_group(child, signal.SIGKILL)
                child.process.wait()
                self._buried(child)
        self.selector.close()

    def _kill_group(self, child: Child, sig: signal.Signals) -> None:
        assert child.process is not None
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(child.process.pid, sig)

    def _catch_signals(self) -> Callable[[], None]:
        read_end, write_end = os.pipe()
        for end in (read_end, write_end):
            os.set_blocking(end, False)
        self.selector.register(read_end, selectors.EVENT_READ, None)
        old_wakeup = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)

        def asked_to_stop(_number: int, _frame: object) -> None:
            self.stop_signals += 1

        numbers = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            numbers.append(signal.SIGHUP)
        old = {number: signal.signal(number, asked_to_stop) for number in numbers}
        old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the selector

        def restore() -> None:
            for number, handler in old.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(old_wakeup)
            os.close(read_end)
            os.close(write_end)

        return restore

    # ── output ──────────────────────────────────────────────────────────────────────────

    def say(self, text: str, name: str = "panel") -> None:
        """One line on the terminal, marked with who says it."""
        with suppress(OSError):  # the terminal may be gone; that is no reason to end
            print(f"{name:>{self.width}} | {text}", file=self.out, flush=True)

    def _forward(self, child: Child) -> None:
        """Pass on what a child has written, line by line."""
        stream = child.process.stdout if child.process else None
        while stream is not None and not stream.closed:
            try:
                data = os.read(stream.fileno(), 65536)
            except BlockingIOError:
                return
            if not data:
                self._close_output(child)
            *lines, child.partial = (child.partial + data).split(b"\n")
            if child.partial and (not data or len(child.partial) > 65536):
                lines, child.partial = [*lines, child.partial], b""
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                child.last_lines.append(text)
                if not (child.program.mute and re.search(child.program.mute, text)):
                    self.say(text, child.program.name)

    def _close_output(self, child: Child) -> None:
        stream = child.process.stdout if child.process else None
        if stream is not None and not stream.closed:
            self.selector.unregister(stream)
            stream.close()


def _how_it_ended(status: int) -> str:
    return f"ended with status {status}" if status >= 0 else f"was killed by {signal.Signals(-status).name}"
