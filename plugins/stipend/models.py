"""The tables of fees, in one list."""

from __future__ import annotations

from plugins.stipend.ledger import Adjustment, Entry, Factor, Payee, PayeeLine, Problem, Recount, Settlement, Working
from plugins.stipend.rates import Exclusion, Rate, RateCard, TaxTable

__all__ = [
    "Adjustment",
    "Entry",
    "Exclusion",
    "Factor",
    "Payee",
    "PayeeLine",
    "Problem",
    "Rate",
    "RateCard",
    "Recount",
    "Settlement",
    "TaxTable",
    "Working",
]
