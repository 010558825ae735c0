"""The acts on applications, on what is handed in, and on filings."""

from __future__ import annotations

from typing import Any

from panel.api import Act, _, _l, paper_sent
from plugins.accounts import services
from plugins.accounts.choices import Status
from plugins.accounts.life.forms import EvidenceForm, FilingForm, SettleForm, WhyForm
from plugins.accounts.life.models import Application, FilingRecord, HandIn
from plugins.accounts.models import Account


def _hand_in(item: HandIn, values: dict[str, Any]) -> str:
    services.hand_in(item, **values, **paper_sent(item.institution_id))
    return _("Ticked off: %(what)s", what=item)


BREAK_OFF = Act(
    Application,
    WhyForm,
    _l("Break off the closing"),
    _l("Break off"),
    _l("The account is in use again."),
    lambda row, values: services.break_off(row, values["reason"]),
)
HAND_IN = Act(
    HandIn,
    EvidenceForm,
    _l("Tick off what was handed in"),
    _l("Tick off"),
    "",
    _hand_in,
    rules={"on": ("s0-09-r18", "s2-03-r04")},
    back=lambda item: item.application,
)
SETTLE = Act(
    FilingRecord,
    SettleForm,
    _l("File with the office"),
    _l("File"),
    _l("It is filed."),
    lambda record, values: services.settle_filing(record, **values),
    rules={"on": ("s0-07-r14",)},
)
CONFIRM = Act(
    Account,
    FilingForm,
    _l("Confirm the filing"),
    _l("Confirm"),
    _l("It is filed."),
    lambda account, values: services.confirm_filing(account, **values),
    rules={"number": ("s0-03-r08",)},
    begins=lambda account: {"number": account.filing_number, "on": account.filed_on},
)
STATE_ACTS = {
    "suspend": Act(
        Account,
        WhyForm,
        _l("Suspend the account"),
        _l("Suspend"),
        _l("The account is suspended."),
        lambda account, values: services.change_state(account, Status.SUSPENDED, values["reason"]),
        remark=_l("Nothing is published on it until it is taken into use again."),
    ),
    "resume": Act(
        Account,
        WhyForm,
        _l("Take the account into use again"),
        _l("Take into use"),
        _l("The account is in use again."),
        lambda account, values: services.change_state(account, Status.ACTIVE, values["reason"]),
    ),
}
