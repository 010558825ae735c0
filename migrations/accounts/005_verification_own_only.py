"""Verification own only."""

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


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


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


def up(migrator: SchemaMigrator, db: Database) -> None:
    # accounts_accounts_policy: column verification_own_only is missing: integer NOT NULL
    change_table(db, AccountsAccountsPolicy, fill={"verification_own_only": False})
