"""What rows of oversight can be, and how an item of an inspection moves on."""

from __future__ import annotations

from panel.api import Choice, _l


class Audience(Choice):
    """Whom a rule document addresses."""

    STAFF = "staff", _l("Everybody in service")
    UNIT = "unit", _l("Staff of the issuing unit and below")
    KEEPERS = "keepers", _l("Those who operate or keep an account")
    PUBLIC = "public", _l("People outside")


class Standing(Choice):
    """How a rule document stands on a day; follows from its dates."""

    DRAFT = "draft", _l("Draft"), "state-off"
    COMING = "coming", _l("To come"), "state-wait"
    TRIAL = "trial", _l("In force on trial"), "state-wait"
    FORCE = "force", _l("In force"), "state-ok"
    ENDED = "ended", _l("No longer in force"), "state-off"


class Way(Choice):
    """How a text was made known before it took effect."""

    TOLD = "told", _l("Each addressee was told in the panel")
    NOTICE = "notice", _l("Notice")
    PUBLIC = "public", _l("Public notice")
    DISCUSSION = "discussion", _l("Discussion")
    MEETING = "meeting", _l("Representatives' meeting")


class InspectionState(Choice):
    """How an inspection stands."""

    PLANNED = "planned", _l("Planned"), "state-wait"
    DONE = "done", _l("Done"), "state-ok"
    DROPPED = "dropped", _l("Dropped"), "state-off"


class Gravity(Choice):
    """How much an item of an inspection weighs."""

    REMARK = "remark", _l("Remark"), "badge-secondary"
    DEFECT = "defect", _l("Defect"), "badge-warning"
    BREACH = "breach", _l("Breach of a rule"), "badge-danger"


class ItemState(Choice):
    """How an item of an inspection stands."""

    OPEN = "open", _l("To be answered"), "state-wait"
    ANSWERED = "answered", _l("Answered"), "state-wait"
    RETURNED = "returned", _l("Returned"), "state-bad"
    ACCEPTED = "accepted", _l("Accepted"), "state-ok"


# From which states an item may come into each.
MOVES: dict[ItemState, tuple[ItemState, ...]] = {
    ItemState.ANSWERED: (ItemState.OPEN, ItemState.RETURNED),
    ItemState.RETURNED: (ItemState.ANSWERED,),
    ItemState.ACCEPTED: (ItemState.ANSWERED,),
}
OWED = (ItemState.OPEN, ItemState.RETURNED)  # it is the inspected unit's turn
