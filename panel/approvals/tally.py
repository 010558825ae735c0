"""How many steps wait for somebody's signature."""

from __future__ import annotations

from panel.approvals.seats import waiting_for
from panel.tally import Tally

to_decide = Tally(lambda identity: len(waiting_for(identity)))
