"""`panel audit`: seal the log, verify it, hand out its anchors."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from panel.audit import seals, services
from panel.audit.verify import Report, chains, verify
from panel.cli.context import at_work, find_institution, institution_option, json_option, panel
from panel.i18n import today
from panel.org.models import Institution


@click.group("audit")
def group() -> None:
    """Look after the audit log: who did what, sealed in a chain."""


@group.command("seal")
def seal_now() -> None:
    """Seal what is not sealed yet; the scheduler does so every minute."""
    with panel():
        done = seals.seal_all()
    click.echo(f"{sum(done.values())} entries sealed in {len(done)} chains")


@group.command("verify")
@institution_option
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A file with anchors that were mailed, printed or downloaded; may be given more than once.",
)
@json_option
def verify_log(institution: str | None, anchors: tuple[Path, ...], as_json: bool) -> None:
    """Name the first entry that was altered, inserted, removed or reordered since it was sealed.

    Without --institution every chain is walked, and what belongs to none. Ends with 1 if anything is wrong.
    """
    known = services.read_anchors("\n".join(path.read_text("utf-8", "replace") for path in anchors))
    with panel():
        wanted = [find_institution(institution).id] if institution else chains()
        names = {i.id: i.name for i in Institution.select()}
        reports = [verify(chain, known.get(chain, ())) for chain in wanted]
        if as_json:
            click.echo(json.dumps([one.as_json() for one in reports], ensure_ascii=False, indent=2))
        else:
            for report in reports:
                _tell(names.get(report.chain, "(no institution)"), report)
    if not all(report.intact for report in reports):
        sys.exit(1)


def _tell(name: str, report: Report) -> None:
    counts = f"{report.entries} entries, {report.seals} seals, {report.unsealed} not sealed yet"
    click.echo(f"{name}: {'intact' if report.intact else 'BROKEN'} ({counts})")
    if report.first is not None:
        click.echo(f"  first: {report.first}")
    for problem in report.problems:
        if problem is not report.first:
            click.echo(f"  {problem}")


@group.command("anchor")
@institution_option
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="[default: today]")
def anchor(institution: str | None, day: datetime | None) -> None:
    """Print the anchor of a day: keep it where nobody who runs the panel can change it."""
    with at_work(institution) as here:
        seals.seal_all()
        click.echo(services.written(services.anchor_of(here, day.date() if day else today())), nl=False)


@group.command("accept-loss")
@institution_option
@click.option("--reason", required=True, help="Which backup was restored, why and by whom.")
def accept_loss(institution: str | None, reason: str) -> None:
    """Go on after a backup was restored that is older than the last seal. The loss is written into the log."""
    with at_work(institution) as here:
        services.accept_loss(here, reason)
    click.echo("noted; the next seal goes on from here")


commands = [group]
