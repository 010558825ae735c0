"""What a sender is: it opens a session on a channel, and the session sends letters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from panel.notify.models import Channel
    from panel.org.models import Person

TIMEOUT = 10  # seconds for each step of a conversation


class SendFailed(Exception):
    """A letter did not leave. `for_good`: it never will; `wait`: seconds the channel wants to be left alone."""

    def __init__(self, message: str, *, for_good: bool = False, wait: float | None = None) -> None:
        super().__init__(message[:300])
        self.for_good = for_good
        self.wait = wait


@dataclass(frozen=True)
class Letter:
    """A message ready to leave. `to` is None for a group; `number` is the delivery's, the same at every attempt."""

    number: int
    subject: str
    text: str
    to: Person | None = None
    mobiles: tuple[str, ...] = ()  # of the people a group robot should call by name
    items: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Limit:
    """A token bucket: `burst` letters at once, `per_minute` in the long run; burst + per_minute is what is allowed."""

    burst: int
    per_minute: float


class Session(Protocol):
    """An open channel."""

    def send(self, letter: Letter) -> None:
        """Send one letter. Raises SendFailed."""


class Sender(ABC):
    """A kind of channel. `group`: its letters go to everybody behind it, not to one person."""

    group: ClassVar[bool] = False
    limit: ClassVar[Limit | None] = None
    needs: ClassVar[tuple[str, ...]] = ()  # settings that must be there
    secrets: ClassVar[tuple[str, ...]] = ()  # and those that are kept sealed

    def reaches(self, channel: Channel, person: Person) -> bool:
        """Whether a person can be told by it."""
        return True

    @abstractmethod
    def open(self, channel: Channel, secret: Mapping[str, str]) -> AbstractContextManager[Session]:
        """Begin to send. Raises SendFailed where the channel cannot be reached."""


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` bytes of UTF-8, cut between characters and marked with an ellipsis."""
    data = text.encode()
    if len(data) <= limit:
        return text
    mark = "…"
    return data[: limit - len(mark.encode())].decode(errors="ignore") + mark
