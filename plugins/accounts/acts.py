"""The acts on one account and its parts: for each a form, a verb, and what its page says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, request, url_for

from panel.api import NotAllowed, NotFound, Refused, _l, find, form_sent
from plugins.accounts import services
from plugins.accounts.choices import Status
from plugins.accounts.forms import (
    CustodianForm,
    DayForm,
    DeviceForm,
    EndForm,
    OpenForm,
    OperatorForm,
    PasswordForm,
    QualificationsForm,
    SealForm,
)
from plugins.accounts.life.forms import WhyForm
from plugins.accounts.models import Account, Custodian, Device, Operator, SealedCopy


@dataclass(frozen=True)
class Act:
    """`verb(row, values)` runs on a row of `model` once `form` is filled in; then the account's page shows `part`."""

    model: Any
    form: Any
    title: Any
    button: Any
    done: Any
    verb: Callable[[Any, dict[str, Any]], Any]
    part: str = "custody"
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remark: Any = ""


OPERATOR_ACTS = {
    "assign": Act(
        Account,
        OperatorForm,
        _l("Assign an operator"),
        _l("Assign"),
        _l("The operator is assigned."),
        lambda account, values: services.assign_operator(account, **values),
        rules={"person": ("s0-07-r13",), "qualifications": ("s1-17-r04", "s2-01-r05")},
    ),
    "end": Act(
        Operator,
        EndForm,
        _l("End an operator's term"),
        _l("End the term"),
        _l("The term ended."),
        lambda term, values: services.end_operator(term, **values),
    ),
    "qualify": Act(
        Operator,
        QualificationsForm,
        _l("Confirm an operator's qualifications"),
        _l("Confirm"),
        _l("The qualifications are confirmed."),
        lambda term, values: services.confirm_qualifications(term, **values),
        rules={"qualifications": ("s1-17-r04", "s2-01-r05")},
    ),
}
CUSTODY_ACTS = {
    "add": Act(
        Account,
        CustodianForm,
        _l("Enter a password custodian"),
        _l("Enter"),
        _l("The custodian is entered."),
        lambda account, values: services.add_custodian(account, **values),
        rules={"person": ("s0-03-r04", "s3-01-r07", "s4-01-r24")},
        remark=_l("For a further person. To replace one, hand over the password instead."),
    ),
    "end": Act(
        Custodian,
        EndForm,
        _l("End a custody without a successor"),
        _l("End the custody"),
        _l("The custody ended; a new password is owed."),
        lambda term, values: services.end_custodian(term, **values),
        rules={"until": ("s3-01-r08",)},
        remark=_l("Whoever leaves still knows the password. The account stays marked until it is changed."),
    ),
    "password": Act(
        Account,
        PasswordForm,
        _l("Record a new password"),
        _l("Record"),
        _l("The new password is recorded."),
        lambda account, values: services.record_password_change(account, **values),
        rules={"on": ("s3-01-r08", "s4-01-r23"), "asked_by": ("s2-07-r10",)},
        remark=_l("Record only that it was changed. The password itself is never entered here."),
    ),
    "seal": Act(
        Account,
        SealForm,
        _l("Seal a copy"),
        _l("Put in force"),
        _l("The sealed copy is in force."),
        lambda account, values: services.seal_copy(account, **values),
        part="sealed",
        rules={"place": ("s3-03-r21",)},
        remark=_l("User name and password on paper, in a sealed envelope. The envelope before it is retired."),
    ),
    "open": Act(
        SealedCopy,
        OpenForm,
        _l("Record the opening of a sealed copy"),
        _l("Record"),
        _l("The opening is recorded; a new password is owed."),
        lambda copy, values: services.open_sealed_copy(copy, **values),
        part="sealed",
    ),
    "retire": Act(
        SealedCopy,
        DayForm,
        _l("Retire a sealed copy"),
        _l("Retire"),
        _l("The sealed copy is retired."),
        lambda copy, values: services.retire_sealed_copy(copy, **values),
        part="sealed",
    ),
}
DEVICE_ACTS = {
    "add": Act(
        Account,
        DeviceForm,
        _l("Allow a device"),
        _l("Allow"),
        _l("The device is allowed."),
        lambda account, values: services.add_device(account, **values),
        part="devices",
        rules={"label": ("s0-05-r08", "s4-01-r25")},
    ),
    "check": Act(
        Device,
        DayForm,
        _l("Record a virus check"),
        _l("Record"),
        _l("The check is recorded."),
        lambda device, values: services.record_device_check(device, **values),
        part="devices",
        rules={"on": ("s4-01-r26",)},
    ),
    "retire": Act(
        Device,
        DayForm,
        _l("Withdraw a device"),
        _l("Withdraw"),
        _l("The device is withdrawn."),
        lambda device, values: services.retire_device(device, until=values["on"]),
        part="devices",
    ),
}
STATE_ACTS = {
    "suspend": Act(
        Account,
        WhyForm,
        _l("Suspend the account"),
        _l("Suspend"),
        _l("The account is suspended."),
        lambda account, values: services.change_state(account, Status.SUSPENDED, values["reason"]),
        part="",
        remark=_l("Nothing is published on it until it is taken into use again."),
    ),
    "resume": Act(
        Account,
        WhyForm,
        _l("Take the account into use again"),
        _l("Take into use"),
        _l("The account is in use again."),
        lambda account, values: services.change_state(account, Status.ACTIVE, values["reason"]),
        part="",
    ),
}


def account_address(account: Account, part: str = "") -> str:
    """The page of an account, at one of its sections."""
    return url_for("accounts_account.details_view", id=account.id, _anchor=part or None)


def respond(view: Any, acts: Mapping[str, Act], name: str, permission: Any) -> Any:
    """The page of one act on the row the address names by `id`. Raises NotFound for an unknown act or row."""
    act = acts.get(name)
    if act is None:
        raise NotFound(_l("This page does not exist, or is not yours to see."))
    row = find(act.model, request.args.get("id"), permission)
    account = row if act.model is Account else row.account
    form = act.form(form_sent())
    back = account_address(account, act.part)
    if run(form, lambda: act.verb(row, form.data)):
        flash(act.done, "success")
        return redirect(back)
    context = {"act": act, "row": None if row is account else row, "account": account, "form": form, "back": back}
    return view.render("accounts/act.html", **context), 422 if form.wrong else 200


def run(form: Any, verb: Callable[[], Any]) -> bool:
    """Whether the form was sent, is filled in right and the verb done; a refusal goes to the field it names."""
    if request.method != "POST" or not form.validate():
        return False
    try:
        verb()
    except (NotAllowed, NotFound):
        raise
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True
