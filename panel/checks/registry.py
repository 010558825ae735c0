"""All checks of core areas and plugins, collected once at start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from panel.checks.declare import Check, Judged

if TYPE_CHECKING:
    from panel.plugin import Loaded

GRAMMAR = re.compile(r"[a-z_]+\.[a-z_]+")


class Checks:
    """The checks by code; one instance, `checks`, filled by `collect`."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._judged: dict[str, Judged] = {}

    def __iter__(self) -> Iterator[Check]:
        return iter(self._checks.values())

    def __getitem__(self, code: str) -> Check:
        return self._checks[code]

    def __contains__(self, code: object) -> bool:
        return code in self._checks

    @property
    def judgements(self) -> list[Judged]:
        return list(self._judged.values())

    def of(self, areas: Iterable[str]) -> list[Check]:
        """The checks of these areas."""
        wanted = set(areas)
        return [check for check in self if check.area in wanted]

    def collect(self, areas: Iterable[Loaded]) -> list[str]:
        """Take up the checks of every area's `rules.py`; gives what is wrong, one line each."""
        from panel.checks.reads import problems

        self._checks, self._judged = {}, {}
        wrong: list[str] = []
        for area in areas:
            for found in area.defined("rules", (Check, Judged)):
                where = f"plugin {area.name}: {area.folder / 'rules.py'}: {found.code}"
                if found.area != area.name or not GRAMMAR.fullmatch(found.code):
                    wrong.append(f"{where}: its code must read {area.name}.<what is wrong>")
                if found.code in self._checks or found.code in self._judged:
                    wrong.append(f"{where}: the code is taken twice")
                self.add(found)
            wrong += [f"plugin {area.name}: {problem}" for check in self.of([area.name]) for problem in problems(check)]
        return wrong

    def add(self, found: Any) -> None:
        """Take up one check or judgement."""
        store: dict[str, Any] = self._checks if isinstance(found, Check) else self._judged
        store[found.code] = found

    def remove(self, code: str) -> None:
        self._checks.pop(code, None)
        self._judged.pop(code, None)


checks = Checks()
