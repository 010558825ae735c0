"""Seals of the audit log, and API tokens."""

from peewee import (
    BigAutoField,
    BigIntegerField,
    CharField,
    Check,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from panel.migrate import change_table, create_tables, run_sql


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class TokensToken(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    begins = CharField(max_length=12)
    secret_hash = TextField(unique=True)
    permissions = JSONField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    expires_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    used_at = DateTimeField(null=True)
    used_from = CharField(max_length=45)

    class Meta:
        table_name = "tokens_token"
        indexes = [
            (("user", "id"), False),
            (("institution", "id"), False),
        ]
        constraints = [
            Check("expires_at > created_at", name="tokens_token_term"),
        ]


class AuditEntry(Row):
    at = DateTimeField()
    institution_id = BigIntegerField(null=True)
    actor_kind = CharField(max_length=10)
    user_id = BigIntegerField(null=True)
    user_name = CharField(max_length=200)
    ip = CharField(max_length=45)
    agent = CharField(max_length=200)
    correlation = CharField(max_length=32)
    action = CharField(max_length=120)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField(null=True)
    subject_text = CharField(max_length=300)
    root_type = CharField(max_length=80)
    root_id = BigIntegerField(null=True)
    before = JSONField(null=True)
    after = JSONField(null=True)
    reason = TextField()
    mark = CharField(max_length=60, null=True)

    class Meta:
        table_name = "audit_entry"
        indexes = [
            (("root_type", "root_id", "id"), False),
            (("institution_id", "id"), False),
            (("user_id", "id"), False),
            (("correlation",), False),
        ]


class AuditSeal(Row):
    institution_id = BigIntegerField()
    number = IntegerField()
    at = DateTimeField()
    first_id = BigIntegerField()
    last_id = BigIntegerField()
    count = IntegerField()
    total = BigIntegerField()
    leaves = TextField()
    previous = CharField(max_length=80)
    hash = CharField(max_length=80)

    class Meta:
        table_name = "audit_seal"
        indexes = [
            (("institution_id", "number"), True),
            (("institution_id", "at"), False),
        ]
        constraints = [
            Check("number > 0", name="audit_seal_number"),
            Check('"count" > 0', name="audit_seal_count"),
            Check("last_id >= first_id", name="audit_seal_range"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [AuditSeal, TokensToken])
    run_sql(
        db,
        sqlite=[
            """CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal
            BEGIN
                SELECT RAISE(ABORT, 'audit_seal is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal
            BEGIN
                SELECT RAISE(ABORT, 'audit_seal is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER audit_seal_no_replace BEFORE INSERT ON audit_seal
            WHEN EXISTS (SELECT 1 FROM audit_seal WHERE id = NEW.id)
            BEGIN
                SELECT RAISE(ABORT, 'audit_seal is append-only: what is written there is never changed or deleted');
            END""",
        ],
        postgres=[
            """CREATE FUNCTION audit_seal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit_seal is append-only: what is written there is never changed or deleted'
                USING ERRCODE = 'integrity_constraint_violation';
            END
            $$""",
            """CREATE TRIGGER audit_seal_no_change BEFORE UPDATE OR DELETE ON audit_seal
            EXECUTE FUNCTION audit_seal_refuse()""",
            """CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_seal
            EXECUTE FUNCTION audit_seal_refuse()""",
        ],
    )
    # audit_entry: column mark is missing: varchar (60)
    change_table(db, AuditEntry)
