"""The verbs of the account register, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.accounts.custody import (
    add_custodian,
    end_custodian,
    hand_over,
    hand_over_all,
    open_sealed_copy,
    record_password_change,
    retire_sealed_copy,
    seal_copy,
)
from plugins.accounts.devices import add_device, give_device, record_device_check, retire_device
from plugins.accounts.holdings import (
    bound_email,
    bound_phone,
    custodian,
    device,
    operator,
    responsible,
    sealed_copy,
)
from plugins.accounts.models import Account, Platform
from plugins.accounts.operators import assign_operator, end_operator, lapse_short_terms
from plugins.accounts.policy import AccountsPolicy
from plugins.accounts.register import (
    change_account,
    change_platform,
    change_responsible,
    change_status,
    leave_vacant,
    register_account,
    set_qr_code,
    ship_platforms,
)
from plugins.accounts.secrets.policy import SecretsPolicy

__all__ = [
    "Account",
    "Platform",
    "add_custodian",
    "add_device",
    "assign_operator",
    "bound_email",
    "bound_phone",
    "change_account",
    "change_platform",
    "change_responsible",
    "change_status",
    "custodian",
    "device",
    "end_custodian",
    "end_operator",
    "give_device",
    "hand_over",
    "hand_over_all",
    "lapse_short_terms",
    "leave_vacant",
    "on_enable",
    "open_sealed_copy",
    "operator",
    "record_device_check",
    "record_password_change",
    "register_account",
    "responsible",
    "retire_device",
    "retire_sealed_copy",
    "seal_copy",
    "sealed_copy",
    "set_qr_code",
]


def on_enable(institution: Institution) -> None:
    """Give the institution the shipped platforms and a policy; runs at each switching on, adds only what is missing."""
    ship_platforms(institution)
    ship_policy(AccountsPolicy, institution)
    ship_policy(SecretsPolicy, institution)
