"""The first tables of core."""

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
    JSONField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

from panel.migrate import create_tables, run_sql


class Row(Model):
    id = BigAutoField()

    class Meta:
        legacy_table_names = False


class OrgInstitution(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    name = CharField(max_length=120, unique=True)
    kind = CharField(max_length=20)
    time_zone = CharField(max_length=64)
    access_stamp = IntegerField()

    class Meta:
        table_name = "org_institution"
        constraints = [
            Check(
                "kind IN ('school', 'university', 'hospital', 'company', 'state', 'mass', 'public', "
                "'community', 'other')",
                name="org_institution_kind",
            ),
        ]


class ChecksBroken(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT", null=True)
    code = CharField(max_length=80)
    since = DateTimeField()
    error = TextField()

    class Meta:
        table_name = "checks_broken"
        indexes = [
            (("institution", "code"), True),
        ]


class ChecksDirty(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=80)
    subject_id = BigIntegerField(null=True)

    class Meta:
        table_name = "checks_dirty"


class AuditEntry(Row):
    at = DateTimeField()
    institution_id = BigIntegerField(null=True)
    actor_kind = CharField(max_length=10)
    user_id = BigIntegerField(null=True)
    user_name = CharField(max_length=200)
    ip = CharField(max_length=45)
    agent = CharField(max_length=200)
    correlation = CharField(max_length=32)
    action = CharField(max_length=120)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField(null=True)
    subject_text = CharField(max_length=300)
    root_type = CharField(max_length=80)
    root_id = BigIntegerField(null=True)
    before = JSONField(null=True)
    after = JSONField(null=True)
    reason = TextField()

    class Meta:
        table_name = "audit_entry"
        indexes = [
            (("root_type", "root_id", "id"), False),
            (("institution_id", "id"), False),
            (("user_id", "id"), False),
            (("correlation",), False),
        ]


class OrgUnit(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    parent = ForeignKeyField("self", backref="+", on_delete="RESTRICT", null=True)
    name = CharField(max_length=120)
    code = CharField(max_length=40)
    kind = CharField(max_length=20)
    path = CharField(max_length=255)
    archived_at = DateTimeField(null=True)

    class Meta:
        table_name = "org_unit"
        indexes = [
            (("institution", "parent", "name"), True),
            (("institution", "path"), False),
        ]
        constraints = [
            Check(
                "kind IN ('root', 'function', 'faculty', 'affiliated', 'mass', 'base', 'virtual', "
                "'subsidiary', 'clinical', 'student', 'class', 'temporary', 'other')",
                name="org_unit_kind",
            ),
            Check("parent_id IS NULL OR parent_id <> id", name="org_unit_not_own_parent"),
        ]


OrgUnit.add_index(
    OrgUnit.index(OrgUnit.institution, unique=True, where=SQL("parent_id IS NULL"), name="org_unit_one_root")
)


class OrgPerson(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")
    name = CharField(max_length=60)
    initials = CharField(max_length=60)
    number = CharField(max_length=40, null=True)
    kind = CharField(max_length=20)
    post = CharField(max_length=80)
    phone = CharField(max_length=40)
    email = CharField(max_length=120)
    in_service_from = DateField(null=True)
    in_service_until = DateField(null=True)
    leads_unit = BooleanField()

    class Meta:
        table_name = "org_person"
        indexes = [
            (("institution", "name"), False),
            (("institution", "initials"), False),
            (("institution", "in_service_until"), False),
        ]
        constraints = [
            Check("kind IN ('staff', 'student', 'parent', 'contractor')", name="org_person_kind"),
            Check(
                "in_service_until IS NULL OR in_service_from IS NULL OR in_service_until >= in_service_from",
                name="org_person_dates",
            ),
        ]


OrgPerson.add_index(
    OrgPerson.index(
        OrgPerson.institution, OrgPerson.number, unique=True, where=SQL("number IS NOT NULL"), name="org_person_number"
    )
)


class ChecksFinding(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=80)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    severity = CharField(max_length=10)
    facts = TextField()
    opened_at = DateTimeField()
    closed_at = DateTimeField(null=True)
    waived_until = DateField(null=True)
    assignee = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", null=True)

    class Meta:
        table_name = "checks_finding"
        indexes = [
            (("subject_type", "subject_id", "closed_at"), False),
            (("institution", "closed_at", "code"), False),
        ]
        constraints = [
            Check("severity IN ('error', 'warning', 'notice')", name="checks_finding_severity"),
        ]


ChecksFinding.add_index(
    ChecksFinding.index(
        ChecksFinding.subject_id,
        ChecksFinding.code,
        unique=True,
        where=SQL("closed_at IS NULL"),
        name="checks_finding_open",
    )
)


class AccessUser(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    username = CharField(max_length=60, unique=True)
    password_hash = TextField()
    person = ForeignKeyField(OrgPerson, backref="+", on_delete="RESTRICT", unique=True, null=True)
    display_name = CharField(max_length=60)
    active = BooleanField()
    site_admin = BooleanField()
    locale = CharField(max_length=20)
    epoch = IntegerField()
    reset_hash = TextField()
    reset_until = DateTimeField(null=True)

    class Meta:
        table_name = "access_user"
        constraints = [
            Check("username = lower(username)", name="access_user_lower"),
        ]


class AccessRole(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=40)
    name = CharField(max_length=60)
    permissions = JSONField()
    offered = JSONField()

    class Meta:
        table_name = "access_role"
        indexes = [
            (("institution", "name"), True),
        ]


AccessRole.add_index(
    AccessRole.index(
        AccessRole.institution, AccessRole.code, unique=True, where=SQL("code <> ''"), name="access_role_code"
    )
)


class AccessGrant(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT")
    role = ForeignKeyField(AccessRole, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT")

    class Meta:
        table_name = "access_grant"
        indexes = [
            (("user", "role", "unit"), True),
        ]


class JobsHeartbeat(Row):
    kind = CharField(max_length=20)
    name = CharField(max_length=120, unique=True)
    host = CharField(max_length=120)
    pid = IntegerField()
    started_at = DateTimeField()
    seen_at = DateTimeField()

    class Meta:
        table_name = "jobs_heartbeat"


class AdminImportMapping(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    target = CharField(max_length=80)
    name = CharField(max_length=60)
    mapping = JSONField()

    class Meta:
        table_name = "admin_import_mapping"
        indexes = [
            (("institution", "target", "name"), True),
        ]


class AdminImportRun(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT", null=True)
    target = CharField(max_length=80)
    filename = CharField(max_length=200)
    content = CharField(max_length=64)
    sheet = CharField(max_length=200)
    mapping = JSONField()
    answers = JSONField()
    reading = JSONField()
    offers = JSONField()
    counts = JSONField()
    digest = CharField(max_length=64)
    large = BooleanField()
    job_id = BigIntegerField(null=True)
    state = CharField(max_length=20)
    error = TextField()
    result = JSONField()
    done_at = DateTimeField(null=True)

    class Meta:
        table_name = "admin_import_run"
        indexes = [
            (("institution", "target", "id"), False),
            (("content",), False),
        ]
        constraints = [
            Check(
                "state IN ('draft', 'planning', 'planned', 'stale', 'applying', 'done', 'failed')",
                name="admin_import_run_state",
            ),
        ]


class AdminImportRow(Row):
    run = ForeignKeyField(AdminImportRun, backref="+", on_delete="RESTRICT")
    position = IntegerField()
    row_number = IntegerField()
    outcome = CharField(max_length=20)
    label = CharField(max_length=300)
    subject_id = BigIntegerField(null=True)
    cells = JSONField()
    problems = JSONField()

    class Meta:
        table_name = "admin_import_row"
        indexes = [
            (("run", "position"), True),
        ]


class ChecksJudgement(Row):
    code = CharField(max_length=80)
    subject_id = BigIntegerField()
    version = IntegerField()
    stamp = CharField(max_length=64)

    class Meta:
        table_name = "checks_judgement"
        indexes = [
            (("code", "subject_id"), True),
        ]


class AccessLoginDelay(Row):
    name = CharField(max_length=60, unique=True)
    failures = IntegerField()
    retry_at = DateTimeField(null=True)

    class Meta:
        table_name = "access_login_delay"


class ChecksMark(Row):
    code = CharField(max_length=80)
    subject_id = BigIntegerField()
    item = BigIntegerField()
    text = CharField(max_length=200)

    class Meta:
        table_name = "checks_mark"
        indexes = [
            (("subject_id", "code", "item"), True),
        ]


class AccessPluginSwitch(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    plugin = CharField(max_length=40)
    enabled = BooleanField()

    class Meta:
        table_name = "access_plugin_switch"
        indexes = [
            (("institution", "plugin"), True),
        ]


class JobsRun(Row):
    task = CharField(max_length=120)
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT", null=True)
    slot = CharField(max_length=120)
    scheduled = BooleanField()
    args = JSONField()
    user_id = BigIntegerField(null=True)
    state = CharField(max_length=20)
    done = IntegerField()
    total = IntegerField()
    message = CharField(max_length=300)
    result = JSONField(null=True)
    error = TextField()
    attempts = IntegerField()
    worker = CharField(max_length=120)
    queued_at = DateTimeField()
    due_at = DateTimeField()
    started_at = DateTimeField(null=True)
    heartbeat_at = DateTimeField(null=True)
    finished_at = DateTimeField(null=True)

    class Meta:
        table_name = "jobs_run"
        indexes = [
            (("task", "slot", "institution"), True),
            (("state", "due_at"), False),
            (("institution", "id"), False),
        ]
        constraints = [
            Check("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="jobs_run_state"),
        ]


JobsRun.add_index(
    JobsRun.index(
        JobsRun.task, JobsRun.slot, unique=True, where=SQL("institution_id IS NULL"), name="jobs_run_system_slot"
    )
)


class AdminSavedFilter(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    user = ForeignKeyField(AccessUser, backref="+", on_delete="RESTRICT")
    view = CharField(max_length=80)
    name = CharField(max_length=40)
    query = TextField()
    shared = BooleanField()

    class Meta:
        table_name = "admin_saved_filter"
        indexes = [
            (("user", "view", "name"), True),
            (("institution", "view"), False),
        ]


class ChecksScore(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    day = DateField()
    points = IntegerField()
    records = IntegerField()
    findings = IntegerField()

    class Meta:
        table_name = "checks_score"
        indexes = [
            (("institution", "unit", "day"), True),
        ]


class AccessSetting(Row):
    name = CharField(max_length=60, unique=True)
    value = TextField()

    class Meta:
        table_name = "access_setting"


class ChecksSwept(Row):
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT", unique=True)
    day = DateField()
    at = DateTimeField()
    seconds = IntegerField()
    opened = IntegerField()
    closed = IntegerField()

    class Meta:
        table_name = "checks_swept"


class ChecksWaiver(Row):
    created_at = DateTimeField()
    updated_at = DateTimeField()
    version = IntegerField()
    institution = ForeignKeyField(OrgInstitution, backref="+", on_delete="RESTRICT")
    code = CharField(max_length=80)
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    unit = ForeignKeyField(OrgUnit, backref="+", on_delete="RESTRICT", null=True)
    reason = TextField()
    since = DateField()
    until = DateField()

    class Meta:
        table_name = "checks_waiver"
        indexes = [
            (("subject_id", "code", "until"), False),
        ]
        constraints = [
            Check("reason <> ''", name="checks_waiver_reason"),
            Check("until >= since", name="checks_waiver_term"),
        ]


def up(migrator: SchemaMigrator, db: Database) -> None:
    create_tables(
        db,
        [
            OrgInstitution,
            ChecksBroken,
            ChecksDirty,
            AuditEntry,
            OrgUnit,
            OrgPerson,
            ChecksFinding,
            AccessUser,
            AccessRole,
            AccessGrant,
            JobsHeartbeat,
            AdminImportMapping,
            AdminImportRun,
            AdminImportRow,
            ChecksJudgement,
            AccessLoginDelay,
            ChecksMark,
            AccessPluginSwitch,
            JobsRun,
            AdminSavedFilter,
            ChecksScore,
            AccessSetting,
            ChecksSwept,
            ChecksWaiver,
        ],
    )
    run_sql(
        db,
        sqlite=[
            """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
            BEGIN
                SELECT RAISE(ABORT, 'audit_entry is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
            BEGIN
                SELECT RAISE(ABORT, 'audit_entry is append-only: what is written there is never changed or deleted');
            END""",
            """CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
            WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
            BEGIN
                SELECT RAISE(ABORT, 'audit_entry is append-only: what is written there is never changed or deleted');
            END""",
        ],
        postgres=[
            """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit_entry is append-only: what is written there is never changed or deleted'
                USING ERRCODE = 'integrity_constraint_violation';
            END
            $$""",
            """CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
            EXECUTE FUNCTION audit_entry_refuse()""",
            """CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
            EXECUTE FUNCTION audit_entry_refuse()""",
        ],
    )
