"""The importer's background work: long files, and forgetting old ones."""

from __future__ import annotations

from typing import Any

from panel.admin.imports import background, services
from panel.admin.imports.plan import Report
from panel.admin.imports.planning import check
from panel.admin.models import ImportRun, ImportState
from panel.errors import Refused
from panel.i18n import _l, speaking
from panel.jobs import scheduled, task
from panel.jobs.models import Run
from panel.jobs.queue import progress

MINUTES = 60


@task("admin.plan_import", title=_l("Check a file to import"), queue="urgent", timeout=30 * MINUTES)
def plan_import(run: Run, import_id: int, locale: str) -> dict[str, Any]:
    """Make the plan of a long file. Run again after a crash, it starts over."""
    found = ImportRun.get_by_id(import_id)
    if found.state != ImportState.PLANNING or found.job_id != run.id:
        return {}
    with speaking(locale):
        try:
            check(found, _reporter(run), run.id)
        except Refused as refusal:
            background.refuse(found, run.id, str(refusal))
    return found.counts or {}


@task("admin.apply_import", title=_l("Import a file"), queue="urgent", timeout=60 * MINUTES)
def apply_import(run: Run, import_id: int, locale: str, digest: str) -> dict[str, Any]:
    """Write a confirmed plan. One transaction: broken off, it leaves nothing, and run again, it starts over."""
    found = ImportRun.get_by_id(import_id)
    if found.state != ImportState.APPLYING or found.job_id != run.id:
        return {}
    with speaking(locale):
        done = services.apply(found, digest, _reporter(run))
    return {"state": done.state, **done.counts}


@scheduled("admin.forget_imports", title=_l("Delete old uploads"), cron="40 3 * * *", system=True, queue="slow")
def forget_imports(run: Run) -> dict[str, Any]:
    """Delete files uploaded more than a month ago."""
    return background.forget_old()


def _reporter(run: Run) -> Report:
    def report(done: int, total: int, message: str) -> None:
        progress(run, done, total or run.total, message or run.message)

    return report
