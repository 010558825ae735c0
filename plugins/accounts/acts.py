"""The acts on one account and its parts: for each a form, a verb, and what its page says."""

from __future__ import annotations

from typing import Any

from panel.api import Act, _l
from plugins.accounts import services
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
from plugins.accounts.models import Account, Custodian, Device, Operator, SealedCopy


def account_of(row: Any) -> Account:
    """The account a row belongs to."""
    return row.account


OPERATOR_ACTS = {
    "assign": Act(
        Account,
        OperatorForm,
        _l("Assign an operator"),
        _l("Assign"),
        _l("The operator is assigned."),
        lambda account, values: services.assign_operator(account, **values),
        rules={"person": ("s0-07-r13",), "qualifications": ("s1-17-r04", "s2-01-r05")},
        part="custody",
    ),
    "end": Act(
        Operator,
        EndForm,
        _l("End an operator's term"),
        _l("End the term"),
        _l("The term ended."),
        lambda term, values: services.end_operator(term, **values),
        part="custody",
        back=account_of,
    ),
    "qualify": Act(
        Operator,
        QualificationsForm,
        _l("Confirm an operator's qualifications"),
        _l("Confirm"),
        _l("The qualifications are confirmed."),
        lambda term, values: services.confirm_qualifications(term, **values),
        rules={"qualifications": ("s1-17-r04", "s2-01-r05")},
        part="custody",
        back=account_of,
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
        part="custody",
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
        part="custody",
        back=account_of,
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
        part="custody",
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
        back=account_of,
    ),
    "retire": Act(
        SealedCopy,
        DayForm,
        _l("Retire a sealed copy"),
        _l("Retire"),
        _l("The sealed copy is retired."),
        lambda copy, values: services.retire_sealed_copy(copy, **values),
        part="sealed",
        back=account_of,
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
        back=account_of,
    ),
    "retire": Act(
        Device,
        DayForm,
        _l("Withdraw a device"),
        _l("Withdraw"),
        _l("The device is withdrawn."),
        lambda device, values: services.retire_device(device, until=values["on"]),
        part="devices",
        back=account_of,
    ),
}
