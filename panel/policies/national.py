"""National rules: data of their own, by kind of institution, with source and date (`national.toml`)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from panel.database import key_of
from panel.i18n import choose_locale
from panel.org.models import Institution


@dataclass(frozen=True)
class National:
    """A rule of the law or of a platform. `parameter` is the policy's column it speaks about, if one is."""

    id: str
    kinds: tuple[str, ...]
    valid_from: date
    title: str
    title_zh: str
    source: str
    basis: str
    parameter: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)  # at_most, at_least, is
    valid_until: date | None = None

    @property
    def text(self) -> str:
        """The rule in the user's language."""
        return self.title if choose_locale() == "en" else self.title_zh

    def binds(self, institution: Institution, day: date) -> bool:
        """Whether it is in force for an institution on a day."""
        in_force = self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
        return in_force and (not self.kinds or institution.kind in self.kinds)

    def contradicts(self, value: Any) -> bool:
        """Whether a parameter's value goes against it. An empty figure does: the rule would not be looked at."""
        if "is" in self.limits:
            return bool(value) != self.limits["is"]
        if value is None:
            return True
        return bool(value > self.limits.get("at_most", value) or value < self.limits.get("at_least", value))


@functools.cache
def national() -> tuple[National, ...]:
    """All national rules."""
    with (Path(__file__).parent / "national.toml").open("rb") as source:
        rows = tomllib.load(source)["rule"]
    return tuple(
        National(
            kinds=tuple(row.pop("kinds")),
            limits={name: row.pop(name) for name in ("at_most", "at_least", "is") if name in row},
            **row,
        )
        for row in rows
    )


def binding(institution: Institution, day: date) -> list[National]:
    """The national rules in force for an institution."""
    return [rule for rule in national() if rule.binds(institution, day)]


def conflicts(institution: Institution, model: Any, values: Mapping[str, Any], day: date) -> list[tuple[str, National]]:
    """(parameter, rule) wherever a value of this policy goes against a national rule."""
    key = key_of(model)
    return [
        (name, rule)
        for rule in binding(institution, day)
        for area, _dot, name in [rule.parameter.rpartition(".")]
        if area == key and name in values and rule.contradicts(values[name])
    ]
