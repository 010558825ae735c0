"""Permissions over verification and annual review."""

from __future__ import annotations

from enum import StrEnum


class CertificationPermission(StrEnum):
    RENEWAL_VIEW = "certification.renewal.view"
    RENEWAL_EDIT = "certification.renewal.edit"  # begin, tick off its steps, enter the result
    RENEWAL_EXPORT = "certification.renewal.export"
    REVIEW_VIEW = "certification.review.view"
    REVIEW_EDIT = "certification.review.edit"
    WINDOW_VIEW = "certification.window.view"
    WINDOW_EDIT = "certification.window.edit"
    BUDGET_VIEW = "certification.budget.view"
    BUDGET_EDIT = "certification.budget.edit"
    SITE_VIEW = "certification.site.view"
    SITE_EDIT = "certification.site.edit"
