"""The first tables of oversight."""

from peewee import (
    SQL,
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    Database,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from panel.migrate import create_tables


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


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


class OversightDocumentKind(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    required = BooleanField()
    of_each_unit = BooleanField()

    class Meta:
        table_name = "oversight_document_kind"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("name <> ''", name="oversight_document_kind_named"),
        ]


class OversightDutyKind(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = CharField(column_name="group_name", max_length=80)
    name = CharField(max_length=60)
    position = IntegerField()
    least = IntegerField()
    most = IntegerField(null=True)
    of_each_unit = BooleanField()
    by_unit = BooleanField()
    head_of = CharField(max_length=120)
    head_of_any = BooleanField()
    answers_for_accounts = BooleanField()
    inspects = BooleanField()
    tasks = TextField()

    class Meta:
        table_name = "oversight_duty_kind"
        indexes = [
            (("institution", "group", "name"), True),
        ]
        constraints = [
            Check("name <> ''", name="oversight_duty_kind_named"),
            Check("least >= 0 AND (most IS NULL OR most >= least)", name="oversight_duty_kind_numbers"),
            Check("NOT (head_of <> '' AND head_of_any)", name="oversight_duty_kind_head"),
        ]


class OversightRuleDocument(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=200)
    number = CharField(max_length=60)
    kind = ForeignKeyField(OversightDocumentKind, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    interpreter = CharField(max_length=120)
    audience = CharField(max_length=20)
    issued_on = DateField(null=True)
    month_only = BooleanField()
    effective_on = DateField(null=True)
    until = DateField(null=True)
    trial_until = DateField(null=True)
    confirmed_on = DateField(null=True)
    reviewed_on = DateField(null=True)
    supersedes = ForeignKeyField("self", backref="+", on_delete="RESTRICT", unique=True, null=True)
    parent = ForeignKeyField("self", backref="+", on_delete="RESTRICT", null=True)
    source = CharField(max_length=40)
    note = TextField()
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "oversight_rule_document"
        indexes = [
            (("institution", "effective_on"), False),
        ]
        constraints = [
            Check("audience IN ('staff', 'unit', 'keepers', 'public')", name="oversight_rule_document_audience"),
            Check(
                "(supersedes_id IS NULL OR supersedes_id <> id) AND (parent_id IS NULL OR parent_id <> id)",
                name="oversight_rule_document_itself",
            ),
            Check(
                "until IS NULL OR (effective_on IS NOT NULL AND until >= effective_on)",
                name="oversight_rule_document_term",
            ),
            Check("issued_on IS NULL OR effective_on IS NOT NULL", name="oversight_rule_document_issued"),
            Check(
                "trial_until IS NULL OR effective_on IS NULL OR trial_until >= effective_on",
                name="oversight_rule_document_trial",
            ),
            Check(
                "supersedes_id IS NULL OR parent_id IS NULL OR supersedes_id <> parent_id",
                name="oversight_rule_document_twins",
            ),
        ]


class OversightDuty(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = ForeignKeyField(OversightDutyKind, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    since = DateField()
    until = DateField(null=True)
    appointed_by = ForeignKeyField(OversightRuleDocument, backref="+", on_delete="RESTRICT", null=True)
    tasks = TextField()
    note = CharField(max_length=300)

    class Meta:
        table_name = "oversight_duty"
        constraints = [
            Check("until IS NULL OR until >= since", name="oversight_duty_term"),
        ]


OversightDuty.add_index(
    OversightDuty.index(
        OversightDuty.kind,
        OversightDuty.unit,
        OversightDuty.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="oversight_duty_open",
    )
)


class OversightInspection(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    by_unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    outside = CharField(max_length=120)
    inspector = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    subject = CharField(max_length=200)
    planned_on = DateField()
    state = CharField(max_length=20)
    done_on = DateField(null=True)
    result = TextField()
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "oversight_inspection"
        indexes = [
            (("institution", "unit", "done_on"), False),
        ]
        constraints = [
            Check("state IN ('planned', 'done', 'dropped')", name="oversight_inspection_state"),
            Check("(by_unit_id IS NULL) = (outside <> '')", name="oversight_inspection_by"),
            Check("(state = 'done') = (done_on IS NOT NULL)", name="oversight_inspection_done"),
        ]


class OversightItem(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    inspection = ForeignKeyField(OversightInspection, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    gravity = CharField(max_length=20)
    finding = TextField()
    advice = TextField()
    due_on = DateField()
    state = CharField(max_length=20)
    answer = TextField()
    answered_on = DateField(null=True)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    decided_on = DateField(null=True)
    decision = CharField(max_length=500)
    returns = IntegerField()

    class Meta:
        table_name = "oversight_item"
        indexes = [
            (("inspection", "number"), True),
            (("institution", "state", "due_on"), False),
        ]
        constraints = [
            Check("gravity IN ('remark', 'defect', 'breach')", name="oversight_item_gravity"),
            Check("state IN ('open', 'answered', 'returned', 'accepted')", name="oversight_item_state"),
            Check("state = 'open' OR answered_on IS NOT NULL", name="oversight_item_answered"),
            Check("state NOT IN ('returned', 'accepted') OR decided_on IS NOT NULL", name="oversight_item_decided"),
        ]


class OversightMadeKnown(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    document = ForeignKeyField(OversightRuleDocument, backref="+", on_delete="RESTRICT")
    way = CharField(max_length=20)
    on = DateField(column_name="made_on")
    reached = IntegerField(null=True)
    evidence = CharField(max_length=300)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "oversight_made_known"
        indexes = [
            (("document", "on"), False),
        ]
        constraints = [
            Check("way IN ('told', 'notice', 'public', 'discussion', 'meeting')", name="oversight_made_known_way"),
            Check("reached IS NULL OR reached >= 0", name="oversight_made_known_reached"),
        ]


class OversightOversightPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    interpreter_required = BooleanField()
    known_before = BooleanField()
    known_days = IntegerField(null=True)
    told_at_issue = BooleanField()
    review_months = IntegerField(null=True)
    inspection_months = IntegerField(null=True)
    answer_days = IntegerField(null=True)
    inspectors_hold_duty = BooleanField()

    class Meta:
        table_name = "oversight_oversight_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="oversight_oversight_policy_term"),
            Check("known_days IS NULL OR known_days BETWEEN 1 AND 365", name="oversight_oversight_policy_known_days"),
            Check(
                "review_months IS NULL OR review_months BETWEEN 1 AND 120",
                name="oversight_oversight_policy_review_months",
            ),
            Check(
                "inspection_months IS NULL OR inspection_months BETWEEN 1 AND 60",
                name="oversight_oversight_policy_inspection_months",
            ),
            Check(
                "answer_days IS NULL OR answer_days BETWEEN 1 AND 365", name="oversight_oversight_policy_answer_days"
            ),
        ]


OversightOversightPolicy.add_index(
    OversightOversightPolicy.index(
        OversightOversightPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="oversight_oversight_policy_open",
    )
)
OversightOversightPolicy.add_index(
    OversightOversightPolicy.index(
        OversightOversightPolicy.institution,
        OversightOversightPolicy.valid_from,
        unique=True,
        name="oversight_oversight_policy_from",
    )
)


class OversightReading(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    document = ForeignKeyField(OversightRuleDocument, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    told_on = DateField()
    read_at = DateTimeField(null=True)

    class Meta:
        table_name = "oversight_reading"
        indexes = [
            (("document", "person"), True),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            OversightDocumentKind,
            OversightDutyKind,
            OversightRuleDocument,
            OversightDuty,
            OversightInspection,
            OversightItem,
            OversightMadeKnown,
            OversightOversightPolicy,
            OversightReading,
        ],
    )
