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

    PROPOSED = "proposed", _l("Proposed"), "state-wait"
    CONFIRMED = "confirmed", _l("Confirmed"), "state-ok"
    REJECTED = "rejected", _l("Not confirmed"), "state-bad"


class EntryKind(Choice):
    """Where an amount comes from."""

    PIECE = "piece", _l("Piece")
    ADJUSTMENT = "adjustment", _l("Adjustment of a closed month")


class State(Choice):
    """Where a settlement stands."""

    COUNTING = "counting", _l("Being reckoned"), "state-wait"
    OPEN = "open", _l("Open"), "state-wait"
    REVIEW = "review", _l("In approval"), "state-wait"
    LOCKED = "locked", _l("Approved and locked"), "state-ok"
    PAID = "paid", _l("Paid"), "state-ok"


REWORKABLE = (State.COUNTING.value, State.OPEN.value)  # in which it is reckoned anew
