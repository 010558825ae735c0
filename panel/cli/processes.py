"""`panel serve` and the processes it is made of, each of which can also be run by itself on machines of its own."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from panel import config
from panel.config import Settings
from panel.errors import Refused
from panel.i18n import _


def _log_to_terminal(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level, format="%(levelname)s %(name)s: %(message)s")


def settings_for_serving(**overrides: Any) -> Settings:
    """The settings; makes the signing secret of an instance that has none. `None` overrides nothing."""
    instance = Path(os.environ.get("PANEL_INSTANCE") or "instance").resolve()
    try:
        config.make_secret(instance)
    except OSError as error:
        message = _(
            "Cannot write to %(folder)s: %(why)s. Choose another folder with PANEL_INSTANCE.",
            folder=instance,
            why=error.strerror,
        )
        raise Refused(message) from error
    return config.load(**_given(**overrides))


def _given(**options: Any) -> dict[str, Any]:
    """The options that were given on the command line."""
    return {name: value for name, value in options.items() if value is not None}


@click.command()
@click.option("--host", help="Address to listen on; 0.0.0.0 for the whole network.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
def serve(host: str | None, port: int | None) -> None:
    """Run the whole panel: web, workers, scheduler and, unless one is named in the settings, Redis.

    Ctrl-C ends all of it. A part that dies is started again.
    """
    from panel.serve import serve as run

    settings = settings_for_serving(host=host, port=port)
    sys.exit(run(settings, greeting=lambda address: _greeting(settings, address)))


def _greeting(settings: Settings, address: str) -> list[str]:
    """Where the panel is; for one that is not set up yet, the address with its one-time token."""
    from panel import database
    from panel.access import setup

    database.connect(settings.database_url)
    with database.db.connection_context():
        token = setup.token()
    if token is None:
        return [address]
    return [
        "",
        "  掌印 Zhangyin is not set up yet. Open this address, once, to name the institution and its administrator:",
        f"  {address}setup?token={token}",
        "",
    ]


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
@click.option("--fd", type=int, hidden=True, help="A listening socket that was inherited.")
def web(host: str | None, port: int | None, fd: int | None) -> None:
    """Run the web server alone."""
    from gunicorn.app.base import BaseApplication

    from panel import create_app, lifeline

    lifeline.tie_to_supervisor()
    settings = config.load(**_given(host=host, port=port))
    _log_to_terminal(settings)
    named = f"[{settings.host}]" if ":" in settings.host else settings.host
    options = {
        "bind": f"fd://{fd}" if fd is not None else f"{named}:{settings.port}",
        "worker_class": "gthread",
        "workers": 1,  # more than one process gains nothing on SQLite; on PostgreSQL run `panel web` on more machines
        "threads": settings.threads,
        "timeout": 120,
        "graceful_timeout": 8,  # below the supervisor's patience
        "keepalive": 5,
        "loglevel": "warning",
        "control_socket_disable": True,
        "proc_name": "zhangyin-web",
    }

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app(settings)

    Server().run()


@click.command()
@click.option("--burst", is_flag=True, help="End when the queues are empty.")
@click.option("--queue", "queues", multiple=True, help="Take work of this queue only; may be repeated.")
def worker(burst: bool, queues: tuple[str, ...]) -> None:
    """Run one background worker. Any number may run, on any number of machines."""
    from panel import create_app, lifeline
    from panel.jobs import worker as jobs

    lifeline.tie_to_supervisor(signal.SIGKILL)
    settings = config.load()
    _log_to_terminal(settings)
    jobs.work(create_app(settings), queues or jobs.QUEUES, burst=burst)


@click.command()
def scheduler() -> None:
    """Run the planner: it starts what is due and sends again what got lost. Several at once are harmless."""
    from panel import create_app, lifeline
    from panel.jobs.planner import Planner

    lifeline.tie_to_supervisor()
    settings = config.load()
    _log_to_terminal(settings)
    Planner(create_app(settings)).run()


commands = [serve, web, worker, scheduler]
