"""Who did what: an entry for every write, in the same transaction, append-only."""

from panel.audit.context import Acting, AuditContextMissing, acting, current
from panel.audit.log import history, note

__all__ = ["Acting", "AuditContextMissing", "acting", "current", "history", "note"]
