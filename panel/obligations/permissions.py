"""Permissions over obligations."""

from __future__ import annotations

from enum import StrEnum


class ObligationPermission(StrEnum):
    OBLIGATION_VIEW = "obligations.obligation.view"
    OBLIGATION_EDIT = "obligations.obligation.edit"  # tick off and put off those of others; one's own needs nothing
    OBLIGATION_ASSIGN = "obligations.obligation.assign"
    OBLIGATION_WAIVE = "obligations.obligation.waive"
    OBLIGATION_EXPORT = "obligations.obligation.export"
    DUTY_VIEW = "obligations.duty.view"
    DUTY_EDIT = "obligations.duty.edit"
    LADDER_VIEW = "obligations.ladder.view"
    LADDER_EDIT = "obligations.ladder.edit"
    HOLIDAY_EDIT = "obligations.holiday.edit"


# What the shipped roles get of it (see panel.access.roles).
ROLES = {
    "publicity": tuple(p for p in ObligationPermission if p != ObligationPermission.HOLIDAY_EDIT),
    "lead": (
        ObligationPermission.OBLIGATION_VIEW,
        ObligationPermission.OBLIGATION_EDIT,
        ObligationPermission.OBLIGATION_ASSIGN,
        ObligationPermission.DUTY_VIEW,
        ObligationPermission.DUTY_EDIT,
    ),
    "clerk": (
        ObligationPermission.OBLIGATION_VIEW,
        ObligationPermission.OBLIGATION_EDIT,
        ObligationPermission.DUTY_VIEW,
    ),
    "finance": (ObligationPermission.OBLIGATION_VIEW,),
    "auditor": (
        ObligationPermission.OBLIGATION_VIEW,
        ObligationPermission.OBLIGATION_EXPORT,
        ObligationPermission.DUTY_VIEW,
        ObligationPermission.LADDER_VIEW,
    ),
}
