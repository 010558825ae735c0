"""What a model declares to be an import target. Views name it: `import_target = PEOPLE`; or, where the columns hold
rows of the institution, a function of it: `import_target = staticmethod(account_import)`.

A plan holds, for every row, values keyed by column name. References are resolved by the planner before the target sees
them: a column named in `units` becomes a Unit id, a PERSON column a Person id, a PEOPLE column a list of Person ids
(while planning, a unit or person still to be created stands as `New`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from panel.admin.imports.columns import Column
from panel.org.models import Institution

Values = dict[str, Any]


class New(NamedTuple):
    """A unit or person the sheet names and the roster does not know; created on confirmation."""

    kind: str  # "unit" or "person"
    name: str


class Current(NamedTuple):
    """A row as it is stored: id, version, and its values in the planner's form (ids, dates, lists of ids, text)."""

    id: int
    version: int
    values: Values


class Problem(NamedTuple):
    """Why a row is refused: the column it concerns and a sentence for the user."""

    column: str
    message: str


class Change(NamedTuple):
    """What to change in a stored row: only the values that differ."""

    id: int
    version: int
    values: Values


def _no_problem(_values: Values) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True)
class Target:
    """A model that sheets are imported into.

    `key(values)` tells which rows are the same thing (None: never); it is asked of sheet rows and of `current` alike.
    `current(institution)` loads what is stored, in a constant number of queries.
    `check(values)` refuses what the columns alone cannot see. `label(values)` names a row in the plan.
    `create(institution, rows)` and `change(institution, changes)` write set-based, inside the importer's transaction,
    through `panel.records`; an empty cell never clears a stored value, so `changes` hold filled cells only.
    """

    model: type[Any]
    permission: StrEnum
    columns: Sequence[Column]
    key: Callable[[Mapping[str, Any]], Hashable | None]
    current: Callable[[Institution], Iterable[Current]]
    create: Callable[[Institution, list[Values]], Any]
    change: Callable[[Institution, list[Change]], Any]
    label: Callable[[Mapping[str, Any]], str]
    check: Callable[[Values], Iterable[Problem]] = _no_problem
    units: tuple[str, ...] = ()


def target_for(declared: Target | Callable[[Institution], Target], institution: Institution) -> Target:
    """The target a view declares, made for an institution where it differs by institution."""
    return declared if isinstance(declared, Target) else declared(institution)
