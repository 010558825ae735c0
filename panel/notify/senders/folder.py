"""Mail into a folder of the instance, for trying the panel out without a mail server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from panel.notify.senders.base import Letter, Sender, SendFailed, Session
from panel.notify.senders.mail import letter_as_mail
from panel.runtime import runtime


def folder_of(channel: Any) -> Path:
    """Where the mail of a channel is put."""
    return runtime().settings.instance / "outgoing" / str(channel.id)


class _Box:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, letter: Letter) -> None:
        path = self.folder / f"{letter.number:08}.eml"
        temporary = path.with_suffix(f".{os.getpid()}")
        try:
            temporary.write_bytes(letter_as_mail(letter, "panel@zhangyin.invalid").as_bytes())
            temporary.replace(path)
        except OSError as error:
            raise SendFailed(str(error)) from error


class Folder(Sender):
    """Writes each letter as a mail file; a second attempt replaces the first."""

    def reaches(self, channel: Any, person: Any) -> bool:
        return "@" in person.email

    @contextmanager
    def open(self, channel: Any, secret: Mapping[str, str]) -> Iterator[Session]:
        folder = folder_of(channel)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SendFailed(str(error)) from error
        yield _Box(folder)
