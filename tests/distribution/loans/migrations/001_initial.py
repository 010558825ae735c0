"""The first tables of loans."""

from peewee import (
    BigAutoField,
    CharField,
    Check,
    Database,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
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


class LoansLoan(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    item = CharField(max_length=80)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    due_on = DateField()
    returned_on = DateField(null=True)
    reminded_on = DateField(null=True)

    class Meta:
        table_name = "loans_loan"
        indexes = [
            (("institution", "due_on"), False),
        ]
        constraints = [
            Check("item <> ''", name="loans_loan_named"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [LoansLoan])
