"""`panel backup` and `panel restore`: one file that holds database and uploads."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder.  [default: backups in the instance]")
@click.option("--with-keys", is_flag=True, help="Put the keys in, too: whoever has the file reads every secret.")
@click.option("--check", "file", type=click.Path(exists=True, path_type=Path), help="Only prove that FILE restores.")
def backup(folder: Path | None, with_keys: bool, file: Path | None) -> None:
    """Save database and uploads in one file, while the panel runs, and prove that it restores.

    Secrets stay sealed in it. The keys (vault.key, audit.key, secret.key) are not in it: keep a copy of them apart.
    """
    from panel import backup as backups
    from panel import create_app
    from panel.database import db
    from panel.runtime import runtime

    app = create_app()
    with app.app_context(), db.connection_context():
        settings = runtime().settings
        try:
            path = file or backups.make(settings, folder or settings.backups, with_keys)
            manifest = backups.prove(path, settings)
        except backups.BackupError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
    rows = sum(manifest.rows.values())
    click.echo(f"{path}: {rows} rows, {len(manifest.files)} files, {path.stat().st_size // 1024} KiB; it restores")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Bring the backup FILE back into an empty instance; stop the panel first.

    Keys that are in the file are put in place where there are none. Afterwards: panel migrate, panel doctor.
    """
    from panel import backup as backups
    from panel import config, plugin

    settings = config.load()
    registry = plugin.load(settings.plugins, strict=settings.environment != "production")
    try:
        manifest = backups.restore(file, settings, registry)
    except backups.BackupError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    click.echo(f"restored the state of {manifest.made_at}: {sum(manifest.rows.values())} rows")
    if not settings.vault_key and not settings.vault_file.is_file():
        click.echo(f"Put {settings.vault_file.name} back: without it no stored secret can be read.")
    click.echo("Now: panel migrate, then panel doctor")


commands = [backup, restore]
