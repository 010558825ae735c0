"""`panel institution`: the tenants of this installation."""

from __future__ import annotations

import click

from panel.access.identity import acting_as, system
from panel.access.switches import switched_on
from panel.cli.context import find_user, json_option, panel, show
from panel.cli.users import print_link
from panel.database import transaction
from panel.org.models import Institution, InstitutionKind, Person, Unit
from panel.org.services import create_institution
from panel.policies.applying import begin_with


@click.group()
def institution() -> None:
    """Institutions: each sees nothing of another."""


@institution.command()
@click.argument("name")
@click.option("--preset", "code", metavar="PRESET", help="Begin with this preset (see `panel preset list`).")
@click.option("--kind", type=click.Choice([k.value for k in InstitutionKind]), required=True, help="What it is.")
@click.option("--time-zone", help="Its time zone.  [default: that of the settings]")
@click.option("--administrator", metavar="NAME", help="User name of its first user, who administers it.")
@click.option("--plugin", "plugins", multiple=True, metavar="NAME", help="A plugin to switch on; may be repeated.")
def create(
    name: str,
    code: str | None,
    kind: str,
    time_zone: str | None,
    administrator: str | None,
    plugins: tuple[str, ...],
) -> None:
    """Create the institution NAME with its shipped roles, and print a link for its administrator's password."""
    with panel() as app:
        runtime = app.extensions["zhangyin"]
        values = {"username": administrator} if administrator else None
        zone = time_zone or runtime.settings.time_zone
        with transaction():
            made = create_institution(runtime.registry, name, kind, zone, values, plugins)
            if code:
                begin_with(made, code)
        click.echo(f"{made.id}  {made.name}")
        if administrator:
            with acting_as(system(made)):
                print_link(find_user(administrator))


@institution.command("list")
@json_option
def list_institutions(as_json: bool) -> None:
    """List the institutions."""
    with panel():
        rows = [
            {
                "id": place.id,
                "name": place.name,
                "kind": place.kind,
                "units": Unit.select().where(Unit.institution == place).count(),
                "people": Person.select().where(Person.institution == place).count(),
                "plugins": "、".join(sorted(switched_on(place))),
            }
            for place in Institution.select().order_by(Institution.id)
        ]
        show(rows, as_json)


commands = [institution]
