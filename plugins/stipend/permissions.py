"""Permissions over fees."""

from __future__ import annotations

from enum import StrEnum

from panel.api import _l


class StipendPermission(StrEnum):
    CARD_VIEW = "stipend.rate_card.view"
    CARD_EDIT = "stipend.rate_card.edit"  # rate cards, exclusions, tax tables
    PAYEE_VIEW = "stipend.payee.view"
    PAYEE_EDIT = "stipend.payee.edit"  # kinds of income, bank data
    FACTOR_PROPOSE = "stipend.factor.propose"
    FACTOR_CONFIRM = "stipend.factor.confirm"
    SETTLEMENT_VIEW = "stipend.settlement.view"
    SETTLEMENT_EDIT = "stipend.settlement.edit"  # reckon, adjust, submit
    SETTLEMENT_PAY = "stipend.settlement.pay"  # payment list with bank data, mark as paid


LABELS = {
    StipendPermission.FACTOR_PROPOSE: _l("Propose"),
    StipendPermission.FACTOR_CONFIRM: _l("Confirm"),
    StipendPermission.SETTLEMENT_PAY: _l("Pay out, with bank accounts in full"),
}
