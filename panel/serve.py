"""`panel serve`: Redis, migrations, scheduler, workers and web as one supervised tree."""

from __future__ import annotations

import fcntl
import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from panel import config, redis_server
from panel.config import Settings
from panel.errors import Refused
from panel.i18n import _
from panel.supervisor import Patience, Program, Supervisor

LOCK_FILE = "panel.lock"


def serve(
    settings: Settings,
    *,
    before: Sequence[Program] = (),
    greeting: Callable[[str], list[str]] | None = None,
    patience: Patience | None = None,
) -> int:
    """Run the panel until Ctrl-C or SIGTERM; gives the exit status.

    `before` runs between the migrations and the first long-lived process (sample data). `greeting` takes the panel's
    address and gives the lines to print once it answers. Raises Refused when the port or the instance is taken.
    """
    settings.instance.mkdir(parents=True, exist_ok=True)
    with instance_lock(settings), listening(settings.host, settings.port) as listener:
        config.make_secret(settings.instance)
        supervisor = Supervisor([*_services(settings), *before, *_processes(settings, listener)], patience)

        def announce() -> None:
            for line in greeting(address(listener)) if greeting else [address(listener)]:
                supervisor.say(line)

        return supervisor.run(announce)


def panel_command(*words: str) -> list[str]:
    """The command line of a `panel` command, run by this Python and never by what lies in the current folder."""
    return [sys.executable, "-P", "-m", "panel", *words]


def _services(settings: Settings) -> Iterator[Program]:
    """What must be there before the panel's own processes."""
    if not settings.redis:
        instance = settings.instance
        redis_server.end_leftover(instance)
        yield Program(
            "redis",
            redis_server.command(instance),
            ready=lambda: redis_server.answers(redis_server.url(instance)),
            on_false_start=lambda: redis_server.set_data_aside(instance),  # or the panel would never start again
            mute="Memory overcommit|signal-handler|bye bye",
        )
    yield Program("migrate", panel_command("migrate"), once=True, environ=environ(settings))


def _processes(settings: Settings, listener: socket.socket) -> Iterator[Program]:
    """The panel itself; the web first, as someone is waiting for it."""
    env = environ(settings)
    yield Program(
        "web",
        panel_command("web", "--fd", str(listener.fileno())),
        ready=lambda: healthy(listener),
        environ=env,
        keep_fds=(listener.fileno(),),
    )
    yield Program("scheduler", panel_command("scheduler"), environ=env)
    for number in range(1, settings.workers + 1):
        name = "worker" if settings.workers == 1 else f"worker{number}"
        # A worker asked to stop would first finish its job, without Redis; killed, its run is simply done again.
        yield Program(name, panel_command("worker"), environ=env, death_signal=signal.SIGKILL)


def environ(settings: Settings) -> dict[str, str]:
    """The settings as PANEL_* variables, so that every child has the same, whatever they came from."""
    values = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name != "secret_key"}
    values["redis"] = settings.redis or redis_server.url(settings.instance)
    values["plugins"] = settings.plugins.resolve()
    return {f"PANEL_{name.upper()}": str(value) for name, value in values.items()}


# ── one process per port and per instance ──────────────────────────────────────────────────────


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The panel's listening socket, held while the web processes behind it come and go.

    Raises Refused when the port is taken or may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(256)
        except (OSError, socket.gaierror) as error:
            raise Refused(
                _(
                    "Cannot listen on %(host)s, port %(port)s: %(why)s. End the other program, or choose another port: "
                    "--port, or port in panel.toml.",
                    host=host,
                    port=port,
                    why=error.strerror,
                )
            ) from error
        listener.set_inheritable(True)
        yield listener


@contextmanager
def instance_lock(settings: Settings) -> Iterator[None]:
    """Hold the instance folder; the lock ends with the process, however it ends. Raises Refused when it is held."""
    path = settings.instance / LOCK_FILE
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(_in_use(settings.instance, path)) from error
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()} {settings.host}:{settings.port}\n".encode())
        yield
        os.truncate(handle, 0)
    finally:
        os.close(handle)


def _in_use(instance: Path, lock: Path) -> str:
    pid, _sep, where = lock.read_text(errors="replace").strip().partition(" ")
    return _(
        "The folder %(folder)s is already served by process %(pid)s on %(where)s. Use that one, end it, or choose "
        "another folder with PANEL_INSTANCE.",
        folder=instance,
        pid=pid or "?",
        where=where or "?",
    )


# ── is it up, and where ────────────────────────────────────────────────────────────────────────


def _reachable(listener: socket.socket) -> tuple[str, int]:
    """Host and port at which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104


def address(listener: socket.socket) -> str:
    """The URL to type into a browser on this machine."""
    host, port = _reachable(listener)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def healthy(listener: socket.socket) -> bool:
    """Whether the panel answers its health check."""
    connection = http.client.HTTPConnection(*_reachable(listener), timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
