"""What a target wants from a sheet: one `Column` for each of its fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any


class Kind(StrEnum):
    """How the cells of a column are read; in brackets the value a cell gives."""

    TEXT = "text"  # str
    IDENTIFIER = "identifier"  # str without any space
    PERSON = "person"  # people.Named
    PEOPLE = "people"  # list[people.Named]
    DATE = "date"  # datetime.date
    PHONE = "phone"  # str; list[str] with `multiple`
    INTEGER = "integer"  # int
    DECIMAL = "decimal"  # decimal.Decimal
    BOOLEAN = "boolean"  # bool
    CHOICE = "choice"  # the value in `choices`


def fold(text: str) -> str:
    """The text as it is compared: NFKC, case folded, letters and digits only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class Column:
    """One field of an import target.

    `synonyms`: headings that mean this field. `multiple`: several headings (运营人1, 运营人2) and, for phones, several
    values in a cell are gathered in one list. `choices`: spelling -> value. `empties`: further words that mean nothing
    is entered. `spans`: one value may stand for the rows below it, as a merged cell does. `infer_from`: the field whose
    texts tell the value of a merged cell that was left empty. `parser`: replaces the reading of the kind; takes the
    cleaned text and raises `BadValue`.
    """

    name: str
    label: Any
    kind: Kind = Kind.TEXT
    synonyms: tuple[str, ...] = ()
    required: bool = False
    multiple: bool = False
    choices: Mapping[str, Any] = field(default_factory=dict)
    empties: frozenset[str] = frozenset()
    spans: bool = False
    infer_from: str | None = None
    max_length: int = 500
    minimum: int | None = 0
    maximum: int | None = 2**31 - 1
    earliest: date = date(1900, 1, 1)
    latest: date = date(2100, 12, 31)
    parser: Callable[[str], Any] | None = None

    @cached_property
    def _fixed_keys(self) -> tuple[str, ...]:
        return tuple(map(fold, (self.name, *self.synonyms)))

    @property
    def keys(self) -> tuple[str, ...]:
        """Folded headings that mean this column; the label is in the language of whoever imports."""
        return (fold(str(self.label)), *self._fixed_keys)

    @cached_property
    def folded_choices(self) -> dict[str, Any]:
        return {fold(spelling): value for spelling, value in self.choices.items()}

    @property
    def gathers(self) -> bool:
        """Several cells of one row make one list."""
        return self.kind == Kind.PEOPLE or self.multiple
