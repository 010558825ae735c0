"""The first tables of violations."""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    Database,
    DateField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from panel.migrate import create_tables


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


class AccountsAccount(Row):  # exists already
    class Meta:
        table_name = "accounts_account"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class ViolationsRound(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    since = DateField()
    until = DateField()
    closed_on = DateField(null=True)

    class Meta:
        table_name = "violations_round"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("until >= since", name="violations_round_dates"),
        ]


class ViolationsAssessment(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    round = ForeignKeyField(ViolationsRound, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    points = FloatField(null=True)
    grade = CharField(max_length=40)
    basis = TextField()
    marks = JSONField()

    class Meta:
        table_name = "violations_assessment"
        indexes = [
            (("round", "unit", "person"), False),
        ]
        constraints = [
            Check("points IS NULL OR points BETWEEN 0 AND 100", name="violations_assessment_points"),
        ]


class ViolationsBreachKind(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    severity = CharField(max_length=10)
    demand = CharField(max_length=10)
    active = BooleanField()

    class Meta:
        table_name = "violations_breach_kind"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("name <> ''", name="violations_breach_kind_named"),
            Check("severity IN ('minor', 'medium', 'serious')", name="violations_breach_kind_severity"),
            Check("demand IN ('', 'deletion', 'clearing', 'steps')", name="violations_breach_kind_demand"),
        ]


class ViolationsCase(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = ForeignKeyField(ViolationsBreachKind, backref="+", on_delete="RESTRICT")
    severity = CharField(max_length=10)
    state = CharField(max_length=14)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    accused_unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    about = CharField(max_length=200)
    link = CharField(max_length=500)
    facts = TextField()
    happened_on = DateField(null=True)
    reported_at = DateTimeField()
    due_on = DateField()
    source = CharField(max_length=12)
    source_type = CharField(max_length=80)
    source_id = BigIntegerField(null=True)
    source_text = CharField(max_length=200)
    partner = CharField(max_length=120)
    platform = CharField(max_length=60)
    handler = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    findings = TextField()
    investigated_on = DateField(null=True)
    administrator = BooleanField()
    crime = BooleanField()
    harm = BooleanField()
    deliberate = BooleanField()
    loss = IntegerField()
    liability = TextField()
    superior = CharField(max_length=120)
    superior_at = DateTimeField(null=True)
    stopped_on = DateField(null=True)
    rectified_on = DateField(null=True)
    verdict = CharField(max_length=10)
    reasons = TextField()
    decided_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    decided_at = DateTimeField(null=True)
    appeal = TextField()
    closed_on = DateField(null=True)

    class Meta:
        table_name = "violations_case"
        indexes = [
            (("institution", "state"), False),
            (("source_type", "source_id"), False),
            (("person", "verdict"), False),
            (("account", "verdict"), False),
        ]
        constraints = [
            Check("severity IN ('minor', 'medium', 'serious')", name="violations_case_severity"),
            Check(
                "state IN ('reported', 'investigating', 'decided', 'carried_out', 'appealed', 'closed')",
                name="violations_case_state",
            ),
            Check("source IN ('report', 'inspection', 'finding', 'chat', 'other')", name="violations_case_source"),
            Check("verdict IN ('', 'founded', 'unfounded')", name="violations_case_verdict"),
            Check("(verdict = '') = (state IN ('reported', 'investigating'))", name="violations_case_decided"),
            Check(
                "verdict = '' OR (findings <> '' AND reasons <> '' AND decided_at IS NOT NULL)",
                name="violations_case_investigated",
            ),
            Check("(state = 'closed') = (closed_on IS NOT NULL)", name="violations_case_closed"),
            Check("loss >= 0", name="violations_case_loss"),
        ]


class ViolationsCommendation(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    on = DateField(column_name="commended_on")
    award = CharField(max_length=120)
    reason = CharField(max_length=500)
    document = CharField(max_length=120)

    class Meta:
        table_name = "violations_commendation"
        indexes = [
            (("institution", "on"), False),
        ]
        constraints = [
            Check("reason <> ''", name="violations_commendation_reason"),
        ]


class ViolationsCriterion(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    weight = IntegerField()
    measured = CharField(max_length=14)
    each = IntegerField()
    active = BooleanField()

    class Meta:
        table_name = "violations_criterion"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("measured IN ('hand', 'breaches', 'commendations')", name="violations_criterion_measured"),
            Check('weight BETWEEN 1 AND 100 AND "each" BETWEEN 1 AND 100', name="violations_criterion_figures"),
        ]


class ViolationsEvidence(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    note = CharField(max_length=200)

    class Meta:
        table_name = "violations_evidence"


class ViolationsMeasure(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=10)
    text = CharField(max_length=300)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    due_on = DateField()
    done_at = DateTimeField(null=True)
    note = CharField(max_length=500)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "violations_measure"
        constraints = [
            Check(
                "kind IN ('stop', 'criticise', 'delete', 'hide', 'rectify', 'correct', 'rename', 'cancel', 'other')",
                name="violations_measure_kind",
            ),
            Check("done_at IS NULL OR note <> '' OR file <> ''", name="violations_measure_done"),
        ]


class ViolationsParty(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    role = CharField(max_length=14)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)

    class Meta:
        table_name = "violations_party"
        constraints = [
            Check("role IN ('direct', 'administrator', 'main', 'leader')", name="violations_party_role"),
            Check("(person_id IS NULL) <> (unit_id IS NULL)", name="violations_party_one"),
        ]


class ViolationsReferral(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    authority = CharField(max_length=120)
    on = DateField(column_name="referred_on")
    receipt = CharField(max_length=120)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "violations_referral"
        constraints = [
            Check("authority <> ''", name="violations_referral_named"),
        ]


class ViolationsReport(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    reporter = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    text = TextField()
    answer = TextField()

    class Meta:
        table_name = "violations_report"


class ViolationsSanction(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    case = ForeignKeyField(ViolationsCase, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    effect = CharField(max_length=12)
    article = CharField(max_length=200)
    proposed = CharField(max_length=60)
    earlier = BigIntegerField()
    reason = TextField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    party_unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    state = CharField(max_length=10)
    since = DateField()
    until = DateField(null=True)
    amount = IntegerField()
    decided_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    decided_on = DateField(null=True)
    due_on = DateField()
    carried_on = DateField(null=True)
    note = CharField(max_length=500)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    lifted_on = DateField(null=True)

    class Meta:
        table_name = "violations_sanction"
        indexes = [
            (("institution", "effect", "state"), False),
        ]
        constraints = [
            Check(
                "effect IN ('warn', 'circulate', 'limit', 'hide', 'suspend', 'loss', 'remove', 'pay', "
                "'discipline', 'dismiss', 'close', 'authority', 'other')",
                name="violations_sanction_effect",
            ),
            Check("state IN ('waiting', 'decided', 'carried', 'lifted', 'refused')", name="violations_sanction_state"),
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
                "(person_id IS NULL OR (party_unit_id IS NULL AND account_id IS NULL)) AND (party_unit_id IS "
                "NULL OR account_id IS NULL)",
                name="violations_sanction_whom",
            ),
        ]


class ViolationsSanctionStep(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    position = IntegerField()
    effect = CharField(max_length=12)
    breach = CharField(max_length=60)
    whom = CharField(max_length=14)
    least = CharField(max_length=10)
    most = CharField(max_length=10)
    after = IntegerField(null=True)
    days = IntegerField(null=True)
    ceiling = IntegerField(null=True)
    article = CharField(max_length=200)
    valid_from = DateField(null=True)
    valid_until = DateField(null=True)

    class Meta:
        table_name = "violations_sanction_step"
        indexes = [
            (("institution", "name", "breach", "whom"), True),
        ]
        constraints = [
            Check("name <> ''", name="violations_sanction_step_named"),
            Check(
                "effect IN ('warn', 'circulate', 'limit', 'hide', 'suspend', 'loss', 'remove', 'pay', "
                "'discipline', 'dismiss', 'close', 'authority', 'other')",
                name="violations_sanction_step_effect",
            ),
            Check("whom IN ('any', 'person', 'administrator', 'account')", name="violations_sanction_step_whom"),
            Check("least IN ('minor', 'medium', 'serious')", name="violations_sanction_step_least"),
            Check("most IN ('minor', 'medium', 'serious')", name="violations_sanction_step_most"),
            Check(
                "least = 'minor' OR most = 'serious' OR (least = 'medium' AND most = 'medium')",
                name="violations_sanction_step_range",
            ),
            Check(
                '"position" >= 0 AND (after IS NULL OR after >= 0) AND (days IS NULL OR days >= 1) AND '
                "(ceiling IS NULL OR ceiling >= 1)",
                name="violations_sanction_step_figures",
            ),
            Check(
                "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
                name="violations_sanction_step_dates",
            ),
        ]


class ViolationsSupervision(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    about = CharField(max_length=10)
    on = DateField(column_name="supervised_on")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    text = TextField()
    problems = TextField()

    class Meta:
        table_name = "violations_supervision"
        indexes = [
            (("institution", "on"), False),
        ]
        constraints = [
            Check("about IN ('use', 'secrecy')", name="violations_supervision_about"),
            Check("text <> ''", name="violations_supervision_text"),
        ]


class ViolationsViolationsPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    investigate_days = IntegerField(null=True)
    carry_out_days = IntegerField(null=True)
    repeat_months = IntegerField(null=True)
    handling_office = CharField(max_length=500)
    stop_releases = BooleanField()
    unauthorised_release = BooleanField()
    report_to_superior = BooleanField()
    supervise_days = IntegerField(null=True)
    assess_months = IntegerField(null=True)
    assess_days = IntegerField(null=True)

    class Meta:
        table_name = "violations_violations_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="violations_violations_policy_term"),
            Check(
                "investigate_days IS NULL OR investigate_days BETWEEN 1 AND 365",
                name="violations_violations_policy_investigate_days",
            ),
            Check(
                "carry_out_days IS NULL OR carry_out_days BETWEEN 0 AND 365",
                name="violations_violations_policy_carry_out_days",
            ),
            Check(
                "repeat_months IS NULL OR repeat_months BETWEEN 1 AND 240",
                name="violations_violations_policy_repeat_months",
            ),
            Check(
                "supervise_days IS NULL OR supervise_days BETWEEN 1 AND 366",
                name="violations_violations_policy_supervise_days",
            ),
            Check(
                "assess_months IS NULL OR assess_months BETWEEN 1 AND 36",
                name="violations_violations_policy_assess_months",
            ),
            Check(
                "assess_days IS NULL OR assess_days BETWEEN 0 AND 365", name="violations_violations_policy_assess_days"
            ),
        ]


ViolationsViolationsPolicy.add_index(
    ViolationsViolationsPolicy.index(
        ViolationsViolationsPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="violations_violations_policy_open",
    )
)
ViolationsViolationsPolicy.add_index(
    ViolationsViolationsPolicy.index(
        ViolationsViolationsPolicy.institution,
        ViolationsViolationsPolicy.valid_from,
        unique=True,
        name="violations_violations_policy_from",
    )
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            ViolationsRound,
            ViolationsAssessment,
            ViolationsBreachKind,
            ViolationsCase,
            ViolationsCommendation,
            ViolationsCriterion,
            ViolationsEvidence,
            ViolationsMeasure,
            ViolationsParty,
            ViolationsReferral,
            ViolationsReport,
            ViolationsSanction,
            ViolationsSanctionStep,
            ViolationsSupervision,
            ViolationsViolationsPolicy,
        ],
    )
