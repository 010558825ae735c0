"""The institution's own rules on breaches: figures, kinds of breach, the ladders, the criteria of its assessment."""

from __future__ import annotations

from peewee import BooleanField, CharField, Check, DateField, IntegerField

from panel.api import MoneyField, Owned, PolicyRecord, _l, figure, policy, switch, text
from plugins.violations.choices import Demand, Effect, Measured, Severity, Whom

DAYS, MONTHS = _l("days"), _l("months")


@policy
class ViolationsPolicy(PolicyRecord):
    """What the institution lays down about breaches and assessments."""

    title, titles = _l("Policy on breaches"), _l("Policies on breaches")

    investigate_days = figure(
        _l("A case is investigated within"),
        _l("Counted from its report; each case may have a day of its own."),
        ("s1-18-r08", "s2-02-r13"),
        least=1,
        most=365,
        default=15,
        unit=DAYS,
    )
    carry_out_days = figure(
        _l("A sanction is carried out within"),
        _l("Counted from the decision."),
        (),
        least=0,
        most=365,
        default=7,
        unit=DAYS,
    )
    repeat_months = figure(
        _l("Earlier founded cases count for"),
        _l("Of the same person, unit or account; each one leads a step up the ladder. Empty: they count for ever."),
        (),
        least=1,
        most=240,
        default=24,
        unit=MONTHS,
    )
    handling_office = text(
        _l("Cases are handled by people of the unit"),
        _l("Its name; nobody of another unit investigates or decides. Empty: whoever may."),
        ("s1-16-r08",),
    )
    stop_releases = switch(
        _l("A breach stops the account's releases"),
        _l("Until its rectification is accepted."),
        ("s2-01-r07",),
    )
    unauthorised_release = switch(
        _l("A release by somebody without the right to it opens a case"),
        _l("Who neither operates nor answers for the account, and may not release in the panel."),
        ("s1-04-r12", "s2-08-r12"),
    )
    report_to_superior = switch(
        _l("A case is closed only after the superior was told"), _l("Who was told, and when, is kept."), ("s1-12-r10",)
    )
    supervise_days = figure(
        _l("Use and secrecy are looked at every"),
        _l("The supervision of the WeChat administrator, as a recurring duty."),
        ("s1-12-r09", "s1-12-r17"),
        least=1,
        most=366,
        default=None,
        unit=DAYS,
    )
    assess_months = figure(
        _l("Units and people are assessed every"),
        _l("A round for each period."),
        ("s2-06-r15", "s4-01-r32"),
        least=1,
        most=36,
        default=None,
        unit=MONTHS,
    )
    assess_days = figure(
        _l("The round of a period is closed within"),
        _l("Counted from the period's last day."),
        ("s4-01-r32",),
        least=0,
        most=365,
        default=30,
        unit=DAYS,
    )


