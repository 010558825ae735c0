"""The choices of breaches and assessments: how a case stands, what may be ordered, what may follow."""

from __future__ import annotations

from panel.api import Choice, _l


class Severity(Choice):
    """How grave a breach is, lightest first."""

    MINOR = "minor", _l("Minor"), "badge-secondary"
    MEDIUM = "medium", _l("Ordinary"), "badge-warning"
    SERIOUS = "serious", _l("Serious"), "badge-danger"

    @property
    def rank(self) -> int:
        """Its place, from 0."""
        return list(Severity).index(self)


class Source(Choice):
    """How a case came up."""

    REPORT = "report", _l("A report")
    INSPECTION = "inspection", _l("An inspection")
    FINDING = "finding", _l("A finding of the panel")
    CHAT = "chat", _l("A chat record")
    OTHER = "other", _l("Otherwise")


class CaseState(Choice):
    """Where a case stands. Which change is allowed is in MOVES."""

    REPORTED = "reported", _l("Reported"), "state-wait"
    INVESTIGATING = "investigating", _l("Being investigated"), "state-wait"
    DECIDED = "decided", _l("Decided"), "state-bad"
    CARRIED_OUT = "carried_out", _l("Carried out"), "state-ok"
    APPEALED = "appealed", _l("Appealed"), "state-wait"
    CLOSED = "closed", _l("Closed"), "state-off"


# From → to. Back to the investigation is always a reopening, with its reason.
MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.REPORTED: frozenset({CaseState.INVESTIGATING}),
    CaseState.INVESTIGATING: frozenset({CaseState.DECIDED}),
    CaseState.DECIDED: frozenset(
        {CaseState.CARRIED_OUT, CaseState.APPEALED, CaseState.CLOSED, CaseState.INVESTIGATING}
    ),
    CaseState.CARRIED_OUT: frozenset(
        {CaseState.DECIDED, CaseState.APPEALED, CaseState.CLOSED, CaseState.INVESTIGATING}
    ),
    CaseState.APPEALED: frozenset({CaseState.DECIDED, CaseState.CARRIED_OUT, CaseState.INVESTIGATING}),
    CaseState.CLOSED: frozenset({CaseState.APPEALED, CaseState.INVESTIGATING}),
}
RUNNING = (CaseState.REPORTED, CaseState.INVESTIGATING)


class Verdict(Choice):
    """What the investigation comes to."""

    OPEN = "", _l("Not decided")
    FOUNDED = "founded", _l("Founded"), "badge-danger"
    UNFOUNDED = "unfounded", _l("Unfounded"), "badge-secondary"


class PartyRole(Choice):
    """Why somebody answers for a breach besides the person or unit it is about."""

    DIRECT = "direct", _l("Directly responsible")
    ADMINISTRATOR = "administrator", _l("Administrator")
    MAIN = "main", _l("Main responsibility")
    LEADER = "leader", _l("Responsible as leader")


class MeasureKind(Choice):
    """What is ordered at once, whatever is decided later."""

    STOP = "stop", _l("Stop the act")
    CRITICISE = "criticise", _l("Criticise")
    DELETE = "delete", _l("Delete the content")
    HIDE = "hide", _l("Hide the content")
    RECTIFY = "rectify", _l("Rectify by a time")
    CORRECT = "correct", _l("Publish a correction")
    RENAME = "rename", _l("Rename the account")
    CANCEL = "cancel", _l("Cancel the account")
    OTHER = "other", _l("Other")


class Demand(Choice):
    """What must have been done before a founded case of a kind is closed."""

    NOTHING = "", _l("Nothing in particular")
    DELETION = "deletion", _l("The content is deleted, with time and by whom")
    CLEARING = "clearing", _l("The account is renamed or cancelled")
    STEPS = "steps", _l("Stopped, criticised, deletion ordered and corrected, each with its time")


DEMANDED: dict[Demand, tuple[tuple[MeasureKind, ...], ...]] = {  # all of them, one of each
    Demand.NOTHING: (),
    Demand.DELETION: ((MeasureKind.DELETE,),),
    Demand.CLEARING: ((MeasureKind.RENAME, MeasureKind.CANCEL),),
    Demand.STEPS: ((MeasureKind.STOP,), (MeasureKind.CRITICISE,), (MeasureKind.DELETE,), (MeasureKind.CORRECT,)),
}


class Whom(Choice):
    """Whom a step of the ladder is for."""

    ANYBODY = "any", _l("Anybody")
    PERSON = "person", _l("People and units")
    ADMINISTRATOR = "administrator", _l("Administrators")
    ACCOUNT = "account", _l("Accounts")


class Effect(Choice):
    """What a sanction does; those that bar somebody or stop an account hold in the other parts of the panel, too."""

    WARN = "warn", _l("Warning or criticism")
    CIRCULATE = "circulate", _l("Circulated criticism")
    LIMIT = "limit", _l("Functions limited")
    HIDE = "hide", _l("Content hidden")
    SUSPEND = "suspend", _l("Suspension until a day")
    LOSS = "loss", _l("Loss of the right to use")
    REMOVE = "remove", _l("Removal from the group")
    PAY = "pay", _l("Deduction of pay, or fine")
    DISCIPLINE = "discipline", _l("Disciplinary action")
    DISMISS = "dismiss", _l("Dismissal")
    CLOSE = "close", _l("Closing of the account")
    AUTHORITY = "authority", _l("Handing over to the authority")
    OTHER = "other", _l("Other")


BARS = (Effect.SUSPEND, Effect.LOSS)


class SanctionState(Choice):
    """How a sanction stands."""

    WAITING = "waiting", _l("In approval"), "state-wait"
    DECIDED = "decided", _l("To be carried out"), "state-bad"
    CARRIED = "carried", _l("Carried out"), "state-ok"
    LIFTED = "lifted", _l("Ended"), "state-off"
    REFUSED = "refused", _l("Not approved"), "state-off"


HOLDING = (SanctionState.DECIDED, SanctionState.CARRIED)


class Measured(Choice):
    """Where the points of a criterion come from."""

    HAND = "hand", _l("Entered by hand")
    BREACHES = "breaches", _l("Founded breaches of the period")
    COMMENDATIONS = "commendations", _l("Commendations of the period")


class About(Choice):
    """What supervision looks at."""

    USE = "use", _l("Use of accounts and groups")
    SECRECY = "secrecy", _l("Keeping of secrets")
