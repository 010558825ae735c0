"""The first tables of certification."""

from peewee import (
    SQL,
    BigAutoField,
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


class CertificationBudget(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    year = IntegerField()
    amount = IntegerField()

    class Meta:
        table_name = "certification_budget"
        indexes = [
            (("institution", "unit", "year"), True),
        ]
        constraints = [
            Check("amount >= 0", name="certification_budget_amount"),
        ]


class CertificationRenewal(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    year = IntegerField()
    outcome = CharField(max_length=20)
    began_on = DateField()
    ended_on = DateField(null=True)
    lapsed_on = DateField(null=True)
    valid_until = DateField(null=True)
    fee = IntegerField()
    paid = IntegerField()
    paid_on = DateField(null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    note = TextField()

    class Meta:
        table_name = "certification_renewal"
        indexes = [
            (("institution", "year"), False),
        ]
        constraints = [
            Check("outcome IN ('running', 'passed', 'failed', 'dropped')", name="certification_renewal_outcome"),
            Check("(outcome = 'running') = (ended_on IS NULL)", name="certification_renewal_ended"),
            Check("fee >= 0 AND paid >= 0", name="certification_renewal_fee"),
            Check("outcome <> 'passed' OR valid_until IS NOT NULL", name="certification_renewal_passed"),
        ]


CertificationRenewal.add_index(
    CertificationRenewal.index(
        CertificationRenewal.account,
        unique=True,
        where=SQL("outcome = 'running'"),
        name="certification_renewal_running",
    )
)


class CertificationRenewalStep(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    renewal = ForeignKeyField(CertificationRenewal, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    position = IntegerField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    due_on = DateField()
    done_on = DateField(null=True)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    note = CharField(max_length=500)

    class Meta:
        table_name = "certification_renewal_step"
        indexes = [
            (("renewal", "kind"), True),
        ]
        constraints = [
            Check("kind IN ('collect', 'pay', 'submit', 'review', 'result')", name="certification_renewal_step_kind"),
        ]


class CertificationReview(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    year = IntegerField()
    on = DateField(column_name="reviewed_on")
    rank = IntegerField(null=True)
    verdict = CharField(max_length=20)
    note = TextField()

    class Meta:
        table_name = "certification_review"
        indexes = [
            (("account", "year"), True),
        ]
        constraints = [
            Check("verdict IN ('keep', 'improve', 'merge', 'close')", name="certification_review_verdict"),
            Check("rank IS NULL OR rank >= 1", name="certification_review_rank"),
        ]


class CertificationSite(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    host = CharField(max_length=200)
    port = IntegerField()
    domain_until = DateField(null=True)
    tls_until = DateField(null=True)
    tls_print = CharField(max_length=64)
    tls_error = CharField(max_length=200)
    checked_at = DateTimeField(null=True)

    class Meta:
        table_name = "certification_site"
        indexes = [
            (("institution", "host", "port"), True),
        ]
        constraints = [
            Check("port BETWEEN 1 AND 65535", name="certification_site_port"),
        ]


class CertificationWindow(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    platform = ForeignKeyField(AccountsPlatform, backref="+", on_delete="RESTRICT")
    months = IntegerField()
    opens_days = IntegerField()
    fee = IntegerField()
    lost = CharField(max_length=300)
    source = CharField(max_length=300)
    source_on = DateField(null=True)

    class Meta:
        table_name = "certification_window"
        indexes = [
            (("institution", "platform"), True),
        ]
        constraints = [
            Check("months >= 1 AND opens_days >= 0 AND fee >= 0", name="certification_window_figures"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            CertificationBudget,
            CertificationRenewal,
            CertificationRenewalStep,
            CertificationReview,
            CertificationSite,
            CertificationWindow,
        ],
    )
