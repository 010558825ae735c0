"""Permissions over the audit log."""

from __future__ import annotations

from enum import StrEnum


class AuditPermission(StrEnum):
    ENTRY_VIEW = "audit.entry.view"
    ENTRY_EXPORT = "audit.entry.export"
