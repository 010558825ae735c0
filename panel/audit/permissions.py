"""Permissions over the audit log."""

from __future__ import annotations

from enum import StrEnum

from panel.i18n import _l


class AuditPermission(StrEnum):
    ENTRY_VIEW = "audit.entry.view"
    ENTRY_EXPORT = "audit.entry.export"
    SEAL_VERIFY = "audit.seal.verify"
    SEAL_RECEIVE = "audit.seal.receive"


LABELS = {
    AuditPermission.SEAL_VERIFY: _l("Have the audit log verified"),
    AuditPermission.SEAL_RECEIVE: _l("Be sent the day's anchor and a broken seal"),
}

ROLES = {"auditor": (AuditPermission.SEAL_VERIFY, AuditPermission.SEAL_RECEIVE)}
