from enum import StrEnum


class GroupchatPermission(StrEnum):
    PAPER_VIEW = "groupchat.paper.view"
    PAPER_EDIT = "groupchat.paper.edit"
