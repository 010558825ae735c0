"""Sealing every minute, the day's anchor, and the walk along the chain by night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel.audit import seals, services
from panel.audit.verify import verify as walk
from panel.errors import Refused
from panel.i18n import _l, today
from panel.jobs.registry import scheduled


@scheduled(
    "audit.seal", cron="* * * * *", system=True, timeout=300, attempts=1, keep_days=1, title=_l("Seal the audit log")
)
def seal(run: Any) -> dict[str, Any]:
    """Close over the entries of the last minute, in every chain."""
    return {"entries": sum(seals.seal_all().values())}


@scheduled("audit.anchor", cron="10 0 * * *", title=_l("Send yesterday's anchor of the audit log"))
def anchor(run: Any) -> dict[str, Any]:
    """Tell whoever keeps anchors; repeated, it tells nobody twice."""
    return {"told": services.send_anchor(run.institution, today() - timedelta(days=1))}


@scheduled(services.VERIFY, cron="40 2 * * 0", queue="slow", timeout=3600, title=_l("Verify the audit log"))
def verify(run: Any) -> dict[str, Any]:
    """Walk the institution's chain; a broken one is a result, not a failure of the run."""
    return services.verified(run.institution).as_json()


@scheduled(
    "audit.verify_rest",
    cron="35 2 * * 0",
    system=True,
    queue="slow",
    timeout=3600,
    title=_l("Verify what the audit log holds of no institution"),
)
def verify_rest(run: Any) -> dict[str, Any]:
    """Walk the chain of the installation itself; a broken one fails the run."""
    report = walk(seals.NOBODY)
    if report.first is not None:
        raise Refused(str(report.first))
    return report.as_json()
