"""What one cell can do wrong."""

from __future__ import annotations


class BadValue(ValueError):
    """A cell's text cannot be what its column wants; `message` tells the user why and what to write."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
