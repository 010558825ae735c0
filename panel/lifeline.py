"""Children that do not outlive their parent, however the parent ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
SUPERVISOR = (
    "ZHANGYIN_SUPERVISOR"  # environment variable: the process id of whoever started us and must not be outlived
)


def tie_to_parent(parent: int, sig: signal.Signals = signal.SIGTERM) -> None:
    """Send this process `sig` when `parent` (its parent's process id) ends.

    Linux's kernel does it, also across exec; elsewhere a thread watches, so call it again after exec.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), sig)
    else:
        threading.Thread(target=_watch, args=(parent, sig), daemon=True, name="lifeline").start()


def _watch(parent: int, sig: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), sig)


def tie_to_supervisor(sig: signal.Signals = signal.SIGTERM) -> None:
    """What a supervised command does first where the kernel cannot do it for us."""
    parent = os.getppid()
    if _libc is None and os.environ.get(SUPERVISOR) == str(parent):
        tie_to_parent(parent, sig)
