"""Permissions over work groups."""

from __future__ import annotations

from enum import StrEnum

from panel.api import _l


class GroupchatPermission(StrEnum):
    GROUP_VIEW = "groupchat.group.view"
    GROUP_EDIT = "groupchat.group.edit"  # register, hand over, attest, close; member lists
    GROUP_EXPORT = "groupchat.group.export"
    MEMBER_VIEW = "groupchat.member.view"
    CASE_VIEW = "groupchat.case.view"
    CASE_EDIT = "groupchat.case.edit"  # import chat records, report, confirm, dismiss
    CASE_READ = "groupchat.case.read"  # names and words of a case, unmasked
    NOTICE_VIEW = "groupchat.notice.view"
    NOTICE_EDIT = "groupchat.notice.edit"
    RULE_VIEW = "groupchat.rule.view"
    RULE_EDIT = "groupchat.rule.edit"  # quiet hours, word lists, terms, required groups


LABELS = {GroupchatPermission.CASE_READ: _l("Read names and words")}
