"""The `panel` command. Each module of this package brings its `commands`."""

from __future__ import annotations

import importlib
import pkgutil

import click

from panel import StartError, __version__
from panel.config import SettingsError
from panel.errors import Refused
from panel.plugin import PluginError


class _Panel(click.Group):
    """A group whose refusals are one line on the terminal, not a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (StartError, SettingsError, PluginError, Refused) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Panel, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Zhangyin 掌印")
def main() -> None:
    """Run and look after a Zhangyin panel.

    First time: `panel demo` shows a sample university; `panel serve` starts your own, and its first page sets it up.
    """


for _module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
    for _command in getattr(importlib.import_module(f"{__name__}.{_module.name}"), "commands", ()):
        main.add_command(_command)
