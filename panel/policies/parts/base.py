"""What every part of a preset can do."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from panel.access.models import Role
from panel.org.models import Institution, Unit
from panel.policies.catalogue import cited
from panel.policies.catalogue import rules as catalogue
from panel.policies.national import National
from panel.policies.tables import Table

ROLE_CODES = ("lead", "clerk", "publicity", "finance", "administrator")


@dataclass(frozen=True)
class Asked:
    """An office or a role that a preset names, and that the institution has to say what it calls."""

    kind: str  # office, role
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True)
class Terms:
    """How parts are put in force: from which day, why, and which unit or role stands for each that was asked."""

    institution: Institution
    day: date
    reason: str = ""
    found: Mapping[str, Unit | Role] = field(default_factory=dict)  # by Asked.key
    seen: dict[str, Any] = field(default_factory=dict)

    def once(self, key: str, read: Callable[[], Any]) -> Any:
        """What `read` gives, asked once for all parts."""
        if key not in self.seen:
            self.seen[key] = read()
        return self.seen[key]


@dataclass(frozen=True, kw_only=True)
class Part(ABC):
    """One thing a preset lays down, with the articles it comes from: rules of the catalogue, or an article in words."""

    table: ClassVar[str]  # its array in the file
    rules: tuple[str, ...] = ()
    article: str = ""

    # ── what it is ──────────────────────────────────────────────────────────────────────────────

    @property
    @abstractmethod
    def key(self) -> str:
        """What it is about; two parts of one key cannot both be in force."""

    @property
    @abstractmethod
    def area(self) -> str:
        """The plugin, or the part of the core, that it belongs to."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is about, in words."""

    @property
    def cited(self) -> str:
        """The articles as they are cited."""
        return "、".join(text for text in (self.article, cited(self.rules)) if text)

    def asks(self) -> Sequence[Asked]:
        """Offices and roles to be matched with the institution's."""
        return ()

    # ── what it does here ───────────────────────────────────────────────────────────────────────

    @abstractmethod
    def misfits(self) -> list[tuple[str, str]]:
        """What of it this panel cannot take, by key; asked only where its plugin is installed."""

    @abstractmethod
    def before(self, terms: Terms) -> str:
        """What holds now, in words; empty where nothing does."""

    @abstractmethod
    def after(self, terms: Terms) -> str:
        """What would hold, in words."""

    @abstractmethod
    def holds(self, terms: Terms) -> bool:
        """Whether it is in force already."""

    def plain(self) -> str:
        """What it lays down, as the file has it; for one whose plugin is not installed."""
        return ""

    def against(self, terms: Terms) -> list[National]:
        """The national rules that speak against it."""
        return []

    @classmethod
    @abstractmethod
    def apply(cls, parts: Sequence[Any], terms: Terms) -> None:
        """Put parts of this kind in force, inside the caller's transaction. Raises Refused."""

    # ── in and out of files ─────────────────────────────────────────────────────────────────────

    @classmethod
    @abstractmethod
    def read(cls, table: Table) -> Any:
        """The part as a table of the file lays it down; problems are noted in the table."""

    @abstractmethod
    def written(self) -> dict[str, Any]:
        """The table of the file, without rules and article."""

    @classmethod
    @abstractmethod
    def present(cls, institution: Institution) -> list[Any]:
        """What is in force in an institution, as parts."""

    def worth(self) -> str:
        """What it lays down, as one text to compare by: without its articles."""
        return json.dumps(self.written(), ensure_ascii=False, sort_keys=True, default=str)

    def renamed(self, terms: Terms) -> Any:
        """The part with the institution's own names of offices and roles, as it reads once it is in force."""
        return self

    def as_table(self) -> dict[str, Any]:
        """The whole table of the file."""
        sources = {"rules": list(self.rules), "article": self.article}
        return {**self.written(), **{name: value for name, value in sources.items() if value}}


def sources(table: Table) -> dict[str, Any]:
    """`rules` and `article` of a table; rules must be in the catalogue."""
    rules = table.texts("rules")
    if unknown := [rule for rule in rules if rule not in catalogue()]:
        from panel.i18n import _

        table.wrong("rules", _("not in the catalogue: %(rules)s.", rules=", ".join(unknown)))
    return {"rules": rules, "article": table.text("article", most=200)}


def joined(parts: Iterable[str]) -> str:
    """Parts of a line, the empty ones left out."""
    return " · ".join(part for part in parts if part)
