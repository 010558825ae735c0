"""What a change of parameters would open and close, tried out and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from panel import audit
from panel.checks import policy
from panel.checks.declare import Check
from panel.checks.models import Finding
from panel.checks.registry import checks
from panel.checks.saving import recording
from panel.checks.sweep import Report, sweep_checks
from panel.database import db
from panel.org.models import Institution
from panel.policies.national import National, conflicts


@dataclass(frozen=True)
class Effect:
    """How many findings of a check would open and close."""

    check: Check
    opened: int
    closed: int


@dataclass(frozen=True)
class Preview:
    """The effects of a change, and the national rules that speak against it by parameter."""

    effects: list[Effect]
    against: Mapping[str, list[National]]

    @property
    def opened(self) -> int:
        return sum(effect.opened for effect in self.effects)

    @property
    def closed(self) -> int:
        return sum(effect.closed for effect in self.effects)


def preview(model: Any, institution: Institution, valid_from: date, values: dict[str, Any], day: date) -> Preview:
    """Try a change out, as it would be on its first day (today, where that is over). Raises Refused like the change.

    Both sides are swept, so that what is open today for other reasons is not counted.
    """
    concerned = [check for check in checks if check.policy is model]
    on = max(valid_from, day)
    values = model.checked(values)
    with db.atomic() as tried, audit.acting(reason="preview"), recording():
        sweep_checks(concerned, institution, on, Report())
        before = _open(institution, concerned)
        policy.change(model, institution, valid_from, values, reason="preview")
        sweep_checks(concerned, institution, on, Report())
        after = _open(institution, concerned)
        tried.rollback()
    effects = [
        Effect(
            check,
            len(after.get(check.code, set()) - before.get(check.code, set())),
            len(before.get(check.code, set()) - after.get(check.code, set())),
        )
        for check in concerned
    ]
    against: dict[str, list[National]] = {}
    for name, rule in conflicts(institution, model, values, valid_from):
        against.setdefault(name, []).append(rule)
    return Preview([e for e in effects if e.opened or e.closed], against)


def _open(institution: Institution, concerned: list[Check]) -> dict[str, set[int]]:
    codes = [check.code for check in concerned]
    found: dict[str, set[int]] = {}
    query: Any = Finding.select(Finding.code, Finding.subject_id).where(
        Finding.institution == institution, Finding.code.in_(codes), Finding.closed_at.is_null()
    )
    for code, row in query.tuples():
        found.setdefault(code, set()).add(row)
    return found
