"""Choices: a value as stored, its label, and the badge that shows it, in one place."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self


class Choice(StrEnum):
    """Members are `NAME = "value", label, style`; `style` is a class of the stylesheet such as `state-ok`."""

    label: Any
    style: str

    def __new__(cls, value: str, label: Any = None, style: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label if label is not None else value
        member.style = style
        return member

    @classmethod
    def pairs(cls) -> list[tuple[str, Any]]:
        """(value, label) pairs, as peewee's `choices=` and WTForms' selects take them."""
        return [(m.value, m.label) for m in cls]

    @classmethod
    def sql(cls, column: str) -> str:
        """The check constraint that holds `column` to these values."""
        return f"{column} IN ({', '.join(repr(m.value) for m in cls)})"
