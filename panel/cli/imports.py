"""`panel import` and `panel export`: what the pages do, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from panel import audit
from panel.admin.export import KINDS, MOST, write
from panel.admin.imports import saved, services
from panel.admin.imports.resolve import Answers
from panel.admin.imports.targets import Door, doors
from panel.admin.listing import Listing
from panel.admin.models import ImportRow, ImportRun, ImportState, Outcome
from panel.admin.state import State
from panel.cli.context import at_work, institution_option
from panel.database import key_of, transaction
from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.runtime import runtime


class _Undone(Exception):
    """Ends a dry run: nothing of it stays."""


def _pick(what: str, found: dict[str, Any]) -> Any:
    """The entry named by its key (`accounts.account`), or by its area where that has only one."""
    fitting = [key for key in found if what in (key, key.replace(".", "_"), key.partition(".")[0])]
    exact = [key for key in fitting if what in (key, key.replace(".", "_"))]
    fitting = exact or fitting
    if len(fitting) != 1:
        raise NotFound(_("%(name)s is none of: %(names)s", name=what, names=", ".join(sorted(found))))
    return found[fitting[0]]


@click.command("import")
@click.argument("target")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@institution_option
@click.option("--sheet", help="Sheet of the workbook.  [default: the one with the best headings]")
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="LETTER=FIELD",
    help="Read a column as this field (B=unit); B= leaves it out.",
)
@click.option("--mapping", metavar="NAME", help="Use a mapping kept under this name.")
@click.option("--create-units", is_flag=True, help="Create units that the roster does not know.")
@click.option("--create-people", is_flag=True, help="Create people that the roster does not know.")
@click.option("--skip-refused", is_flag=True, help="Import the other rows although some are refused.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON, row by row.")
def import_(
    target: str,
    file: Path,
    institution: str | None,
    sheet: str | None,
    maps: tuple[str, ...],
    mapping: str | None,
    create_units: bool,
    create_people: bool,
    skip_refused: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import the rows of FILE (.xlsx or .csv) into TARGET, such as `accounts`. All of them are written, or none.

    Ends with 1 where rows are refused and nothing was imported for it.
    """
    answers = Answers(create_units=create_units, create_people=create_people, skip=skip_refused)
    with at_work(institution):
        door: Door = _pick(target, doors())
        try:
            with transaction():
                choices: dict[str, Any] = {"sheet": sheet, "answers": answers}
                run = services.upload(door.key, file.name, file.read_bytes(), background=False, **choices)
                run = _read_as(run, maps, mapping)
                if dry_run:
                    _tell(run, as_json)
                    raise _Undone
        except _Undone:
            sys.exit(0 if _importable(run) else 1)
        if _importable(run):
            run = services.confirm(run, run.digest)
        _tell(ImportRun.get_by_id(run.id), as_json)
        sys.exit(0 if run.state == ImportState.DONE else 1)


def _read_as(run: ImportRun, maps: tuple[str, ...], mapping: str | None) -> ImportRun:
    if mapping:
        run = services.decide(run, saved=saved.find_mapping(run, mapping))
    if maps:
        letters = {}
        for pair in maps:
            letter, sign, field = pair.partition("=")
            if not sign:
                raise click.BadParameter(f"{pair!r}: write it like B=unit", param_hint="--map")
            letters[letter.strip().upper()] = field.strip() or None
        run = services.decide(run, letters=letters)
    return run


def _importable(run: ImportRun) -> bool:
    skip = Answers.from_json(run.answers).skip
    return run.state == ImportState.PLANNED and (skip or not run.counts[Outcome.REFUSED.value])


def _tell(run: ImportRun, as_json: bool) -> None:
    rows = list(ImportRow.select().where(ImportRow.run == run.id).order_by(ImportRow.row_number))
    if as_json:
        click.echo(json.dumps(_plan(run, rows), ensure_ascii=False, indent=2, default=str))
        return
    if run.reading.get("missing"):
        missing = ", ".join(run.reading["missing"])
        click.echo(_("The sheet lacks: %(columns)s. Say with --map which column holds it.", columns=missing), err=True)
    counts = "，".join(f"{outcome.label} {run.counts.get(outcome.value, 0)}" for outcome in Outcome)
    click.echo(f"{run.filename}：{ImportState(run.state).label}。{counts}")
    for kind in ("units", "people"):
        unknown = [o for o in run.offers.get(kind, []) if not o["create"]]
        if unknown:
            names = "、".join(o["name"] for o in unknown[:10]) + ("…" if len(unknown) > 10 else "")
            click.echo(
                _("Not in the roster; created with %(option)s: %(names)s", option=f"--create-{kind}", names=names)
            )
    for row in rows:
        for problem in row.problems:
            if problem["code"] == "unknown":
                continue  # named above, once
            click.echo(f"{problem['letter']}{row.row_number} {problem['value']}：{problem['message']}", err=True)
    if run.error:
        click.echo(run.error, err=True)


def _plan(run: ImportRun, rows: list[ImportRow]) -> dict[str, Any]:
    """The plan as the page shows it."""
    return {
        "file": run.filename,
        "target": run.target,
        "state": run.state,
        "error": run.error,
        "reading": run.reading,
        "counts": run.counts,
        "offers": run.offers,
        "rows": [
            {"row": r.row_number, "outcome": r.outcome, "label": r.label, "cells": r.cells, "problems": r.problems}
            for r in rows
        ],
        "result": run.result,
    }


@click.command("export")
@click.argument("view")
@institution_option
@click.option("--format", "kind", type=click.Choice(sorted(KINDS)), default="xlsx", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.  [default: VIEW.FORMAT]"
)
def export(view: str, institution: str | None, kind: str, output: Path | None) -> None:
    """Export a list, such as `accounts.account`, with all its columns."""
    with at_work(institution) as here:
        lists = {key_of(p.model): p for p in runtime().pages if hasattr(p, "model") and p.may.export}
        page = _pick(view, lists)
        listing = Listing(State.parse(page, ""), page.may.export)
        ids = listing.ids(MOST + 1)
        if len(ids) > MOST:
            raise Refused(
                _("A file holds at most %(most)s rows. Narrow the list and export it in parts.", most=f"{MOST:,}")
            )
        columns = page.list_columns([*page.columns, *page.more_columns])
        path = output or Path(f"{key_of(page.model)}.{kind}")
        with path.open("wb") as out:
            write(out, kind, columns, listing.batches(ids))
        audit.note("export", here, {"list": key_of(page.model), "rows": len(ids), "format": kind})
        click.echo(f"{path}：{len(ids)}")


commands = [import_, export]
