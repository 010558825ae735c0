"""The values the register knows, with their labels and the look of their state."""

from __future__ import annotations

from panel.api import Choice, _l


class Status(Choice):
    """Where an account stands. Which change is allowed is in CHANGES."""

    PENDING = "pending", _l("To be filed"), "state-wait"
    ACTIVE = "active", _l("In use"), "state-ok"
    IDLE = "idle", _l("No longer updated"), "state-off"
    SUSPENDED = "suspended", _l("Suspended"), "state-bad"
    CLOSING = "closing", _l("To be closed"), "state-wait"
    CLOSED = "closed", _l("Closed"), "state-off"


# From → to. An account is closed in two steps, so that a slip of the hand closes nothing.
CHANGES: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.ACTIVE, Status.IDLE, Status.CLOSING}),
    Status.ACTIVE: frozenset({Status.IDLE, Status.SUSPENDED, Status.CLOSING}),
    Status.IDLE: frozenset({Status.ACTIVE, Status.SUSPENDED, Status.CLOSING}),
    Status.SUSPENDED: frozenset({Status.ACTIVE, Status.IDLE, Status.CLOSING}),
    Status.CLOSING: frozenset({Status.ACTIVE, Status.IDLE, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}


class Filing(Choice):
    """Whether the account is filed (备案). What was entered past the chain is not, until somebody confirms it."""

    UNFILED = "unfiled", _l("Unfiled"), "state-wait"
    FILED = "filed", _l("Filed"), "state-ok"


class Level(Choice):
    """Whose account it is: the institution's own, a second-level unit's, or one below (class, society)."""

    INSTITUTION = "institution", _l("Institution level")
    SECOND = "second", _l("Second level")
    THIRD = "third", _l("Third level")


class EntityKind(Choice):
    """What the legal entity is that the account is registered to (s0-09-r03, s1-05-r01)."""

    ORGANISATION = "organisation", _l("Organisation")
    INDIVIDUAL = "individual", _l("Individual")


class Certification(Choice):
    """What the platform verified the holder as."""

    NONE = "none", _l("Not verified")
    GOVERNMENT = "government", _l("Government")
    PUBLIC = "public", _l("Public institution")
    ENTERPRISE = "enterprise", _l("Enterprise")
    MEDIA = "media", _l("Media")
    OTHER = "other", _l("Other organisation")
    INDIVIDUAL = "individual", _l("Individual")


class OperatorKind(Choice):
    """What an operator may do at the platform, and for how long."""

    ADMINISTRATOR = "administrator", _l("Administrator")
    LONG = "long", _l("Long-term operator")
    SHORT = "short", _l("Short-term operator")


class Way(Choice):
    """How a password is handed over."""

    IN_PERSON = "in_person", _l("In person")
    SEALED = "sealed", _l("Sealed envelope")
    RESET = "reset", _l("Reset by the new custodian")
    OTHER = "other", _l("Another way")


class DeviceKind(Choice):
    """What an account is run from."""

    DESKTOP = "desktop", _l("Desktop computer")
    LAPTOP = "laptop", _l("Laptop")
    PHONE = "phone", _l("Mobile phone")
    TABLET = "tablet", _l("Tablet")
    OTHER = "other", _l("Other device")


class Icon(Choice):
    """The marks a platform can have in lists."""

    WECHAT = "p-wechat", _l("Two speech bubbles")
    SERVICE = "p-service", _l("Speech bubble with lines")
    MINI = "p-mini", _l("Ring")
    CHANNELS = "p-channels", _l("Butterfly")
    WECOM = "p-wecom", _l("Speech bubble with cross")
    WEIBO = "p-weibo", _l("Eye")
    DOUYIN = "p-douyin", _l("Music note")
    BILIBILI = "p-bilibili", _l("Television")
    SITE = "p-site", _l("Globe")
    GROUP = "p-group", _l("Group")
