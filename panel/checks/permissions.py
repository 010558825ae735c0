"""Permissions over findings, waivers and policy parameters."""

from __future__ import annotations

from enum import StrEnum


class ChecksPermission(StrEnum):
    FINDING_VIEW = "checks.finding.view"
    FINDING_ASSIGN = "checks.finding.assign"
    FINDING_WAIVE = "checks.finding.waive"
    FINDING_EXPORT = "checks.finding.export"
    POLICY_VIEW = "checks.policy.view"
    POLICY_EDIT = "checks.policy.edit"
