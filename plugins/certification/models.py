"""Renewals and their steps, the yearly review, what platforms demand, budgets, and sites with their own dates."""

from __future__ import annotations

from peewee import SQL, CharField, Check, DateField, IntegerField, TextField

from panel.api import Choice, MoneyField, Owned, Person, RestrictedKey, Unit, UtcDateTimeField, _l, today
from plugins.accounts.services import Account, Platform


class Outcome(Choice):
    """How a renewal stands, or ended."""

    RUNNING = "running", _l("Under way"), "state-wait"
    PASSED = "passed", _l("Verified"), "state-ok"
    FAILED = "failed", _l("Not passed"), "state-bad"
    DROPPED = "dropped", _l("Broken off"), "state-off"


class StepKind(Choice):
    """The steps of a renewal, in order."""

    COLLECT = "collect", _l("Collect the papers")
    PAY = "pay", _l("Pay the fee")
    SUBMIT = "submit", _l("Submit to the platform")
    REVIEW = "review", _l("Review by the platform")
    RESULT = "result", _l("Enter the result")


class Verdict(Choice):
    """What the yearly review decides about an account (s0-07-r07)."""

    KEEP = "keep", _l("Keep"), "state-ok"
    IMPROVE = "improve", _l("Keep, with improvements"), "state-wait"
    MERGE = "merge", _l("Merge"), "state-wait"
    CLOSE = "close", _l("Close"), "state-bad"


class Window(Owned):
    """What a platform demands of a renewal. Facts that platforms change: each with its source and day."""

    title, titles = _l("Renewal rule of a platform"), _l("Renewal rules of platforms")
    refusals = {
        "institution,platform": _l("There is a rule for this platform already."),
        "certification_window_figures": _l("Days, months and fees are whole numbers from 0 up; a term has a month."),
    }

    platform = RestrictedKey(Platform, backref="renewal_rules", verbose_name=_l("Platform"))
    months = IntegerField(default=12, verbose_name=_l("A verification lasts (months)"))
    opens_days = IntegerField(default=90, verbose_name=_l("May be renewed from (days before)"))
    fee = MoneyField(default=0, verbose_name=_l("Fee"))
    lost = CharField(max_length=300, default="", verbose_name=_l("What is lost when it lapses"))
    source = CharField(max_length=300, default="", verbose_name=_l("Source"))
    source_on = DateField(null=True, verbose_name=_l("As of"))

    class Meta:
        indexes = ((("institution", "platform"), True),)
        constraints = [
            Check("months >= 1 AND opens_days >= 0 AND fee >= 0", name="certification_window_figures"),
        ]

    def __str__(self) -> str:
        return str(self.platform)


class Renewal(Owned):
    """One round of verification of an account, from collecting papers to the platform's answer."""

    title, titles = _l("Renewal"), _l("Renewals")
    scope_parent = "account"
    refusals = {
        "certification_renewal_running": _l("A renewal of this account is under way already."),
        "certification_renewal_ended": _l("A renewal has a last day when it has ended, and only then."),
        "certification_renewal_fee": _l("A fee is 0 or more."),
    }

    account = RestrictedKey(Account, backref="renewals", verbose_name=_l("Account"))
    year = IntegerField(verbose_name=_l("Year"))
    outcome = CharField(max_length=20, choices=Outcome.pairs(), default=Outcome.RUNNING.value, verbose_name=_l("State"))
    began_on = DateField(default=today, verbose_name=_l("Begun on"))
    ended_on = DateField(null=True, verbose_name=_l("Ended on"))
    lapsed_on = DateField(null=True, verbose_name=_l("Valid until, before"))  # what it renews
    valid_until = DateField(null=True, verbose_name=_l("Valid until"))
    fee = MoneyField(default=0, verbose_name=_l("Fee"))
    paid = MoneyField(default=0, verbose_name=_l("Paid"))
    paid_on = DateField(null=True, verbose_name=_l("Paid on"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit that pays"))
    file = CharField(max_length=80, default="", verbose_name=_l("Paper"))
    file_name = CharField(max_length=200, default="")
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "year"), False),)  # the fees of a year
        constraints = [
            Check(Outcome.sql("outcome"), name="certification_renewal_outcome"),
            Check("(outcome = 'running') = (ended_on IS NULL)", name="certification_renewal_ended"),
            Check("fee >= 0 AND paid >= 0", name="certification_renewal_fee"),
            Check("outcome <> 'passed' OR valid_until IS NOT NULL", name="certification_renewal_passed"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.year}"


Renewal.add_index(
    Renewal.index(Renewal.account, unique=True, where=SQL("outcome = 'running'"), name="certification_renewal_running")
)


class RenewalStep(Owned):
    """A step of a renewal: who does it by when, and the paper that shows it was done."""

    title, titles = _l("Step of a renewal"), _l("Steps of renewals")
    scope_parent = "renewal"

    renewal = RestrictedKey(Renewal, backref="steps", verbose_name=_l("Renewal"))
    kind = CharField(max_length=20, choices=StepKind.pairs(), verbose_name=_l("Step"))
    position = IntegerField(default=0)
    person = RestrictedKey(Person, null=True, backref="renewal_steps", verbose_name=_l("By"))
    due_on = DateField(verbose_name=_l("Due on"))
    done_on = DateField(null=True, verbose_name=_l("Done on"))
    file = CharField(max_length=80, default="", verbose_name=_l("Paper"))
    file_name = CharField(max_length=200, default="")
    note = CharField(max_length=500, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("renewal", "kind"), True),)
        constraints = [Check(StepKind.sql("kind"), name="certification_renewal_step_kind")]

    def __str__(self) -> str:
        return str(StepKind(self.kind).label)


