"""How it is going: open cases, and founded ones by kind."""

from __future__ import annotations

from datetime import date

from flask import url_for
from peewee import fn

from panel.api import Bar, Chart, Figure, Identity, Reading, Series, _, _l, scope, today
from plugins.violations.choices import CaseState, Verdict
from plugins.violations.models import Case
from plugins.violations.permissions import ViolationsPermission as P
from plugins.violations.policy import BreachKind

MOST = 10


def _open(identity: Identity) -> Reading:
    rows = scope(Case.select(), P.CASE_VIEW, identity).where(Case.state != CaseState.CLOSED)
    late = rows.where(Case.due_on < today(), Case.state.in_((CaseState.REPORTED, CaseState.INVESTIGATING))).count()
    note = _("%(count)s past their day", count=late) if late else ""
    return Reading(rows.count(), url_for("violations_case.index_view"), note, "late" if late else "")


def _kinds(identity: Identity) -> list[Bar]:
    rows = (
        scope(Case.select(BreachKind.name, Case.verdict, fn.COUNT(Case.id)), P.CASE_VIEW, identity)
        .join(BreachKind, on=(Case.kind == BreachKind.id))
        .where(Case.reported_at >= date(today().year, 1, 1))
        .group_by(BreachKind.name, Case.verdict)
        .tuples()
    )
    counts: dict[str, list[int]] = {}
    for name, verdict, count in rows:
        counts.setdefault(name, [0, 0])[0 if verdict == Verdict.FOUNDED else 1] += count
    most = sorted(counts.items(), key=lambda one: (-sum(one[1]), one[0]))[:MOST]
    return [Bar(name, (founded, other)) for name, (founded, other) in most]


open_cases = Figure(name="violations.open", title=_l("Open breach cases"), read=_open, permission=P.CASE_VIEW, order=70)
kinds = Chart(
    name="violations.kinds",
    title=_l("Breaches of this year by kind"),
    series=(Series(_l("Founded"), "late"), Series(_l("Open or unfounded"), "soft")),
    read=_kinds,
    permission=P.CASE_VIEW,
    label=_l("Kind"),
    endpoint="violations_case.index_view",
    order=80,
)
