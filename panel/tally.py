"""How much waits for somebody, for the top bar: remembered for a minute, so that a page costs no query for it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from panel.access.identity import Identity

REMEMBER = 60  # seconds
MOST = 1000  # people remembered


class Tally:
    """What `count` gives for an identity, counted anew after a minute or when something was done."""

    def __init__(self, count: Callable[[Identity], int]) -> None:
        self._count = count
        self._known: OrderedDict[tuple[int, int, int], tuple[float, int]] = OrderedDict()

    def of(self, identity: Identity | None) -> int:
        """The number for somebody; 0 for whoever is no person here."""
        if identity is None or identity.user is None or identity.user.person_id is None:
            return 0
        key = (identity.user.id, identity.user.epoch, identity.institution.id)
        at, count = self._known.get(key, (0.0, 0))
        if not at or time.monotonic() - at > REMEMBER:
            count = self._count(identity)
            self._known[key] = (time.monotonic(), count)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return count

    def forget(self) -> None:
        """Count anew: somebody has just done something."""
        self._known.clear()
