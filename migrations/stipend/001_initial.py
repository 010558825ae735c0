"""The first tables of stipend."""

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


class ContentContribution(Row):  # exists already
    class Meta:
        table_name = "content_contribution"


class ContentSubmission(Row):  # exists already
    class Meta:
        table_name = "content_submission"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class StipendRateCard(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    since = DateField()
    until = DateField(null=True)
    split = CharField(max_length=10)
    least_factor = IntegerField()
    most_factor = IntegerField()
    highest_only = BooleanField()
    reads_days = IntegerField()
    piece_cap = IntegerField(null=True)
    month_cap = IntegerField(null=True)
    basis = CharField(max_length=10)
    basis_note = CharField(max_length=300)

    class Meta:
        table_name = "stipend_rate_card"
        indexes = [
            (("institution", "since"), True),
        ]
        constraints = [
            Check("until IS NULL OR until >= since", name="stipend_rate_card_dates"),
            Check("least_factor >= 1 AND most_factor >= least_factor", name="stipend_rate_card_factors"),
            Check(
                "(piece_cap IS NULL OR piece_cap >= 0) AND (month_cap IS NULL OR month_cap >= 0)",
                name="stipend_rate_card_caps",
            ),
            Check("reads_days BETWEEN 0 AND 365", name="stipend_rate_card_reads"),
            Check("split IN ('equal', 'shares', 'first')", name="stipend_rate_card_split"),
            Check("basis IN ('merged', 'piece')", name="stipend_rate_card_basis"),
        ]


class StipendSettlement(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    month = DateField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    card = ForeignKeyField(StipendRateCard, backref="+", on_delete="RESTRICT")
    basis = CharField(max_length=10)
    state = CharField(max_length=10)
    pieces = IntegerField()
    payees = IntegerField()
    gross = IntegerField()
    tax = IntegerField()
    carried = IntegerField()
    reckoned_at = DateTimeField(null=True)
    locked_at = DateTimeField(null=True)
    paid_on = DateField(null=True)
    run_id = BigIntegerField(null=True)
    note = TextField()

    class Meta:
        table_name = "stipend_settlement"
        indexes = [
            (("institution", "month"), True),
        ]
        constraints = [
            Check("state IN ('counting', 'open', 'review', 'locked', 'paid')", name="stipend_settlement_state"),
            Check("basis IN ('merged', 'piece')", name="stipend_settlement_basis"),
            Check("(state = 'paid') = (paid_on IS NOT NULL)", name="stipend_settlement_paid"),
        ]


class StipendPayee(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    name = CharField(max_length=60)
    unit_name = CharField(max_length=120)
    kind = CharField(max_length=20)
    income = CharField(max_length=20)
    bank = CharField(max_length=120)
    account_sealed = TextField()
    account_tail = CharField(max_length=4)

    class Meta:
        table_name = "stipend_payee"
        indexes = [
            (("institution", "person"), True),
        ]
        constraints = [
            Check("kind IN ('staff', 'student', 'outside', 'nonresident')", name="stipend_payee_kind"),
            Check("income IN ('royalty', 'labour', 'wages')", name="stipend_payee_income"),
            Check("name <> ''", name="stipend_payee_who"),
        ]


StipendPayee.add_index(
    StipendPayee.index(
        StipendPayee.institution,
        StipendPayee.name,
        StipendPayee.unit_name,
        unique=True,
        where=SQL("person_id IS NULL"),
        name="stipend_payee_outside",
    )
)


class StipendAdjustment(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    settlement = ForeignKeyField(StipendSettlement, backref="+", on_delete="RESTRICT")
    payee = ForeignKeyField(StipendPayee, backref="+", on_delete="RESTRICT")
    amount = IntegerField()
    reason = CharField(max_length=300)
    by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", column_name="adjusted_by_id", null=True)

    class Meta:
        table_name = "stipend_adjustment"
        constraints = [
            Check("amount <> 0", name="stipend_adjustment_amount"),
            Check("reason <> ''", name="stipend_adjustment_reason"),
        ]


class StipendPayeeLine(Row):
    institution_id = BigIntegerField()
    settlement = ForeignKeyField(StipendSettlement, backref="+", on_delete="RESTRICT")
    payee = ForeignKeyField(StipendPayee, backref="+", on_delete="RESTRICT")
    income = CharField(max_length=20)
    entries = IntegerField()
    gross = IntegerField()
    tax = IntegerField()
    carried = IntegerField()

    class Meta:
        table_name = "stipend_payee_line"
        indexes = [
            (("settlement", "payee"), True),
        ]
        constraints = [
            Check("tax >= 0 AND gross >= 0 AND tax <= gross", name="stipend_payee_line_money"),
            Check("carried <= 0 AND (carried = 0 OR gross = 0)", name="stipend_payee_line_carried"),
        ]


class StipendEntry(Row):
    institution_id = BigIntegerField()
    settlement = ForeignKeyField(StipendSettlement, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=12)
    contribution = ForeignKeyField(ContentContribution, backref="+", on_delete="RESTRICT", null=True)
    adjusts = ForeignKeyField("self", backref="+", on_delete="RESTRICT", null=True)
    carries = ForeignKeyField(StipendPayeeLine, backref="+", on_delete="RESTRICT", null=True)
    adjustment = ForeignKeyField(StipendAdjustment, backref="+", on_delete="RESTRICT", null=True)
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT", null=True)
    payee = ForeignKeyField(StipendPayee, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    name = CharField(max_length=200)
    amount = IntegerField()
    frozen = JSONField()
    note = CharField(max_length=300)

    class Meta:
        table_name = "stipend_entry"
        indexes = [
            (("settlement", "payee"), False),
        ]
        constraints = [
            Check("kind IN ('piece', 'withdrawn', 'carried', 'manual')", name="stipend_entry_kind"),
            Check(
                "(kind = 'piece') = (contribution_id IS NOT NULL) AND (kind = 'withdrawn') = (adjusts_id IS "
                "NOT NULL) AND (kind = 'carried') = (carries_id IS NOT NULL) AND (kind = 'manual') = "
                "(adjustment_id IS NOT NULL)",
                name="stipend_entry_from",
            ),
            Check(
                "(kind <> 'piece' OR amount >= 0) AND (kind NOT IN ('withdrawn', 'carried') OR amount <= 0)",
                name="stipend_entry_amount",
            ),
        ]


StipendEntry.add_index(
    StipendEntry.index(StipendEntry.contribution, unique=True, where=SQL("kind = 'piece'"), name="stipend_entry_once")
)
StipendEntry.add_index(
    StipendEntry.index(
        StipendEntry.adjusts, unique=True, where=SQL("adjusts_id IS NOT NULL"), name="stipend_entry_adjusts"
    )
)
StipendEntry.add_index(
    StipendEntry.index(
        StipendEntry.carries, unique=True, where=SQL("carries_id IS NOT NULL"), name="stipend_entry_carries"
    )
)


class StipendExclusion(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    kind = CharField(max_length=20)
    reason = CharField(max_length=200)
    since = DateField()
    until = DateField(null=True)

    class Meta:
        table_name = "stipend_exclusion"
        constraints = [
            Check(
                "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN unit_id IS NULL THEN 0 ELSE 1 "
                "END) + (CASE WHEN kind = '' THEN 0 ELSE 1 END) = 1",
                name="stipend_exclusion_one",
            ),
            Check("until IS NULL OR until >= since", name="stipend_exclusion_dates"),
        ]


class StipendFactor(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT", unique=True)
    value = IntegerField()
    reason = CharField(max_length=300)
    state = CharField(max_length=10)
    proposed_by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    confirmed_by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)

    class Meta:
        table_name = "stipend_factor"
        constraints = [
            Check("state IN ('proposed', 'confirmed', 'rejected')", name="stipend_factor_state"),
            Check("value >= 1", name="stipend_factor_value"),
            Check("reason <> ''", name="stipend_factor_reason"),
        ]


class StipendProblem(Row):
    institution_id = BigIntegerField()
    settlement = ForeignKeyField(StipendSettlement, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "stipend_problem"
        indexes = [
            (("settlement", "kind", "submission"), True),
        ]
        constraints = [
            Check(
                "kind IN ('nobody', 'shares', 'no_card', 'no_rate', 'no_reads', 'reads_later', 'proposed', "
                "'range', 'stands')",
                name="stipend_problem_kind",
            ),
        ]


class StipendRate(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    card = ForeignKeyField(StipendRateCard, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    per = CharField(max_length=10)
    amount = IntegerField()
    rounding = CharField(max_length=10)
    kinds = JSONField()
    classes = JSONField()
    sources = JSONField()
    levels = JSONField()
    words_from = IntegerField(null=True)
    words_to = IntegerField(null=True)
    reads_from = IntegerField(null=True)
    reads_to = IntegerField(null=True)
    bonus = BooleanField()
    factor = BooleanField()

    class Meta:
        table_name = "stipend_rate"
        constraints = [
            Check("amount >= 0", name="stipend_rate_amount"),
            Check("per IN ('piece', 'thousand', 'photo', 'video')", name="stipend_rate_per"),
            Check("rounding IN ('up', 'down', 'half', 'exact')", name="stipend_rate_rounding"),
            Check(
                "COALESCE(words_from, 0) >= 0 AND (words_to IS NULL OR words_to >= COALESCE(words_from, 0)) "
                "AND COALESCE(reads_from, 0) >= 0 AND (reads_to IS NULL OR reads_to >= COALESCE(reads_from, "
                "0))",
                name="stipend_rate_bounds",
            ),
        ]


class StipendTaxTable(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    income = CharField(max_length=20)
    since = DateField()
    threshold = IntegerField()
    allowance = IntegerField()
    share = IntegerField()
    counts = IntegerField()
    brackets = JSONField()
    source = CharField(max_length=300)

    class Meta:
        table_name = "stipend_tax_table"
        indexes = [
            (("institution", "income", "since"), True),
        ]
        constraints = [
            Check("income IN ('royalty', 'labour', 'wages')", name="stipend_tax_table_income"),
            Check(
                "threshold >= 0 AND allowance >= 0 AND share BETWEEN 0 AND 10000 AND counts BETWEEN 0 AND 10000",
                name="stipend_tax_table_figures",
            ),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            StipendRateCard,
            StipendSettlement,
            StipendPayee,
            StipendAdjustment,
            StipendPayeeLine,
            StipendEntry,
            StipendExclusion,
            StipendFactor,
            StipendProblem,
            StipendRate,
            StipendTaxTable,
        ],
    )
