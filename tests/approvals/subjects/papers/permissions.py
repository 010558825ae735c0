from enum import StrEnum


class PaperPermission(StrEnum):
    PAPER_VIEW = "papers.paper.view"
    PAPER_EDIT = "papers.paper.edit"
