from enum import StrEnum


class LoansPermission(StrEnum):
    LOAN_VIEW = "loans.loan.view"
    LOAN_CREATE = "loans.loan.create"
    LOAN_EDIT = "loans.loan.edit"
    LOAN_EXPORT = "loans.loan.export"
