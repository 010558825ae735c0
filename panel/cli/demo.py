"""`panel demo`: the panel with a sample university."""

from __future__ import annotations

import sys

import click

from panel.cli.processes import settings_for_serving


@click.command()
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
def demo(port: int | None) -> None:
    """Run the panel with a sample university, and print where it is and how to log in.

    The first start loads the sample; later ones keep what you did to it.
    """
    from panel.demo import login
    from panel.serve import environ, panel_command, serve
    from panel.supervisor import Program

    settings = settings_for_serving(port=port)
    who = login(settings.instance)

    def greeting(address: str) -> list[str]:
        return [
            "",
            f"  掌印 Zhangyin  {address}",
            f"  user           {who['username']}    (also: clerk, auditor)",
            f"  password       {who['password']}",
            "",
            "  Ctrl-C ends it. What you change is kept.",
            "",
        ]

    load = Program("sample", panel_command("load-demo"), once=True, environ=environ(settings))
    sys.exit(serve(settings, before=[load], greeting=greeting))


@click.command("load-demo", hidden=True)
def load_demo() -> None:
    """Fill an empty panel with the sample university."""
    from panel import create_app
    from panel.demo import load

    click.echo("sample university loaded" if load(create_app()) else "data kept")


commands = [demo, load_demo]
