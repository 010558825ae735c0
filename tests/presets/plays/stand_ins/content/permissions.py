from enum import StrEnum


class ContentPermission(StrEnum):
    PAPER_VIEW = "content.paper.view"
    PAPER_EDIT = "content.paper.edit"
