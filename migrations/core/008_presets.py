"""Presets."""

from peewee import (
    BigAutoField,
    CharField,
    Check,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
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


class PoliciesKept(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    area = CharField(max_length=40)
    part = CharField(max_length=250)
    kind = CharField(max_length=20)
    content = JSONField()
    matches = JSONField()
    source = CharField(max_length=400)

    class Meta:
        table_name = "policies_kept"
        indexes = [
            (("institution", "part"), True),
            (("institution", "area"), False),
        ]


class PoliciesOrigin(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    part = CharField(max_length=250)
    value = TextField()
    rules = CharField(max_length=1000)
    source = CharField(max_length=400)

    class Meta:
        table_name = "policies_origin"
        indexes = [
            (("institution", "part"), True),
        ]


class PoliciesOwnPreset(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    text = TextField()

    class Meta:
        table_name = "policies_own_preset"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("name <> ''", name="policies_own_preset_named"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [PoliciesKept, PoliciesOrigin, PoliciesOwnPreset])
