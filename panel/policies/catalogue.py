"""The rules of the source policies, as data (`catalogue.json`)."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from panel.i18n import choose_locale


@dataclass(frozen=True)
class Document:
    """A source policy; `kind` is the kind of institution it comes from."""

    id: str
    title: str
    kind: str
    institution: str
    covers: str


@dataclass(frozen=True)
class Rule:
    """One rule: its article, one sentence, the area it belongs to, how it is enforced, an acceptance example."""

    id: str
    document: str
    article: str
    rule: str
    area: str
    enforce: str  # automatic, workflow, record or human
    kind: str
    acceptance: str

    @property
    def cited(self) -> str:
        """The article as it is cited: 《…管理办法》第七条."""
        article = f" {self.article}" if self.article[:1].isascii() else self.article
        return f"《{documents()[self.document].title}》{article}"


@functools.cache
def _data() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((Path(__file__).parent / "catalogue.json").read_text("utf-8"))
    return found


@functools.cache
def documents() -> dict[str, Document]:
    """The source policies by id, in order."""
    return {row["id"]: Document(**row) for row in _data()["documents"]}


@functools.cache
def rules() -> dict[str, Rule]:
    """The rules by id, in order."""
    return {row["id"]: Rule(**row) for row in _data()["rules"]}


@functools.cache
def elsewhere() -> dict[str, tuple[str, str]]:
    """Rules that no query can judge: id → (where it belongs, why), from `elsewhere.toml`."""
    with (Path(__file__).parent / "elsewhere.toml").open("rb") as source:
        groups = tomllib.load(source)["group"]
    return {rule: (group["belongs"], group["why"]) for group in groups for rule in group["rules"]}


@functools.cache
def _elsewhere_zh() -> dict[str, tuple[str, str]]:
    with (Path(__file__).parent / "elsewhere.toml").open("rb") as source:
        groups = [group for group in tomllib.load(source)["group"] if "why_zh" in group]
    return {rule: (group["belongs_zh"], group["why_zh"]) for group in groups for rule in group["rules"]}


def elsewhere_worded(rule: str) -> tuple[str, str]:
    """Where a rule belongs that no query can judge, and why, in the user's language."""
    worded = {} if choose_locale() == "en" else _elsewhere_zh()
    return worded.get(rule) or elsewhere()[rule]


def cited(ids: Iterable[str], most: int = 3) -> str:
    """The articles of some rules as they are cited, each once, the first few."""
    return "、".join(list(dict.fromkeys(rules()[rule].cited for rule in ids if rule in rules()))[:most])
