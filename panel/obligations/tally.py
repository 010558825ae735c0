"""How many things somebody owes within thirty days, late ones included."""

from __future__ import annotations

from datetime import timedelta

from panel.i18n import today
from panel.obligations import services
from panel.tally import Tally

AHEAD = timedelta(days=30)  # what is due later is not to do yet

to_do = Tally(lambda identity: len(services.mine(identity, today() + AHEAD)))
