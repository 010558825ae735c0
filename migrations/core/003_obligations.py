"""Obligations."""

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


class AccessUser(Row):  # exists already
    class Meta:
        table_name = "access_user"


class OrgInstitution(Row):  # exists already
    class Meta:
        table_name = "org_institution"


class OrgPerson(Row):  # exists already
    class Meta:
        table_name = "org_person"


class OrgUnit(Row):  # exists already
    class Meta:
        table_name = "org_unit"


class ObligationsCalendarFeed(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", unique=True)
    token_hash = CharField(max_length=64, unique=True)
    made_at = DateTimeField()

    class Meta:
        table_name = "obligations_calendar_feed"


class NotifyChannel(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=20)
    name = CharField(max_length=60)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    settings = JSONField()
    secret = TextField()
    active = BooleanField()
    tokens = DoubleField()
    tokens_at = DateTimeField(null=True)
    failures = IntegerField()
    last_error = CharField(max_length=300)
    last_sent_at = DateTimeField(null=True)

    class Meta:
        table_name = "notify_channel"
        indexes = [
            (("institution", "active"), False),
        ]
        constraints = [
            Check("kind IN ('mail', 'wecom', 'dingtalk', 'feishu', 'webhook', 'folder')", name="notify_channel_kind"),
            Check("name <> ''", name="notify_channel_named"),
        ]


class NotifyDelivery(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    channel = ForeignKeyField(NotifyChannel, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    key = CharField(max_length=80)
    state = CharField(max_length=10)
    due_at = DateTimeField()
    attempts = IntegerField()
    claim = CharField(max_length=40)
    claimed_until = DateTimeField(null=True)
    started_at = DateTimeField(null=True)
    doubtful = IntegerField()
    sent_at = DateTimeField(null=True)
    error = CharField(max_length=300)
    created_at = DateTimeField()

    class Meta:
        table_name = "notify_delivery"
        indexes = [
            (("channel", "key"), True),
            (("institution", "id"), False),
        ]
        constraints = [
            Check("state IN ('waiting', 'claimed', 'sent', 'parked', 'dropped')", name="notify_delivery_state"),
        ]


NotifyDelivery.add_index(
    NotifyDelivery.index(
        NotifyDelivery.channel, NotifyDelivery.due_at, where=SQL("state = 'waiting'"), name="notify_delivery_waiting"
    )
)
NotifyDelivery.add_index(
    NotifyDelivery.index(NotifyDelivery.claimed_until, where=SQL("state = 'claimed'"), name="notify_delivery_claimed")
)


class ObligationsDuty(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=120)
    area = CharField(max_length=40)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    role = CharField(max_length=20)
    first_due_on = DateField()
    last_done_on = DateField(null=True)
    every_days = IntegerField(null=True)
    every_months = IntegerField(null=True)
    asks_file = BooleanField()
    rules = CharField(max_length=200)
    ended_on = DateField(null=True)

    class Meta:
        table_name = "obligations_duty"
        indexes = [
            (("institution", "unit", "name"), True),
        ]
        constraints = [
            Check("name <> ''", name="obligations_duty_named"),
            Check("role IN ('lead', 'clerk', 'publicity', 'finance', 'administrator')", name="obligations_duty_role"),
            Check(
                "(every_days IS NULL OR every_days > 0) AND (every_months IS NULL OR every_months > 0) AND "
                "(every_days IS NULL OR every_months IS NULL)",
                name="obligations_duty_interval",
            ),
        ]


class ObligationsHoliday(Row):
    day = DateField(unique=True)
    worked = BooleanField()
    name = CharField(max_length=60)
    entered = BooleanField()

    class Meta:
        table_name = "obligations_holiday"


class ObligationsLadder(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=80)
    active = BooleanField()
    every_days = IntegerField(null=True)
    every_months = IntegerField(null=True)
    repeat_every = IntegerField(null=True)
    workdays = BooleanField()
    hour = IntegerField()
    snooze_times = IntegerField()
    snooze_days = IntegerField()

    class Meta:
        table_name = "obligations_ladder"
        indexes = [
            (("institution", "kind"), True),
        ]
        constraints = [
            Check(
                "(every_days IS NULL OR every_days > 0) AND (every_months IS NULL OR every_months > 0) AND "
                "(repeat_every IS NULL OR repeat_every > 0)",
                name="obligations_ladder_positive",
            ),
            Check("every_days IS NULL OR every_months IS NULL", name="obligations_ladder_one_interval"),
            Check("hour BETWEEN 0 AND 23", name="obligations_ladder_hour"),
            Check("snooze_times >= 0 AND snooze_days >= 0", name="obligations_ladder_snooze"),
        ]


class ObligationsLadderStep(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    ladder = ForeignKeyField(ObligationsLadder, backref="+", on_delete="RESTRICT")
    day = IntegerField()
    audience = CharField(max_length=10)

    class Meta:
        table_name = "obligations_ladder_step"
        indexes = [
            (("ladder", "day"), True),
        ]
        constraints = [
            Check("audience IN ('owner', 'lead', 'office')", name="obligations_ladder_step_audience"),
        ]


class NotifyMessage(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT")
    key = CharField(max_length=160)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    what = CharField(max_length=80)
    text = CharField(max_length=300)
    due_on = DateField(null=True)
    capacity = CharField(max_length=10)
    details = JSONField()
    urgent = BooleanField()
    created_at = DateTimeField()
    read_at = DateTimeField(null=True)
    withdrawn_at = DateTimeField(null=True)

    class Meta:
        table_name = "notify_message"
        indexes = [
            (("person", "key"), True),
            (("person", "id"), False),
            (("subject_type", "subject_id"), False),
        ]


class ObligationsObligation(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    kind = CharField(max_length=80)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    subject_text = CharField(max_length=200)
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    role = CharField(max_length=20)
    assigned = BooleanField()
    due_on = DateField()
    anchor = CharField(max_length=40)
    state = CharField(max_length=20)
    urgent = BooleanField()
    details = JSONField()
    next_at = DateTimeField(null=True)
    reached = IntegerField(null=True)
    snoozed_until = DateField(null=True)
    snoozes = IntegerField()
    closed_at = DateTimeField(null=True)
    closed_by = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    done_on = DateField(null=True)
    note = TextField()
    file = CharField(max_length=80)
    file_name = CharField(max_length=200)

    class Meta:
        table_name = "obligations_obligation"
        indexes = [
            (("subject_type", "subject_id"), False),
            (("institution", "state", "due_on"), False),
            (("person", "state", "due_on"), False),
            (("unit", "state"), False),
        ]
        constraints = [
            Check("state IN ('open', 'done', 'waived', 'cancelled')", name="obligations_obligation_state"),
            Check(
                "role IN ('lead', 'clerk', 'publicity', 'finance', 'administrator')", name="obligations_obligation_role"
            ),
            Check("(state = 'open') = (closed_at IS NULL)", name="obligations_obligation_closed"),
        ]


ObligationsObligation.add_index(
    ObligationsObligation.index(
        ObligationsObligation.institution,
        ObligationsObligation.kind,
        ObligationsObligation.subject_id,
        unique=True,
        where=SQL("state = 'open'"),
        name="obligations_obligation_open",
    )
)
ObligationsObligation.add_index(
    ObligationsObligation.index(
        ObligationsObligation.institution,
        ObligationsObligation.next_at,
        where=SQL("state = 'open'"),
        name="obligations_obligation_next",
    )
)


class NotifyPart(Row):
    message = ForeignKeyField(NotifyMessage, backref="+", on_delete="RESTRICT")
    channel = ForeignKeyField(NotifyChannel, backref="+", on_delete="RESTRICT")
    delivery = ForeignKeyField(NotifyDelivery, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "notify_part"
        indexes = [
            (("message", "channel"), True),
        ]


class NotifyPreference(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)
    quiet_from = IntegerField(null=True)
    quiet_until = IntegerField(null=True)
    digest = BooleanField()
    without = JSONField()
    locale = CharField(max_length=20)

    class Meta:
        table_name = "notify_preference"
        indexes = [
            (("institution", "person"), True),
        ]
        constraints = [
            Check(
                "(quiet_from IS NULL) = (quiet_until IS NULL) AND (quiet_from IS NULL OR (quiet_from BETWEEN "
                "0 AND 1439 AND quiet_until BETWEEN 0 AND 1439))",
                name="notify_preference_quiet",
            ),
        ]


NotifyPreference.add_index(
    NotifyPreference.index(
        NotifyPreference.institution, unique=True, where=SQL("person_id IS NULL"), name="notify_preference_institution"
    )
)


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            ObligationsCalendarFeed,
            NotifyChannel,
            NotifyDelivery,
            ObligationsDuty,
            ObligationsHoliday,
            ObligationsLadder,
            ObligationsLadderStep,
            NotifyMessage,
            ObligationsObligation,
            NotifyPart,
            NotifyPreference,
        ],
    )