class BreachKind(Owned):
    """A kind of breach; the institution edits the list."""

    title, titles = _l("Kind of breach"), _l("Kinds of breach")
    preset_key = ("name",)
    refusals = {
        "institution,name": _l("There is a kind of this name already."),
        "violations_breach_kind_named": _l("Enter a name."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    severity = CharField(
        max_length=10, choices=Severity.pairs(), default=Severity.MEDIUM.value, verbose_name=_l("Severity, usually")
    )
    demand = CharField(
        max_length=10,
        choices=Demand.pairs(),
        default=Demand.NOTHING.value,
        verbose_name=_l("To be done before closing"),
    )
    active = BooleanField(default=True, verbose_name=_l("Offered"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [
            Check("name <> ''", name="violations_breach_kind_named"),
            Check(Severity.sql("severity"), name="violations_breach_kind_severity"),
            Check(Demand.sql("demand"), name="violations_breach_kind_demand"),
        ]

    def __str__(self) -> str:
        return self.name


class SanctionStep(Owned):
    """A step of the ladder: what may follow which breaches. Steps of a kind of its own go before the general ones."""

    title, titles = _l("Step of the ladder"), _l("The ladder of sanctions")
    preset_key = ("name", "breach", "whom")
    refusals = {
        "institution,name,breach,whom": _l("The ladder has this step already."),
        "violations_sanction_step_named": _l("Enter a name."),
        "violations_sanction_step_dates": _l("The last day is not before the first."),
        "violations_sanction_step_figures": _l("Figures are whole numbers from 0 up."),
        "violations_sanction_step_range": _l("The lightest severity is not graver than the gravest."),
    }

    name = CharField(max_length=60, verbose_name=_l("Sanction"))
    position = IntegerField(default=1, verbose_name=_l("Place on the ladder"))
    effect = CharField(
        max_length=12, choices=Effect.pairs(), default=Effect.WARN.value, verbose_name=_l("What it does")
    )
    breach = CharField(max_length=60, default="", verbose_name=_l("Only for the kind"))
    whom = CharField(max_length=14, choices=Whom.pairs(), default=Whom.ANYBODY.value, verbose_name=_l("For whom"))
    least = CharField(
        max_length=10, choices=Severity.pairs(), default=Severity.MINOR.value, verbose_name=_l("From severity")
    )
    most = CharField(
        max_length=10, choices=Severity.pairs(), default=Severity.SERIOUS.value, verbose_name=_l("Up to severity")
    )
    after = IntegerField(null=True, verbose_name=_l("Proposed from so many earlier cases on"))
    days = IntegerField(null=True, verbose_name=_l("Suspended for (days), usually"))
    ceiling = MoneyField(null=True, verbose_name=_l("Amount, at most"))
    article = CharField(max_length=200, default="", verbose_name=_l("Article"))
    valid_from = DateField(null=True, verbose_name=_l("In force from"))
    valid_until = DateField(null=True, verbose_name=_l("In force until"))

    class Meta:
        indexes = ((("institution", "name", "breach", "whom"), True),)
        constraints = [
            Check("name <> ''", name="violations_sanction_step_named"),
            Check(Effect.sql("effect"), name="violations_sanction_step_effect"),
            Check(Whom.sql("whom"), name="violations_sanction_step_whom"),
            Check(Severity.sql("least"), name="violations_sanction_step_least"),
            Check(Severity.sql("most"), name="violations_sanction_step_most"),
            Check(
                "least = 'minor' OR most = 'serious' OR (least = 'medium' AND most = 'medium')",
                name="violations_sanction_step_range",
            ),
            Check(
                '"position" >= 0 AND (after IS NULL OR after >= 0) AND (days IS NULL OR days >= 1)'
                " AND (ceiling IS NULL OR ceiling >= 1)",
                name="violations_sanction_step_figures",
            ),
            Check(
                "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
                name="violations_sanction_step_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Criterion(Owned):
    """What an assessment looks at. Likes, points of an app and time online cannot be chosen: they are no criterion."""

    title, titles = _l("Criterion of the assessment"), _l("Criteria of the assessment")
    preset_key = ("name",)
    refusals = {
        "institution,name": _l("There is a criterion of this name already."),
        "violations_criterion_figures": _l("A weight is 1 to 100, points are 1 to 100."),
    }

    name = CharField(max_length=60, verbose_name=_l("Name"))
    weight = IntegerField(default=10, verbose_name=_l("Weight"))
    measured = CharField(
        max_length=14, choices=Measured.pairs(), default=Measured.HAND.value, verbose_name=_l("Points come from")
    )
    each = IntegerField(default=10, verbose_name=_l("Points for each of them"))
    active = BooleanField(default=True, verbose_name=_l("In use"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [
            Check(Measured.sql("measured"), name="violations_criterion_measured"),
            Check('weight BETWEEN 1 AND 100 AND "each" BETWEEN 1 AND 100', name="violations_criterion_figures"),
        ]

    def __str__(self) -> str:
        return self.name
