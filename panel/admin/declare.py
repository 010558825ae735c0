"""What a view declares of itself, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Crud:
    """The permission each door of a view asks for. A door without one does not exist."""

    view: StrEnum | str
    create: StrEnum | str | None = None
    edit: StrEnum | str | None = None
    delete: StrEnum | str | None = None
    export: StrEnum | str | None = None
    import_: StrEnum | str | None = None
    reveal: StrEnum | str | None = None  # personal data in full


@dataclass(frozen=True)
class Menu:
    """An entry of the side menu: views of the same section stand together, by order."""

    section: Any
    label: Any
    order: int = 100


@dataclass(frozen=True)
class Section:
    """A part of a form and of the details page."""

    title: Any
    fields: tuple[str, ...]
    help: Any = ""


@dataclass(frozen=True)
class Bulk:
    """An action on many rows. `confirm(n)` words the question; without one, a general one is asked.

    With `page`, an endpoint, that page asks for whatever more is needed; it is given the ids as `row`, repeated. Such
    an action is an attribute of the view; the others are made by `bulk`.
    """

    name: str
    label: Any
    permission: StrEnum | str
    confirm: Callable[[int], Any] | None = None
    danger: bool = False
    page: str = ""


def bulk(
    label: Any,
    permission: StrEnum | str,
    confirm: Callable[[int], Any] | None = None,
    danger: bool = False,
) -> Callable[[F], F]:
    """Mark a method of a view, `(self, rows) -> int`, as an action on the ticked rows; it gives how many it changed."""

    def mark(method: F) -> F:
        method.bulk = Bulk(method.__name__, label, permission, confirm, danger)  # type: ignore[attr-defined]
        return method

    return mark
