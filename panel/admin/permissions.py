"""Permissions over what users keep about lists."""

from __future__ import annotations

from enum import StrEnum


class AdminPermission(StrEnum):
    SAVED_FILTER_SHARE = "admin.saved_filter.share"
