"""Dirty rows."""

from peewee import BigAutoField, CharField, Database, ForeignKeyField, JSONField, Model
from playhouse.migrate import SchemaMigrator

from panel.migrate import change_table


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class ChecksDirty(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=80)
    rows = JSONField(null=True)

    class Meta:
        table_name = "checks_dirty"


def up(migrator: SchemaMigrator, db: Database) -> None:
    # checks_dirty: column rows is missing: text
    # checks_dirty: column subject_id is not in the models: integer
    change_table(db, ChecksDirty)
