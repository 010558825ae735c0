"""Scheduled work of verification and annual review."""

from __future__ import annotations

from typing import Any

from panel.api import _l, scheduled
from plugins.certification import services


@scheduled(
    "certification.look_at_sites",
    cron="35 5 * * *",
    queue="slow",
    timeout=1800,
    title=_l("Read the sites' certificates"),
)
def look_at_sites(run: Any) -> dict[str, Any]:
    """Every morning, for each institution."""
    return dict(services.look_at_sites(run.institution))
