"""Which rows of which checks a set of writes concerns."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from panel.access.models import PluginSwitch
from panel.checks.declare import Check, Judged, Touched, Watch
from panel.checks.reads import inputs, reads
from panel.database import Touch, area_of
from panel.org.models import Institution

AT_ONCE = 300  # rows of one check that a save looks at itself; more are left to the next sweep

ByModel = dict[Any, list[Touch]]


@dataclass
class Affected:
    """Rows of one subject to look at now, and the checks that `later` has to run on all rows."""

    subject: Any
    ids: list[int] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    later: list[tuple[Check, list[int] | None]] = field(default_factory=list)  # rows too many for now; None: all
    blamed: set[str] = field(default_factory=set)  # the checks that may refuse: what was written is theirs to judge

    @property
    def judgements(self) -> list[Judged]:
        return list(dict.fromkeys(judged for check in self.checks for judged in check.sees))


def affected(checks: Sequence[Check], touches: Sequence[Touch], institution: Institution) -> Iterator[Affected]:
    """What is to be looked at, by subject and rows. A check is concerned where a field that it reads was written."""
    by_model: ByModel = defaultdict(list)
    for touch in touches:
        by_model[type(touch.row)].append(touch)
    groups: dict[Any, Affected] = {}
    for check in checks:
        whole, concerned = _whole(check, by_model), _concerning(check, by_model)
        ids = _all(check.subject, institution) if whole else sorted(_rows(check, concerned))
        now = ids is not None and len(ids) <= AT_ONCE
        if ids == []:
            continue
        key = (check.subject, tuple(ids) if now and ids else ())
        group = groups.setdefault(key, Affected(check.subject, list(key[1])))
        if now:
            group.checks.append(check)
            # A parameter, or a fact about people and units, may put many in the wrong: who enters it is not refused.
            if not whole and any(area_of(model) == check.area for model in concerned):
                group.blamed.add(check.code)
        else:
            group.later.append((check, ids))
    yield from groups.values()


def _whole(check: Check, by_model: ByModel) -> bool:
    """Whether every row of the institution is concerned: a parameter changed, or the plugin was switched on."""
    if check.policy in by_model or any(model in by_model for judged in check.sees for model in judged.parameters):
        return True
    return any(touch.row.plugin == check.area for touch in by_model.get(PluginSwitch, ()))


def _all(subject: Any, institution: Institution) -> list[int] | None:
    """The ids of all rows, or None where they are too many for a save."""
    mine = subject.id == institution.id if subject is Institution else subject.institution == institution.id
    rows = [row for (row,) in subject.select(subject.id).where(mine).limit(AT_ONCE + 1).tuples()]
    return rows if len(rows) <= AT_ONCE else None


def _concerning(check: Check, by_model: ByModel) -> ByModel:
    """The writes to fields that the check reads, and to keys that lead from there to its subject."""
    found: ByModel = {}
    for model, fields in _heeded(check).items():
        touches = [t for t in by_model.get(model, ()) if t.action != "update" or not fields.isdisjoint(t.before)]
        if touches:
            found[model] = touches
    return found


@functools.lru_cache(maxsize=2048)
def _heeded(check: Check) -> dict[Any, set[str]]:
    """The fields whose change concerns a check, by model."""
    fields: dict[Any, set[str]] = {model: set() for model in (check.subject, *check.watches)}
    for model, name in reads(check).union(*(inputs(judged) for judged in check.sees)):
        if model in fields:
            fields[model].add(name)
    for model, watch in check.watches.items():
        if isinstance(watch, str):
            fields[model].add(watch.partition(".")[0])
    return fields


def _rows(check: Check, concerned: ByModel) -> set[int]:
    found = {touch.row.id for touch in concerned.get(check.subject, ())}
    for model, watch in check.watches.items():
        if model in concerned:
            found |= _via(model, watch, Touched(concerned[model]))
    return found


def _via(model: Any, watch: Watch, touched: Touched) -> set[int]:
    if not isinstance(watch, str):
        return {row for (row,) in watch(touched).tuples()}
    name, _dot, rest = watch.partition(".")
    ids: set[Any] = set(touched.values(name))
    while rest and ids:
        model = model._meta.fields[name].rel_model
        name, _dot, rest = rest.partition(".")
        ids = {row for (row,) in model.select(getattr(model, name)).where(model.id.in_(ids)).tuples()} - {None}
    return ids
