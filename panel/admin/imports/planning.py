"""Making a plan of an import and keeping it for the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from panel import records
from panel.access.identity import asking
from panel.admin.imports import files, plan, show
from panel.admin.imports.mapping import Mapping
from panel.admin.imports.plan import Plan, Report, quiet
from panel.admin.imports.resolve import Answers
from panel.admin.imports.sheet import Sheet, parse
from panel.admin.imports.target import Target
from panel.admin.imports.targets import door
from panel.admin.models import ImportRow, ImportRun, ImportState
from panel.database import insert_rows, transaction
from panel.i18n import _

BATCH = 1_000


def check(run: ImportRun, report: Report = quiet, job_id: int | None = None) -> None:
    """Make the plan and keep it for the page. Raises Refused where the sheet cannot be read as wanted."""
    report(0, 0, _("Reading the file"))
    target, sheet = read(run)
    reading = show.reading_of(sheet, target)
    if sheet.missing:
        keep(run, job_id, [], state=ImportState.DRAFT.value, reading=reading, digest="", counts={}, offers={}, error="")
        return
    keep(run, job_id, None, reading=reading)
    keep_plan(run, sheet, make_plan(run, target, sheet, report), ImportState.PLANNED, job_id)


def read(run: ImportRun) -> tuple[Target, Sheet]:
    """The target and the parsed sheet of an import."""
    target = door(run.target, asking()).target(run.institution)
    path = files.path_of(run.content)
    return target, parse(path, run.filename, target.columns, wanted_mapping(run), run.sheet or None)


def make_plan(run: ImportRun, target: Target, sheet: Sheet, report: Report) -> Plan:
    """The plan as things are now, for whoever is at work."""
    return plan.make(target, sheet, run.institution, asking(), Answers.from_json(run.answers), report)


def keep_plan(run: ImportRun, sheet: Sheet, made: Plan, state: ImportState, job_id: int | None = None) -> None:
    """Store a plan as the one that is shown."""
    keep(
        run,
        job_id,
        show.rows_of(made, sheet),
        state=state.value,
        digest=made.digest,
        counts=made.counts,
        offers=show.offers_of(made),
        error="",
    )


def keep(run: ImportRun, job_id: int | None, rows: Iterable[dict[str, Any]] | None, **values: Any) -> None:
    """Store the plan's rows and facts, unless the import has passed into other hands (`job_id`)."""
    with transaction():
        mine = ImportRun.id == run.id
        if job_id is not None:
            mine &= ImportRun.job_id == job_id
        if not records.derive(ImportRun, mine, **values):
            return
        if rows is not None:
            ImportRow.delete().where(ImportRow.run == run.id).execute()
            for batch in _batches(rows):
                insert_rows(ImportRow, [{"run": run.id, **row} for row in batch])
    run.__data__.update(values)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows by the thousand: all of them, worded, need not be in memory at once."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def wanted_mapping(run: ImportRun) -> Mapping | dict[str, str | None] | None:
    """What the user chose: a saved mapping, or letters and fields; None: nothing yet."""
    if "saved" in run.mapping:
        return Mapping.from_json(run.mapping["saved"])
    return run.mapping.get("letters")
