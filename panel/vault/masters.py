"""Master keys: from the setting, or a file readable by its owner alone. They wrap data keys and nothing else."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel.config import master_keys
from panel.errors import Refused
from panel.i18n import _
from panel.runtime import runtime


@dataclass(frozen=True)
class Master:
    """A master key. Its id is a digest, and says nothing of the key."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"zhangyin vault master" + self.key).hexdigest()[:12]


def known() -> list[Master]:
    """The master keys at hand, the one in force first. The file is read each time: a new key needs no restart."""
    settings = runtime().settings
    written = settings.vault_key
    if not written and settings.vault_file.is_file():
        written = settings.vault_file.read_text(encoding="ascii")
    return [Master(key) for key in master_keys(written)]


def in_force() -> Master:
    """The master key new data keys are wrapped with. Raises Refused where there is none."""
    found = known()
    if not found:
        raise Refused(missing())
    return found[0]


def missing() -> str:
    """What to say where the key that is needed is not at hand."""
    return _(
        "A stored secret cannot be read: %(file)s is missing or not the one it was written with.",
        file=runtime().settings.vault_file.name,
    )


def make() -> None:
    """Write the first master key, unless there is one already."""
    settings = runtime().settings
    if settings.vault_key:
        return
    with _locked(settings.vault_file):
        if not settings.vault_file.is_file():
            _write(settings.vault_file, [Master(AESGCM.generate_key(256))])


def renew() -> Master:
    """Put a new master key before the others in the file. Raises Refused where the setting names the keys."""
    settings = runtime().settings
    if settings.vault_key:
        raise Refused(
            _("The keys of the vault are set by vault_key: put a new one before the others there, and run this again.")
        )
    with _locked(settings.vault_file):
        _write(settings.vault_file, [Master(AESGCM.generate_key(256)), *known()])
    return in_force()


def forget(unused: set[str]) -> None:
    """Take master keys out of the file; the one in force stays."""
    settings = runtime().settings
    if settings.vault_key:
        return
    with _locked(settings.vault_file):
        first, *rest = known()
        _write(settings.vault_file, [first, *(m for m in rest if m.id not in unused)])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, masters: list[Master]) -> None:
    """Whole or not at all."""
    temporary = path.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as target:
        target.writelines(base64.b64encode(master.key).decode() + "\n" for master in masters)
        target.flush()
        os.fsync(target.fileno())
    temporary.replace(path)
