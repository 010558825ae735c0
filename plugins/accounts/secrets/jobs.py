"""Scheduled work over sealed secrets."""

from __future__ import annotations

from typing import Any

from panel.api import _l, scheduled
from plugins.accounts.secrets import services


@scheduled(
    "accounts.lapse_openings", cron="5 * * * *", keep_days=3, title=_l("Close openings of secrets nobody looked at")
)
def lapse_openings(run: Any) -> dict[str, Any]:
    """Every hour, for each institution."""
    return {"closed": services.lapse_openings(run.institution)}
