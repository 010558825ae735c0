from enum import StrEnum


class AccountPermission(StrEnum):
    PAPER_VIEW = "accounts.paper.view"
    PAPER_EDIT = "accounts.paper.edit"
