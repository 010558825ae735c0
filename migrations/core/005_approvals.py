"""Approvals."""

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

from panel.migrate import create_tables, run_sql


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class AccessRole(Row):  # exists already
    class Meta:
        table_name = "access_role"


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class ApprovalsChain(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    subject = CharField(max_length=80)
    name = CharField(max_length=120)
    position = IntegerField()
    active = BooleanField()
    when = JSONField()
    own = BooleanField()
    bulk = BooleanField()
    rules = CharField(max_length=300)
    revision = IntegerField()

    class Meta:
        table_name = "approvals_chain"
        indexes = [
            (("institution", "subject", "name"), True),
            (("institution", "subject", "position"), False),
        ]
        constraints = [
            Check("name <> ''", name="approvals_chain_named"),
        ]


class ApprovalsChainStep(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    chain = ForeignKeyField(ApprovalsChain, backref="+", on_delete="RESTRICT")
    position = IntegerField()
    name = CharField(max_length=120)
    who = CharField(max_length=10)
    role = ForeignKeyField(AccessRole, backref="+", on_delete="RESTRICT", null=True)
    office = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    of = CharField(max_length=5)
    with_previous = BooleanField()
    when = JSONField()
    days = IntegerField(null=True)
    proof = BooleanField()
    opinion = BooleanField()
    act = CharField(max_length=10)
    rules = CharField(max_length=300)

    class Meta:
        table_name = "approvals_chain_step"
        indexes = [
            (("chain", "position"), True),
        ]
        constraints = [
            Check("name <> ''", name="approvals_chain_step_named"),
            Check("days IS NULL OR days BETWEEN 1 AND 365", name="approvals_chain_step_days"),
            Check("who IN ('role', 'parent', 'office', 'person')", name="approvals_chain_step_who"),
            Check("of IN ('any', 'all')", name="approvals_chain_step_of"),
            Check("act IN ('approve', 'carry_out')", name="approvals_chain_step_act"),
            Check("(who = 'person') = (person_id IS NOT NULL)", name="approvals_chain_step_person"),
            Check("(who = 'office') = (office_id IS NOT NULL)", name="approvals_chain_step_office"),
            Check("(who = 'person') = (role_id IS NULL)", name="approvals_chain_step_role"),
        ]


class ApprovalsRequest(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    subject = CharField(max_length=80)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    subject_text = CharField(max_length=200)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    chain = ForeignKeyField(ApprovalsChain, backref="+", on_delete="RESTRICT")
    chain_name = CharField(max_length=120)
    revision = IntegerField()
    own = BooleanField()
    bulk = BooleanField()
    applicant = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    applicant_name = CharField(max_length=60)
    note = TextField()
    facts = JSONField()
    facts_hash = CharField(max_length=64)
    code = CharField(max_length=20, unique=True)
    state = CharField(max_length=10)
    submitted_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_note = TextField()

    class Meta:
        table_name = "approvals_request"
        indexes = [
            (("subject_type", "subject_id", "id"), False),
            (("institution", "state", "submitted_at"), False),
            (("applicant", "id"), False),
        ]
        constraints = [
            Check(
                "state IN ('waiting', 'approved', 'rejected', 'returned', 'withdrawn', 'void')",
                name="approvals_request_state",
            ),
            Check("(state = 'waiting') = (ended_at IS NULL)", name="approvals_request_ended"),
        ]


ApprovalsRequest.add_index(
    ApprovalsRequest.index(
        ApprovalsRequest.subject,
        ApprovalsRequest.subject_id,
        unique=True,
        where=SQL("state = 'waiting'"),
        name="approvals_request_waiting",
    )
)


class ApprovalsTask(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    request = ForeignKeyField(ApprovalsRequest, backref="+", on_delete="RESTRICT")
    stage = IntegerField()
    position = IntegerField()
    name = CharField(max_length=120)
    who = CharField(max_length=10)
    role = ForeignKeyField(AccessRole, backref="+", on_delete="RESTRICT", null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    of = CharField(max_length=5)
    days = IntegerField(null=True)
    proof = BooleanField()
    opinion = BooleanField()
    act = CharField(max_length=10)
    rules = CharField(max_length=300)
    asked_by = CharField(max_length=60)
    state = CharField(max_length=10)
    opened_at = DateTimeField(null=True)
    due_on = DateField(null=True)
    closed_at = DateTimeField(null=True)
    stuck = BooleanField()

    class Meta:
        table_name = "approvals_task"
        indexes = [
            (("request", "position"), True),
        ]
        constraints = [
            Check("state IN ('pending', 'open', 'done', 'skipped')", name="approvals_task_state"),
            Check("(who = 'person') = (person_id IS NOT NULL)", name="approvals_task_person"),
            Check("(who = 'person') = (role_id IS NULL)", name="approvals_task_role"),
            Check("state <> 'open' OR opened_at IS NOT NULL", name="approvals_task_opened"),
        ]


ApprovalsTask.add_index(
    ApprovalsTask.index(
        ApprovalsTask.institution, ApprovalsTask.due_on, where=SQL("state = 'open'"), name="approvals_task_open"
    )
)


class ApprovalsDecision(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    request = ForeignKeyField(ApprovalsRequest, backref="+", on_delete="RESTRICT")
    task = ForeignKeyField(ApprovalsTask, backref="+", on_delete="RESTRICT")
    seat = CharField(max_length=24)
    verdict = CharField(max_length=10)
    opinion = TextField()
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    signer = CharField(max_length=60)
    post = CharField(max_length=80)
    on_behalf = CharField(max_length=60)
    proof = CharField(max_length=20)
    decided_at = DateTimeField()

    class Meta:
        table_name = "approvals_decision"
        indexes = [
            (("task", "seat"), True),
            (("request", "id"), False),
        ]
        constraints = [
            Check("verdict IN ('approve', 'done', 'return', 'reject')", name="approvals_decision_verdict"),
        ]


class ApprovalsDelegation(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    giver = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    receiver = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    subject = CharField(max_length=80)
    task = ForeignKeyField(ApprovalsTask, backref="+", on_delete="RESTRICT", null=True)
    begins_on = DateField()
    ends_on = DateField(null=True)
    note = CharField(max_length=300)
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "approvals_delegation"
        indexes = [
            (("receiver", "ends_on"), False),
            (("giver", "ends_on"), False),
        ]
        constraints = [
            Check("ends_on IS NULL OR ends_on >= begins_on", name="approvals_delegation_dates"),
            Check("giver_id <> receiver_id", name="approvals_delegation_self"),
        ]


class ApprovalsTemplate(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    subject = CharField(max_length=80)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "approvals_template"
        indexes = [
            (("institution", "subject"), True),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            ApprovalsChain,
            ApprovalsChainStep,
            ApprovalsRequest,
            ApprovalsTask,
            ApprovalsDecision,
            ApprovalsDelegation,
            ApprovalsTemplate,
        ],
    )
    run_sql(
        db,
        sqlite=[
            """CREATE TRIGGER approvals_decision_no_update BEFORE UPDATE ON approvals_decision
            BEGIN
                SELECT RAISE(ABORT, 'approvals_decision is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER approvals_decision_no_delete BEFORE DELETE ON approvals_decision
            BEGIN
                SELECT RAISE(ABORT, 'approvals_decision is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER approvals_decision_no_replace BEFORE INSERT ON approvals_decision
            WHEN EXISTS (SELECT 1 FROM approvals_decision WHERE id = NEW.id)
            BEGIN
                SELECT RAISE(ABORT, 'approvals_decision is append-only: what is written there is never changed or deleted');
            END""",
        ],
        postgres=[
            """CREATE FUNCTION approvals_decision_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'approvals_decision is append-only: what is written there is never changed or deleted'
                USING ERRCODE = 'integrity_constraint_violation';
            END
            $$""",
            """CREATE TRIGGER approvals_decision_no_change BEFORE UPDATE OR DELETE ON approvals_decision
            EXECUTE FUNCTION approvals_decision_refuse()""",
            """CREATE TRIGGER approvals_decision_no_truncate BEFORE TRUNCATE ON approvals_decision
            EXECUTE FUNCTION approvals_decision_refuse()""",
        ],
    )
