"""Permissions over approvals. To decide what waits for oneself, and to follow one's own, needs none."""

from __future__ import annotations

from enum import StrEnum


class ApprovalPermission(StrEnum):
    REQUEST_VIEW = "approvals.request.view"
    REQUEST_WITHDRAW = "approvals.request.withdraw"  # those of others; one's own needs nothing
    REQUEST_EXPORT = "approvals.request.export"
    CHAIN_VIEW = "approvals.chain.view"
    CHAIN_EDIT = "approvals.chain.edit"
    DELEGATION_VIEW = "approvals.delegation.view"
    DELEGATION_EDIT = "approvals.delegation.edit"  # those of others
    TEMPLATE_EDIT = "approvals.template.edit"


P = ApprovalPermission

# What the shipped roles get of it (see panel.access.roles).
ROLES = {
    "publicity": tuple(P),
    "lead": (P.REQUEST_VIEW, P.CHAIN_VIEW),
    "clerk": (P.REQUEST_VIEW, P.CHAIN_VIEW),
    "finance": (P.REQUEST_VIEW,),
    "auditor": (P.REQUEST_VIEW, P.REQUEST_EXPORT, P.CHAIN_VIEW, P.DELEGATION_VIEW),
}
