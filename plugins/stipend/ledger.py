"""Who is paid, the factors of pieces, and what each month settles. Money is whole fen."""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigIntegerField, CharField, Check, DateField, IntegerField, JSONField, TextField

from panel.api import BaseModel, MoneyField, Owned, Person, RestrictedKey, SealedText, Unit, User, UtcDateTimeField, _l
from plugins.content.services import Contribution, Submission
from plugins.stipend.choices import Basis, EntryKind, FactorState, Income, PayeeKind, ProblemKind, State
from plugins.stipend.rates import Hundredths, RateCard
from plugins.stipend.tariff import FACTOR


class Payee(Owned):
    """Somebody who is paid: a person of the institution, or a contributor from outside, known by name and unit.

    The bank account is sealed; `account_tail` are its last four figures, all that lists show.
    """

    title, titles = _l("Payee"), _l("Payees")
    derived = ("account_sealed",)
    refusals = {
        "institution,person": _l("This person is a payee already."),
        "stipend_payee_outside": _l("There is a payee of this name and unit already."),
        "stipend_payee_who": _l("A payee is a person of the institution, or has a name."),
    }

    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    name = CharField(max_length=60, verbose_name=_l("Name of the payee"))
    unit_name = CharField(max_length=120, default="", verbose_name=_l("Unit"))
    kind = CharField(
        max_length=20, choices=PayeeKind.pairs(), default=PayeeKind.STAFF.value, verbose_name=_l("Kind of payee")
    )
    income = CharField(
        max_length=20, choices=Income.pairs(), default=Income.ROYALTY.value, verbose_name=_l("Kind of income")
    )
    bank = CharField(max_length=120, default="", verbose_name=_l("Bank"))
    account_sealed = SealedText()
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


class Factor(Owned):
    """What the fee of a piece is multiplied by: proposed by an editor, confirmed by the lead (s0-11-r14)."""

    title, titles = _l("Factor"), _l("Factors")
    refusals = {
        "submission": _l("This piece has a factor already; change that one."),
        "stipend_factor_reason": _l("Say why."),
        "stipend_factor_value": _l("A factor is from 0.01 up."),
    }
    scope_parent = "submission"

    submission = RestrictedKey(Submission, unique=True, backref="+", verbose_name=_l("Piece"))
    value = Hundredths(default=FACTOR, verbose_name=_l("Factor"))
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
        return f"{self.value / FACTOR:.2f}"


