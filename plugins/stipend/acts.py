"""The acts on settlements and payees: for each a form, a verb, and what its page says."""

from __future__ import annotations

from panel.api import Act, _l, today
from plugins.stipend import services
from plugins.stipend.forms import AccountForm, AdjustForm, NoteForm, PaidForm
from plugins.stipend.models import Payee, Settlement

SUBMIT = Act(
    Settlement,
    NoteForm,
    _l("Hand in for approval"),
    _l("Hand in"),
    _l("The month is handed in for approval."),
    lambda row, values: services.submit(row, values["note"]),
    remark=_l("From now on nothing of it changes. What is to be mended later comes into a later month."),
)
ADJUST = Act(
    Settlement,
    AdjustForm,
    _l("Enter an adjustment"),
    _l("Enter"),
    _l("The adjustment is entered; the month is reckoned again."),
    lambda row, values: services.adjust(row, values["payee"], values["amount"], values["reason"]),
)
PAY = Act(
    Settlement,
    PaidForm,
    _l("Enter the payment"),
    _l("Save"),
    _l("The month is paid."),
    lambda row, values: services.mark_paid(row, values["on"]),
    begins=lambda row: {"on": today()},
)
ACCOUNT = Act(
    Payee,
    AccountForm,
    _l("Bank account"),
    _l("Save"),
    _l("The bank account is kept."),
    lambda row, values: services.set_account(row, values["bank"], values["account"]),
    begins=lambda payee: {"bank": payee.bank},
)
