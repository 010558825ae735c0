"""The verbs of oversight, in one list; each is one transaction."""

from __future__ import annotations

from panel.api import Institution, records, ship_policy
from plugins.oversight.documents import (
    addressees,
    change_document,
    confirm,
    confirm_reading,
    draft,
    drop,
    in_force,
    issue,
    line_of,
    make_known,
    reader,
    repeal,
    review,
    tell_addressees,
    text_on,
)
from plugins.oversight.duties import appoint, card_of, change_duty, duty, end_duty, groups, hand_over_duty, holders
from plugins.oversight.inspecting import (
    accept,
    add_item,
    answer,
    carry_out,
    change_inspection,
    drop_inspection,
    give_back,
    plan,
)
from plugins.oversight.policy import DocumentKind, OversightPolicy
from plugins.oversight.shipped import DOCUMENTS

__all__ = [
    "accept",
    "add_item",
    "addressees",
    "answer",
    "appoint",
    "card_of",
    "carry_out",
    "change_document",
    "change_duty",
    "change_inspection",
    "confirm",
    "confirm_reading",
    "draft",
    "drop",
    "drop_inspection",
    "duty",
    "end_duty",
    "give_back",
    "groups",
    "hand_over_duty",
    "holders",
    "in_force",
    "issue",
    "line_of",
    "make_known",
    "on_enable",
    "plan",
    "reader",
    "repeal",
    "review",
    "tell_addressees",
    "text_on",
]


def on_enable(institution: Institution) -> None:
    """Put a policy in force and give the usual kinds of rule documents; adds only what is missing."""
    ship_policy(OversightPolicy, institution)
    if not DocumentKind.select().where(DocumentKind.institution == institution).exists():
        records.bulk_create(DocumentKind, [{"institution": institution, "name": name} for name in DOCUMENTS])
