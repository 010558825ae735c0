"""Background work of fees."""

from __future__ import annotations

from typing import Any

from panel.api import _l, progress, task
from plugins.stipend import services


@task("stipend.settle", title=_l("Reckon the fees of a month"), queue="slow", timeout=3 * 3600)
def settle(run: Any, settlement_id: int) -> dict[str, Any]:
    """Reckon an open month. Run again after a crash, it starts over."""
    return services.settle(settlement_id, run.id, lambda done, total: progress(run, done, total))
