"""What the checks of the register share."""

from __future__ import annotations

import functools
from typing import Any

from panel.api import Mend, Person, Touched, _l, check
from plugins.accounts.choices import Status
from plugins.accounts.models import Account, Custodian, Operator
from plugins.accounts.policy import AccountsPolicy

account_check = functools.partial(check, subject=Account, policy=AccountsPolicy)

EDIT = Mend(_l("Edit the account"), "accounts_account.edit_view")
CUSTODY = Mend(_l("Look at the custody"), "accounts_account.details_view", "custody")
HAND_OVER = Mend(_l("Hand over"), "accounts_custody.hand_over")
NEW_PASSWORD = Mend(_l("Record the new password"), "accounts_custody.page", act="password")
SEAL = Mend(_l("Seal a copy"), "accounts_custody.page", act="seal")
OPERATORS = Mend(_l("Assign an operator"), "accounts_operators.page", act="assign")
DEVICES = Mend(_l("Look at the devices"), "accounts_account.details_view", "devices")


def live(account: Any) -> Any:
    """Accounts that are not closed."""
    return account.status != Status.CLOSED.value


def named(model: Any, row_id: Any) -> Any:
    """The name of a row, to stand in a message."""
    return model.select(model.name).where(model.id == row_id)


def custodians_of(touched: Touched) -> Any:
    """Accounts whose password these people keep."""
    return Custodian.select(Custodian.account).where(Custodian.person.in_(touched.ids), Custodian.until.is_null())


def operators_of(touched: Touched) -> Any:
    """Accounts that these people operate."""
    return Operator.select(Operator.account).where(Operator.person.in_(touched.ids), Operator.until.is_null())


def responsible_of(touched: Touched) -> Any:
    """Accounts that these people answer for."""
    return Account.select(Account.id).where(Account.responsible.in_(touched.ids))


def of_platforms(touched: Touched) -> Any:
    """Accounts on these platforms."""
    return Account.select(Account.id).where(Account.platform.in_(touched.ids))


def of_units(touched: Touched) -> Any:
    """Accounts of these units."""
    return Account.select(Account.id).where(Account.unit.in_(touched.ids))


def keepers_in_units(touched: Touched) -> Any:
    """Accounts whose password is kept by people of these units."""
    people = Person.select(Person.id).where(Person.unit.in_(touched.ids))
    return Custodian.select(Custodian.account).where(Custodian.person.in_(people), Custodian.until.is_null())
