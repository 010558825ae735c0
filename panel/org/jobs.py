"""Nightly work on the roster."""

from __future__ import annotations

from typing import Any

from panel.i18n import _l
from panel.jobs import scheduled
from panel.org import leaving


@scheduled("org.deactivate_leavers", cron="5 0 * * *", title=_l("Close the users of people whose last day has passed"))
def deactivate_leavers(run: Any) -> dict[str, Any]:
    """Every night, for each institution."""
    return {"closed": leaving.deactivate_leavers(run.institution)}
