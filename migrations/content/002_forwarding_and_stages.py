"""Forwarding and stages."""

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


class ContentSubmission(Row):  # exists already
    class Meta:
        table_name = "content_submission"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class ContentContentPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    max_words = IntegerField(null=True)
    min_words = IntegerField(null=True)
    pictures_expected = BooleanField()
    image_formats = CharField(max_length=500)
    image_width = IntegerField(null=True)
    image_height = IntegerField(null=True)
    image_kb = IntegerField(null=True)
    video_formats = CharField(max_length=500)
    video_mb = IntegerField(null=True)
    column_required = BooleanField()
    topic_required = BooleanField()
    theme_required = BooleanField()
    level_required = BooleanField()
    attribution_required = BooleanField()
    originals_only = BooleanField()
    vouching_required = BooleanField()
    proofreading_required = BooleanField()
    consent_required = BooleanField()
    speaker_required = BooleanField()
    personal_data_held = BooleanField()
    likeness = IntegerField(null=True)
    day_most = IntegerField(null=True)
    mass_day_most = IntegerField(null=True)
    test_required = BooleanField()
    urgent_classes = CharField(max_length=500)
    editor_may_release = BooleanField()
    verified_to_release = BooleanField()
    stage_plans = BooleanField()
    forward_column = CharField(max_length=500)

    class Meta:
        table_name = "content_content_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="content_content_policy_term"),
            Check("max_words IS NULL OR max_words BETWEEN 1 AND 1000000", name="content_content_policy_max_words"),
            Check("min_words IS NULL OR min_words BETWEEN 1 AND 100000", name="content_content_policy_min_words"),
            Check("image_width IS NULL OR image_width BETWEEN 1 AND 20000", name="content_content_policy_image_width"),
            Check(
                "image_height IS NULL OR image_height BETWEEN 1 AND 20000", name="content_content_policy_image_height"
            ),
            Check("image_kb IS NULL OR image_kb BETWEEN 1 AND 30000", name="content_content_policy_image_kb"),
            Check("video_mb IS NULL OR video_mb BETWEEN 1 AND 10000", name="content_content_policy_video_mb"),
            Check("likeness IS NULL OR likeness BETWEEN 50 AND 100", name="content_content_policy_likeness"),
            Check("day_most IS NULL OR day_most BETWEEN 1 AND 100", name="content_content_policy_day_most"),
            Check(
                "mass_day_most IS NULL OR mass_day_most BETWEEN 1 AND 100", name="content_content_policy_mass_day_most"
            ),
        ]


ContentContentPolicy.add_index(
    ContentContentPolicy.index(
        ContentContentPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="content_content_policy_open",
    )
)
ContentContentPolicy.add_index(
    ContentContentPolicy.index(
        ContentContentPolicy.institution,
        ContentContentPolicy.valid_from,
        unique=True,
        name="content_content_policy_from",
    )
)


class ContentForwarding(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    asked_on = DateField()
    done_on = DateField(null=True)

    class Meta:
        table_name = "content_forwarding"
        indexes = [
            (("submission", "person"), True),
        ]


class ContentStagePlan(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    starts_on = DateField()
    ends_on = DateField()
    priorities = TextField()

    class Meta:
        table_name = "content_stage_plan"
        indexes = [
            (("institution", "ends_on"), False),
        ]
        constraints = [
            Check("ends_on >= starts_on", name="content_stage_plan_days"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(db, [ContentForwarding, ContentStagePlan])
    # content_content_policy: column forward_column is missing: varchar (500) NOT NULL
    # content_content_policy: column stage_plans is missing: integer NOT NULL
    # content_content_policy: column verified_to_release is missing: integer NOT NULL
    change_table(
        db, ContentContentPolicy, fill={"forward_column": "", "stage_plans": False, "verified_to_release": False}
    )
