"""What a command works in: the app, its database, an audit context, and one institution's rights."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask

from panel import audit, create_app
from panel.access.identity import acting_as, system
from panel.access.models import Role, User
from panel.access.services import fold_username
from panel.database import db
from panel.errors import NotFound, Refused
from panel.i18n import _
from panel.org.models import Institution, Unit
from panel.org.services import root_of

institution_option = click.option(
    "--institution", metavar="NAME", help="Name or number; not needed where there is only one."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def panel() -> Iterator[Flask]:
    """The panel, with every change noted as made at the command line by whoever is logged in to the machine."""
    app = create_app()
    with app.app_context(), db.connection_context(), audit.acting("cli", user_name=_who()):
        if not db.table_exists("org_institution"):
            raise Refused(_("The database is not set up yet. Run: panel migrate"))
        yield app


@contextmanager
def at_work(name: str | None) -> Iterator[Institution]:
    """The panel at work in one institution, with every right in it."""
    with panel():
        institution = find_institution(name)
        with acting_as(system(institution)):
            yield institution


def find_institution(name: str | None) -> Institution:
    """An institution by name or number; the only one where none is named. Raises Refused listing what there is."""
    known = list(Institution.select().order_by(Institution.id))
    fitting = [i for i in known if name is None or name in (i.name, str(i.id))]
    if len(fitting) == 1:
        return fitting[0]
    if not known:
        raise NotFound(_("There is no institution yet. Run: panel institution create"))
    raise NotFound(_("Say which institution with --institution: %(names)s", names="、".join(i.name for i in known)))


def find_user(name: str) -> User:
    user = User.get_or_none(User.username == fold_username(name))
    if user is None:
        raise NotFound(_("There is no user %(name)s.", name=name))
    return user


def find_role(institution: Institution, name: str) -> Role:
    """A role by its name, or by the code of a shipped one (administrator, publicity, lead, clerk, finance, auditor)."""
    mine = list(Role.select().where(Role.institution == institution).order_by(Role.id))
    role = next((r for r in mine if name in (r.name, r.code)), None)
    if role is None:
        names = "、".join(f"{r.name} ({r.code})" if r.code else r.name for r in mine)
        raise NotFound(_("There is no role %(name)s; there are: %(names)s", name=name, names=names))
    return role


def find_unit(institution: Institution, name: str | None) -> Unit:
    """A unit by name or code; the whole institution where none is named."""
    if name is None:
        return root_of(institution)
    fitting = list(Unit.select().where(Unit.institution == institution, (Unit.name == name) | (Unit.code == name)))
    if len(fitting) != 1:
        raise NotFound(_("%(count)s units are called %(name)s. Use the code.", count=len(fitting), name=name))
    return fitting[0]


def show(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values() if value != ""))


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "cli"
