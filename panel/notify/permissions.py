"""Permissions over notifications."""

from __future__ import annotations

from enum import StrEnum


class NotifyPermission(StrEnum):
    CHANNEL_VIEW = "notify.channel.view"
    CHANNEL_EDIT = "notify.channel.edit"
    DELIVERY_VIEW = "notify.delivery.view"  # who was sent what, and why nothing was
    DELIVERY_RETRY = "notify.delivery.retry"


# What the shipped roles get of it (see panel.access.roles).
ROLES = {
    "publicity": tuple(NotifyPermission),
    "auditor": (NotifyPermission.CHANNEL_VIEW, NotifyPermission.DELIVERY_VIEW),
}
