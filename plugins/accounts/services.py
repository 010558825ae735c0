"""The verbs of the account register, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.accounts.choices import Status
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
from plugins.accounts.life.applying import (
    amend,
    apply_for,
    attach,
    detach,
    draft,
    give_up,
    keep_back,
    submit,
)
from plugins.accounts.life.closing import break_off, change_state, hand_in
from plugins.accounts.life.deciding import accept_identity, accept_name, carry_out
from plugins.accounts.life.filing import confirm_all, confirm_filing, file_account, settle_filing
from plugins.accounts.life.reading import still_out
from plugins.accounts.models import Account, Custodian, Operator, Platform
from plugins.accounts.operators import assign_operator, confirm_qualifications, end_operator, lapse_short_terms
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
    "Custodian",
    "Operator",
    "Platform",
    "Status",
    "accept_identity",
    "accept_name",
    "add_custodian",
    "add_device",
    "amend",
    "apply_for",
    "assign_operator",
    "attach",
    "bound_email",
    "bound_phone",
    "break_off",
    "carry_out",
    "change_account",
    "change_platform",
    "change_responsible",
    "change_state",
    "change_status",
    "confirm_all",
    "confirm_filing",
    "confirm_qualifications",
    "custodian",
    "detach",
    "device",
    "draft",
    "end_custodian",
    "end_operator",
    "file_account",
    "give_device",
    "give_up",
    "hand_in",
    "hand_over",
    "hand_over_all",
    "keep_back",
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
    "settle_filing",
    "still_out",
    "submit",
]


def on_enable(institution: Institution) -> None:
    """Give the institution the shipped platforms and a policy; runs at each switching on, adds only what is missing."""
    ship_platforms(institution)
    ship_policy(AccountsPolicy, institution)
    ship_policy(SecretsPolicy, institution)
