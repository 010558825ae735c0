"""`panel migrate`: bring the database up to date, or say how far it is."""

from __future__ import annotations

import sys

import click

from panel import audit, config, database, migrate, plugin
from panel.access import roles
from panel.database import db
from panel.migrate import MigrationError
from panel.org.models import Institution
from panel.plugin import Registry


def _registry() -> Registry:
    """The plugins, with the database connected."""
    settings = config.load()
    settings.instance.mkdir(parents=True, exist_ok=True)
    database.connect(settings.database_url)
    return plugin.load(settings.plugins, strict=settings.environment != "production")


@click.group("migrate", invoke_without_command=True)
@click.option("--check", is_flag=True, help="Change nothing; end with 1 if the database is not what the models say.")
@click.option("--status", is_flag=True, help="Change nothing; list what is applied and what is pending.")
@click.option("--plugin", "name", metavar="NAME", help="Only this plugin and what it needs; `core` for the core alone.")
@click.option("--to", type=int, metavar="N", help="Stop after number N of that plugin.")
@click.pass_context
def command(context: click.Context, check: bool, status: bool, name: str | None, to: int | None) -> None:
    """Bring the database up to date.

    Applies the migrations that are pending, the core's first, then each plugin's after those it requires. Safe to
    repeat, and to run on several machines at once. Make a backup first: there is no way back but that.
    """
    if context.invoked_subcommand:
        return
    if sum((check, status, bool(name) or to is not None)) > 1:
        raise click.UsageError("--check, --status and --plugin do not go together.")
    registry = _registry()
    with db.connection_context():
        if status:
            _show_status(registry)
        elif check:
            _check(registry)
        else:
            applied = migrate.up(registry, plugin=name, to=to, tell=lambda step: click.echo(f"applied {step}"))
            _ship_roles(registry)
            if not applied:
                click.echo("The database is up to date.")


def _ship_roles(registry: Registry) -> None:
    """A new version may bring permissions: offer them to the shipped roles of every institution."""
    if not db.table_exists("org_institution") or migrate.pending(registry):
        return
    with audit.acting("migration", user_name="panel migrate"):
        for institution in Institution.select():
            roles.ship(institution, registry)


def _show_status(registry: Registry) -> None:
    for step in migrate.status(registry):
        when = f"{step.applied:%Y-%m-%d %H:%M} UTC" if step.applied else "pending"
        click.echo(f"{step!s:<40} {when}" + ("" if step.path else "  (its file is gone)"))


def _check(registry: Registry) -> None:
    steps = migrate.status(registry)
    waiting = [step for step in steps if step.applied is None]
    unknown = [step for step in steps if step.path is None]
    for step in waiting:
        click.echo(f"{step} is pending: run `panel migrate`")
    for step in unknown:
        click.echo(f"{step} was applied by a newer version of the panel: install that version")
    if waiting or unknown:
        sys.exit(1)
    differences = migrate.check(db.obj, registry.models)
    for difference in differences:
        click.echo(str(difference))
    if differences:
        click.echo(
            "The database is not what the models say. Changed models need `panel migrate new`; "
            "a database changed by hand must be changed back.",
            err=True,
        )
        sys.exit(1)
    click.echo("The database is what the models say.")


@command.command("new", short_help="Write the next migration from what the models changed.")
@click.argument("area")
@click.argument("name")
@click.option("--empty", is_flag=True, help="Write a script that does nothing yet, for a change of data.")
@click.option("--replace", "rewrite", is_flag=True, help="Make the first and only script anew; never after a release.")
def new(area: str, name: str, empty: bool, rewrite: bool) -> None:
    """Write the next migration of AREA (`core`, or a plugin) from what its models changed.

    For developers. NAME says what changes, in a few words: `panel migrate new accounts add_phone`. Read the file
    before you commit it.
    """
    settings = config.load(environment="development")
    database.connect("sqlite:///:memory:")  # the difference is found without any database of the developer's
    written = migrate.new(plugin.load(settings.plugins), area, name, rewrite=rewrite, empty=empty)
    if written is None:
        raise MigrationError(f"{area}: the models have nothing that the migrations do not build (--empty for data)")
    click.echo(f"wrote {written.path}")
    for note in written.notes:
        click.echo(f"- {note}")


commands = [command]
