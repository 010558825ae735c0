"""Scheduled work of the account register."""

from __future__ import annotations

from typing import Any

from panel.api import _l, scheduled, utcnow
from plugins.accounts import services


@scheduled(
    "accounts.lapse_short_terms", cron="10 1 * * *", title=_l("End the terms of short-term operators that have run out")
)
def lapse_short_terms(run: Any) -> dict[str, Any]:
    """Every night, for each institution."""
    return {"ended": services.lapse_short_terms(run.institution, utcnow())}
