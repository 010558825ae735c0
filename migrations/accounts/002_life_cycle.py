"""Life cycle."""

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

from panel.migrate import change_table, create_tables


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


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
    body = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    responsible = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    status = CharField(max_length=20)
    purpose = TextField()
    publishing_scope = CharField(max_length=200)
    description = TextField()
    opened_on = DateField(null=True)
    closed_on = DateField(null=True)
    certification = CharField(max_length=20, null=True)
    certified_until = DateField(null=True)
    filing = CharField(max_length=20)
    filing_number = CharField(max_length=80)
    filed_on = DateField(null=True)
    changed_on = DateField(null=True)
    published_on = DateField(null=True)
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
            Check("filing IN ('unfiled', 'filed')", name="accounts_account_filing"),
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
    licence_until = DateField(null=True)
    identity = CharField(max_length=200)
    replaces = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    declared = BooleanField()
    name_accepted = CharField(max_length=120)
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


class AccountsFilingRecord(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    event = CharField(max_length=20)
    application = ForeignKeyField(AccountsApplication, backref="+", on_delete="RESTRICT", null=True)
    office = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    text = CharField(max_length=300)
    owed_on = DateField()
    filed_on = DateField(null=True)
    number = CharField(max_length=80)
    year = IntegerField(null=True)
    serial = IntegerField(null=True)
    note = CharField(max_length=300)

    class Meta:
        table_name = "accounts_filing_record"
        indexes = [
            (("institution", "year", "serial"), True),
        ]
        constraints = [
            Check("event IN ('opening', 'change', 'confirmation', 'closing')", name="accounts_filing_record_event"),
        ]


class AccountsHandIn(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    application = ForeignKeyField(AccountsApplication, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    what = CharField(max_length=200)
    row_id = IntegerField(null=True)
    due_on = DateField()
    done_on = DateField(null=True)
    note = CharField(max_length=500)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "accounts_hand_in"
        constraints = [
            Check("kind IN ('platform', 'password', 'device', 'sealed', 'archive')", name="accounts_hand_in_kind"),
            Check("done_on IS NULL OR note <> '' OR file <> ''", name="accounts_hand_in_evidence"),
        ]


class AccountsNominee(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    application = ForeignKeyField(AccountsApplication, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    part = CharField(max_length=20)
    kind = CharField(max_length=20)
    leaves = BooleanField()

    class Meta:
        table_name = "accounts_nominee"
        indexes = [
            (("application", "person", "part"), True),
        ]
        constraints = [
            Check("part IN ('operator', 'custodian')", name="accounts_nominee_part"),
            Check("kind IN ('administrator', 'long', 'short')", name="accounts_nominee_kind"),
        ]


class AccountsPaper(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    application = ForeignKeyField(AccountsApplication, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "accounts_paper"
        constraints = [
            Check("kind IN ('report', 'licence', 'undertaking', 'other')", name="accounts_paper_kind"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [AccountsApplication, AccountsFilingRecord, AccountsHandIn, AccountsNominee, AccountsPaper])
    change_table(db, AccountsAccount, fill={"filing": "unfiled"})
    change_table(
        db,
        AccountsAccountsPolicy,
        fill={
            "application_required": "",
            "filing_offices": "",
            "filing_scheme": "{year}-{number:3}",
            "transfers_forbidden": False,
        },
    )
