"""The first tables of content."""

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
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


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


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


class ContentColumn(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    owner = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    page = BooleanField()
    still = BooleanField()
    fresh_days = IntegerField(null=True)
    confirmed_on = DateField(null=True)
    active = BooleanField()
    position = IntegerField()
    note = CharField(max_length=300)

    class Meta:
        table_name = "content_column"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("fresh_days IS NULL OR fresh_days >= 1", name="content_column_fresh"),
        ]


class ContentTopic(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    name = CharField(max_length=100)
    needs_leader = BooleanField()
    fresh_days = IntegerField(null=True)
    active = BooleanField()
    position = IntegerField()

    class Meta:
        table_name = "content_topic"
        indexes = [
            (("institution", "kind", "name"), True),
        ]
        constraints = [
            Check("kind IN ('range', 'theme', 'level')", name="content_topic_kind"),
            Check("fresh_days IS NULL OR fresh_days >= 1", name="content_topic_fresh"),
        ]


class ContentSubmission(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    headline = CharField(max_length=200)
    body = TextField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    submitter = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    kind = CharField(max_length=20)
    class_ = CharField(column_name="class_name", max_length=20)
    column = ForeignKeyField(ContentColumn, backref="+", on_delete="RESTRICT", column_name="section_id", null=True)
    topic = ForeignKeyField(ContentTopic, backref="+", on_delete="RESTRICT", null=True)
    theme = ForeignKeyField(ContentTopic, backref="+", on_delete="RESTRICT", null=True)
    activity = ForeignKeyField(ContentTopic, backref="+", on_delete="RESTRICT", null=True)
    speaker = CharField(max_length=20, null=True)
    leader = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    source = CharField(max_length=20, null=True)
    source_name = CharField(max_length=200)
    source_link = CharField(max_length=500)
    consent = CharField(max_length=20)
    consent_note = CharField(max_length=300)
    consent_file = CharField(max_length=80)
    consent_file_name = CharField(max_length=200)
    quotes = BooleanField()
    quote_source = CharField(max_length=300)
    vouched = BooleanField()
    proofread = BooleanField()
    joint = BooleanField()
    planned_at = DateTimeField(null=True)
    note = TextField()
    state = CharField(max_length=20)
    round = IntegerField()
    submitted_at = DateTimeField(null=True)
    approved_at = DateTimeField(null=True)
    released_on = DateField(null=True)
    words = IntegerField()
    photos = IntegerField()
    videos = IntegerField()
    print = CharField(max_length=64)
    frozen = CharField(max_length=64)
    scanned = CharField(max_length=64)
    alike = ForeignKeyField("self", backref="+", on_delete="RESTRICT", null=True)
    likeness = IntegerField()

    class Meta:
        table_name = "content_submission"
        indexes = [
            (("institution", "state", "submitted_at"), False),
            (("institution", "released_on"), False),
            (("institution", "print"), False),
        ]
        constraints = [
            Check(
                "state IN ('draft', 'review', 'returned', 'approved', 'released', 'rejected', 'withdrawn')",
                name="content_submission_state",
            ),
            Check(
                "class_name IN ('general', 'important', 'sensitive', 'news', 'medical', 'documents')",
                name="content_submission_class",
            ),
            Check("kind IN ('article', 'brief', 'photos', 'video', 'audio', 'design')", name="content_submission_kind"),
            Check("source IS NULL OR source IN ('original', 'reprint', 'forwarded')", name="content_submission_source"),
            Check("consent IN ('none', 'written', 'licence', 'official')", name="content_submission_consent"),
            Check("speaker IS NULL OR speaker IN ('official', 'personal')", name="content_submission_speaker"),
            Check(
                "(state IN ('approved', 'released', 'withdrawn')) = (frozen <> '')", name="content_submission_frozen"
            ),
            Check("(state IN ('released', 'withdrawn')) = (released_on IS NOT NULL)", name="content_submission_out"),
        ]


class ContentReviewItem(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=200)
    kind = CharField(max_length=20)
    article = CharField(max_length=120)
    note = TextField()
    active = BooleanField()
    position = IntegerField()

    class Meta:
        table_name = "content_review_item"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("kind IN ('confirm', 'bar')", name="content_review_item_kind"),
        ]


class ContentAnswer(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    round = IntegerField()
    item = ForeignKeyField(ContentReviewItem, backref="+", on_delete="RESTRICT")
    yes = BooleanField()
    by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", column_name="answered_by_id", null=True)

    class Meta:
        table_name = "content_answer"
        indexes = [
            (("submission", "round", "item"), True),
        ]


class ContentAttachment(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    media = CharField(max_length=20)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    format = CharField(max_length=20)
    size = BigIntegerField()
    width = IntegerField(null=True)
    height = IntegerField(null=True)
    seconds = IntegerField(null=True)
    caption = CharField(max_length=300)
    origin = CharField(max_length=20)
    licence = CharField(max_length=300)
    hidden = CharField(max_length=300)
    located = BooleanField()
    position = IntegerField()

    class Meta:
        table_name = "content_attachment"
        indexes = [
            (("submission", "file"), True),
        ]
        constraints = [
            Check("media IN ('image', 'video', 'audio', 'paper')", name="content_attachment_media"),
            Check("origin IN ('own', 'supplied', 'network')", name="content_attachment_origin"),
        ]


class ContentBand(Row):
    institution_id = BigIntegerField()
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="CASCADE")
    value = BigIntegerField()

    class Meta:
        table_name = "content_band"
        indexes = [
            (("institution_id", "value"), False),
        ]


class ContentComment(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    round = IntegerField()
    quote = CharField(max_length=500)
    note = CharField(max_length=1000)
    by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", column_name="commented_by_id", null=True)
    resolved_at = DateTimeField(null=True)

    class Meta:
        table_name = "content_comment"
        constraints = [
            Check("note <> ''", name="content_comment_note"),
        ]


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


class ContentContentWord(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    word = CharField(max_length=60)
    category = CharField(max_length=60)
    place = CharField(max_length=20)
    effect = CharField(max_length=20)
    exceptions = CharField(max_length=500)
    note = CharField(max_length=200)

    class Meta:
        table_name = "content_content_word"
        indexes = [
            (("institution", "word"), True),
        ]
        constraints = [
            Check("place IN ('any', 'title')", name="content_word_place"),
            Check("effect IN ('hold', 'forbid')", name="content_word_effect"),
            Check("word <> ''", name="content_word"),
        ]


class ContentContribution(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    part = CharField(max_length=20)
    position = IntegerField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    name = CharField(max_length=60)
    unit_name = CharField(max_length=120)
    share = IntegerField(null=True)

    class Meta:
        table_name = "content_contribution"
        indexes = [
            (("submission", "part", "position"), True),
        ]
        constraints = [
            Check("part IN ('author', 'photo', 'video', 'design', 'editor')", name="content_contribution_part"),
            Check("person_id IS NOT NULL OR name <> ''", name="content_contribution_who"),
            Check("share IS NULL OR share BETWEEN 1 AND 10000", name="content_contribution_share"),
        ]


ContentContribution.add_index(
    ContentContribution.index(
        ContentContribution.submission,
        ContentContribution.part,
        ContentContribution.person,
        unique=True,
        where=SQL("person_id IS NOT NULL"),
        name="content_contribution_once",
    )
)


class ContentMedium(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=100)
    level = CharField(max_length=20)
    joint = BooleanField()
    active = BooleanField()

    class Meta:
        table_name = "content_medium"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check(
                "level IN ('national', 'provincial', 'municipal', 'district', 'institution', 'unit')",
                name="content_medium_level",
            ),
        ]


class ContentRelease(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    medium = ForeignKeyField(ContentMedium, backref="+", on_delete="RESTRICT", null=True)
    released_on = DateField()
    released_at = DateTimeField(null=True)
    mass = BooleanField()
    tested = BooleanField()
    link = CharField(max_length=500)
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)
    by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", column_name="released_by_id", null=True)
    state = CharField(max_length=20)
    withdrawn_on = DateField(null=True)
    note = CharField(max_length=300)

    class Meta:
        table_name = "content_release"
        indexes = [
            (("institution", "released_on"), False),
            (("account", "released_on"), False),
        ]
        constraints = [
            Check("(account_id IS NULL) <> (medium_id IS NULL)", name="content_release_where"),
            Check("state IN ('out', 'withdrawn')", name="content_release_state"),
            Check("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="content_release_withdrawn"),
        ]


ContentRelease.add_index(
    ContentRelease.index(
        ContentRelease.submission,
        ContentRelease.account,
        unique=True,
        where=SQL("account_id IS NOT NULL AND state = 'out'"),
        name="content_release_account",
    )
)
ContentRelease.add_index(
    ContentRelease.index(
        ContentRelease.submission,
        ContentRelease.medium,
        unique=True,
        where=SQL("medium_id IS NOT NULL AND state = 'out'"),
        name="content_release_medium",
    )
)


class ContentCorrection(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    release = ForeignKeyField(ContentRelease, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    on = DateField(column_name="mended_on")
    what = CharField(max_length=1000)

    class Meta:
        table_name = "content_correction"
        indexes = [
            (("institution", "on"), False),
        ]
        constraints = [
            Check("kind IN ('corrected', 'withdrawn')", name="content_correction_kind"),
            Check("what <> ''", name="content_correction_what"),
        ]


class ContentHit(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    word = ForeignKeyField(ContentContentWord, backref="+", on_delete="RESTRICT", null=True)
    category = CharField(max_length=60)
    text = CharField(max_length=120)
    place = CharField(max_length=200)
    refused = BooleanField()
    state = CharField(max_length=20)
    reason = CharField(max_length=300)
    by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", column_name="decided_by_id", null=True)

    class Meta:
        table_name = "content_hit"
        indexes = [
            (("submission", "kind", "text", "place"), True),
        ]
        constraints = [
            Check("kind IN ('word', 'phone', 'id_card', 'position', 'rights')", name="content_hit_kind"),
            Check("state IN ('open', 'cleared', 'barred')", name="content_hit_state"),
        ]


class ContentHours(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    quiet = BooleanField()
    weekdays = CharField(max_length=20)
    begins = CharField(max_length=5)
    ends = CharField(max_length=5)
    strict = BooleanField()
    active = BooleanField()

    class Meta:
        table_name = "content_hours"
        constraints = [
            Check("begins < ends AND LENGTH(begins) = 5 AND LENGTH(ends) = 5", name="content_hours_span"),
        ]


class ContentLink(Row):
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="CASCADE")
    address = CharField(max_length=500)
    ok = BooleanField(null=True)
    seen = CharField(max_length=200)
    looked_at = DateTimeField(null=True)

    class Meta:
        table_name = "content_link"
        indexes = [
            (("submission", "address"), True),
        ]


class ContentPlanItem(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=200)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    owner = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    planned_on = DateField()
    due_on = DateField(null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    mass = BooleanField()
    column = ForeignKeyField(ContentColumn, backref="+", on_delete="RESTRICT", column_name="section_id", null=True)
    topic = ForeignKeyField(ContentTopic, backref="+", on_delete="RESTRICT", null=True)
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT", null=True)
    state = CharField(max_length=20)
    position = IntegerField()
    note = CharField(max_length=300)

    class Meta:
        table_name = "content_plan_item"
        indexes = [
            (("institution", "planned_on"), False),
        ]
        constraints = [
            Check("state IN ('proposed', 'accepted', 'done', 'dropped')", name="content_plan_item_state"),
            Check("due_on IS NULL OR due_on <= planned_on", name="content_plan_item_days"),
            Check("(state = 'done') = (submission_id IS NOT NULL)", name="content_plan_item_done"),
        ]


class ContentReadCount(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    release = ForeignKeyField(ContentRelease, backref="+", on_delete="RESTRICT")
    on = DateField(column_name="counted_on")
    reads = IntegerField()
    likes = IntegerField(null=True)

    class Meta:
        table_name = "content_read_count"
        indexes = [
            (("release", "on"), True),
        ]
        constraints = [
            Check("reads >= 0 AND (likes IS NULL OR likes >= 0)", name="content_read_count_figures"),
        ]


class ContentRhythm(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    platform = ForeignKeyField(AccountsPlatform, backref="+", on_delete="RESTRICT", null=True)
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    silent_days = IntegerField(null=True)
    week_least = IntegerField(null=True)
    week_most = IntegerField(null=True)
    month_least = IntegerField(null=True)
    daily = BooleanField()
    note = CharField(max_length=200)

    class Meta:
        table_name = "content_rhythm"
        indexes = [
            (("institution", "platform"), True),
            (("institution", "account"), True),
        ]
        constraints = [
            Check("(account_id IS NULL) <> (platform_id IS NULL)", name="content_rhythm_of"),
            Check(
                "COALESCE(silent_days, 1) >= 1 AND COALESCE(week_least, 1) >= 1 AND COALESCE(month_least, 1) "
                ">= 1 AND (week_most IS NULL OR week_most >= COALESCE(week_least, 1))",
                name="content_rhythm_figures",
            ),
        ]


class ContentRound(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    number = IntegerField()
    headline = CharField(max_length=200)
    body = TextField()
    print = CharField(max_length=64)
    state = CharField(max_length=20)
    submitted_by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    submitted_at = DateTimeField()
    note = TextField()

    class Meta:
        table_name = "content_round"
        indexes = [
            (("submission", "number"), True),
        ]
        constraints = [
            Check(
                "state IN ('waiting', 'approved', 'returned', 'rejected', 'withdrawn', 'void')",
                name="content_round_state",
            ),
        ]


class ContentScratch(Row):
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="CASCADE")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="CASCADE")
    headline = CharField(max_length=200)
    body = TextField()
    version = IntegerField()
    kept_at = DateTimeField()

    class Meta:
        table_name = "content_scratch"
        indexes = [
            (("submission", "user"), True),
        ]


class ContentSendBudget(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT")
    period = CharField(max_length=20)
    most = IntegerField()

    class Meta:
        table_name = "content_send_budget"
        indexes = [
            (("account", "period"), True),
        ]
        constraints = [
            Check("period IN ('day', 'week', 'month')", name="content_send_budget_period"),
            Check("most >= 0", name="content_send_budget_most"),
        ]


class ContentTarget(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    submission = ForeignKeyField(ContentSubmission, backref="+", on_delete="RESTRICT")
    account = ForeignKeyField(AccountsAccount, backref="+", on_delete="RESTRICT", null=True)
    medium = ForeignKeyField(ContentMedium, backref="+", on_delete="RESTRICT", null=True)
    task = CharField(max_length=20)
    mass = BooleanField()
    due_on = DateField(null=True)
    release = ForeignKeyField(ContentRelease, backref="+", on_delete="RESTRICT", null=True)
    dropped = CharField(max_length=200)

    class Meta:
        table_name = "content_target"
        constraints = [
            Check("task IN ('publish', 'link', 'repost')", name="content_target_task"),
            Check("(account_id IS NULL) <> (medium_id IS NULL)", name="content_target_where"),
        ]


ContentTarget.add_index(
    ContentTarget.index(
        ContentTarget.submission,
        ContentTarget.account,
        unique=True,
        where=SQL("account_id IS NOT NULL"),
        name="content_target_once",
    )
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            ContentColumn,
            ContentTopic,
            ContentSubmission,
            ContentReviewItem,
            ContentAnswer,
            ContentAttachment,
            ContentBand,
            ContentComment,
            ContentContentPolicy,
            ContentContentWord,
            ContentContribution,
            ContentMedium,
            ContentRelease,
            ContentCorrection,
            ContentHit,
            ContentHours,
            ContentLink,
            ContentPlanItem,
            ContentReadCount,
            ContentRhythm,
            ContentRound,
            ContentScratch,
            ContentSendBudget,
            ContentTarget,
        ],
    )
