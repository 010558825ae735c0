"""Fees of contributors: rate cards, monthly settlement, withheld tax, payment lists."""

from panel.api import API_VERSION, Plugin, _l
from plugins.stipend.permissions import StipendPermission as P

LOOK = (P.CARD_VIEW, P.SETTLEMENT_VIEW)

plugin = Plugin(
    name="stipend",
    title=_l("Fees"),
    version="1.0.0",
    api=API_VERSION,
    requires=("content",),
    description=_l("What contributors are paid, by rate cards with dates; settled each month, once, to the fen."),
    roles={
        "publicity": (*LOOK, P.CARD_EDIT, P.PAYEE_VIEW, P.FACTOR_PROPOSE, P.FACTOR_CONFIRM, P.SETTLEMENT_EDIT),
        "finance": (*LOOK, P.PAYEE_VIEW, P.PAYEE_EDIT, P.SETTLEMENT_PAY),
        "auditor": (*LOOK, P.PAYEE_VIEW),
    },
)
