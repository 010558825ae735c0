"""Which rows of which checks a set of writes concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from panel.access.models import PluginSwitch
from panel.checks.declare import Check, Judged, Touched, Watch
from panel.checks.reads import inputs, reads
from panel.database import Touch
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
        if _whole(check, by_model):
            ids: list[int] | None = _all(check.subject, institution)
        else:
            ids = sorted(_rows(check, by_model))
        now = ids is not None and len(ids) <= AT_ONCE
        if ids == []:
            continue
        key = (check.subject, tuple(ids) if now and ids else ())
        group = groups.setdefault(key, Affected(check.subject, list(key[1])))
        if now:
            group.checks.append(check)
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


def _rows(check: Check, by_model: ByModel) -> set[int]:
    fields: dict[Any, set[str]] = defaultdict(set)
    for model, name in reads(check).union(*(inputs(judged) for judged in check.sees)):
        fields[model].add(name)
    found = {touch.row.id for touch in _concerned(by_model.get(check.subject, ()), fields[check.subject])}
    for model, watch in check.watches.items():
        names = fields[model] | ({watch.partition(".")[0]} if isinstance(watch, str) else set())
        touches = list(_concerned(by_model.get(model, ()), names))
        if touches:
            found |= _via(model, watch, Touched(touches))
    return found


def _concerned(touches: Iterable[Touch], names: set[str]) -> Iterator[Touch]:
    return (touch for touch in touches if touch.action != "update" or not names.isdisjoint(touch.before))


def _via(model: Any, watch: Watch, touched: Touched) -> set[int]:
    if not isinstance(watch, str):
        return {row for (row,) in watch(touched).tuples()}
    name, _dot, rest = watch.partition(".")
    ids = set(touched.values(name))
    while rest and ids:
        model = model._meta.fields[name].rel_model
        name, _dot, rest = rest.partition(".")
        ids = {row for (row,) in model.select(getattr(model, name)).where(model.id.in_(ids)).tuples()} - {None}
    return ids
