"""`panel vault`: the keys that secrets are sealed with."""

from __future__ import annotations

from collections.abc import Iterator

import click

from panel.access.identity import acting_as, system
from panel.cli.context import find_institution, institution_option, json_option, panel, show
from panel.org.models import Institution


@click.group()
def vault() -> None:
    """The keys that stored secrets are sealed with."""


@vault.command()
@json_option
def status(as_json: bool) -> None:
    """Print every data key: its master key, and how many secrets it seals. Ends with 1 where one does not open."""
    from panel.vault import rotation, sealing
    from panel.vault.models import DataKey

    with panel():
        rows, failing = [], False
        for institution in Institution.select().order_by(Institution.id):
            used = rotation.sealed_with(institution)
            for key in DataKey.select().where(DataKey.institution == institution).order_by(DataKey.number):
                opens = sealing.opens(key)
                failing = failing or not opens
                rows.append(
                    {
                        "institution": institution.name,
                        "key": key.number,
                        "master": key.master,
                        "state": "lost" if not opens else "replaced" if key.retired_at else "in force",
                        "secrets": used.get(key.number, 0),
                    }
                )
        show(rows, as_json)
        if failing:
            raise SystemExit(1)


@vault.command()
@click.option("--master", is_flag=True, help="Only a new master key; secrets stay as they are.")
@click.option("--data", is_flag=True, help="Only new data keys; the master key stays.")
@institution_option
def rotate(master: bool, data: bool, institution: str | None) -> None:
    """Make new keys while the panel runs: a master key, and a data key of each institution.

    Every secret is sealed anew. Broken off, `panel vault finish` or the coming night takes it up; meanwhile both keys
    open. With keys in the setting vault_key, put the new one before the others there first.
    """
    from panel.config import Settings
    from panel.runtime import runtime
    from panel.vault import masters, rotation

    with panel():
        if master or not data:
            settings: Settings = runtime().settings
            count = rotation.rewrap_all() if settings.vault_key else rotation.renew_master()
            click.echo(f"master key {masters.in_force().id} wraps {count} keys anew")
        if data or not master:
            for one in (i for i in _institutions(institution) if rotation.sealed_with(i)):
                with acting_as(system(one)):
                    key = rotation.renew_data_key(one)
                    click.echo(f"{one.name}: key {key.number} seals {rotation.reseal(one)} secrets anew")


@vault.command()
@institution_option
def finish(institution: str | None) -> None:
    """Take up a rotation that was broken off."""
    from panel.vault import rotation

    with panel():
        click.echo(f"{rotation.rewrap_all()} keys wrapped anew")
        for one in _institutions(institution):
            with acting_as(system(one)):
                click.echo(f"{one.name}: {rotation.reseal(one)} secrets sealed anew")


@vault.command()
def forget() -> None:
    """Delete keys that were replaced and seal nothing any more.

    A backup from before cannot be read without its master key: keep a copy of the file apart for as long as you keep
    such backups.
    """
    from panel.vault import rotation

    with panel():
        data, master = rotation.forget()
        click.echo(f"{data} data keys and {master} master keys are gone")


def _institutions(name: str | None) -> Iterator[Institution]:
    if name is not None:
        yield find_institution(name)
    else:
        yield from list(Institution.select().order_by(Institution.id))


commands = [vault]
