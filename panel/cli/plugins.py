"""`panel plugin`: what is installed, what is on where, and the beginning of a new one."""

from __future__ import annotations

import click
from flask import current_app

from panel import config
from panel.access import switches
from panel.cli.context import at_work, find_institution, institution_option, json_option, panel, show
from panel.i18n import _
from panel.org.models import Institution
from panel.plugin import Registry


@click.group()
def plugin() -> None:
    """Plugins: list them, switch them on and off, begin a new one."""


@plugin.command("list")
@institution_option
@json_option
def list_plugins(institution: str | None, as_json: bool) -> None:
    """List the plugins and where they are on."""
    with panel():
        registry = _registry()
        places = [find_institution(institution)] if institution else list(Institution.select().order_by(Institution.id))
        on = {place.name: switches.switched_on(place) for place in places}
        rows = [
            {
                "name": entry.name,
                "version": entry.plugin.version,
                "title": str(entry.plugin.title),
                "requires": "、".join(entry.plugin.requires),
                "on": "、".join(name for name, names in on.items() if entry.name in names),
            }
            for entry in registry
        ]
        show(rows, as_json)
        for why in registry.refused.values():
            click.echo(why, err=True)


@plugin.command("on")
@click.argument("name")
@institution_option
@click.option("--along", is_flag=True, help="Switch on with it what it needs.")
def switch_on(name: str, institution: str | None, along: bool) -> None:
    """Switch the plugin NAME on; every process sees it at once."""
    with at_work(institution) as place:
        fresh = switches.switch_on(place, _registry(), name, along)
        click.echo(_("On in %(place)s: %(names)s", place=place, names="、".join(fresh) or name))


@plugin.command("off")
@click.argument("name")
@institution_option
def switch_off(name: str, institution: str | None) -> None:
    """Switch the plugin NAME off; its data stays."""
    with at_work(institution) as place:
        switches.switch_off(place, _registry(), name)
        click.echo(_("Off in %(place)s: %(names)s", place=place, names=name))


@plugin.command("new")
@click.argument("name")
def new(name: str) -> None:
    """Write a plugin NAME that runs: model, pages, permissions, translation, migration and a test that passes."""
    from panel.cli.skeleton import write

    for path in write(config.load(environment="development"), name):
        click.echo(path)
    click.echo(_("Next: panel migrate, then panel plugin on %(name)s. docs/plugins.md explains each file.", name=name))


def _registry() -> Registry:
    registry: Registry = current_app.extensions["zhangyin"].registry
    return registry


commands = [plugin]
