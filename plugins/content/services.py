"""The verbs of content, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, ship_policy
from plugins.content.choices import Class, Kind, MediumLevel, Part, Source
from plugins.content.columns import column_owner, confirm_column, plan_item_owner
from plugins.content.forwarding import ask_staff, forwarded
from plugins.content.links import follow_links
from plugins.content.models import Contribution, Correction, ReadCount, Release, Submission
from plugins.content.planning import accept, change_item, drop, may_order, propose, reorder, rooms, supply
from plugins.content.policy import ContentPolicy, Medium
from plugins.content.released import Piece, contributions_of, reads_by, released_pieces, withdrawn_between
from plugins.content.releasing import ask_repost, correct, count_reads, drop_target, release, withdraw
from plugins.content.rereading import scan_again
from plugins.content.reviewing import answer, checklist, comment, compared, decide_hit, in_the_way, resolve
from plugins.content.submissions import (
    Contributor,
    attach,
    attach_all,
    begin,
    change,
    describe,
    detach,
    discard,
    hand_in,
    import_text,
    keep_scratch,
    scratch_of,
    take_back,
    take_scratch,
)

__all__ = [
    "Class",
    "ContentPolicy",
    "Contribution",
    "Contributor",
    "Correction",
    "Kind",
    "Medium",
    "MediumLevel",
    "Part",
    "Piece",
    "ReadCount",
    "Release",
    "Source",
    "Submission",
    "accept",
    "answer",
    "ask_repost",
    "ask_staff",
    "attach",
    "attach_all",
    "begin",
    "change",
    "change_item",
    "checklist",
    "column_owner",
    "comment",
    "compared",
    "confirm_column",
    "contributions_of",
    "correct",
    "count_reads",
    "decide_hit",
    "describe",
    "detach",
    "discard",
    "drop",
    "drop_target",
    "follow_links",
    "forwarded",
    "hand_in",
    "import_text",
    "in_the_way",
    "keep_scratch",
    "may_order",
    "on_enable",
    "plan_item_owner",
    "propose",
    "reads_by",
    "release",
    "released_pieces",
    "reorder",
    "resolve",
    "rooms",
    "scan_again",
    "scratch_of",
    "supply",
    "take_back",
    "take_scratch",
    "withdraw",
    "withdrawn_between",
]


def on_enable(institution: Institution) -> None:
    """Put the policy in force."""
    ship_policy(ContentPolicy, institution)
