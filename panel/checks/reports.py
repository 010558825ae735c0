"""What breaks the policy: how much, and which units keep to it least."""

from __future__ import annotations

from typing import Any

from flask import url_for
from peewee import fn

from panel.access.identity import Identity
from panel.access.scope import scope, units_below
from panel.checks.engine import today_in
from panel.checks.models import Finding, Score
from panel.checks.permissions import ChecksPermission as P
from panel.checks.reading import active_codes
from panel.checks.score import FULL, visible
from panel.i18n import _, _l
from panel.org.models import Unit
from panel.reports.declare import Bar, Chart, Figure, Reading, Series

LOWEST, LOW, GOAL = 8, 60, 80


def _open(identity: Identity) -> Reading | None:
    rows = scope(Finding.select(Finding.severity, fn.COUNT(Finding.id)), P.FINDING_VIEW, identity)
    here = rows.where(visible(today_in(identity.institution)), Finding.code.in_(active_codes()))
    counts: dict[str, int] = dict(here.group_by(Finding.severity).tuples())
    severe = counts.get("error", 0)
    note = _("%(count)s severe", count=severe) if severe else ""
    return Reading(sum(counts.values()), url_for("checks_findings.page"), note)


def _lowest(identity: Identity) -> list[Bar]:
    """The units with the lowest score of the last night that was judged. Two queries."""
    of: Any = Score.institution == identity.institution.id
    last = Score.select(fn.MAX(Score.day)).where(of)
    query: Any = (
        Score.select(Unit.id, Unit.name, Score.points)
        .join(Unit)
        .where(of, Score.day == last, Score.records > 0, Unit.parent.is_null(False))
    )
    reach = identity.reach(P.FINDING_VIEW)
    if reach is not None:
        query = query.where(Unit.id.in_(units_below(identity.institution, reach)))
    rows = query.order_by(Score.points, Unit.name).limit(LOWEST).tuples()
    address = url_for("checks_finding.index_view")
    return [
        Bar(name, (points,), f"{address}?unit={unit}", "late" if points < LOW else "") for unit, name, points in rows
    ]


open_findings = Figure("checks.open", _l("Open findings"), _open, P.FINDING_VIEW, order=20)
lowest = Chart(
    name="checks.lowest",
    title=_l("Lowest scores of units"),
    series=(Series(_l("Score"), "bar"),),
    read=_lowest,
    permission=P.FINDING_VIEW,
    label=_l("Unit"),
    most=FULL,
    goal=GOAL,
    endpoint="checks_findings.page",
    home=True,
    order=30,
)
