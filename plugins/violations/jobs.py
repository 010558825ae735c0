"""Scheduled work of breaches."""

from __future__ import annotations

from typing import Any

from panel.api import _l, scheduled
from plugins.violations import services


@scheduled("violations.settle_suspensions", cron="5 0 * * *", title=_l("Begin and end suspensions"))
def settle_suspensions(run: Any) -> dict[str, Any]:
    """Every night, for each institution."""
    return dict(services.settle_suspensions(run.institution))
