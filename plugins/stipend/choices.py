"""The values rate cards, entries and settlements know."""

from __future__ import annotations

from panel.api import Choice, _l


class Per(Choice):
    """What a line of a rate card is paid for."""

    PIECE = "piece", _l("Each piece")
    THOUSAND = "thousand", _l("Each 1,000 characters")
    PHOTO = "photo", _l("Each photo")
    VIDEO = "video", _l("Each video")


class Rounding(Choice):
    """How a part of 1,000 characters counts."""

    UP = "up", _l("As a whole thousand")
    DOWN = "down", _l("Not at all")
    HALF = "half", _l("From 500 as a whole")
    EXACT = "exact", _l("In proportion")


class Split(Choice):
    """How co-authors share a fee; what cannot be divided goes to the first."""

    EQUAL = "equal", _l("Equal parts")
    SHARES = "shares", _l("By the shares entered")
    FIRST = "first", _l("All to the first author")


class Basis(Choice):
    """What tax is reckoned from, as the finance office says."""

    MERGED = "merged", _l("All of a month together")
    PIECE = "piece", _l("Each piece by itself")


class PayeeKind(Choice):
    """Who is paid."""

    STAFF = "staff", _l("Staff")
    STUDENT = "student", _l("Student")
    OUTSIDE = "outside", _l("From outside")
    NONRESIDENT = "nonresident", _l("Not resident in China")


class Income(Choice):
    """What a fee counts as for the tax office; the finance office signs for it."""

    ROYALTY = "royalty", _l("Author's fee (稿酬)")
    LABOUR = "labour", _l("Service (劳务报酬)")
    WAGES = "wages", _l("Part of the wages, taxed there")


class FactorState(Choice):
    """Where the factor of a piece stands."""

    PROPOSED = "proposed", _l("To be confirmed"), "state-wait"
    CONFIRMED = "confirmed", _l("Confirmed"), "state-ok"
    REJECTED = "rejected", _l("Not confirmed"), "state-bad"


class EntryKind(Choice):
    """Where an amount comes from."""

    PIECE = "piece", _l("Piece")
    WITHDRAWN = "withdrawn", _l("Taken down after it was paid")
    CARRIED = "carried", _l("Carried over from an earlier month")
    MANUAL = "manual", _l("Adjustment by hand")


class ProblemKind(Choice):
    """Why a piece of the month is not paid, or not as it might be."""

    NOBODY = "nobody", _l("No author is named")
    SHARES = "shares", _l("The shares do not sum to 100 %")
    NO_CARD = "no_card", _l("No rate card holds on the day of release")
    NO_RATE = "no_rate", _l("No line of the rate card fits")
    NO_READS = "no_reads", _l("The reads of the day that counts are not entered")
    READS_LATER = "reads_later", _l("The day whose reads count is still to come")
    PROPOSED = "proposed", _l("A factor is proposed and not confirmed")
    RANGE = "range", _l("The factor lies outside the range of the rate card")
    STANDS = "stands", _l("Taken down in one place, still out in another: the fee stays")


class State(Choice):
    """Where a settlement stands."""

    GATHERING = "gathering", _l("Still running"), "state-off"
    COUNTING = "counting", _l("Being reckoned"), "state-wait"
    OPEN = "open", _l("Reckoned, to be handed in"), "state-wait"
    REVIEW = "review", _l("In approval"), "state-wait"
    LOCKED = "locked", _l("Approved and locked"), "state-ok"
    PAID = "paid", _l("Paid"), "state-ok"


REWORKABLE = (State.GATHERING.value, State.COUNTING.value, State.OPEN.value)  # in which it is reckoned again
RUNNING = (State.GATHERING.value, State.COUNTING.value)  # in which a run is at work, or may be
CLOSED = (State.LOCKED.value, State.PAID.value)
DECIDED = (State.REVIEW.value, *CLOSED)  # in which nothing it was reckoned from changes
