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
                "icon IN ('p-wechat', 'p-service', 'p-mini', 'p-channels', 'p-wecom', 'p-weibo', 'p-douyin', "
                "'p-bilibili', 'p-site', 'p-group')",
                name="accounts_platform_icon",
            ),
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


class AccountsNameWord(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    word = CharField(max_length=60)
    kind = CharField(max_length=20)
    exceptions = CharField(max_length=500)
    note = CharField(max_length=200)

    class Meta:
        table_name = "accounts_name_word"
        indexes = [
            (("institution", "word"), True),
        ]
        constraints = [
            Check("kind IN ('protected', 'forbidden', 'review')", name="accounts_name_word_kind"),
            Check("word <> ''", name="accounts_name_word"),
        ]


class AccountsNamePermit(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    word = ForeignKeyField(AccountsNameWord, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    document = CharField(max_length=200)
    since = DateField()
    until = DateField(null=True)

    class Meta:
        table_name = "accounts_name_permit"
        constraints = [
            Check("(account_id IS NULL) <> (unit_id IS NULL)", name="accounts_name_permit_who"),
            Check("until IS NULL OR until >= since", name="accounts_name_permit_term"),
            Check("document <> ''", name="accounts_name_permit_document"),
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


class AccountsQuota(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    platform = ForeignKeyField(AccountsPlatform, backref="+", on_delete="RESTRICT", null=True)
    entity = CharField(max_length=200)
    most = IntegerField()
    note = CharField(max_length=200)

    class Meta:
        table_name = "accounts_quota"
        constraints = [
            Check("most >= 0", name="accounts_quota_most"),
            Check("unit_id IS NOT NULL OR platform_id IS NOT NULL OR entity <> ''", name="accounts_quota_what"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            AccountsPlatform,
            AccountsAccount,
            AccountsAccountsPolicy,
            AccountsCustodian,
            AccountsDevice,
            AccountsFormerName,
            AccountsSealedCopy,
            AccountsHandover,
            AccountsNameWord,
            AccountsNamePermit,
            AccountsOperator,
            AccountsPasswordChange,
            AccountsQuota,
        ],
    )
