"""How verification is going: what falls due, and what it costs."""

from __future__ import annotations

from panel.api import DUE_SERIES, Bar, Chart, Identity, Series, _l, due_by_month, today
from plugins.certification.permissions import CertificationPermission as P
from plugins.certification.statistics import KINDS, spending

YUAN = 100  # fen


def _spent(identity: Identity) -> list[Bar]:
    """Fees of this year by unit, in yuan; only for who sees the whole institution."""
    if identity.reach(P.BUDGET_VIEW) is not None:
        return []
    lines = sorted(spending(identity.institution, today().year), key=lambda line: -line.spent)
    return [
        Bar(str(line.unit), (line.spent // YUAN, max(0, line.left) // YUAN), style="late" if line.left < 0 else "")
        for line in lines
    ]


months = Chart(
    name="certification.months",
    title=_l("Verification: due by month"),
    series=DUE_SERIES,
    read=lambda identity: due_by_month(identity, KINDS),
    permission=P.RENEWAL_VIEW,
    label=_l("Month"),
    columns=True,
    endpoint="certification_renewal.index_view",
    order=50,
)
spent = Chart(
    name="certification.spent",
    title=_l("Fees of verification this year"),
    series=(Series(_l("Spent"), "bar"), Series(_l("Left of the budget"), "soft")),
    read=_spent,
    permission=P.BUDGET_VIEW,
    label=_l("Unit"),
    unit=_l("yuan"),
    endpoint="certification_statistics.index",
    order=60,
)
