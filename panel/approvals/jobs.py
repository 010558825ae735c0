"""Looking after what waits."""

from __future__ import annotations

from typing import Any

from panel.approvals import standing
from panel.i18n import _l
from panel.jobs.registry import scheduled


@scheduled("approvals.sweep", cron="25 * * * *", timeout=600, title=_l("Look for steps nobody can sign"))
def sweep(run: Any) -> dict[str, Any]:
    """Mark the steps whose signers are gone, and end those that wait only for somebody who is."""
    return dict(standing.sweep(run.institution))
