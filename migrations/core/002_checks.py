"""Checks."""

from peewee import (
    SQL,
    BigAutoField,
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

    class Meta:
        table_name = "access_access_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="access_access_policy_term"),
            Check(
                "officers_least IS NULL OR officers_least BETWEEN 0 AND 20", name="access_access_policy_officers_least"
            ),
            Check("officers_most IS NULL OR officers_most BETWEEN 1 AND 20", name="access_access_policy_officers_most"),
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


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [AccessAccessPolicy])
