"""How often a token may be used: so many requests in any minute. Each web process counts for itself."""

from __future__ import annotations

import threading
import time
from collections import deque

from panel.runtime import runtime

_used: dict[int, deque[float]] = {}
_lock = threading.Lock()


def wait_for(token_id: int, now: float | None = None) -> int:
    """Count one request of a token; gives 0, or the seconds to wait where there were too many."""
    now = time.monotonic() if now is None else now
    most = runtime().settings.api_per_minute
    with _lock:
        if len(_used) > 10_000:
            for idle in [key for key, times in _used.items() if not times or times[-1] < now - 60]:
                del _used[idle]
        times = _used.setdefault(token_id, deque())
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= most:
            return int(times[0] + 60 - now) + 1
        times.append(now)
    return 0
