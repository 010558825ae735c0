"""`panel check` and `panel rules`: what breaks the policy, and which rules of the catalogue are covered."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from panel import audit, create_app
from panel.access.identity import acting_as, system
from panel.checks.models import Finding
from panel.checks.registry import checks
from panel.checks.sweep import sweep
from panel.database import db
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.policies.catalogue import elsewhere
from panel.policies.catalogue import rules as catalogue
from panel.policies.coverage import STATES, Coverage, coverage

ROOT = Path(__file__).parents[2]
COLUMNS = ("rules", *STATES)


@click.command("check")
@click.option("--institution", "name", required=True, help="Its name or its number.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Judge by this day and its policy.  [default: today]")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def check(name: str, day: datetime | None, as_json: bool) -> None:
    """Look at every record of an institution and print what breaks its policy.

    Ends with 1 if a check is broken.
    """
    app = create_app()
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name="panel check"):
        institution = _institution(name)
        with acting_as(system(institution)):
            report = sweep(institution, day.date() if day else None)
            found = [_line(row) for row in _open(institution)]
    if as_json:
        summary = {"opened": report.opened, "closed": report.closed, "broken": report.broken}
        click.echo(json.dumps({"institution": institution.name, **summary, "findings": found}, ensure_ascii=False))
    else:
        for line in found:
            click.echo(f"{line['severity']:<8} {line['subject']:<28} {line['code']:<34} {line['message']}")
        click.echo(f"{len(found)} open, {report.opened} opened, {report.closed} closed")
    for code in report.broken:
        click.echo(f"broken: {code}", err=True)
    if report.broken:
        sys.exit(1)


def _institution(name: str) -> Institution:
    by = Institution.id == int(name) if name.isdecimal() else Institution.name == name
    found: Institution | None = Institution.get_or_none(by)
    if found is None:
        raise Refused(_("There is no institution %(name)s.", name=name))
    return found


def _open(institution: Institution) -> list[Finding]:
    query = Finding.select().where(Finding.institution == institution, Finding.closed_at.is_null())
    return [row for row in query.order_by(Finding.code, Finding.subject_id) if row.code in checks]


def _line(finding: Finding) -> dict[str, object]:
    found = checks[finding.code]
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": f"{finding.subject_type}:{finding.subject_id}",
        "message": found.worded(finding.values),
        "values": finding.values,
        "rules": list(found.rules),
        "since": finding.opened_at.isoformat(),
        "waived_until": finding.waived_until.isoformat() if finding.waived_until else None,
    }


@click.command("rules")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--area", help="List the rules of this area one by one.")
def rules(as_json: bool, area: str | None) -> None:
    """Print which rules of the catalogue are covered, by area and by document; run it from a checkout.

    Tested: an acceptance test names the rule. Cited: code or a form names it. Elsewhere: no query can judge it, and
    where it belongs is said. Ends with 1 for ids that do not exist.
    """
    found = coverage(ROOT)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    elif area:
        _list_area(found, area)
    else:
        for key in ("area", "document"):
            click.echo(f"{key:<16}" + "".join(f"{name:>11}" for name in COLUMNS))
            for name, counts in sorted(found.summary(key).items()):
                click.echo(f"{name:<16}" + "".join(f"{counts[column]:>11}" for column in COLUMNS))
            click.echo()
    for rule, files in sorted(found.unknown.items()):
        click.echo(f"{rule} is not in the catalogue: {', '.join(files)}", err=True)
    if found.unknown:
        sys.exit(1)


def _list_area(found: Coverage, area: str) -> None:
    for rule in catalogue().values():
        if rule.area == area:
            belongs = f" [{elsewhere()[rule.id][0]}]" if found.state(rule) == "elsewhere" else ""
            click.echo(f"{rule.id}  {found.state(rule):<10} {rule.enforce:<10} {rule.rule}{belongs}")


commands = [check, rules]
