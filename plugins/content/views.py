"""The pages of content, in one list."""

from __future__ import annotations

from plugins.content.desk import SubmissionView
from plugins.content.listviews import (
    ContentWordView,
    HoursView,
    MediumView,
    ReviewItemView,
    RhythmView,
    SendBudgetView,
    TopicView,
)
from plugins.content.outviews import (
    ArchiveView,
    CalendarView,
    ColumnView,
    FiguresView,
    PlanItemView,
    ReleaseView,
    StagePlanView,
    TargetView,
)

__all__ = [
    "ArchiveView",
    "CalendarView",
    "ColumnView",
    "ContentWordView",
    "FiguresView",
    "HoursView",
    "MediumView",
    "PlanItemView",
    "ReleaseView",
    "ReviewItemView",
    "RhythmView",
    "SendBudgetView",
    "StagePlanView",
    "SubmissionView",
    "TargetView",
    "TopicView",
]
