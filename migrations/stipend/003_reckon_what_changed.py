"""Reckon what changed."""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
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

from panel.migrate import change_table, create_tables


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class ContentContribution(Row):  # exists already
    class Meta:
        table_name = "content_contribution"


class ContentSubmission(Row):  # exists already
    class Meta:
        table_name = "content_submission"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class StipendAdjustment(Row):  # exists already
    class Meta:
        table_name = "stipend_adjustment"


class StipendPayee(Row):  # exists already
    class Meta:
        table_name = "stipend_payee"


class StipendPayeeLine(Row):  # exists already
    class Meta:
        table_name = "stipend_payee_line"


class StipendRateCard(Row):  # exists already
    class Meta:
        table_name = "stipend_rate_card"


class StipendWorking(Row):  # exists already
    class Meta:
        table_name = "stipend_working"


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
    ground = CharField(max_length=64)
    goes_on = BigIntegerField(null=True)
    note = TextField()

    class Meta:
        table_name = "stipend_settlement"
        indexes = [
            (("institution", "month"), True),
        ]
        constraints = [
            Check(
                "state IN ('gathering', 'counting', 'open', 'review', 'locked', 'paid')",
                name="stipend_settlement_state",
            ),
            Check("basis IN ('merged', 'piece')", name="stipend_settlement_basis"),
            Check("(state = 'paid') = (paid_on IS NOT NULL)", name="stipend_settlement_paid"),
        ]


StipendSettlement.add_index(
    StipendSettlement.index(
        StipendSettlement.institution,
        unique=True,
        where=SQL("state NOT IN ('locked', 'paid')"),
        name="stipend_settlement_live",
    )
)


class StipendEntry(Row):
    institution_id = BigIntegerField()
    settlement = ForeignKeyField(StipendSettlement, backref="+", on_delete="RESTRICT", index=False)
    kind = CharField(max_length=12)
    contribution = ForeignKeyField(ContentContribution, backref="+", on_delete="RESTRICT", index=False, null=True)
    adjusts = ForeignKeyField("self", backref="+", on_delete="RESTRICT", index=False, null=True)
    carries = ForeignKeyField(StipendPayeeLine, backref="+", on_delete="RESTRICT", index=False, null=True)
    adjustment = ForeignKeyField(StipendAdjustment, backref="+", on_delete="RESTRICT", index=False, null=True)
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT", null=True)
    payee = ForeignKeyField(StipendPayee, backref="+", on_delete="RESTRICT", index=False)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", index=False, null=True)
    name = CharField(max_length=200)
    amount = IntegerField()
    note = CharField(max_length=300)
    working = ForeignKeyField(StipendWorking, backref="+", on_delete="RESTRICT", index=False, null=True)
    first_on = DateField(null=True)
    words = IntegerField(null=True)
    photos = IntegerField(null=True)
    videos = IntegerField(null=True)
    why = CharField(max_length=300)
    channels = TextField(null=True)
    place = IntegerField(null=True)
    among = IntegerField(null=True)
    share = IntegerField(null=True)
    due = IntegerField(null=True)
    cap = IntegerField(null=True)
    kept = JSONField(column_name="frozen", null=True)

    class Meta:
        table_name = "stipend_entry"
        indexes = [
            (("settlement", "payee", "amount"), False),
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
    StipendEntry.index(
        StipendEntry.contribution, unique=True, where=SQL("contribution_id IS NOT NULL"), name="stipend_entry_once"
    )
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
StipendEntry.add_index(
    StipendEntry.index(StipendEntry.settlement, where=SQL("cap IS NOT NULL"), name="stipend_entry_cut")
)
StipendEntry.add_index(
    StipendEntry.index(StipendEntry.adjustment, where=SQL("adjustment_id IS NOT NULL"), name="stipend_entry_adjustment")
)


class StipendRecount(Row):
    institution_id = BigIntegerField()
    submission_id = BigIntegerField()

    class Meta:
        table_name = "stipend_recount"
        indexes = [
            (("institution_id", "submission_id"), False),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [StipendRecount])
    change_table(db, StipendEntry)
    change_table(db, StipendSettlement, fill={"ground": ""})
