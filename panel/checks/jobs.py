"""The sweeps as background work."""

from __future__ import annotations

from typing import Any

from panel.checks import score
from panel.checks.engine import today_in
from panel.checks.models import Dirty
from panel.checks.saving import areas_on
from panel.checks.sweep import Report, sweep, sweep_dirty
from panel.errors import Refused
from panel.i18n import _, _l
from panel.jobs.models import Run
from panel.jobs.registry import scheduled
from panel.org.models import Institution
from panel.runtime import runtime


@scheduled("checks.sweep", cron="15 0 * * *", title=_l("Nightly check of all records"), queue="slow", timeout=3600)
def nightly(run: Run) -> dict[str, Any]:
    """Look at every row, then keep the day's scores. A check that raises ends the run as failed, after all others."""
    return _told(judge(run.institution))


def judge(institution: Institution) -> Report:
    """What the night does: every row looked at, and the day's scores kept."""
    report = sweep(institution)
    areas = areas_on(institution)
    models = score.scored_models(area for area in runtime().registry.areas if area.name in areas)
    score.snapshot(institution, today_in(institution), models, areas)
    return report


@scheduled("checks.sweep_dirty", cron="*/5 * * * *", title=_l("Check what large changes left behind"))
def rest(run: Run) -> dict[str, Any]:
    """Look at the rows that a change left behind because they were too many for it."""
    if not Dirty.select().where(Dirty.institution == run.institution).exists():
        return {}
    return _told(sweep_dirty(run.institution))


def _told(report: Report) -> dict[str, Any]:
    if report.broken:
        raise Refused(_("These checks are broken: %(codes)s. All others ran.", codes="、".join(report.broken)))
    return {"opened": report.opened, "closed": report.closed}
