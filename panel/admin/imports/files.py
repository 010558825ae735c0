"""Uploaded spreadsheets, kept by the hash of their content outside the web root."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from panel.errors import Refused
from panel.i18n import _
from panel.runtime import runtime


def folder() -> Path:
    return runtime().settings.instance / "imports"


def keep(data: bytes) -> str:
    """Store a file and give its name; the same content is stored once."""
    name = hashlib.sha256(data).hexdigest()
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (place / name).exists():
        handle, path = tempfile.mkstemp(dir=place, prefix=".")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(path).replace(place / name)
    else:
        (place / name).touch()
    return name


def path_of(name: str) -> Path:
    """Where a stored file is. Raises Refused when it was deleted, as old ones are."""
    path = folder() / name
    if not path.is_file():
        raise Refused(_("The uploaded file is no longer kept. Upload it again."))
    return path


def stored() -> list[Path]:
    """Every stored file."""
    place = folder()
    return [p for p in place.iterdir() if p.is_file()] if place.is_dir() else []
