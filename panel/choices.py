"""Choices: a value as stored, its label, and the badge that shows it, in one place."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self


class Pairs(list[tuple[str, Any]]):
    """Pairs that remember the choices they came from."""

    choice: type[Choice]


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
    def pairs(cls) -> Pairs:
        """(value, label) pairs, as peewee's `choices=` and WTForms' selects take them."""
        pairs = Pairs((m.value, m.label) for m in cls)
        pairs.choice = cls
        return pairs

    @classmethod
    def styles(cls) -> dict[str, str]:
        """The class of the stylesheet for each value that has one."""
        return {m.value: m.style for m in cls if m.style}

    @classmethod
    def sql(cls, column: str) -> str:
        """The check constraint that holds `column` to these values."""
        return f"{column} IN ({', '.join(repr(m.value) for m in cls)})"
