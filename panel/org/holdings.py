"""What a person can hold. Each area declares its kinds; leaving or moving lists them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from panel.org.models import Person


@dataclass(frozen=True)
class Holding:
    """A kind of thing a person holds, such as `accounts.custodian`.

    `held_by(people)` gives the open rows of any of these people, set-based; `holder(row)` the person's id;
    `subject(row)` what is held, as text; `hand_over(row, successor, note)` ends it for the holder and begins it for the
    successor; `end(row, note)` ends it without one (None: it must have a successor). Both verbs are services: one
    transaction, audited, raising Refused where the successor may not hold it.
    """

    kind: str
    title: Any
    held_by: Callable[[Iterable[Person]], Iterable[Any]]
    holder: Callable[[Any], int]
    subject: Callable[[Any], str]
    hand_over: Callable[[Any, Person, str], Any]
    end: Callable[[Any, str], Any] | None = None


@dataclass(frozen=True)
class Held:
    """One thing one person holds. `key` names it in a form: `accounts.custodian:17`."""

    holding: Holding
    row: Any

    @property
    def key(self) -> str:
        return f"{self.holding.kind}:{self.row.id}"

    @property
    def text(self) -> str:
        return self.holding.subject(self.row)


def held(person: Person, holdings: Iterable[Holding]) -> list[Held]:
    """Everything a person holds, in every area."""
    return [Held(holding, row) for holding in holdings for row in holding.held_by([person])]
