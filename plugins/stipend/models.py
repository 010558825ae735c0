"""Rate cards, who is paid and how they are taxed, and what each month settles. Money is whole fen."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, DateField, IntegerField, JSONField, TextField

from panel.api import BaseModel, MoneyField, Owned, Person, RestrictedKey, SecretText, Unit, User, UtcDateTimeField, _l
from plugins.content.services import Contribution, Submission
from plugins.stipend.choices import (
    Basis,
    EntryKind,
    FactorState,
    Income,
    PayeeKind,
    Per,
    Rounding,
    Split,
    State,
)
from plugins.stipend.tariff import FACTOR
from plugins.stipend.tax import WHOLE


def _listed(label: Any) -> Any:
    return JSONField(default=list, verbose_name=label)


class RateCard(Owned):
    """What is paid from a day on, until the day before the next card; cards neither overlap nor leave a gap."""

    title, titles = _l("Rate card"), _l("Rate cards")
    refusals = {
        "institution,since": _l("Another rate card begins on this day."),
        "stipend_rate_card_dates": _l("A rate card cannot end before it begins."),
        "stipend_rate_card_factors": _l("Factors are from 0.01 up, and the highest is no less than the lowest."),
        "stipend_rate_card_caps": _l("A cap is 0 or more."),
        "stipend_rate_card_reads": _l("Reads are counted 0 to 365 days after the release."),
    }

    name = CharField(max_length=120, verbose_name=_l("Name"))
    since = DateField(verbose_name=_l("From"))
    until = DateField(null=True, verbose_name=_l("Until"))
    split = CharField(
        max_length=10, choices=Split.pairs(), default=Split.EQUAL.value, verbose_name=_l("Co-authors share")
    )
    least_factor = IntegerField(default=FACTOR, verbose_name=_l("Lowest factor"))  # hundredths
    most_factor = IntegerField(default=FACTOR, verbose_name=_l("Highest factor"))
    highest_only = BooleanField(default=True, verbose_name=_l("Of several channels only the best pays"))
    reads_days = IntegerField(default=7, verbose_name=_l("Reads are those so many days after the release"))
    piece_cap = MoneyField(null=True, verbose_name=_l("A piece earns at most"))
    month_cap = MoneyField(null=True, verbose_name=_l("A person earns at most, a month"))
    basis = CharField(
        max_length=10, choices=Basis.pairs(), default=Basis.MERGED.value, verbose_name=_l("Tax is reckoned from")
    )
    basis_note = CharField(max_length=300, default="", verbose_name=_l("As stated by the finance office"))

    class Meta:
        indexes = ((("institution", "since"), True),)
        constraints = [
            Check("until IS NULL OR until >= since", name="stipend_rate_card_dates"),
            Check("least_factor >= 1 AND most_factor >= least_factor", name="stipend_rate_card_factors"),
            Check(
                "(piece_cap IS NULL OR piece_cap >= 0) AND (month_cap IS NULL OR month_cap >= 0)",
                name="stipend_rate_card_caps",
            ),
            Check("reads_days BETWEEN 0 AND 365", name="stipend_rate_card_reads"),
            Check(Split.sql("split"), name="stipend_rate_card_split"),
            Check(Basis.sql("basis"), name="stipend_rate_card_basis"),
        ]

    def __str__(self) -> str:
        return self.name


class Rate(Owned):
    """A line of a rate card; see plugins.stipend.tariff.Rate. Empty lists fit everything."""

    title, titles = _l("Rate"), _l("Rates")
    scope_parent = "card"
    refusals = {
        "stipend_rate_amount": _l("An amount is 0 or more."),
        "stipend_rate_bounds": _l("A range ends no earlier than it begins, from 0 up."),
    }

    card = RestrictedKey(RateCard, backref="rates", verbose_name=_l("Rate card"))
    name = CharField(max_length=120, verbose_name=_l("Name"))
    per = CharField(max_length=10, choices=Per.pairs(), default=Per.PIECE.value, verbose_name=_l("Paid for"))
    amount = MoneyField(verbose_name=_l("Amount"))
    rounding = CharField(
        max_length=10, choices=Rounding.pairs(), default=Rounding.UP.value, verbose_name=_l("Part of 1,000 characters")
    )
    kinds = _listed(_l("Kinds of pieces"))
    classes = _listed(_l("Classes"))
    sources = _listed(_l("Sources"))
    levels = _listed(_l("Levels of media"))
    words_from = IntegerField(null=True, verbose_name=_l("Characters from"))
    words_to = IntegerField(null=True, verbose_name=_l("Characters to"))
    reads_from = IntegerField(null=True, verbose_name=_l("Reads from"))
    reads_to = IntegerField(null=True, verbose_name=_l("Reads to"))
    bonus = BooleanField(default=False, verbose_name=_l("Added to the best other rate"))
    factor = BooleanField(default=True, verbose_name=_l("The factor multiplies it"))

    class Meta:
        constraints = [
            Check("amount >= 0", name="stipend_rate_amount"),
            Check(Per.sql("per"), name="stipend_rate_per"),
            Check(Rounding.sql("rounding"), name="stipend_rate_rounding"),
            Check(
                "COALESCE(words_from, 0) >= 0 AND (words_to IS NULL OR words_to >= COALESCE(words_from, 0))"
                " AND COALESCE(reads_from, 0) >= 0 AND (reads_to IS NULL OR reads_to >= COALESCE(reads_from, 0))",
                name="stipend_rate_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Exclusion(Owned):
    """Whom or what no fee is paid for: a person, all of a unit (full-time publicity staff), or a kind of piece."""

    title, titles = _l("Exclusion from fees"), _l("Exclusions from fees")
    called = "reason"
    refusals = {
        "stipend_exclusion_one": _l("Name a person, a unit or a kind of piece; one of them."),
        "stipend_exclusion_dates": _l("It cannot end before it begins."),
    }

    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Staff of the unit"))
    kind = CharField(max_length=20, default="", verbose_name=_l("Kind of piece"))
    reason = CharField(max_length=200, verbose_name=_l("Reason"))
    since = DateField(verbose_name=_l("From"))
    until = DateField(null=True, verbose_name=_l("Until"))

    class Meta:
        constraints = [
            Check(
                "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN unit_id IS NULL THEN 0 ELSE 1 END)"
                " + (CASE WHEN kind = '' THEN 0 ELSE 1 END) = 1",
                name="stipend_exclusion_one",
            ),
            Check("until IS NULL OR until >= since", name="stipend_exclusion_dates"),
        ]

    def __str__(self) -> str:
        return self.reason


class Payee(Owned):
    """Somebody who is paid: a person of the institution, or a contributor from outside, known by name and unit.

    The bank account is sealed; `account_tail` are its last four figures, all that lists show.
    """

    title, titles = _l("Payee"), _l("Payees")
    refusals = {
        "institution,person": _l("This person is a payee already."),
        "stipend_payee_outside": _l("There is a payee of this name and unit already."),
        "stipend_payee_who": _l("A payee is a person of the institution, or has a name."),
    }

    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    name = CharField(max_length=60, verbose_name=_l("Name"))
    unit_name = CharField(max_length=120, default="", verbose_name=_l("Unit"))
    kind = CharField(
        max_length=20, choices=PayeeKind.pairs(), default=PayeeKind.STAFF.value, verbose_name=_l("Kind of payee")
    )
    income = CharField(
        max_length=20, choices=Income.pairs(), default=Income.ROYALTY.value, verbose_name=_l("Kind of income")
    )
    bank = CharField(max_length=120, default="", verbose_name=_l("Bank"))
    account_sealed = SecretText(default="")
    account_tail = CharField(max_length=4, default="", verbose_name=_l("Account ends in"))

    class Meta:
        indexes = ((("institution", "person"), True),)
        constraints = [
            Check(PayeeKind.sql("kind"), name="stipend_payee_kind"),
            Check(Income.sql("income"), name="stipend_payee_income"),
            Check("name <> ''", name="stipend_payee_who"),
        ]

    def __str__(self) -> str:
        return self.name


Payee.add_index(
    Payee.index(
        Payee.institution,
        Payee.name,
        Payee.unit_name,
        unique=True,
        where=SQL("person_id IS NULL"),
        name="stipend_payee_outside",
    )
)


class TaxTable(Owned):
    """How a kind of income is taxed from a day on; see plugins.stipend.tax.Table."""

    title, titles = _l("Tax table"), _l("Tax tables")
    called = "source"
    refusals = {
        "institution,income,since": _l("There is a table for this kind of income from this day already."),
        "stipend_tax_table_figures": _l("Figures are 0 or more; shares at most 100 %."),
    }

    income = CharField(max_length=20, choices=Income.pairs(), verbose_name=_l("Kind of income"))
    since = DateField(verbose_name=_l("From"))
    threshold = MoneyField(default=0, verbose_name=_l("Flat allowance up to"))
    allowance = MoneyField(default=0, verbose_name=_l("Flat allowance"))
    share = IntegerField(default=0, verbose_name=_l("Allowance beyond (hundredths of a percent)"))
    counts = IntegerField(default=WHOLE, verbose_name=_l("Taxable part (hundredths of a percent)"))
    brackets = _listed(_l("Brackets"))  # [until fen or null, rate in hundredths of a percent, less fen], rising
    source = CharField(max_length=300, default="", verbose_name=_l("Source"))

    class Meta:
        indexes = ((("institution", "income", "since"), True),)
        constraints = [
            Check(Income.sql("income"), name="stipend_tax_table_income"),
            Check(
                "threshold >= 0 AND allowance >= 0 AND share BETWEEN 0 AND 10000 AND counts BETWEEN 0 AND 10000",
                name="stipend_tax_table_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{Income(self.income).label} {self.since}"


class Factor(Owned):
    """What the fee of a piece is multiplied by: proposed by an editor, confirmed by the lead (s0-11-r14)."""

    title, titles = _l("Factor"), _l("Factors")
    refusals = {
        "submission": _l("This piece has a factor already; change that one."),
        "stipend_factor_reason": _l("Say why."),
        "stipend_factor_value": _l("A factor is from 0.01 up."),
    }

    submission = RestrictedKey(Submission, unique=True, backref="+", verbose_name=_l("Piece"))
    value = IntegerField(default=FACTOR, verbose_name=_l("Factor"))  # hundredths
    reason = CharField(max_length=300, verbose_name=_l("Reason"))
    state = CharField(
        max_length=10, choices=FactorState.pairs(), default=FactorState.PROPOSED.value, verbose_name=_l("State")
    )
    proposed_by = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Proposed by"))
    confirmed_by = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Confirmed by"))

    class Meta:
        constraints = [
            Check(FactorState.sql("state"), name="stipend_factor_state"),
            Check("value >= 1", name="stipend_factor_value"),
            Check("reason <> ''", name="stipend_factor_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.value / FACTOR:g}"


class Settlement(Owned):
    """What a month pays. Reckoned by a job, decided by a chain, then locked: corrections come in a later month."""

    title, titles = _l("Monthly settlement"), _l("Monthly settlements")
    called = "month"
    scope_unit = "unit"
    derived = ("pieces", "gross", "tax", "run_id")
    refusals = {
        "institution,month": _l("This month has a settlement already."),
        "stipend_settlement_month": _l("A month is named by its first day."),
        "stipend_settlement_paid": _l("What is paid has the day it was paid on."),
    }

    month = DateField(verbose_name=_l("Month"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))  # the institution's: who settles, settles for all
    card = RestrictedKey(RateCard, backref="+", verbose_name=_l("Rate card"))
    basis = CharField(max_length=10, choices=Basis.pairs(), verbose_name=_l("Tax is reckoned from"))
    state = CharField(max_length=10, choices=State.pairs(), default=State.COUNTING.value, verbose_name=_l("State"))
    pieces = IntegerField(default=0, verbose_name=_l("Pieces"))
    gross = MoneyField(default=0, verbose_name=_l("Fees"))
    tax = MoneyField(default=0, verbose_name=_l("Tax withheld"))
    locked_at = UtcDateTimeField(null=True, verbose_name=_l("Approved"))
    paid_on = DateField(null=True, verbose_name=_l("Paid on"))
    run_id = BigIntegerField(null=True)  # of the job that reckons it
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "month"), True),)
        constraints = [
            Check(State.sql("state"), name="stipend_settlement_state"),
            Check(Basis.sql("basis"), name="stipend_settlement_basis"),
            Check("(state = 'paid') = (paid_on IS NOT NULL)", name="stipend_settlement_paid"),
        ]

    @property
    def net(self) -> int:
        """What is paid out, in fen."""
        return int(self.gross) - int(self.tax)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Entry(BaseModel):
    """One contributor's part of one piece (计酬条目), or an adjustment of a closed month, with how it came about.

    Made by the machine while the settlement is open, from inputs frozen beside it; `contribution` pays once, ever.
    """

    title, titles = _l("Fee entry"), _l("Fee entries")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    settlement = RestrictedKey(Settlement, backref="entries", verbose_name=_l("Settlement"))
    kind = CharField(max_length=12, choices=EntryKind.pairs(), default=EntryKind.PIECE.value, verbose_name=_l("Kind"))
    contribution = RestrictedKey(Contribution, null=True, backref="+")
    adjusts = RestrictedKey("self", null=True, backref="+")
    submission = RestrictedKey(Submission, null=True, backref="+", verbose_name=_l("Piece"))
    payee = RestrictedKey(Payee, backref="entries", verbose_name=_l("Payee"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    name = CharField(max_length=200, verbose_name=_l("For"))
    amount = MoneyField(verbose_name=_l("Amount"))
    frozen = JSONField(default=dict)  # what it was reckoned from, and each step
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("settlement", "payee"), False),)
        constraints = [
            Check(EntryKind.sql("kind"), name="stipend_entry_kind"),
            Check("(kind = 'piece') = (contribution_id IS NOT NULL)", name="stipend_entry_piece"),
            Check("kind = 'adjustment' OR amount >= 0", name="stipend_entry_amount"),
        ]

    def __str__(self) -> str:
        return self.name


Entry.add_index(
    # Paid once, ever: two settlements at the same moment cannot both collect a contribution.
    Entry.index(Entry.contribution, unique=True, where=SQL("kind = 'piece'"), name="stipend_entry_once")
)
Entry.add_index(
    # A withdrawal is made good once.
    Entry.index(Entry.adjusts, unique=True, where=SQL("adjusts_id IS NOT NULL"), name="stipend_entry_adjusts")
)


class PayeeLine(BaseModel):
    """What a settlement pays one payee: the sum of their entries, the tax withheld, and how it is taxed."""

    title, titles = _l("Payment"), _l("Payments")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    settlement = RestrictedKey(Settlement, backref="lines", verbose_name=_l("Settlement"))
    payee = RestrictedKey(Payee, backref="lines", verbose_name=_l("Payee"))
    income = CharField(max_length=20, choices=Income.pairs(), verbose_name=_l("Kind of income"))
    entries = IntegerField(verbose_name=_l("Entries"))
    gross = MoneyField(verbose_name=_l("Fees"))
    tax = MoneyField(verbose_name=_l("Tax withheld"))
    carried = MoneyField(default=0, verbose_name=_l("Carried into the next month"))  # what is below zero

    class Meta:
        indexes = ((("settlement", "payee"), True),)
        constraints = [Check("tax >= 0 AND gross >= 0 AND tax <= gross", name="stipend_payee_line_money")]

    @property
    def net(self) -> int:
        """What is paid out, in fen."""
        return int(self.gross) - int(self.tax)

    def __str__(self) -> str:
        return str(self.payee)