class Review(Owned):
    """The yearly review of an account (年审): looked through, ranked, decided (s0-07-r07)."""

    title, titles = _l("Annual review"), _l("Annual reviews")
    scope_parent = "account"
    refusals = {
        "account,year": _l("This account was reviewed in this year already; change that review."),
        "certification_review_rank": _l("A rank is a whole number from 1 up."),
    }

    account = RestrictedKey(Account, backref="reviews", verbose_name=_l("Account"))
    year = IntegerField(verbose_name=_l("Year"))
    on = DateField(default=today, column_name="reviewed_on", verbose_name=_l("Reviewed on"))
    rank = IntegerField(null=True, verbose_name=_l("Rank in the unit"))
    verdict = CharField(max_length=20, choices=Verdict.pairs(), default=Verdict.KEEP.value, verbose_name=_l("Decision"))
    note = TextField(default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("account", "year"), True),)
        constraints = [
            Check(Verdict.sql("verdict"), name="certification_review_verdict"),
            Check("rank IS NULL OR rank >= 1", name="certification_review_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.year}"


class Budget(Owned):
    """What a unit may spend on verification in a year."""

    title, titles = _l("Budget for verification"), _l("Budgets for verification")
    scope_unit = "unit"
    refusals = {
        "institution,unit,year": _l("This unit has a budget for this year already."),
        "certification_budget_amount": _l("A budget is 0 or more."),
    }

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    year = IntegerField(verbose_name=_l("Year"))
    amount = MoneyField(default=0, verbose_name=_l("Amount"))

    class Meta:
        indexes = ((("institution", "unit", "year"), True),)
        constraints = [Check("amount >= 0", name="certification_budget_amount")]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"


class Site(Owned):
    """A website with the dates that lapse by themselves: its certificate and its domain."""

    title, titles = _l("Website"), _l("Websites")
    called = "host"
    scope_unit = "unit"
    derived = ("tls_until", "tls_print", "tls_error", "checked_at")
    refusals = {
        "institution,host,port": _l("This site is registered already."),
        "certification_site_port": _l("A port is a number from 1 to 65535."),
    }

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    account = RestrictedKey(Account, null=True, backref="sites", verbose_name=_l("Account in the register"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Responsible person"))
    host = CharField(max_length=200, verbose_name=_l("Host"))
    port = IntegerField(default=443, verbose_name=_l("Port"))
    domain_until = DateField(null=True, verbose_name=_l("Domain paid until"))
    tls_until = DateField(null=True, verbose_name=_l("Certificate valid until"))
    tls_print = CharField(max_length=64, default="")  # SHA-256 of the certificate seen last
    tls_error = CharField(max_length=200, default="", verbose_name=_l("Last look"))
    checked_at = UtcDateTimeField(null=True, verbose_name=_l("Looked at"))

    class Meta:
        indexes = ((("institution", "host", "port"), True),)
        constraints = [Check("port BETWEEN 1 AND 65535", name="certification_site_port")]

    def __str__(self) -> str:
        return self.host if self.port == 443 else f"{self.host}:{self.port}"
