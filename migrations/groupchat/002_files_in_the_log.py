"""Files in the log."""

from peewee import (
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    Database,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
)
from playhouse.migrate import SchemaMigrator

from panel.migrate import change_table


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class GroupchatGroup(Row):  # exists already
    class Meta:
        table_name = "groupchat_group"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class GroupchatLogEntry(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    text = CharField(max_length=300)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    at = DateTimeField(column_name="noted_at")
    printed = BooleanField()
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "groupchat_log_entry"
        indexes = [
            (("group", "kind", "at"), False),
        ]
        constraints = [
            Check("kind IN ('topic_ended', 'advice', 'article', 'archived', 'note')", name="groupchat_log_entry_kind"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    # groupchat_log_entry: column file is missing: varchar (80) NOT NULL
    # groupchat_log_entry: column file_name is missing: varchar (200) NOT NULL
    change_table(db, GroupchatLogEntry, fill={"file": "", "file_name": ""})
