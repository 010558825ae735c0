"""Permissions over background work."""

from __future__ import annotations

from enum import StrEnum


class JobPermission(StrEnum):
    RUN_VIEW = "jobs.run.view"
    RUN_CONTROL = "jobs.run.control"
