"""The tables of content, in one list."""

from __future__ import annotations

from plugins.content.outgoing import Correction, Forwarding, PlanItem, ReadCount, Release, StagePlan, Target
from plugins.content.writing import (
    Answer,
    Attachment,
    Band,
    Comment,
    Contribution,
    Hit,
    Link,
    Round,
    Scratch,
    Submission,
)

__all__ = [
    "Answer",
    "Attachment",
    "Band",
    "Comment",
    "Contribution",
    "Correction",
    "Forwarding",
    "Hit",
    "Link",
    "PlanItem",
    "ReadCount",
    "Release",
    "Round",
    "Scratch",
    "StagePlan",
    "Submission",
    "Target",
]
