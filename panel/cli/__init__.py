"""The `panel` command. Each module of this package brings its `commands`."""

from __future__ import annotations

import functools
import importlib
import pkgutil

import click

from panel import StartError, __version__
from panel.config import SettingsError
from panel.config import load as read_settings
from panel.errors import Refused
from panel.plugin import PluginError, load


class _Panel(click.Group):
    """A group whose refusals are one line on the terminal, not a traceback. Plugins bring commands, too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_of_plugins()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _of_plugins().get(cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (StartError, SettingsError, PluginError, Refused) as error:
            raise click.ClickException(str(error)) from error


@functools.cache
def _of_plugins() -> dict[str, click.Command]:
    """The commands of the plugins that are there, whether they are switched on or not; none where they cannot load."""
    try:
        registry = load(read_settings().plugins, strict=False)
    except (SettingsError, PluginError):
        return {}  # whatever command runs says so itself
    found = [getattr(entry.modules.get("commands"), "commands", ()) for entry in registry]
    return {command.name: command for commands in found for command in commands}


@click.group(cls=_Panel, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Zhangyin 掌印")
def main() -> None:
    """Run and look after a Zhangyin panel.

    First time: `panel demo` shows a sample university; `panel serve` starts your own, and its first page sets it up.
    """


for _module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
    for _command in getattr(importlib.import_module(f"{__name__}.{_module.name}"), "commands", ()):
        main.add_command(_command)
