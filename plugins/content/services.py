"""The verbs of content, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.content.models import Submission
from plugins.content.policy import ContentPolicy
from plugins.content.released import Piece, contributions_of, reads_by, released_pieces, withdrawn_between

__all__ = [
    "ContentPolicy",
    "Piece",
    "Submission",
    "contributions_of",
    "on_enable",
    "reads_by",
    "released_pieces",
    "withdrawn_between",
]


def on_enable(institution: Institution) -> None:
    """Put the policy in force."""
    ship_policy(ContentPolicy, institution)
