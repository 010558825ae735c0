"""Secrets at rest: AES-256-GCM under a key file of the instance, readable by its owner alone."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel.errors import Refused
from panel.i18n import _
from panel.runtime import runtime

KEY_FILE = "vault.key"
PREFIX = "v1:"
NONCE = 12  # bytes


def seal(text: str, purpose: str) -> str:
    """Encrypt a secret. `purpose` says what it is for; a text sealed for one purpose opens for no other."""
    nonce = os.urandom(NONCE)
    sealed = AESGCM(_key(make=True)).encrypt(nonce, text.encode(), purpose.encode())
    return PREFIX + base64.b64encode(nonce + sealed).decode()


def reveal(sealed: str, purpose: str) -> str:
    """Decrypt a secret. Raises Refused where the key is another one, or the text was tampered with."""
    try:
        if not sealed.startswith(PREFIX):
            raise ValueError
        data = base64.b64decode(sealed.removeprefix(PREFIX), validate=True)
        return AESGCM(_key(make=False)).decrypt(data[:NONCE], data[NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        message = _("A stored secret cannot be read: %(file)s is missing or not the one it was written with.")
        raise Refused(message % {"file": KEY_FILE}) from error


def _key(make: bool) -> bytes:
    path = runtime().settings.instance / KEY_FILE
    if not path.is_file():
        if not make:
            raise ValueError(KEY_FILE)
        _write(path)
    return base64.b64decode(path.read_text("ascii"), validate=True)


def _write(path: Path) -> None:
    """A new key, whole or not at all; whoever comes second keeps the first one's."""
    temporary = path.with_suffix(f".{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as target:
        target.write(base64.b64encode(AESGCM.generate_key(256)).decode())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
