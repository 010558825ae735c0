"""Secrets."""

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


class AccountsSecret(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    label = CharField(max_length=60)
    sealed = TextField()
    sealed_on = DateField()
    sealed_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    owed_since = DateField(null=True)
    destroyed_at = DateTimeField(null=True)

    class Meta:
        table_name = "accounts_secret"
        constraints = [
            Check("kind IN ('password', 'recovery', 'app_secret', 'pin', 'other')", name="accounts_secret_kind"),
            Check("destroyed_at IS NULL OR sealed = ''", name="accounts_secret_destroyed"),
        ]


AccountsSecret.add_index(
    AccountsSecret.index(
        AccountsSecret.account,
        AccountsSecret.kind,
        AccountsSecret.label,
        unique=True,
        where=SQL("destroyed_at IS NULL"),
        name="accounts_secret_current",
    )
)


class AccountsSecretKnowledge(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    secret = ForeignKeyField(AccountsSecret, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    how = CharField(max_length=20)
    since = DateField()
    given_up_on = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        table_name = "accounts_secret_knowledge"
        constraints = [
            Check("how IN ('sealed', 'opened')", name="accounts_secret_knowledge_how"),
        ]


AccountsSecretKnowledge.add_index(
    AccountsSecretKnowledge.index(
        AccountsSecretKnowledge.secret,
        AccountsSecretKnowledge.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="accounts_secret_knowledge_once",
    )
)
AccountsSecretKnowledge.add_index(
    AccountsSecretKnowledge.index(
        AccountsSecretKnowledge.person,
        where=SQL("until IS NULL AND given_up_on IS NULL"),
        name="accounts_secret_knowledge_held",
    )
)


class AccountsSecretOpening(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    secret = ForeignKeyField(AccountsSecret, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    what = CharField(max_length=100)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT")
    reason = CharField(max_length=300)
    state = CharField(max_length=20)
    asked_at = DateTimeField()
    released_by = CharField(max_length=120)
    until = DateTimeField()
    shown_at = DateTimeField(null=True)

    class Meta:
        table_name = "accounts_secret_opening"
        indexes = [
            (("institution", "id"), False),
        ]
        constraints = [
            Check(
                "state IN ('waiting', 'released', 'shown', 'refused', 'lapsed')", name="accounts_secret_opening_state"
            ),
            Check("reason <> ''", name="accounts_secret_opening_reason"),
            Check("(state = 'shown') = (shown_at IS NOT NULL)", name="accounts_secret_opening_shown"),
        ]


class AccountsSecretsPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    complex_passwords = BooleanField()
    two_people = BooleanField()
    release_hours = IntegerField(null=True)
    show_minutes = IntegerField(null=True)

    class Meta:
        table_name = "accounts_secrets_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="accounts_secrets_policy_term"),
            Check(
                "release_hours IS NULL OR release_hours BETWEEN 1 AND 168", name="accounts_secrets_policy_release_hours"
            ),
            Check("show_minutes IS NULL OR show_minutes BETWEEN 1 AND 60", name="accounts_secrets_policy_show_minutes"),
        ]


AccountsSecretsPolicy.add_index(
    AccountsSecretsPolicy.index(
        AccountsSecretsPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="accounts_secrets_policy_open",
    )
)
AccountsSecretsPolicy.add_index(
    AccountsSecretsPolicy.index(
        AccountsSecretsPolicy.institution,
        AccountsSecretsPolicy.valid_from,
        unique=True,
        name="accounts_secrets_policy_from",
    )
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [AccountsSecret, AccountsSecretKnowledge, AccountsSecretOpening, AccountsSecretsPolicy])
