"""Rate cards, exclusions and tax tables: what fees are reckoned from. Money is whole fen."""

from __future__ import annotations

from typing import Any

from peewee import BooleanField, CharField, Check, DateField, IntegerField, JSONField

from panel.api import MoneyField, Owned, Person, RestrictedKey, Unit, _l
from plugins.stipend.choices import Basis, Income, Per, Rounding, Split
from plugins.stipend.tariff import FACTOR
from plugins.stipend.tax import WHOLE


class Hundredths(MoneyField):
    """A factor or percentage kept in whole hundredths; shown and typed with two decimals, as amounts are."""


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
    since = DateField(verbose_name=_l("Holds from"))
    until = DateField(null=True, verbose_name=_l("Holds until"))
    split = CharField(
        max_length=10, choices=Split.pairs(), default=Split.EQUAL.value, verbose_name=_l("Co-authors share")
    )
    least_factor = Hundredths(default=FACTOR, verbose_name=_l("Lowest factor"))
    most_factor = Hundredths(default=FACTOR, verbose_name=_l("Highest factor"))
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
    since = DateField(verbose_name=_l("Holds from"))
    until = DateField(null=True, verbose_name=_l("Holds until"))

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


class TaxTable(Owned):
    """How a kind of income is taxed from a day on; see plugins.stipend.tax.Table."""

    title, titles = _l("Tax table"), _l("Tax tables")
    called = "source"
    refusals = {
        "institution,income,since": _l("There is a table for this kind of income from this day already."),
        "stipend_tax_table_figures": _l("Figures are 0 or more; shares at most 100 %."),
    }

    income = CharField(max_length=20, choices=Income.pairs(), verbose_name=_l("Kind of income"))
    since = DateField(verbose_name=_l("Holds from"))
    threshold = MoneyField(default=0, verbose_name=_l("Flat allowance up to"))
    allowance = MoneyField(default=0, verbose_name=_l("Flat allowance"))
    share = Hundredths(default=0, verbose_name=_l("Allowance beyond it (%)"))
    counts = Hundredths(default=WHOLE, verbose_name=_l("Taxable part of the rest (%)"))
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