class Settlement(Owned):
    """What a month pays. Reckoned by a job, decided by a chain, then locked: corrections come in a later month."""

    title, titles = _l("Monthly settlement"), _l("Monthly settlements")
    called = "month"
    scope_unit = "unit"
    derived = ("pieces", "payees", "gross", "tax", "carried", "run_id", "reckoned_at", "ground", "goes_on")
    refusals = {
        "stipend_settlement_live": _l("Another month is not approved yet. Finish it first."),
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
    payees = IntegerField(default=0, verbose_name=_l("Payees"))
    gross = MoneyField(default=0, verbose_name=_l("Fees"))
    tax = MoneyField(default=0, verbose_name=_l("Tax withheld"))
    carried = MoneyField(default=0, verbose_name=_l("Carried into the next month"))
    reckoned_at = UtcDateTimeField(null=True, verbose_name=_l("Reckoned"))
    locked_at = UtcDateTimeField(null=True, verbose_name=_l("Approved at"))
    paid_on = DateField(null=True, verbose_name=_l("Paid on"))
    run_id = BigIntegerField(null=True)  # of the job that reckons it
    ground = CharField(max_length=64, default="")  # print of the cards and all else that decides about every piece
    goes_on = BigIntegerField(null=True)  # the piece the first pass over all goes on at; none: it is through
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


Settlement.add_index(
    # Months are settled one after the other: what changes is reckoned again for the one that is not approved yet.
    Settlement.index(
        Settlement.institution,
        unique=True,
        where=SQL("state NOT IN ('locked', 'paid')"),
        name="stipend_settlement_live",
    )
)


class Recount(BaseModel):
    """A released piece something about whose fee has changed since it was reckoned, or that is new."""

    title, titles = _l("Piece to be reckoned again"), _l("Pieces to be reckoned again")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    submission_id = BigIntegerField()  # may be gone when its turn comes

    class Meta:
        indexes = ((("institution_id", "submission_id"), False),)

    def __str__(self) -> str:
        return str(self.submission_id)


class Adjustment(Owned):
    """An amount added to or taken from what a payee gets in a month, by hand and with a reason."""

    title, titles = _l("Adjustment"), _l("Adjustments")
    called = "reason"
    scope_parent = "settlement"
    refusals = {
        "stipend_adjustment_amount": _l("An adjustment is not 0."),
        "stipend_adjustment_reason": _l("Say why."),
    }

    settlement = RestrictedKey(Settlement, backref="adjustments", verbose_name=_l("Settlement"))
    payee = RestrictedKey(Payee, backref="+", verbose_name=_l("Payee"))
    amount = MoneyField(verbose_name=_l("Amount"))
    reason = CharField(max_length=300, verbose_name=_l("Reason"))
    by = RestrictedKey(User, null=True, column_name="adjusted_by_id", backref="+", verbose_name=_l("By"))

    class Meta:
        constraints = [
            Check("amount <> 0", name="stipend_adjustment_amount"),
            Check("reason <> ''", name="stipend_adjustment_reason"),
        ]

    def __str__(self) -> str:
        return self.reason


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
        constraints = [
            Check("tax >= 0 AND gross >= 0 AND tax <= gross", name="stipend_payee_line_money"),
            Check("carried <= 0 AND (carried = 0 OR gross = 0)", name="stipend_payee_line_carried"),
        ]

    @property
    def net(self) -> int:
        """What is paid out, in fen."""
        return int(self.gross) - int(self.tax)

    def __str__(self) -> str:
        return str(self.payee)


class Working(BaseModel):
    """How a fee comes about, kept once for all pieces alike, of any month; it never changes."""

    title, titles = _l("Working of a fee"), _l("Workings of fees")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    digest = CharField(max_length=64)
    steps = JSONField()

    class Meta:
        indexes = ((("institution_id", "digest"), True),)


class Entry(BaseModel):
    """One contributor's part of one piece (计酬条目), or an adjustment of a closed month, with how it came about.

    Made by the machine while the settlement is open, from inputs frozen beside it; `contribution` pays once, ever.
    """

    title, titles = _l("Fee entry"), _l("Fee entries")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    settlement = RestrictedKey(Settlement, index=False, backref="entries", verbose_name=_l("Settlement"))
    kind = CharField(max_length=12, choices=EntryKind.pairs(), default=EntryKind.PIECE.value, verbose_name=_l("Kind"))
    contribution = RestrictedKey(Contribution, null=True, index=False, backref="+")
    adjusts = RestrictedKey("self", null=True, index=False, backref="+")
    carries = RestrictedKey(PayeeLine, null=True, index=False, backref="+")  # left below zero by an earlier month
    adjustment = RestrictedKey(Adjustment, null=True, index=False, backref="+")
    submission = RestrictedKey(Submission, null=True, backref="+", verbose_name=_l("Piece"))
    payee = RestrictedKey(Payee, index=False, backref="entries", verbose_name=_l("Payee"))
    unit = RestrictedKey(Unit, null=True, index=False, backref="+", verbose_name=_l("Unit"))
    name = CharField(max_length=200, verbose_name=_l("For"))
    amount = MoneyField(verbose_name=_l("Amount"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))
    working = RestrictedKey(Working, null=True, index=False, backref="+")
    first_on = DateField(null=True)  # of the releases collected
    words = IntegerField(null=True)
    photos = IntegerField(null=True)
    videos = IntegerField(null=True)
    why = CharField(max_length=300, default="")  # of the factor
    channels = TextField(null=True)  # ids of the releases, with the reads that counted: 12;14=1001
    place = IntegerField(null=True)  # among those who share, from 0
    among = IntegerField(null=True)
    share = IntegerField(null=True)
    due = MoneyField(null=True)  # what it were without the exclusion or the cap
    cap = MoneyField(null=True)  # of a person and month, where it cut
    kept = JSONField(null=True, column_name="frozen")  # how it came about, of entries older than `working`

    class Meta:
        indexes = ((("settlement", "payee", "amount"), False),)
        constraints = [
            Check(EntryKind.sql("kind"), name="stipend_entry_kind"),
            Check(
                "(kind = 'piece') = (contribution_id IS NOT NULL) AND (kind = 'withdrawn') = (adjusts_id IS NOT NULL)"
                " AND (kind = 'carried') = (carries_id IS NOT NULL)"
                " AND (kind = 'manual') = (adjustment_id IS NOT NULL)",
                name="stipend_entry_from",
            ),
            Check(
                "(kind <> 'piece' OR amount >= 0) AND (kind NOT IN ('withdrawn', 'carried') OR amount <= 0)",
                name="stipend_entry_amount",
            ),
        ]

    @property
    def frozen(self) -> dict[str, Any]:
        """What the amount was reckoned from, and each step."""
        if self.kind != EntryKind.PIECE or self.working is None:
            return self.kept if self.kind == EntryKind.PIECE and self.kept else {}
        steps = self.working.steps
        outs = [one.partition("=") for one in (self.channels or "").split(";")]
        found = {
            **steps,
            "on": self.first_on.isoformat() if self.first_on else "",
            "why": self.why,
            "words": self.words,
            "photos": self.photos,
            "videos": self.videos,
            "place": self.place,
            "of": self.among,
            "paid": [_channel(one, outs) for one in steps["paid"]],
            "left": [_channel(one, outs) for one in steps["left"]],
        }
        if self.share is not None:
            found["share"] = self.share
        if self.cap is not None:
            found |= {"before_cap": self.due, "month_cap": self.cap}
        elif self.due is not None:
            found["excluded"] = self.due
        return found

    def __str__(self) -> str:
        return self.name


def _channel(one: dict[str, Any], outs: list[tuple[str, str, str]]) -> dict[str, Any]:
    """A channel of a working, with the release it stands for and its reads."""
    release, _sign, reads = outs[one["channel"]]
    found = {"release": int(release), **{k: v for k, v in one.items() if k != "channel"}}
    return {**found, "reads": int(reads)} if reads else found


Entry.add_index(
    # Paid once, ever: two settlements at the same moment cannot both collect a contribution.
    Entry.index(Entry.contribution, unique=True, where=SQL("contribution_id IS NOT NULL"), name="stipend_entry_once")
)
Entry.add_index(
    # A withdrawal is made good once.
    Entry.index(Entry.adjusts, unique=True, where=SQL("adjusts_id IS NOT NULL"), name="stipend_entry_adjusts")
)
Entry.add_index(
    # What is left below zero is carried on once.
    Entry.index(Entry.carries, unique=True, where=SQL("carries_id IS NOT NULL"), name="stipend_entry_carries")
)
Entry.add_index(Entry.index(Entry.settlement, where=SQL("cap IS NOT NULL"), name="stipend_entry_cut"))
Entry.add_index(Entry.index(Entry.adjustment, where=SQL("adjustment_id IS NOT NULL"), name="stipend_entry_adjustment"))


class Problem(BaseModel):
    """What a settlement could not pay, or what somebody should look at: listed, never dropped."""

    title, titles = _l("Open question"), _l("Open questions")
    scope_institution = "institution_id"

    institution_id = BigIntegerField()
    settlement = RestrictedKey(Settlement, backref="problems", verbose_name=_l("Settlement"))
    kind = CharField(max_length=20, choices=ProblemKind.pairs(), verbose_name=_l("Kind"))
    submission = RestrictedKey(Submission, backref="+", verbose_name=_l("Piece"))

    class Meta:
        indexes = ((("settlement", "kind", "submission"), True),)
        constraints = [Check(ProblemKind.sql("kind"), name="stipend_problem_kind")]

    def __str__(self) -> str:
        return str(ProblemKind(self.kind).label)
