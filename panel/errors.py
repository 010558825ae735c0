"""Refusals: what the panel will not do, worded for the person who asked."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A verb declined. `message` is shown to the user; `field` names the form field to mend, if one is."""

    status = 422

    def __init__(self, message: Any, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Stale(Refused):
    """The row was changed by someone else since it was read. `theirs` maps field name to the stored value."""

    status = 409

    def __init__(self, message: Any, theirs: dict[str, Any]) -> None:
        super().__init__(message)
        self.theirs = theirs


class InUse(Refused):
    """The row is still referred to. `dependants` lists (model title, count, up to five rows)."""

    status = 409

    def __init__(self, message: Any, dependants: list[tuple[str, int, list[Any]]]) -> None:
        super().__init__(message)
        self.dependants = dependants


class NotAllowed(Refused):
    """The user lacks the permission."""

    status = 403


class NotFound(Refused):
    """The row does not exist, or is out of the user's sight; the two are never told apart."""

    status = 404
