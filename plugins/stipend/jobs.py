"""Background work of fees."""

from __future__ import annotations

from typing import Any

from panel.api import _l, progress, scheduled, task
from plugins.stipend import services


@task("stipend.settle", title=_l("Reckon the fees of a month"), queue="slow", timeout=3 * 3600)
def settle(run: Any, settlement_id: int) -> dict[str, Any]:
    """Reckon an open month. Run again after a crash, it goes on where it was."""
    return services.settle(settlement_id, run.id, lambda done, total: progress(run, done, total))


@scheduled(
    "stipend.gather",
    cron="20 3 * * *",
    queue="slow",
    timeout=3 * 3600,
    title=_l("Reckon the fees of the running month"),
)
def gather(run: Any) -> dict[str, Any]:
    """Every night, so that at the end of the month little is left to reckon."""
    return dict(services.gather(run.institution, run.id, lambda done, total: progress(run, done, total)))
