"""Personal data on pages: phones, mailboxes and ID numbers are shown with their middle hidden."""

from __future__ import annotations

HIDDEN = "****"


def masked(text: str) -> str:
    """A value with its middle hidden: 138****2210, z***@example.com, 3201**********1234."""
    name, at, host = text.partition("@")
    if at:
        return f"{name[:1]}***@{host}"
    if len(text) >= 15:  # an ID number
        return f"{text[:4]}{'*' * (len(text) - 8)}{text[-4:]}"
    return f"{text[:3]}{HIDDEN}{text[-4:]}" if len(text) > 7 else "*" * len(text)
