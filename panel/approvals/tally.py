"""How much one has to decide, for the top bar: remembered for a minute, so that a page costs no query for it."""

from __future__ import annotations

import time
from collections import OrderedDict

from panel.access.identity import Identity
from panel.approvals.seats import waiting_for

REMEMBER = 60  # seconds

_known: OrderedDict[tuple[int, int, int], tuple[float, int]] = OrderedDict()


def tally(identity: Identity) -> int:
    """How many steps wait for somebody's signature."""
    if identity.user is None or identity.user.person_id is None:
        return 0
    key = (identity.user.id, identity.user.epoch, identity.institution.id)
    at, count = _known.get(key, (0.0, 0))
    if not at or time.monotonic() - at > REMEMBER:
        count = len(waiting_for(identity))
        _known[key] = (time.monotonic(), count)
        while len(_known) > 1000:
            _known.popitem(last=False)
    return count


def forget() -> None:
    """Count anew: somebody has just done something."""
    _known.clear()
