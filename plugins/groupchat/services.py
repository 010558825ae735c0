"""The verbs of work groups, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.groupchat.belonging import group_changed, reach_changed, roster_changed, settle_groups
from plugins.groupchat.evidence import begin, purge, read, take_in
from plugins.groupchat.members import (
    add_member,
    admit_guest,
    attest,
    confirm_match,
    import_members,
    learn,
    missed_days,
    registered_lines,
    remove_member,
)
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.register import (
    change_group,
    clean_up,
    close_group,
    end_deputy,
    extend_group,
    find_group,
    hand_over,
    leave_without_owner,
    name_deputy,
    note,
    open_group,
)
from plugins.groupchat.shipped import ship_words

__all__ = [
    "add_member",
    "admit_guest",
    "attest",
    "begin",
    "change_group",
    "clean_up",
    "close_group",
    "confirm_match",
    "end_deputy",
    "extend_group",
    "find_group",
    "group_changed",
    "hand_over",
    "import_members",
    "learn",
    "leave_without_owner",
    "missed_days",
    "name_deputy",
    "note",
    "on_enable",
    "open_group",
    "purge",
    "reach_changed",
    "read",
    "registered_lines",
    "remove_member",
    "roster_changed",
    "settle_groups",
    "ship_words",
    "take_in",
]


def on_enable(institution: Institution) -> None:
    """Put a policy and a word list in force; runs at each switching on, adds only what is missing."""
    ship_policy(GroupPolicy, institution)
    ship_words(institution)
