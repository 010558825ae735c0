"""The verbs of work groups, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.groupchat.policy import GroupPolicy

__all__ = ["on_enable"]


def on_enable(institution: Institution) -> None:
    """Put a policy in force; runs at each switching on, adds only what is missing."""
    ship_policy(GroupPolicy, institution)
