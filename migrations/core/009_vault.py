"""Vault."""

from peewee import (
    BigAutoField,
    CharField,
    Check,
    Database,
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


class VaultDataKey(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    wrapped = TextField()
    master = CharField(max_length=12)
    retired_at = DateTimeField(null=True)

    class Meta:
        table_name = "vault_data_key"
        indexes = [
            (("institution", "number"), True),
        ]
        constraints = [
            Check("number > 0", name="vault_data_key_number"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [VaultDataKey])
