"""What a chain of signatures may decide about breaches: the sanction."""

from __future__ import annotations

from typing import Any

from panel.api import ApprovalField, ApprovalSubject, _l, show_money
from plugins.violations.choices import Effect, Severity
from plugins.violations.models import Sanction
from plugins.violations.sanctioning import SUBJECT, approved, refused


def _facts(row: Sanction) -> list[tuple[Any, Any]]:
    case = row.case
    found = [
        (_l("Breach case"), str(case)),
        (_l("Against"), row.whom),
        (_l("Severity"), Severity(case.severity).label),
        (_l("Result of the investigation"), case.findings),
        (_l("Reasons"), case.reasons),
        (_l("Earlier cases"), row.earlier),
        (_l("Proposed"), row.proposed),
        (_l("Sanction"), row.name),
    ]
    if row.until is not None:
        found.append((_l("Term"), f"{row.since} – {row.until}"))
    if row.amount:
        found.append((_l("Amount"), show_money(row.amount)))
    if row.reason:
        found.append((_l("Reason for departing from it"), row.reason))
    return found


sanction = ApprovalSubject(
    name=SUBJECT,
    title=_l("Sanction for a breach"),
    model=Sanction,
    unit=lambda row: row.unit,
    facts=_facts,
    fields=(
        ApprovalField("severity", _l("Severity"), lambda row: row.case.severity, choices=Severity.pairs()),
        ApprovalField("effect", _l("What it does"), lambda row: row.effect, choices=Effect.pairs()),
        ApprovalField("name", _l("Sanction"), lambda row: row.name),
    ),
    approved=lambda row, _request: approved(row),
    ended=lambda row, _request: refused(row),
    rules=("s1-22-r10", "s1-17-r10"),
)
