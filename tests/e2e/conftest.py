"""A real `panel serve` for the browser tests, in a folder, on a port and with an environment of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")


class Served:
    """A panel started as an administrator starts it: `panel serve` or `panel demo`."""

    def __init__(self, folder: Path, word: str = "serve") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.instance, self.output = folder / "instance", folder / "terminal"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PANEL_", "PYTEST", "LC_", "LANG"))}
        env = {**kept, "LANG": "C.UTF-8", "PANEL_INSTANCE": str(self.instance), "PANEL_PORT": str(port)}
        with self.output.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "panel", word], env=env, stdout=out, stderr=out, cwd=folder
            )

    def terminal(self) -> str:
        """What the terminal shows."""
        return self.output.read_text()

    def address(self) -> str:
        """The address the terminal shows, once it does: of the set-up page with its token, where that is due."""
        deadline = time.monotonic() + 60
        while not (found := ADDRESS.search(self.terminal())):
            assert self.process.poll() is None, self.terminal()
            assert time.monotonic() < deadline, self.terminal()
            time.sleep(0.05)
        return found.group()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def served(chromium: str) -> Iterator[Served]:
    """An empty panel. Asks for the browser first: without one there is nothing to start it for."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        panel = Served(Path(folder))
        yield panel
        panel.stop()
