"""What the pages show of findings: subjects by name, the cited article, groups, and a record's own findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from peewee import JOIN, fn
from werkzeug.routing import BuildError

from panel.access.identity import asking, current
from panel.access.scope import scope
from panel.checks.declare import Check, Severity
from panel.checks.engine import today_in
from panel.checks.models import Finding
from panel.checks.permissions import ChecksPermission as P
from panel.checks.registry import checks
from panel.checks.score import points, visible
from panel.database import key_of
from panel.org.models import Person, Unit
from panel.plugin import CORE_AREAS
from panel.policies.catalogue import cited


@dataclass(frozen=True)
class Shown:
    """A finding as a page shows it."""

    row: Finding
    check: Check
    text: str
    address: str  # of the subject's page
    mend: str  # where to mend it
    days: int

    @property
    def cited(self) -> str:
        """The articles it breaks."""
        return cited(self.check.rules)


def active_codes() -> list[str]:
    """The checks that are on where whoever asks is at work."""
    who = current()
    return [check.code for check in checks.of([*CORE_AREAS, *who.rights.plugins])] if who else []


def subjects(findings: Iterable[Finding]) -> dict[tuple[str, int], Any]:
    """The rows the findings are about, one query for each kind."""
    wanted: dict[Any, set[int]] = defaultdict(set)
    for finding in findings:
        if finding.code in checks:
            wanted[checks[finding.code].subject].add(finding.subject_id)
    return {
        (key_of(model), row.id): row
        for model, ids in wanted.items()
        for row in model.select().where(model.id.in_(list(ids)))
    }


def shown(finding: Finding, day: date) -> Shown:
    """A finding worded, with its addresses."""
    check = checks[finding.code]
    address = _address(check, finding.subject_id)
    mend = _mend(check, finding.subject_id) or address
    opened = finding.opened_at.date()
    return Shown(finding, check, check.worded(finding.values), address, mend, max(0, (day - opened).days))


def address_of(code: str, subject_id: int) -> str:
    """The page of the record a finding or a waiver is about; empty where there is none."""
    return _address(checks[code], subject_id)


def _address(check: Check, subject_id: int) -> str:
    try:
        return url_for(f"{key_of(check.subject).replace('.', '_')}.details_view", id=subject_id)
    except BuildError:
        return ""


def _mend(check: Check, subject_id: int) -> str:
    try:
        return check.mend.address(subject_id) if check.mend else ""
    except BuildError:
        return ""


def of_row(row: Any) -> dict[str, Any]:
    """The findings of one record for its own page: `open` and `waived` ones, and how many are closed."""
    who = current()
    if who is None or not who.may(P.FINDING_VIEW):
        return {"open": [], "waived": [], "closed": 0, "score": None, "may_waive": False}
    kind: Any = type(row)
    day = today_in(who.institution)
    mine = scope(Finding.select(), P.FINDING_VIEW).where(
        Finding.subject_type == key_of(kind), Finding.subject_id == row.id, Finding.code.in_(active_codes())
    )
    rows = list(mine.where(Finding.closed_at.is_null()).order_by(Finding.opened_at))
    hidden = [f for f in rows if f.waived_until is not None and f.waived_until >= day]
    closed = mine.where(Finding.closed_at.is_null(False)).count()
    order = {"error": 0, "warning": 1, "notice": 2}
    seen = sorted((f for f in rows if f not in hidden), key=lambda f: order[f.severity])
    return {
        "open": [shown(f, day) for f in seen],
        "waived": [shown(f, day) for f in hidden],
        "closed": closed,
        "score": points(Counter(Severity(f.severity) for f in seen)) if hasattr(kind, "in_score") else None,
        "may_waive": who.may(P.FINDING_WAIVE),
    }


def grouped(by: str) -> list[dict[str, Any]]:
    """Open findings by `rule`, `unit` or `person` (whoever they are assigned to), most first."""
    who = asking()
    day = today_in(who.institution)
    rows = scope(Finding.select(), P.FINDING_VIEW).where(visible(day), Finding.code.in_(active_codes()))
    if by == "rule":
        query = rows.select(Finding.code, fn.COUNT(Finding.id)).group_by(Finding.code)
        return _lines([(checks[code].title, {"code": code}, n, checks[code]) for code, n in query.tuples()])
    model, key = (Unit, Finding.unit) if by == "unit" else (Person, Finding.assignee)
    joined = rows.select(model.id, model.name, fn.COUNT(Finding.id)).join(model, JOIN.LEFT_OUTER, on=(key == model.id))
    name = "unit" if by == "unit" else "assignee"
    return _lines(
        [(text or "", {name: i or "-"}, n, None) for i, text, n in joined.group_by(model.id, model.name).tuples()]
    )


def _lines(rows: Sequence[tuple[Any, dict[str, Any], int, Check | None]]) -> list[dict[str, Any]]:
    lines = [{"title": t, "filter": f, "count": n, "check": c} for t, f, n, c in rows]
    return sorted(lines, key=lambda line: (-line["count"], str(line["title"])))
