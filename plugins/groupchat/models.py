"""All tables of work groups, in one list."""

from plugins.groupchat.groups import (
    Alias,
    Attestation,
    Group,
    Member,
    OwnerTerm,
    Reach,
    RequiredGroup,
    Source,
    Term,
)
from plugins.groupchat.posts import (
    Bulletin,
    Case,
    DutyDay,
    LogEntry,
    Notice,
    Problem,
    Receipt,
    Result,
)

__all__ = [
    "Alias",
    "Attestation",
    "Bulletin",
    "Case",
    "DutyDay",
    "Group",
    "LogEntry",
    "Member",
    "Notice",
    "OwnerTerm",
    "Problem",
    "Reach",
    "Receipt",
    "RequiredGroup",
    "Result",
    "Source",
    "Term",
]
