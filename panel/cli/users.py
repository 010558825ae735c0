"""`panel user`: who logs in."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app

from panel.access import factor, services
from panel.access.identity import acting_as, system
from panel.access.models import Grant, User
from panel.cli.context import (
    at_work,
    find_role,
    find_unit,
    find_user,
    institution_option,
    json_option,
    panel,
    show,
)
from panel.errors import NotFound
from panel.i18n import _, show_time
from panel.org.models import Institution, Person


@click.group()
def user() -> None:
    """Users: create them, help them back in, give them roles."""


@user.command()
@click.argument("name")
@institution_option
@click.option("--display-name", default="", help="What the panel calls them.")
@click.option("--number", help="Staff or student number of the person whose user it is.")
@click.option("--role", help="A role to grant: its name, or a code such as administrator or clerk.")
@click.option("--unit", help="Where: name or code of a unit.  [default: the whole institution]")
@click.option("--site-admin", is_flag=True, help="Administers the installation, in every institution.")
@click.option("--ask-password", is_flag=True, help="Ask for a password instead of printing a one-time link.")
def create(
    name: str,
    institution: str | None,
    display_name: str,
    number: str | None,
    role: str | None,
    unit: str | None,
    site_admin: bool,
    ask_password: bool,
) -> None:
    """Create the user NAME and print a link with which they set their password, once."""
    with at_work(institution) as place:
        values: dict[str, Any] = {"username": name, "display_name": display_name, "site_admin": site_admin}
        if number:
            values["person"] = _person(place, number)
        if ask_password:
            values["password"] = _ask()
        granted = (find_role(place, role), find_unit(place, unit)) if role else None
        made = services.create_user(values)
        if granted:
            services.grant(made, *granted)
        click.echo(_("Created: %(name)s", name=made.username))
        if not ask_password:
            print_link(made)


@user.command()
@click.argument("name")
def password(name: str) -> None:
    """Ask for a new password for NAME. Ends all their sessions."""
    with panel():
        found = find_user(name)
        services.set_password(found, _ask())
        click.echo(_("The password is set."))


@user.command("reset-link")
@click.argument("name")
def reset_link(name: str) -> None:
    """Print a link with which NAME sets a new password, once, within a day."""
    with panel():
        found = find_user(name)
        with acting_as(system(found.institution)):
            print_link(found)


@user.command("reset-factor")
@click.argument("name")
def reset_factor(name: str) -> None:
    """Let NAME log in without a second factor, and set one up anew. Ends all their sessions."""
    with panel():
        found = find_user(name)
        with acting_as(system(found.institution)):
            factor.reset(found)
        click.echo(_("%(user)s logs in without a second factor, and can set one up anew.", user=found))


@user.command()
@click.argument("name")
@click.argument("role")
@institution_option
@click.option("--unit", help="Where: name or code of a unit.  [default: the whole institution]")
@click.option("--revoke", is_flag=True, help="Take the role away instead.")
def grant(name: str, role: str, institution: str | None, unit: str | None, revoke: bool) -> None:
    """Give NAME a ROLE: its name, or a code such as administrator, publicity, lead, clerk, finance or auditor."""
    with at_work(institution) as place:
        found, held, where = find_user(name), find_role(place, role), find_unit(place, unit)
        if revoke:
            stored = Grant.get_or_none(Grant.user == found, Grant.role == held, Grant.unit == where)
            if stored is None:
                raise NotFound(_("%(user)s does not have this role there.", user=found))
            services.revoke(stored)
            click.echo(_("Taken away: %(role)s in %(unit)s.", role=held, unit=where))
        else:
            services.grant(found, held, where)
            click.echo(_("Granted: %(role)s in %(unit)s.", role=held, unit=where))


@user.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="They may no longer log in; their sessions end.")
def activate(name: str, off: bool) -> None:
    """Let NAME log in again."""
    with panel():
        found = find_user(name)
        with acting_as(system(found.institution)):
            services.set_active(found, not off)
        click.echo(_("Deactivated") if off else _("May log in"))


@user.command("list")
@institution_option
@json_option
def list_users(institution: str | None, as_json: bool) -> None:
    """List the users with their roles."""
    with at_work(institution) as place:
        show(_rows(place), as_json)


def _rows(place: Institution) -> list[dict[str, Any]]:
    from panel.access.showing import load_grants

    users: list[Any] = list(User.select().where(User.institution == place).order_by(User.username))
    load_grants(users)
    return [
        {
            "username": found.username,
            "name": str(found.display_name),
            "state": _("May log in") if found.active else _("Deactivated"),
            "site_admin": _("Administers the installation") if found.site_admin else "",
            "roles": "、".join(f"{held.role} · {held.unit}" for held in found.roles),
            "last_log_in": show_time(found.seen),
        }
        for found in users
    ]


def print_link(found: User) -> None:
    """Make a one-time link and print it with the address of the settings."""
    settings = current_app.extensions["zhangyin"].settings
    scheme = "https" if settings.https else "http"
    base = settings.address.rstrip("/") or f"{scheme}://{settings.host}:{settings.port}"
    link = f"{base}/reset/{services.make_reset_link(found)}"
    click.echo(_("Once, until %(moment)s: %(link)s", moment=show_time(found.reset_until), link=link))


def _person(place: Institution, number: str) -> Person:
    person = Person.get_or_none(Person.institution == place, Person.number == number)
    if person is None:
        raise NotFound(_("Nobody here has the number %(number)s.", number=number))
    return person


def _ask() -> str:
    return str(click.prompt(_("New password"), hide_input=True, confirmation_prompt=_("The same again")))


commands = [user]
