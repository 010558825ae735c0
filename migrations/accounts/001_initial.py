"""The first tables of accounts."""

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


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class AccountsPlatform(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=40)
    name = CharField(max_length=60)
    family = CharField(max_length=40)
    icon = CharField(max_length=40)
    synonyms = CharField(max_length=500)
    certifies = BooleanField()
    max_administrators = IntegerField(null=True)
    max_long_term = IntegerField(null=True)
    max_short_term = IntegerField(null=True)
    short_term_months = IntegerField(null=True)
    position = IntegerField()

    class Meta:
        table_name = "accounts_platform"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check(
                "(max_administrators IS NULL OR max_administrators >= 0) AND (max_long_term IS NULL OR "
                "max_long_term >= 0) AND (max_short_term IS NULL OR max_short_term >= 0)",
                name="accounts_platform_limits",
            ),
            Check("(short_term_months IS NULL OR short_term_months >= 1)", name="accounts_platform_months"),
        ]


class AccountsAccount(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    platform = ForeignKeyField(AccountsPlatform, backref="+", on_delete="RESTRICT")
    identifier = CharField(max_length=120)
    register_key = CharField(max_length=200, null=True)
    entity = CharField(max_length=200)
    entity_kind = CharField(max_length=20)
    level = CharField(max_length=20, null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    responsible = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    status = CharField(max_length=20)
    purpose = TextField()
    publishing_scope = CharField(max_length=200)
    description = TextField()
    opened_on = DateField(null=True)
    closed_on = DateField(null=True)
    certification = CharField(max_length=20, null=True)
    certified_until = DateField(null=True)
    filing_number = CharField(max_length=80)
    filed_on = DateField(null=True)
    followers = IntegerField(null=True)
    followers_on = DateField(null=True)
    contact_phone = CharField(max_length=40)
    bound_phone = CharField(max_length=40)
    bound_phone_owner = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    bound_email = CharField(max_length=120)
    bound_email_owner = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    password_changed_on = DateField(null=True)
    password_due_on = DateField(null=True)
    qr_code = CharField(max_length=80)
    note = TextField()

    class Meta:
        table_name = "accounts_account"
        indexes = [
            (("institution", "register_key"), True),
            (("institution", "status"), False),
            (("institution", "certified_until"), False),
            (("institution", "name"), False),
        ]
        constraints = [
            Check(
                "status IN ('pending', 'active', 'idle', 'suspended', 'closing', 'closed')",
                name="accounts_account_status",
            ),
            Check("level IS NULL OR level IN ('institution', 'second', 'third')", name="accounts_account_level"),
            Check("entity_kind IN ('organisation', 'individual')", name="accounts_account_entity_kind"),
            Check(
                "certification IS NULL OR certification IN ('none', 'government', 'public', 'enterprise', "
                "'media', 'other', 'individual')",
                name="accounts_account_certification",
            ),
            Check("(status = 'closed') = (closed_on IS NOT NULL)", name="accounts_account_closed"),
            Check("(identifier = '') = (register_key IS NULL)", name="accounts_account_key"),
            Check("(followers IS NULL OR followers >= 0)", name="accounts_account_followers"),
        ]


class AccountsCustodian(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    since = DateField()
    until = DateField(null=True)
    way = CharField(max_length=20)
    undertaking_on = DateField(null=True)
    note = CharField(max_length=200)

    class Meta:
        table_name = "accounts_custodian"
        constraints = [
            Check("way IN ('in_person', 'sealed', 'reset', 'other')", name="accounts_custodian_way"),
            Check("until IS NULL OR until >= since", name="accounts_custodian_term"),
        ]


AccountsCustodian.add_index(
    AccountsCustodian.index(
        AccountsCustodian.account,
        AccountsCustodian.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="accounts_custodian_open",
    )
)


class AccountsDevice(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    label = CharField(max_length=80)
    serial = CharField(max_length=80)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    since = DateField()
    until = DateField(null=True)
    checked_on = DateField(null=True)

    class Meta:
        table_name = "accounts_device"
        constraints = [
            Check("kind IN ('desktop', 'laptop', 'phone', 'tablet', 'other')", name="accounts_device_kind"),
            Check("until IS NULL OR until >= since", name="accounts_device_term"),
        ]


class AccountsFormerName(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    until = DateField()

    class Meta:
        table_name = "accounts_former_name"


class AccountsSealedCopy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    number = CharField(max_length=60)
    place = CharField(max_length=120)
    sealed_on = DateField()
    sealed_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    keeper = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    opened_on = DateField(null=True)
    opened_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    opened_for = CharField(max_length=200)
    retired_on = DateField(null=True)

    class Meta:
        table_name = "accounts_sealed_copy"
        constraints = [
            Check(
                "(opened_on IS NULL OR opened_on >= sealed_on) AND (retired_on IS NULL OR retired_on >= sealed_on)",
                name="accounts_sealed_copy_days",
            ),
            Check("(opened_on IS NULL) = (opened_by_id IS NULL)", name="accounts_sealed_copy_opened"),
        ]


AccountsSealedCopy.add_index(
    AccountsSealedCopy.index(
        AccountsSealedCopy.account, unique=True, where=SQL("retired_on IS NULL"), name="accounts_sealed_copy_current"
    )
)


class AccountsHandover(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    leaving = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    taking = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    witness = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    on = DateField(column_name="handed_on")
    way = CharField(max_length=20)
    password_changed_on = DateField(null=True)
    sealed_copy = ForeignKeyField(AccountsSealedCopy, backref="+", on_delete="RESTRICT", null=True)
    note = CharField(max_length=500)

    class Meta:
        table_name = "accounts_handover"
        constraints = [
            Check("way IN ('in_person', 'sealed', 'reset', 'other')", name="accounts_handover_way"),
            Check(
                "leaving_id <> taking_id AND (witness_id IS NULL OR (witness_id <> leaving_id AND witness_id "
                "<> taking_id))",
                name="accounts_handover_people",
            ),
        ]


class AccountsOperator(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    since = DateField()
    until = DateField(null=True)
    lapses_on = DateField(null=True)
    note = CharField(max_length=200)

    class Meta:
        table_name = "accounts_operator"
        constraints = [
            Check("kind IN ('administrator', 'long', 'short')", name="accounts_operator_kind"),
            Check("until IS NULL OR until >= since", name="accounts_operator_term"),
        ]


AccountsOperator.add_index(
    AccountsOperator.index(
        AccountsOperator.account,
        AccountsOperator.person,
        unique=True,
        where=SQL("until IS NULL"),
        name="accounts_operator_open",
    )
)
AccountsOperator.add_index(
    AccountsOperator.index(
        AccountsOperator.institution,
        AccountsOperator.lapses_on,
        where=SQL("until IS NULL"),
        name="accounts_operator_lapsing",
    )
)


class AccountsPasswordChange(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    on = DateField(column_name="changed_on")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    why = CharField(max_length=200)

    class Meta:
        table_name = "accounts_password_change"


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            AccountsPlatform,
            AccountsAccount,
            AccountsCustodian,
            AccountsDevice,
            AccountsFormerName,
            AccountsSealedCopy,
            AccountsHandover,
            AccountsOperator,
            AccountsPasswordChange,
        ],
    )
