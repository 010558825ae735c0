"""The checks of the life cycle: what is unfiled, what no chain has decided, what lies without papers."""

from __future__ import annotations

from typing import Any

from panel.api import Mend, Severity, _l, breaking, check, exists
from plugins.accounts.checking.common import account_check, live
from plugins.accounts.choices import Filing
from plugins.accounts.life.choices import State
from plugins.accounts.life.models import Application, FilingRecord, HandIn, Paper
from plugins.accounts.models import Account
from plugins.accounts.policy import AccountsPolicy

CONFIRM = Mend(_l("Confirm the filing"), "accounts_filing_record.confirm")


@account_check(
    "accounts.filing_unconfirmed",
    parameters=("filing_required",),
    severity=Severity.NOTICE,
    rules=("s0-03-r08", "s0-09-r17", "s3-01-r03"),
    title=_l("Filing not confirmed"),
    message=_l("Entered past the chain: the filing %(number)s is not confirmed"),
    advice=_l("Look at the papers and confirm it, or apply for it."),
    mend=CONFIRM,
    at_save=False,
)
def filing_unconfirmed(account: Any, policy: Any, _day: Any) -> Any:
    claimed = (account.filing_number != "") | account.filed_on.is_null(False)
    broken = live(account) & policy.filing_required & claimed & (account.filing == Filing.UNFILED.value)
    return breaking(account, broken, number=account.filing_number)


@check(
    "accounts.filing_owed",
    subject=FilingRecord,
    severity=Severity.WARNING,
    rules=("s0-07-r14", "s3-03-r04"),
    watches={Account: lambda t: FilingRecord.select(FilingRecord.id).where(FilingRecord.account.in_(t.ids))},
    title=_l("A change is not filed with an office"),
    message=_l("Not filed since %(day)s: %(text)s"),
    advice=_l("File it with the office and tick it off."),
    mend=Mend(_l("Tick off"), "accounts_filing_record.settle"),
    at_save=False,
)
def filing_owed(record: Any, _policy: Any, day: Any) -> Any:
    return breaking(record, record.filed_on.is_null() & (record.owed_on < day), day=record.owed_on, text=record.text)


@check(
    "accounts.application_without_paper",
    subject=Application,
    policy=AccountsPolicy,
    parameters=("application_required",),
    severity=Severity.WARNING,
    rules=("s0-03-r08", "s3-03-r24", "s1-09-r03"),
    watches={Paper: "application"},
    title=_l("An application without papers"),
    message=_l("The application holds no paper, though one is required"),
    advice=_l("Have it returned and attach the form, signed and sealed."),
    mend=Mend(_l("Look at the application"), "accounts_application.details_view", "papers"),
    at_save=False,
)
def application_without_paper(application: Any, policy: Any, _day: Any) -> Any:
    sent = application.state.in_([State.WAITING.value, State.APPROVED.value])
    asked = policy.application_required.contains("paper")
    return breaking(application, sent & asked & ~exists(Paper, Paper.application == application.id))


@check(
    "accounts.not_handed_in",
    subject=HandIn,
    severity=Severity.WARNING,
    rules=("s0-09-r18",),
    watches={Application: lambda t: HandIn.select(HandIn.id).where(HandIn.application.in_(t.ids))},
    title=_l("Not handed in"),
    message=_l("Due on %(day)s and not handed in; the account cannot be closed"),
    advice=_l("Hand it in and tick it off with what shows it."),
    mend=Mend(_l("Tick off"), "accounts_application.hand_in"),
    at_save=False,
)
def not_handed_in(item: Any, _policy: Any, day: Any) -> Any:
    running = exists(Application, Application.id == item.application, Application.state == State.APPROVED.value)
    return breaking(item, item.done_on.is_null() & (item.due_on < day) & running, day=item.due_on)
