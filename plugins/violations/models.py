"""Reports, cases with what belongs to them, sanctions; commendations, rounds of assessment, supervision."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, Check, DateField, FloatField, JSONField, TextField

from panel.api import (
    MoneyField,
    Owned,
    Person,
    RestrictedKey,
    SecretText,
    Unit,
    User,
    UtcDateTimeField,
    _,
    _l,
    today,
    utcnow,
)
from plugins.accounts.services import Account
from plugins.violations.choices import (
    About,
    CaseState,
    Effect,
    MeasureKind,
    PartyRole,
    SanctionState,
    Severity,
    Source,
    Verdict,
)
from plugins.violations.policy import BreachKind


class Case(Owned):
    """A breach that was reported or found, from the report to its closing. Who reported it is not in it."""

    title, titles = _l("Breach case"), _l("Breach cases")
    called = "id"
    scope_unit = "unit"
    refusals = {
        "violations_case_decided": _l("Whether a breach is founded is said when it is decided, and only then."),
        "violations_case_investigated": _l("Enter what the investigation came to before anything is decided."),
        "violations_case_closed": _l("A closed case has the day it was closed, and only that."),
        "violations_case_loss": _l("A loss is 0 or more."),
    }

    kind = RestrictedKey(BreachKind, backref="cases", verbose_name=_l("Kind"))
    severity = CharField(
        max_length=10, choices=Severity.pairs(), default=Severity.MEDIUM.value, verbose_name=_l("Severity")
    )
    state = CharField(
        max_length=14, choices=CaseState.pairs(), default=CaseState.REPORTED.value, verbose_name=_l("State")
    )
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Handled in"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    accused_unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    accused_unit_id: int | None
    account = RestrictedKey(Account, null=True, backref="breaches", verbose_name=_l("Account"))
    account_id: int | None
    about = CharField(max_length=200, default="", verbose_name=_l("About what"))  # a group, a piece, a strange account
    link = CharField(max_length=500, default="", verbose_name=_l("Link"))
    facts = TextField(verbose_name=_l("Facts"))
    happened_on = DateField(null=True, verbose_name=_l("Happened on"))
    reported_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Reported at"))
    due_on = DateField(verbose_name=_l("To be investigated by"))
    source = CharField(max_length=12, choices=Source.pairs(), default=Source.OTHER.value, verbose_name=_l("Came up by"))
    source_type = CharField(max_length=80, default="")  # the row it came from, as findings name theirs
    source_id = BigIntegerField(null=True)
    source_text = CharField(max_length=200, default="", verbose_name=_l("Source"))
    partner = CharField(max_length=120, default="", verbose_name=_l("Outside partner"))
    platform = CharField(max_length=60, default="", verbose_name=_l("Platform"))
    handler = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Handled by"))
    handler_id: int | None

    findings = TextField(default="", verbose_name=_l("Result of the investigation"))
    investigated_on = DateField(null=True, verbose_name=_l("Investigated on"))
    administrator = BooleanField(default=False, verbose_name=_l("Acted as administrator"))
    crime = BooleanField(default=False, verbose_name=_l("Suspected crime or unlawful act"))
    harm = BooleanField(default=False, verbose_name=_l("Harmful consequences"))
    deliberate = BooleanField(default=False, verbose_name=_l("Deliberate"))
    loss = MoneyField(default=0, verbose_name=_l("Loss"))
    liability = TextField(default="", verbose_name=_l("Legal liability"))
    superior = CharField(max_length=120, default="", verbose_name=_l("Superior told"))
    superior_at = UtcDateTimeField(null=True, verbose_name=_l("Superior told at"))
    stopped_on = DateField(null=True, verbose_name=_l("Releases stopped on"))
    rectified_on = DateField(null=True, verbose_name=_l("Rectification accepted on"))

    verdict = CharField(max_length=10, choices=Verdict.pairs(), default=Verdict.OPEN.value, verbose_name=_l("Decision"))
    reasons = TextField(default="", verbose_name=_l("Reasons"))
    decided_by = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Decided by"))
    decided_at = UtcDateTimeField(null=True, verbose_name=_l("Decided at"))
    appeal = TextField(default="", verbose_name=_l("Appeal"))
    closed_on = DateField(null=True, verbose_name=_l("Closed on"))

    class Meta:
        indexes = (
            (("institution", "state"), False),
            (("source_type", "source_id"), False),
            (("person", "verdict"), False),  # earlier cases
            (("account", "verdict"), False),
        )
        constraints = [
            Check(Severity.sql("severity"), name="violations_case_severity"),
            Check(CaseState.sql("state"), name="violations_case_state"),
            Check(Source.sql("source"), name="violations_case_source"),
            Check(Verdict.sql("verdict"), name="violations_case_verdict"),
            Check("(verdict = '') = (state IN ('reported', 'investigating'))", name="violations_case_decided"),
            Check(
                "verdict = '' OR (findings <> '' AND reasons <> '' AND decided_at IS NOT NULL)",
                name="violations_case_investigated",
            ),
            Check("(state = 'closed') = (closed_on IS NOT NULL)", name="violations_case_closed"),
            Check("loss >= 0", name="violations_case_loss"),
        ]

    def __str__(self) -> str:
        return _("Case %(number)s: %(kind)s", number=self.id, kind=self.kind)

    @property
    def accused(self) -> str:
        """Whom or what it is about, in words."""
        parts = [str(one) for one in (self.person, self.accused_unit, self.account) if one is not None]
        return " · ".join([*parts, *([self.about] if self.about else [])])


class Report(Owned):
    """What somebody reported. Theirs to see; who they are is shown to nobody without a line in the log."""

    title, titles = _l("Report of a breach"), _l("Reports of breaches")
    called = "id"
    scope_parent = "case"
    derived = ("reporter",)  # no snapshot holds who it was

    case = RestrictedKey(Case, backref="reports", verbose_name=_l("Breach case"))
    reporter = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Reporter"))  # empty: anonymous
    reporter_id: int | None
    text = SecretText(verbose_name=_l("What happened"))  # may tell by itself who wrote it
    answer = TextField(default="", verbose_name=_l("Answer to the reporter"))

    def __str__(self) -> str:
        return _("Report %(number)s", number=self.id)


class Evidence(Owned):
    """A file that shows what happened."""

    title, titles = _l("Piece of evidence"), _l("Evidence")
    called = "file_name"
    scope_parent = "case"

    case = RestrictedKey(Case, backref="evidence", verbose_name=_l("Breach case"))
    file = CharField(max_length=80)
    file_name = CharField(max_length=200, verbose_name=_l("File"))
    note = CharField(max_length=200, default="", verbose_name=_l("What it shows"))

    def __str__(self) -> str:
        return self.file_name


class Party(Owned):
    """Somebody who answers for a breach besides the person or unit it is about (s3-03-r22, s3-03-r23)."""

    title, titles = _l("Accountable party"), _l("Accountable parties")
    scope_parent = "case"
    refusals = {
        "violations_party_one": _l("Name a person or a unit, one of the two."),
    }

    case = RestrictedKey(Case, backref="parties", verbose_name=_l("Breach case"))
    role = CharField(max_length=14, choices=PartyRole.pairs(), verbose_name=_l("Answers as"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))

    class Meta:
        constraints = [
            Check(PartyRole.sql("role"), name="violations_party_role"),
            Check("(person_id IS NULL) <> (unit_id IS NULL)", name="violations_party_one"),
        ]

    def __str__(self) -> str:
        return f"{PartyRole(self.role).label}：{self.person or self.unit}"


class Measure(Owned):
    """What was ordered at once: by whom, until when, and what shows that it was done."""

    title, titles = _l("Immediate measure"), _l("Immediate measures")
    scope_parent = "case"
    refusals = {"violations_measure_done": _l("Say what shows that it was done, or attach it.")}

    case = RestrictedKey(Case, backref="measures", verbose_name=_l("Breach case"))
    kind = CharField(max_length=10, choices=MeasureKind.pairs(), verbose_name=_l("Measure"))
    text = CharField(max_length=300, default="", verbose_name=_l("In detail"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("To be done by"))
    person_id: int | None
    due_on = DateField(verbose_name=_l("Due on"))
    done_at = UtcDateTimeField(null=True, verbose_name=_l("Done"))
    note = CharField(max_length=500, default="", verbose_name=_l("What was done"))
    file = CharField(max_length=80, default="")
    file_name = CharField(max_length=200, default="", verbose_name=_l("Evidence"))

    class Meta:
        constraints = [
            Check(MeasureKind.sql("kind"), name="violations_measure_kind"),
            Check("done_at IS NULL OR note <> '' OR file <> ''", name="violations_measure_done"),
        ]

    def __str__(self) -> str:
        return str(MeasureKind(self.kind).label)


class Sanction(Owned):
    """What follows a founded breach: proposed by the ladder, decided by a person, carried out with evidence."""

    title, titles = _l("Sanction"), _l("Sanctions")
    called = "name"
    scope_unit = "unit"
    refusals = {
        "violations_sanction_departs": _l("This is not what the ladder proposes: give the reason."),
        "violations_sanction_term": _l("A suspension has a last day, not before the first."),
        "violations_sanction_amount": _l("A deduction has an amount, and only a deduction has."),
        "violations_sanction_carried": _l("What is carried out has its day and what shows it."),
        "violations_sanction_whom": _l("A sanction is for a person, a unit or an account, one of them."),
    }

    case = RestrictedKey(Case, backref="sanctions", verbose_name=_l("Breach case"))
    case_id: int
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Handled in"))
    name = CharField(max_length=60, verbose_name=_l("Sanction"))
    effect = CharField(max_length=12, choices=Effect.pairs(), verbose_name=_l("What it does"))
    article = CharField(max_length=200, default="", verbose_name=_l("Article"))
    proposed = CharField(max_length=60, default="", verbose_name=_l("Proposed"))
    earlier = BigIntegerField(default=0, verbose_name=_l("Earlier cases"))
    reason = TextField(default="", verbose_name=_l("Reason for departing from it"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    party_unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    account = RestrictedKey(Account, null=True, backref="sanctions", verbose_name=_l("Account"))
    account_id: int | None
    state = CharField(
        max_length=10, choices=SanctionState.pairs(), default=SanctionState.DECIDED.value, verbose_name=_l("State")
    )
    since = DateField(default=today, verbose_name=_l("From"))
    until = DateField(null=True, verbose_name=_l("Until"))
    amount = MoneyField(default=0, verbose_name=_l("Amount"))
    decided_by = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Decided by"))
    decided_on = DateField(null=True, verbose_name=_l("Decided on"))
    due_on = DateField(verbose_name=_l("To be carried out by"))
    carried_on = DateField(null=True, verbose_name=_l("Carried out on"))
    note = CharField(max_length=500, default="", verbose_name=_l("What was done"))
    file = CharField(max_length=80, default="")
    file_name = CharField(max_length=200, default="", verbose_name=_l("Evidence"))
    lifted_on = DateField(null=True, verbose_name=_l("Ended on"))

    class Meta:
        indexes = ((("institution", "effect", "state"), False),)
        constraints = [
            Check(Effect.sql("effect"), name="violations_sanction_effect"),
            Check(SanctionState.sql("state"), name="violations_sanction_state"),
            Check("proposed = '' OR name = proposed OR reason <> ''", name="violations_sanction_departs"),
            Check(
                "(effect <> 'suspend' OR until IS NOT NULL) AND (until IS NULL OR until >= since)",
                name="violations_sanction_term",
            ),
            Check("(effect = 'pay') = (amount > 0) AND amount >= 0", name="violations_sanction_amount"),
            Check(
                "state <> 'carried' OR (carried_on IS NOT NULL AND (note <> '' OR file <> ''))",
                name="violations_sanction_carried",
            ),
            Check(
                "(person_id IS NULL OR (party_unit_id IS NULL AND account_id IS NULL))"
                " AND (party_unit_id IS NULL OR account_id IS NULL)",
                name="violations_sanction_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def whom(self) -> str:
        """Whom it is for, in words."""
        return str(self.person or self.party_unit or self.account or self.case.about)


class Referral(Owned):
    """That a case was handed over to the competent authority: when, to whom, and its receipt (s1-01-r08)."""

    title, titles = _l("Referral to the authority"), _l("Referrals to the authority")
    called = "authority"
    scope_parent = "case"
    refusals = {"violations_referral_named": _l("Name the authority.")}

    case = RestrictedKey(Case, backref="referrals", verbose_name=_l("Breach case"))
    authority = CharField(max_length=120, verbose_name=_l("Authority"))
    on = DateField(default=today, column_name="referred_on", verbose_name=_l("Handed over on"))
    receipt = CharField(max_length=120, default="", verbose_name=_l("Receipt number"))
    file = CharField(max_length=80, default="")
    file_name = CharField(max_length=200, default="", verbose_name=_l("Receipt"))

    class Meta:
        constraints = [Check("authority <> ''", name="violations_referral_named")]

    def __str__(self) -> str:
        return self.authority


class Commendation(Owned):
    """That a person or unit was commended or rewarded, why, and by which document."""

    title, titles = _l("Commendation"), _l("Commendations")
    called = "reason"
    scope_unit = "unit"
    refusals = {"violations_commendation_reason": _l("Say what it is for.")}

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    on = DateField(default=today, column_name="commended_on", verbose_name=_l("Commended on"))
    award = CharField(max_length=120, default="", verbose_name=_l("Title or reward"))
    reason = CharField(max_length=500, verbose_name=_l("Reason"))
    document = CharField(max_length=120, default="", verbose_name=_l("Document"))

    class Meta:
        indexes = ((("institution", "on"), False),)
        constraints = [Check("reason <> ''", name="violations_commendation_reason")]

    def __str__(self) -> str:
        return f"{self.person or self.unit} · {self.award or self.reason}"[:120]


class Round(Owned):
    """A round of assessment: the period it is about."""

    title, titles = _l("Round of assessment"), _l("Rounds of assessment")
    called = "name"
    refusals = {
        "institution,name": _l("There is a round of this name already."),
        "violations_round_dates": _l("The last day is not before the first."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    since = DateField(verbose_name=_l("Period from"))
    until = DateField(verbose_name=_l("Period until"))
    closed_on = DateField(null=True, verbose_name=_l("Closed on"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("until >= since", name="violations_round_dates")]

    def __str__(self) -> str:
        return self.name


class Assessment(Owned):
    """What a round came to for one unit or person: points, grade and what they rest on. Nobody is ranked."""

    title, titles = _l("Result of an assessment"), _l("Results of assessments")
    called = "grade"
    scope_unit = "unit"
    refusals = {
        "violations_assessment_points": _l("Points are from 0 to 100."),
    }

    round = RestrictedKey(Round, backref="results", verbose_name=_l("Round of assessment"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    points = FloatField(null=True, verbose_name=_l("Points"))
    grade = CharField(max_length=40, default="", verbose_name=_l("Grade"))
    basis = TextField(default="", verbose_name=_l("Basis"))
    marks = JSONField(default=dict)  # the points of each criterion, by its name

    class Meta:
        indexes = ((("round", "unit", "person"), False),)
        constraints = [Check("points IS NULL OR points BETWEEN 0 AND 100", name="violations_assessment_points")]

    def __str__(self) -> str:
        return f"{self.round} · {self.person or self.unit}"


class Supervision(Owned):
    """That somebody looked at how accounts are used or secrets kept; each problem found is a case (s1-12-r17)."""

    title, titles = _l("Supervision"), _l("Supervision")
    called = "text"
    scope_unit = "unit"
    refusals = {"violations_supervision_text": _l("Say what was looked at.")}

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    about = CharField(max_length=10, choices=About.pairs(), default=About.USE.value, verbose_name=_l("About"))
    on = DateField(default=today, column_name="supervised_on", verbose_name=_l("Looked at on"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("By"))
    text = TextField(verbose_name=_l("What was looked at"))
    problems = TextField(default="", verbose_name=_l("Problems, one a line"))

    class Meta:
        indexes = ((("institution", "on"), False),)
        constraints = [
            Check(About.sql("about"), name="violations_supervision_about"),
            Check("text <> ''", name="violations_supervision_text"),
        ]

    def __str__(self) -> str:
        return f"{About(self.about).label} · {self.on}"
