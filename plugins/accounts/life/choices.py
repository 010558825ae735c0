"""The values the life cycle knows, with their labels."""

from __future__ import annotations

from panel.api import Choice, _l


class Kind(Choice):
    """What is applied for."""

    OPENING = "opening", _l("Opening an account")
    CHANGE = "change", _l("Changing an account")
    APPOINTMENT = "appointment", _l("Appointing operators")
    CLOSING = "closing", _l("Closing an account")


class State(Choice):
    """Where an application stands. Only a draft and what came back can be edited."""

    DRAFT = "draft", _l("Draft"), "state-off"
    WAITING = "waiting", _l("In approval"), "state-wait"
    RETURNED = "returned", _l("Returned for revision"), "state-bad"
    APPROVED = "approved", _l("Approved, to be carried out"), "state-wait"
    DONE = "done", _l("Carried out"), "state-ok"
    REJECTED = "rejected", _l("Rejected"), "state-bad"
    DROPPED = "dropped", _l("Given up"), "state-off"


EDITABLE = (State.DRAFT, State.RETURNED)
OPEN = (State.DRAFT, State.WAITING, State.RETURNED, State.APPROVED)


class Part(Choice):
    """What somebody is named for."""

    OPERATOR = "operator", _l("Operator")
    CUSTODIAN = "custodian", _l("Password custodian")


class PaperKind(Choice):
    """What a paper of an application is."""

    REPORT = "report", _l("Report or form, signed and sealed")
    LICENCE = "licence", _l("Licence or certificate of the legal entity")
    UNDERTAKING = "undertaking", _l("Undertaking or letter of responsibility")
    OTHER = "other", _l("Other paper")


class ItemKind(Choice):
    """What is handed in when an account is closed."""

    PLATFORM = "platform", _l("Account cancelled at the platform")
    PASSWORD = "password", _l("Password and administrator rights handed in")
    DEVICE = "device", _l("Device withdrawn")
    SEALED = "sealed", _l("Sealed copy retired")
    ARCHIVE = "archive", _l("Published content archived")


class Event(Choice):
    """What was filed."""

    OPENING = "opening", _l("Opening")
    CHANGE = "change", _l("Change")
    CONFIRMATION = "confirmation", _l("Confirmation of what existed")
    CLOSING = "closing", _l("Closing")
