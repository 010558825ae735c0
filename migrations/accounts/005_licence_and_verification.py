"""Licence and verification."""

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

from panel.migrate import change_table


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


class AccountsPlatform(Row):  # exists already
    class Meta:
        table_name = "accounts_platform"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class AccountsAccountsPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    max_custodians = IntegerField(null=True)
    undertaking_required = BooleanField()
    custodian_unit = CharField(max_length=500)
    password_days = IntegerField(null=True)
    sealed_copy_required = BooleanField()
    devices_required = BooleanField()
    device_check_days = IntegerField(null=True)
    max_administrators = IntegerField(null=True)
    qualifications = IntegerField(null=True)
    administrator_required = BooleanField()
    students_may_administer = BooleanField()
    max_accounts_per_person = IntegerField(null=True)
    leaders_answer = BooleanField()
    faculty_post = CharField(max_length=500)
    organisations_only = BooleanField()
    long_term_bodies_only = BooleanField()
    second_level_only = BooleanField()
    official_unit = CharField(max_length=500)
    one_account_per_platform = BooleanField()
    required = CharField(max_length=500)
    filing_required = BooleanField()
    changes_filed_days = IntegerField(null=True)
    filing_scheme = CharField(max_length=500)
    filing_offices = CharField(max_length=500)
    application_required = CharField(max_length=500)
    hand_in_days = IntegerField(null=True)
    transfers_forbidden = BooleanField()
    verification_required = BooleanField()
    verification_own_only = BooleanField()
    institution_bindings_only = BooleanField()
    idle_days = IntegerField(null=True)
    silent_days = IntegerField(null=True)
    icp_required = BooleanField()
    work_accounts = IntegerField(null=True)
    name_pattern = CharField(max_length=500)

    class Meta:
        table_name = "accounts_accounts_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="accounts_accounts_policy_term"),
            Check(
                "max_custodians IS NULL OR max_custodians BETWEEN 1 AND 20",
                name="accounts_accounts_policy_max_custodians",
            ),
            Check(
                "password_days IS NULL OR password_days BETWEEN 7 AND 730",
                name="accounts_accounts_policy_password_days",
            ),
            Check(
                "device_check_days IS NULL OR device_check_days BETWEEN 1 AND 730",
                name="accounts_accounts_policy_device_check_days",
            ),
            Check(
                "max_administrators IS NULL OR max_administrators BETWEEN 1 AND 50",
                name="accounts_accounts_policy_max_administrators",
            ),
            Check(
                "qualifications IS NULL OR qualifications BETWEEN 1 AND 9",
                name="accounts_accounts_policy_qualifications",
            ),
            Check(
                "max_accounts_per_person IS NULL OR max_accounts_per_person BETWEEN 1 AND 100",
                name="accounts_accounts_policy_max_accounts_per_person",
            ),
            Check(
                "changes_filed_days IS NULL OR changes_filed_days BETWEEN 0 AND 365",
                name="accounts_accounts_policy_changes_filed_days",
            ),
            Check(
                "hand_in_days IS NULL OR hand_in_days BETWEEN 1 AND 365", name="accounts_accounts_policy_hand_in_days"
            ),
            Check("idle_days IS NULL OR idle_days BETWEEN 7 AND 1825", name="accounts_accounts_policy_idle_days"),
            Check("silent_days IS NULL OR silent_days BETWEEN 1 AND 365", name="accounts_accounts_policy_silent_days"),
            Check(
                "work_accounts IS NULL OR work_accounts BETWEEN 1 AND 5", name="accounts_accounts_policy_work_accounts"
            ),
        ]


AccountsAccountsPolicy.add_index(
    AccountsAccountsPolicy.index(
        AccountsAccountsPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="accounts_accounts_policy_open",
    )
)
AccountsAccountsPolicy.add_index(
    AccountsAccountsPolicy.index(
        AccountsAccountsPolicy.institution,
        AccountsAccountsPolicy.valid_from,
        unique=True,
        name="accounts_accounts_policy_from",
    )
)


class AccountsApplication(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    state = CharField(max_length=20)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    body = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    applicant = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    reason = TextField()
    necessity = TextField()
    name = CharField(max_length=120, null=True)
    platform = ForeignKeyField(AccountsPlatform, backref="+", on_delete="RESTRICT", null=True)
    identifier = CharField(max_length=120, null=True)
    level = CharField(max_length=20, null=True)
    to_unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    purpose = TextField(null=True)
    publishing_scope = CharField(max_length=200, null=True)
    description = TextField(null=True)
    responsible = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    contact_phone = CharField(max_length=40, null=True)
    entity = CharField(max_length=200, null=True)
    entity_kind = CharField(max_length=20, null=True)
    born_on = DateField(null=True)
    licence = CharField(max_length=60)
    licence_name = CharField(max_length=200)
    licence_until = DateField(null=True)
    identity = CharField(max_length=200)
    qualifications = CharField(max_length=500)
    replaces = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    declared = BooleanField()
    name_accepted = CharField(max_length=120)
    identity_accepted = CharField(max_length=410)
    submitted_on = DateField(null=True)
    decided_on = DateField(null=True)

    class Meta:
        table_name = "accounts_application"
        indexes = [
            (("institution", "state"), False),
        ]
        constraints = [
            Check("kind IN ('opening', 'change', 'appointment', 'closing')", name="accounts_application_kind"),
            Check(
                "state IN ('draft', 'waiting', 'returned', 'approved', 'done', 'rejected', 'dropped')",
                name="accounts_application_state",
            ),
            Check("level IS NULL OR level IN ('institution', 'second', 'third')", name="accounts_application_level"),
            Check(
                "entity_kind IS NULL OR entity_kind IN ('organisation', 'individual')",
                name="accounts_application_entity",
            ),
            Check("kind = 'opening' OR account_id IS NOT NULL", name="accounts_application_about"),
            Check("state IN ('draft', 'dropped') OR submitted_on IS NOT NULL", name="accounts_application_day"),
        ]


AccountsApplication.add_index(
    AccountsApplication.index(
        AccountsApplication.account,
        AccountsApplication.kind,
        unique=True,
        where=SQL("state IN ('waiting', 'approved') AND kind <> 'opening'"),
        name="accounts_application_running",
    )
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    # accounts_accounts_policy: column verification_own_only is missing: integer NOT NULL
    change_table(db, AccountsAccountsPolicy, fill={"verification_own_only": False})
    # accounts_application: column identity_accepted is missing: varchar (410) NOT NULL
    # accounts_application: column licence_name is missing: varchar (200) NOT NULL
    change_table(db, AccountsApplication, fill={"identity_accepted": "", "licence_name": ""})
