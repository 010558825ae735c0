"""The verbs of work groups, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.groupchat.belonging import group_changed, reach_changed, roster_changed, settle_groups
from plugins.groupchat.cases import close as close_case
from plugins.groupchat.cases import confirm as confirm_case
from plugins.groupchat.cases import dismiss as dismiss_case
from plugins.groupchat.cases import report_case, sanctions_for, take_steps
from plugins.groupchat.choices import CaseKind, CaseState
from plugins.groupchat.evidence import begin, notices_of, purge, read, take_in
from plugins.groupchat.holdings import group_deputy, group_owner
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
from plugins.groupchat.notices import (
    answer,
    answer_by_link,
    by_key,
    change_notice,
    compose,
    explain,
    explanation_due,
    new_links,
    post,
    prepare,
    remind,
    reminder,
    send,
    to_call,
)
from plugins.groupchat.policy import GroupPolicy
from plugins.groupchat.posts import Case
from plugins.groupchat.rectification import (
    acknowledge,
    add_result,
    correct,
    name_problem,
    publish,
    record_duty,
    summon,
)
from plugins.groupchat.rectification import overdue as problem_overdue
from plugins.groupchat.register import (
    ask_again,
    change_group,
    clean_up,
    close_group,
    end_deputy,
    extend_group,
    find_group,
    hand_over,
    leave_without_owner,
    me,
    name_deputy,
    note,
    open_group,
)
from plugins.groupchat.shipped import add_words, ship_words
from plugins.groupchat.wecom import read_wecom

__all__ = [
    "Case",
    "CaseKind",
    "CaseState",
    "acknowledge",
    "add_member",
    "add_result",
    "add_words",
    "admit_guest",
    "answer",
    "answer_by_link",
    "ask_again",
    "attest",
    "begin",
    "by_key",
    "change_group",
    "change_notice",
    "clean_up",
    "close_case",
    "close_group",
    "compose",
    "confirm_case",
    "confirm_match",
    "correct",
    "dismiss_case",
    "end_deputy",
    "explain",
    "explanation_due",
    "extend_group",
    "find_group",
    "group_changed",
    "group_deputy",
    "group_owner",
    "hand_over",
    "import_members",
    "learn",
    "leave_without_owner",
    "me",
    "missed_days",
    "name_deputy",
    "name_problem",
    "new_links",
    "note",
    "notices_of",
    "on_enable",
    "open_group",
    "post",
    "prepare",
    "problem_overdue",
    "publish",
    "purge",
    "reach_changed",
    "read",
    "read_wecom",
    "record_duty",
    "registered_lines",
    "remind",
    "reminder",
    "remove_member",
    "report_case",
    "roster_changed",
    "sanctions_for",
    "send",
    "settle_groups",
    "ship_words",
    "summon",
    "take_in",
    "take_steps",
    "to_call",
]


def on_enable(institution: Institution) -> None:
    """Put a policy and a word list in force; runs at each switching on, adds only what is missing."""
    ship_policy(GroupPolicy, institution)
    ship_words(institution)
