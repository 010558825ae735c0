"""Permissions over submissions, releases, the plan and the lists."""

from __future__ import annotations

from enum import StrEnum


class ContentPermission(StrEnum):
    SUBMISSION_VIEW = "content.submission.view"
    SUBMISSION_EDIT = "content.submission.edit"  # write, attach, hand in, take back
    SUBMISSION_REVIEW = "content.submission.review"  # comment, answer the checklist, decide on what was found
    SUBMISSION_EXPORT = "content.submission.export"
    RELEASE_VIEW = "content.release.view"
    RELEASE_EDIT = "content.release.edit"  # register a release, its reads, corrections, withdrawal
    RELEASE_EXPORT = "content.release.export"
    PLAN_VIEW = "content.plan.view"
    PLAN_PROPOSE = "content.plan.propose"
    PLAN_EDIT = "content.plan.edit"
    COLUMN_VIEW = "content.column.view"
    COLUMN_EDIT = "content.column.edit"
    LIST_VIEW = "content.list.view"  # classes, media, words, checklist, hours, rhythms, budgets
    LIST_EDIT = "content.list.edit"
