"""Permissions over the account register."""

from __future__ import annotations

from enum import StrEnum

from panel.api import _l


class AccountsPermission(StrEnum):
    PLATFORM_VIEW = "accounts.platform.view"
    PLATFORM_EDIT = "accounts.platform.edit"
    ACCOUNT_VIEW = "accounts.account.view"
    ACCOUNT_CREATE = "accounts.account.create"
    ACCOUNT_EDIT = "accounts.account.edit"
    ACCOUNT_DELETE = "accounts.account.delete"
    ACCOUNT_EXPORT = "accounts.account.export"
    ACCOUNT_IMPORT = "accounts.account.import"
    CONTACT_REVEAL = "accounts.contact.reveal"  # bound phones and mailboxes in full
    OPERATOR_ASSIGN = "accounts.operator.assign"
    CUSTODIAN_VIEW = "accounts.custodian.view"
    CUSTODIAN_EXPORT = "accounts.custodian.export"
    CUSTODIAN_HAND_OVER = "accounts.custodian.hand_over"  # also sealing copies and recording new passwords
    SECRET_VIEW = "accounts.secret.view"  # noqa: S105
    SECRET_SEAL = "accounts.secret.seal"  # noqa: S105
    SECRET_OPEN = "accounts.secret.open"  # noqa: S105
    SECRET_DESTROY = "accounts.secret.destroy"  # noqa: S105
    OPENING_VIEW = "accounts.secret_opening.view"
    OPENING_EXPORT = "accounts.secret_opening.export"
    DEVICE_EDIT = "accounts.device.edit"
    NAME_VIEW = "accounts.name_word.view"  # the words that names may not hold, and who is authorised
    NAME_EDIT = "accounts.name_word.edit"
    QUOTA_VIEW = "accounts.quota.view"
    QUOTA_EDIT = "accounts.quota.edit"
    APPLICATION_VIEW = "accounts.application.view"
    APPLICATION_APPLY = "accounts.application.apply"  # draft, attach papers, submit, give up
    APPLICATION_EXPORT = "accounts.application.export"
    FILING_VIEW = "accounts.filing.view"
    FILING_EXPORT = "accounts.filing.export"
    FILING_EDIT = "accounts.filing.edit"  # also accepting names, ticking off what is handed in, carrying out


LABELS = {
    "accounts.filing": _l("Filings"),
    AccountsPermission.APPLICATION_APPLY: _l("Apply to open, change and close"),
    AccountsPermission.FILING_EDIT: _l("File, and carry out what is approved"),
    AccountsPermission.SECRET_SEAL: _l("Seal"),
    AccountsPermission.SECRET_OPEN: _l("Open"),
    AccountsPermission.SECRET_DESTROY: _l("Destroy"),
}
