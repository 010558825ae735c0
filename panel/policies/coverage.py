"""Which rules of the catalogue are enforced by a check, cited on a page, or proved by a test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from panel.policies.catalogue import Rule, elsewhere, rules

CITED = re.compile(r"\bs\d-\d\d-r\d\d\b")
STATES = ("tested", "cited", "elsewhere", "human", "open")
MARK = re.compile(r"pytest\.mark\.rule\(([^)]*)\)")


@dataclass
class Coverage:
    """Rule id → the files that cite it in code, and that test it; `unknown` are ids that the catalogue lacks."""

    cited: dict[str, list[str]] = field(default_factory=dict)
    tested: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, list[str]] = field(default_factory=dict)

    def state(self, rule: Rule) -> str:
        """`tested`, `elsewhere` (where it belongs is said), `cited`, `human` (no machine can judge it) or `open`."""
        if rule.id in self.tested:
            return "tested"
        if rule.id in elsewhere():
            return "elsewhere"
        if rule.id in self.cited:
            return "cited"
        return "human" if rule.enforce == "human" else "open"

    def summary(self, key: str) -> dict[str, dict[str, int]]:
        """Counts of each state by `area` or `document`."""
        found: dict[str, dict[str, int]] = {}
        for rule in rules().values():
            counts = found.setdefault(getattr(rule, key), {"rules": 0, **dict.fromkeys(STATES, 0)})
            counts["rules"] += 1
            counts[self.state(rule)] += 1
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "rules": {
                rule.id: {
                    "area": rule.area,
                    "state": self.state(rule),
                    "belongs": elsewhere().get(rule.id, ("", ""))[0],
                    "cited": self.cited.get(rule.id, []),
                    "tested": self.tested.get(rule.id, []),
                }
                for rule in rules().values()
            },
            "areas": self.summary("area"),
            "documents": self.summary("document"),
            "unknown": self.unknown,
        }


def coverage(root: Path) -> Coverage:
    """Read the sources below a folder: code of `panel/` and `plugins/`, tests of `tests/` and of the plugins."""
    found = Coverage()
    for path in _sources(root, ("panel", "plugins")):
        if "tests" not in path.relative_to(root).parts:
            _note(found.cited, found.unknown, path.relative_to(root), CITED.findall(path.read_text("utf-8")))
    for path in _sources(root, ("tests", "plugins")):
        marks = [rule for mark in MARK.findall(path.read_text("utf-8")) for rule in CITED.findall(mark)]
        _note(found.tested, found.unknown, path.relative_to(root), marks)
    return found


def _sources(root: Path, folders: Iterable[str]) -> Iterable[Path]:
    return sorted(p for folder in folders for p in (root / folder).rglob("*.py"))


def _note(known: dict[str, list[str]], unknown: dict[str, list[str]], path: Path, ids: Iterable[str]) -> None:
    for rule in dict.fromkeys(ids):
        (known if rule in rules() else unknown).setdefault(rule, []).append(path.as_posix())
