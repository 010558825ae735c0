"""Log-in."""

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

from panel.migrate import change_table, create_tables


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class AccessAccessPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    officers_least = IntegerField(null=True)
    officers_most = IntegerField(null=True)
    password_shortest = IntegerField(null=True)
    password_kinds = IntegerField(null=True)

    class Meta:
        table_name = "access_access_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="access_access_policy_term"),
            Check(
                "officers_least IS NULL OR officers_least BETWEEN 0 AND 20", name="access_access_policy_officers_least"
            ),
            Check("officers_most IS NULL OR officers_most BETWEEN 1 AND 20", name="access_access_policy_officers_most"),
            Check(
                "password_shortest IS NULL OR password_shortest BETWEEN 8 AND 64",
                name="access_access_policy_password_shortest",
            ),
            Check(
                "password_kinds IS NULL OR password_kinds BETWEEN 1 AND 4", name="access_access_policy_password_kinds"
            ),
        ]


AccessAccessPolicy.add_index(
    AccessAccessPolicy.index(
        AccessAccessPolicy.institution, unique=True, where=SQL("valid_until IS NULL"), name="access_access_policy_open"
    )
)
AccessAccessPolicy.add_index(
    AccessAccessPolicy.index(
        AccessAccessPolicy.institution, AccessAccessPolicy.valid_from, unique=True, name="access_access_policy_from"
    )
)


class AccessRole(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=40)
    name = CharField(max_length=60)
    permissions = JSONField()
    second_factor = BooleanField()
    offered = JSONField()

    class Meta:
        table_name = "access_role"
        indexes = [
            (("institution", "name"), True),
        ]


AccessRole.add_index(
    AccessRole.index(
        AccessRole.institution, AccessRole.code, unique=True, where=SQL("code <> ''"), name="access_role_code"
    )
)


class AccessUser(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    username = CharField(max_length=60, unique=True)
    password_hash = TextField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", unique=True, null=True)
    display_name = CharField(max_length=60)
    active = BooleanField()
    site_admin = BooleanField()
    locale = CharField(max_length=20)
    epoch = IntegerField()
    reset_hash = TextField()
    reset_until = DateTimeField(null=True)
    subject = CharField(max_length=255, null=True)

    class Meta:
        table_name = "access_user"
        indexes = [
            (("institution", "subject"), True),
        ]
        constraints = [
            Check("username = lower(username)", name="access_user_lower"),
        ]


class AccessSecondFactor(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", unique=True)
    secret = TextField()
    confirmed_at = DateTimeField(null=True)
    last_step = BigIntegerField()
    recovery = TextField()

    class Meta:
        table_name = "access_second_factor"


class AccessSession(Row):
    user = ForeignKeyField(AccessUser, backref="+", on_delete="CASCADE")
    key_hash = CharField(max_length=64, unique=True)
    factor = BooleanField()
    remembered = BooleanField()
    started_at = DateTimeField()
    seen_at = DateTimeField()
    until = DateTimeField(index=True)
    proved_at = DateTimeField(null=True)
    ip = CharField(max_length=64)
    agent = CharField(max_length=300)

    class Meta:
        table_name = "access_session"


class AccessSignOn(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    label = CharField(max_length=60)
    issuer = CharField(max_length=300)
    client_id = CharField(max_length=200)
    client_secret = TextField()
    match = CharField(max_length=20)
    claim = CharField(max_length=60)
    proves_factor = BooleanField()
    enabled = BooleanField()

    class Meta:
        table_name = "access_sign_on"
        constraints = [
            Check("match IN ('subject', 'username', 'email')", name="access_sign_on_match"),
        ]


AccessSignOn.add_index(AccessSignOn.index(AccessSignOn.institution, unique=True, name="access_sign_on_one"))


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [AccessSecondFactor, AccessSession, AccessSignOn])
    change_table(db, AccessAccessPolicy)
    change_table(db, AccessRole, fill={"second_factor": False})
    change_table(db, AccessUser)
