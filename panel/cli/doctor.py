"""`panel doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys

import click

MARKS = {"ok": "ok  ", "warning": "warn", "failure": "FAIL"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Say what is wrong with this installation and how to mend it.

    Changes nothing. Ends with 1 when something fails.
    """
    from panel import create_app
    from panel.doctor import examine

    found = examine(create_app())
    if as_json:
        click.echo(json.dumps([d.as_json() for d in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(f"{MARKS[one.state]}  {one.name}: {one.found}")
            if one.mend:
                click.echo(f"      → {one.mend}")
    sys.exit(any(d.state == "failure" for d in found))


commands = [doctor]
