"""The first tables of groupchat."""

from peewee import (
    SQL,
    BigAutoField,
    BooleanField,
    CharField,
    Check,
    Database,
    DateField,
    DateTimeField,
    DoubleField,
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


class NotifyChannel(Row):  # exists already
    class Meta:
        table_name = "notify_channel"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class GroupchatAlias(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    text = CharField(max_length=120)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "groupchat_alias"
        indexes = [
            (("institution", "text"), True),
        ]


class GroupchatTerm(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    starts_on = DateField()
    ends_on = DateField()

    class Meta:
        table_name = "groupchat_term"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check("ends_on >= starts_on", name="groupchat_term_dates"),
        ]


class GroupchatGroup(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=80)
    kind = CharField(max_length=20)
    app = CharField(max_length=20)
    purpose = TextField()
    announcement = TextField()
    sensitive = BooleanField()
    overlap = TextField()
    state = CharField(max_length=20)
    owner = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    term = ForeignKeyField(GroupchatTerm, backref="+", on_delete="RESTRICT", null=True)
    opened_on = DateField()
    ends_on = DateField(null=True)
    closed_on = DateField(null=True)
    qr = CharField(max_length=80)
    external_id = CharField(max_length=100)
    owner_left = BooleanField()
    channel = ForeignKeyField(NotifyChannel, backref="+", on_delete="RESTRICT", null=True)
    attest_days = IntegerField(null=True)
    attested_on = DateField(null=True)

    class Meta:
        table_name = "groupchat_group"
        indexes = [
            (("institution", "state"), False),
            (("unit", "kind"), False),
        ]
        constraints = [
            Check(
                "kind IN ('staff', 'department', 'teachers', 'class', 'parents', 'project', 'customer', 'other')",
                name="groupchat_group_kind",
            ),
            Check("app IN ('wechat', 'wecom', 'dingtalk', 'qq')", name="groupchat_group_app"),
            Check("state IN ('requested', 'active', 'closed')", name="groupchat_group_state"),
            Check("(state = 'closed') = (closed_on IS NOT NULL)", name="groupchat_group_closed"),
            Check("ends_on IS NULL OR ends_on >= opened_on", name="groupchat_group_owned"),
            Check("attest_days IS NULL OR attest_days BETWEEN 1 AND 366", name="groupchat_group_attest"),
        ]


GroupchatGroup.add_index(
    GroupchatGroup.index(
        GroupchatGroup.institution,
        GroupchatGroup.name,
        unique=True,
        where=SQL("state <> 'closed'"),
        name="groupchat_group_name",
    )
)


class GroupchatAttestation(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    on = DateField(column_name="attested_on")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    count = IntegerField()
    file = CharField(max_length=80)
    digest = CharField(max_length=64)
    note = CharField(max_length=300)

    class Meta:
        table_name = "groupchat_attestation"
        indexes = [
            (("group", "on"), True),
        ]


class GroupchatBulletin(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    subject = CharField(max_length=120)
    on = DateField(column_name="inspected_on")
    measure = CharField(max_length=10)
    published_at = DateTimeField(null=True)

    class Meta:
        table_name = "groupchat_bulletin"
        constraints = [
            Check("measure IN ('score', 'likes', 'points', 'online')", name="groupchat_bulletin_measure"),
        ]


class GroupchatSource(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    file_name = CharField(max_length=200)
    digest = CharField(max_length=64)
    file = CharField(max_length=80)
    state = CharField(max_length=20)
    run_id = IntegerField(null=True)
    messages = IntegerField()
    counts = JSONField()
    first_at = DateTimeField(null=True)
    last_at = DateTimeField(null=True)
    error = CharField(max_length=300)
    purged_on = DateField(null=True)

    class Meta:
        table_name = "groupchat_source"
        indexes = [
            (("group", "digest"), True),
        ]
        constraints = [
            Check("kind IN ('members', 'chat')", name="groupchat_source_kind"),
            Check("state IN ('waiting', 'done', 'failed')", name="groupchat_source_state"),
        ]


class GroupchatCase(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    source = ForeignKeyField(GroupchatSource, backref="+", on_delete="RESTRICT", null=True)
    kind = CharField(max_length=20)
    key = CharField(max_length=64)
    at = DateTimeField(column_name="posted_at")
    sender = TextField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    target = TextField()
    text = TextField()
    word = CharField(max_length=200)
    context = TextField()
    posts = IntegerField()
    minutes = IntegerField()
    state = CharField(max_length=20)
    serious = BooleanField()
    sanction = CharField(max_length=20)
    decided_by = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    decided_at = DateTimeField(null=True)
    note = TextField()
    stopped_at = DateTimeField(null=True)
    criticised_at = DateTimeField(null=True)
    deleted_at = DateTimeField(null=True)
    corrected_at = DateTimeField(null=True)
    reported_to = CharField(max_length=120)

    class Meta:
        table_name = "groupchat_case"
        indexes = [
            (("group", "state"), False),
            (("group", "kind", "key"), False),
            (("institution", "at"), False),
        ]
        constraints = [
            Check(
                "kind IN ('quiet_hours', 'too_long', 'flooding', 'link', 'file', 'advertisement', "
                "'after_hours', 'abuse', 'cyber_violence', 'false', 'quarrel', 'rumour', 'obscene', "
                "'superstition', 'reactionary', 'against_party', 'against_policy', 'secret', 'inciting', "
                "'disrespect', 'groundless', 'off_purpose', 'chat')",
                name="groupchat_case_kind",
            ),
            Check("state IN ('open', 'confirmed', 'closed', 'dismissed')", name="groupchat_case_state"),
            Check(
                "sanction IN ('none', 'advice', 'warning', 'criticism', 'fine', 'discipline', 'removal', "
                "'termination')",
                name="groupchat_case_sanction",
            ),
            Check("(state = 'open') = (decided_at IS NULL)", name="groupchat_case_closed"),
            Check("state IN ('confirmed', 'closed') OR sanction = 'none'", name="groupchat_case_judged"),
        ]


class GroupchatDutyDay(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    on = DateField(column_name="duty_on")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    record = TextField()
    recorded_at = DateTimeField(null=True)

    class Meta:
        table_name = "groupchat_duty_day"
        indexes = [
            (("unit", "on", "person"), True),
            (("institution", "on"), False),
        ]


class GroupchatGroupPolicy(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    valid_from = DateField()
    valid_until = DateField(null=True)
    reason = TextField()
    own_people_only = BooleanField()
    real_names = BooleanField()
    end_date_required = BooleanField()
    attest_days = IntegerField(null=True)
    screenshot_required = BooleanField()
    cleanup_days = IntegerField(null=True)
    parents_owner_post = CharField(max_length=500)
    article_days = IntegerField(null=True)
    max_length = IntegerField(null=True)
    flood_posts = IntegerField(null=True)
    flood_minutes = IntegerField(null=True)
    links_flagged = BooleanField()
    files_flagged = BooleanField()
    receipt_wording = CharField(max_length=500)
    exact_wording = BooleanField()
    no_receipt_line = CharField(max_length=500)
    explanation_days = IntegerField(null=True)
    acknowledgement = CharField(max_length=500)
    summons_place = CharField(max_length=500)
    ranking = BooleanField()
    instant_replies = BooleanField()
    sign_ins = BooleanField()
    rank_by_likes = BooleanField()
    report_required = BooleanField()
    retention_days = IntegerField(null=True)

    class Meta:
        table_name = "groupchat_group_policy"
        constraints = [
            Check("valid_until IS NULL OR valid_until >= valid_from", name="groupchat_group_policy_term"),
            Check("attest_days IS NULL OR attest_days BETWEEN 1 AND 366", name="groupchat_group_policy_attest_days"),
            Check("cleanup_days IS NULL OR cleanup_days BETWEEN 0 AND 90", name="groupchat_group_policy_cleanup_days"),
            Check("article_days IS NULL OR article_days BETWEEN 1 AND 366", name="groupchat_group_policy_article_days"),
            Check("max_length IS NULL OR max_length BETWEEN 1 AND 100000", name="groupchat_group_policy_max_length"),
            Check("flood_posts IS NULL OR flood_posts BETWEEN 2 AND 1000", name="groupchat_group_policy_flood_posts"),
            Check(
                "flood_minutes IS NULL OR flood_minutes BETWEEN 1 AND 1440", name="groupchat_group_policy_flood_minutes"
            ),
            Check(
                "explanation_days IS NULL OR explanation_days BETWEEN 0 AND 30",
                name="groupchat_group_policy_explanation_days",
            ),
            Check(
                "retention_days IS NULL OR retention_days BETWEEN 1 AND 3650",
                name="groupchat_group_policy_retention_days",
            ),
        ]


GroupchatGroupPolicy.add_index(
    GroupchatGroupPolicy.index(
        GroupchatGroupPolicy.institution,
        unique=True,
        where=SQL("valid_until IS NULL"),
        name="groupchat_group_policy_open",
    )
)
GroupchatGroupPolicy.add_index(
    GroupchatGroupPolicy.index(
        GroupchatGroupPolicy.institution,
        GroupchatGroupPolicy.valid_from,
        unique=True,
        name="groupchat_group_policy_from",
    )
)


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

    class Meta:
        table_name = "groupchat_log_entry"
        indexes = [
            (("group", "kind", "at"), False),
        ]
        constraints = [
            Check("kind IN ('topic_ended', 'advice', 'article', 'archived', 'note')", name="groupchat_log_entry_kind"),
        ]


class GroupchatMember(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    nickname = CharField(max_length=120)
    app_name = CharField(max_length=120)
    state = CharField(max_length=20)
    match = CharField(max_length=20)
    named = BooleanField()
    joined_on = DateField(null=True)
    left_on = DateField(null=True)
    guest_until = DateField(null=True)
    reason = CharField(max_length=300)

    class Meta:
        table_name = "groupchat_member"
        indexes = [
            (("group", "state"), False),
            (("person", "state"), False),
        ]
        constraints = [
            Check("state IN ('expected', 'present', 'gone')", name="groupchat_member_state"),
            Check("match IN ('real_name', 'alias', 'confirmed', 'none')", name="groupchat_member_match"),
            Check("(state = 'gone') = (left_on IS NOT NULL)", name="groupchat_member_left"),
            Check("state <> 'expected' OR person_id IS NOT NULL", name="groupchat_member_expected"),
        ]


GroupchatMember.add_index(
    GroupchatMember.index(
        GroupchatMember.group,
        GroupchatMember.person,
        unique=True,
        where=SQL("state = 'expected'"),
        name="groupchat_member_one",
    )
)


class GroupchatNotice(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    subject = CharField(max_length=120)
    text = TextField()
    link = CharField(max_length=300)
    needs_receipt = BooleanField()
    wording = CharField(max_length=120)
    exact = BooleanField()
    complete_by = DateTimeField(null=True)
    planned_at = DateTimeField(null=True)
    urgent = BooleanField()
    paper = BooleanField()
    paper_reason = CharField(max_length=20)
    author = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    state = CharField(max_length=20)
    sent_at = DateTimeField(null=True)
    reminded_at = DateTimeField(null=True)
    posted_at = DateTimeField(null=True)
    post_error = CharField(max_length=300)

    class Meta:
        table_name = "groupchat_notice"
        indexes = [
            (("group", "state"), False),
        ]
        constraints = [
            Check(
                "kind IN ('release', 'assignment', 'inspection', 'assessment', 'sharing', 'homework', "
                "'class_news', 'students', 'ideas', 'experience', 'wishes', 'answers')",
                name="groupchat_notice_kind",
            ),
            Check("state IN ('draft', 'sent', 'calls', 'closed')", name="groupchat_notice_state"),
            Check("state <> 'sent' OR sent_at IS NOT NULL", name="groupchat_notice_sent"),
            Check("NOT paper OR paper_reason <> ''", name="groupchat_notice_paper"),
        ]


class GroupchatOwnerTerm(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    deputy = BooleanField()
    taken_over = BooleanField()
    since = DateField()
    until = DateField(null=True)
    cleaned_on = DateField(null=True)
    note = CharField(max_length=300)

    class Meta:
        table_name = "groupchat_owner_term"
        constraints = [
            Check("until IS NULL OR until >= since", name="groupchat_owner_term_dates"),
        ]


GroupchatOwnerTerm.add_index(
    GroupchatOwnerTerm.index(
        GroupchatOwnerTerm.group,
        unique=True,
        where=SQL("until IS NULL AND NOT deputy"),
        name="groupchat_owner_term_one",
    )
)


class GroupchatProblem(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    inspector = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    fact = CharField(max_length=300)
    named_at = DateTimeField()
    due_at = DateTimeField()
    acknowledged_at = DateTimeField(null=True)
    corrected_at = DateTimeField(null=True)
    proof = TextField()
    file = CharField(max_length=80)
    summoned_at = DateTimeField(null=True)
    outcome = CharField(max_length=300)

    class Meta:
        table_name = "groupchat_problem"
        indexes = [
            (("group", "due_at"), False),
        ]
        constraints = [
            Check("fact <> ''", name="groupchat_problem_fact"),
            Check("corrected_at IS NULL OR proof <> '' OR file <> ''", name="groupchat_problem_proof"),
        ]


class GroupchatQuietHours(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT", null=True)
    starts = CharField(max_length=5)
    ends = CharField(max_length=5)
    days = CharField(max_length=10)
    valid_from = DateField(null=True)
    valid_until = DateField(null=True)

    class Meta:
        table_name = "groupchat_quiet_hours"
        constraints = [
            Check("days IN ('all', 'workdays', 'restdays')", name="groupchat_quiet_hours_days"),
            Check(
                "LENGTH(starts) = 5 AND LENGTH(ends) = 5 AND starts < '24:00' AND ends <= '24:00' AND starts <> ends",
                name="groupchat_quiet_hours_times",
            ),
            Check(
                "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
                name="groupchat_quiet_hours_dates",
            ),
        ]


class GroupchatReach(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    kind = CharField(max_length=20)
    post = CharField(max_length=80)

    class Meta:
        table_name = "groupchat_reach"


class GroupchatReceipt(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    notice = ForeignKeyField(GroupchatNotice, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    given_at = DateTimeField(null=True)
    text = CharField(max_length=200)
    fits = BooleanField()
    via = CharField(max_length=10)
    token = TextField()
    reminded_at = DateTimeField(null=True)
    explanation = TextField()
    explained_at = DateTimeField(null=True)

    class Meta:
        table_name = "groupchat_receipt"
        indexes = [
            (("notice", "person"), True),
            (("token",), False),
        ]
        constraints = [
            Check("via IN ('record', 'link', 'hand')", name="groupchat_receipt_via"),
        ]


class GroupchatRequiredGroup(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit_kind = CharField(max_length=20)
    kind = CharField(max_length=20)
    days = IntegerField()

    class Meta:
        table_name = "groupchat_required_group"
        indexes = [
            (("institution", "unit_kind", "kind"), True),
        ]
        constraints = [
            Check(
                "unit_kind IN ('root', 'function', 'faculty', 'affiliated', 'mass', 'base', 'virtual', "
                "'subsidiary', 'clinical', 'student', 'class', 'temporary', 'other')",
                name="groupchat_required_group_unit_kind",
            ),
            Check(
                "kind IN ('staff', 'department', 'teachers', 'class', 'parents', 'project', 'customer', 'other')",
                name="groupchat_required_group_kind",
            ),
            Check("days BETWEEN 0 AND 365", name="groupchat_required_group_days"),
        ]


class GroupchatResult(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    bulletin = ForeignKeyField(GroupchatBulletin, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    fact = CharField(max_length=300)
    score = DoubleField(null=True)

    class Meta:
        table_name = "groupchat_result"
        indexes = [
            (("bulletin", "person"), True),
        ]


class GroupchatSanctionRule(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    sanction = CharField(max_length=20)

    class Meta:
        table_name = "groupchat_sanction_rule"
        indexes = [
            (("institution", "kind", "sanction"), True),
        ]
        constraints = [
            Check(
                "kind IN ('quiet_hours', 'too_long', 'flooding', 'link', 'file', 'advertisement', "
                "'after_hours', 'abuse', 'cyber_violence', 'false', 'quarrel', 'rumour', 'obscene', "
                "'superstition', 'reactionary', 'against_party', 'against_policy', 'secret', 'inciting', "
                "'disrespect', 'groundless', 'off_purpose', 'chat')",
                name="groupchat_sanction_rule_kind",
            ),
            Check(
                "sanction IN ('none', 'advice', 'warning', 'criticism', 'fine', 'discipline', 'removal', "
                "'termination')",
                name="groupchat_sanction_rule_sanction",
            ),
        ]


class GroupchatWecomLink(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    corporation = CharField(max_length=64)
    secret = TextField()
    base = CharField(max_length=200)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    active = BooleanField()

    class Meta:
        table_name = "groupchat_wecom_link"
        indexes = [
            (("institution", "corporation"), True),
        ]


class GroupchatWordList(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    kind = CharField(max_length=20)
    needed = IntegerField()
    group = ForeignKeyField(GroupchatGroup, backref="+", on_delete="RESTRICT", null=True)
    active = BooleanField()
    valid_from = DateField(null=True)
    valid_until = DateField(null=True)

    class Meta:
        table_name = "groupchat_word_list"
        indexes = [
            (("institution", "name"), True),
        ]
        constraints = [
            Check(
                "kind IN ('quiet_hours', 'too_long', 'flooding', 'link', 'file', 'advertisement', "
                "'after_hours', 'abuse', 'cyber_violence', 'false', 'quarrel', 'rumour', 'obscene', "
                "'superstition', 'reactionary', 'against_party', 'against_policy', 'secret', 'inciting', "
                "'disrespect', 'groundless', 'off_purpose', 'chat')",
                name="groupchat_word_list_kind",
            ),
            Check("needed BETWEEN 1 AND 20", name="groupchat_word_list_needed"),
        ]


class GroupchatWord(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    list = ForeignKeyField(GroupchatWordList, backref="+", on_delete="RESTRICT")
    word = CharField(max_length=60)
    allowed = BooleanField()

    class Meta:
        table_name = "groupchat_word"
        indexes = [
            (("list", "word"), True),
        ]
        constraints = [
            Check("word <> ''", name="groupchat_word_word"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            GroupchatAlias,
            GroupchatTerm,
            GroupchatGroup,
            GroupchatAttestation,
            GroupchatBulletin,
            GroupchatSource,
            GroupchatCase,
            GroupchatDutyDay,
            GroupchatGroupPolicy,
            GroupchatLogEntry,
            GroupchatMember,
            GroupchatNotice,
            GroupchatOwnerTerm,
            GroupchatProblem,
            GroupchatQuietHours,
            GroupchatReach,
            GroupchatReceipt,
            GroupchatRequiredGroup,
            GroupchatResult,
            GroupchatSanctionRule,
            GroupchatWecomLink,
            GroupchatWordList,
            GroupchatWord,
        ],
    )
