"""A month's settlement is decided by a chain of signatures."""

from __future__ import annotations

from typing import Any

from panel.api import ApprovalField, ApprovalSubject, _l, show_money
from plugins.stipend import services
from plugins.stipend.choices import Basis
from plugins.stipend.models import Settlement


def _facts(row: Settlement) -> list[tuple[Any, Any]]:
    """What signers read; fixed as soon as the month is handed in."""
    return [
        (_l("Month"), f"{row.month:%Y-%m}"),
        (_l("Rate card"), row.card),
        (_l("Pieces"), row.pieces),
        (_l("Payees"), row.payees),
        (_l("Fees"), show_money(row.gross)),
        (_l("Tax withheld"), show_money(row.tax)),
        (_l("To be paid out"), show_money(row.net)),
        (_l("Carried into the next month"), show_money(row.carried)),
        (_l("Tax is reckoned from"), Basis(row.basis).label),
        (_l("Open questions"), services.open_questions(row)),
    ]


settlement = ApprovalSubject(
    name="stipend.settlement",
    title=_l("Monthly settlement"),
    model=Settlement,
    unit=lambda row: row.unit,
    facts=_facts,
    fields=(ApprovalField("yuan", _l("Fees in yuan"), lambda row: row.gross // 100),),
    approved=lambda row, _request: services.approved(row),
    ended=lambda row, _request: services.reopened(row),
)
