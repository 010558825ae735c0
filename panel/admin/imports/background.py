"""Long files: handing the work to the workers, and taking it back; forgetting what is old."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from panel import records
from panel.admin.imports import files
from panel.admin.imports.planning import keep
from panel.admin.models import ImportRow, ImportRun, ImportState
from panel.database import transaction, utcnow
from panel.errors import Refused
from panel.i18n import _, choose_locale
from panel.jobs import queue
from panel.jobs.models import Run, RunState

KEEP = timedelta(days=30)  # how long an uploaded file stays
CONFIRMABLE = (ImportState.PLANNED, ImportState.STALE, ImportState.FAILED)
SETTLED = (ImportState.DRAFT, *CONFIRMABLE)  # nobody is at work on it


def enqueue(run: ImportRun, state: ImportState, task: str, **args: Any) -> None:
    """Hand an import to the workers; of two who ask at once, one does."""
    with transaction():
        free = (ImportRun.id == run.id) & ImportRun.state.in_(SETTLED)
        if not records.derive(ImportRun, free, state=state.value, error=""):
            return
        args = {"import_id": run.id, "locale": choose_locale(), **args}
        job = queue.enqueue(task, institution=run.institution, args=args)
        records.derive(ImportRun, ImportRun.id == run.id, job_id=job.id)
        run.__data__.update(state=state.value, job_id=job.id, error="")


def refuse(run: ImportRun, job_id: int, why: str) -> None:
    """Say why the checking of a long file came to nothing."""
    keep(run, job_id, None, state=ImportState.DRAFT.value, error=why, digest="")


def settle(run: ImportRun) -> ImportRun:
    """Take back an import whose work ended without an outcome: cancelled, failed, or its workers killed."""
    if run.state not in (ImportState.PLANNING, ImportState.APPLYING):
        return run
    job = Run.get_or_none(Run.id == run.job_id) if run.job_id else None
    if job is not None and not job.ended:
        return run
    planned = run.state == ImportState.APPLYING
    values: dict[str, Any] = {"state": (ImportState.FAILED if planned else ImportState.DRAFT).value, "error": ""}
    if planned:
        values["error"] = _("The work was broken off. Nothing has been written; confirm it again.")
    elif job is not None and job.state == RunState.FAILED:
        values["error"] = _("The work was broken off. Start it again.")
    same = (ImportRun.id == run.id) & (ImportRun.state == run.state) & (ImportRun.job_id == run.job_id)
    if records.derive(ImportRun, same, **values):
        run.__data__.update(values)
        return run
    return ImportRun.get_by_id(run.id)


def cancel(run: ImportRun) -> None:
    """Stop the checking of a long file. Raises Refused where there is nothing to stop."""
    job = Run.get_or_none(Run.id == run.job_id) if run.state == ImportState.PLANNING else None
    if job is None:
        raise Refused(_("This work has already ended."))
    queue.cancel(job)
    settle(run)


def forget_old() -> dict[str, int]:
    """Delete what was uploaded long ago: files, and the plans of their rows. What was imported stays, and so does the
    note of the import."""
    before = utcnow() - KEEP
    old = ImportRun.select(ImportRun.id).where(ImportRun.created_at < before)
    rows = ImportRow.delete().where(ImportRow.run.in_(old)).execute()
    recent: Any = ImportRun.select(ImportRun.content).where(ImportRun.created_at >= before)
    needed = {name for (name,) in recent.tuples()}
    gone = 0
    for path in files.stored():
        if path.name not in needed and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            gone += 1
    return {"rows": rows, "files": gone}
