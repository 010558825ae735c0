"""Whether Redis answers, known to every page and waited for by none."""

from __future__ import annotations

import threading
import time

from redis import RedisError

from panel.config import Settings
from panel.jobs import queue
from panel.runtime import runtime

EVERY = 10.0  # seconds between two questions
TIMEOUT = 1.0


class Heartbeat:
    """Asks in a thread of its own when a page wants to know and the answer is old; the page gets the last answer."""

    def __init__(self) -> None:
        self.answers = True
        self._asked_at = float("-inf")
        self._lock = threading.Lock()

    def away(self) -> bool:
        """Whether Redis did not answer when it was last asked; costs no query and no waiting."""
        settings = runtime().settings
        if settings.environment != "testing" and self._turn():
            threading.Thread(target=self.ask, args=(settings,), daemon=True, name="redis-heartbeat").start()
        return not self.answers

    def ask(self, settings: Settings) -> bool:
        """Ask now, and wait for the answer."""
        connection = queue.connect(queue.redis_url(settings), socket_timeout=TIMEOUT)
        try:
            connection.ping()
            self.answers = True
        except (RedisError, OSError):
            self.answers = False
        finally:
            connection.close()
        return self.answers

    def _turn(self) -> bool:
        """Whether it is time to ask, and nobody else is about to."""
        with self._lock:
            now = time.monotonic()
            if now - self._asked_at < EVERY:
                return False
            self._asked_at = now
            return True


heartbeat = Heartbeat()
