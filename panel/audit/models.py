"""The audit trail. Rows are only ever inserted: triggers refuse the rest (migrations/core)."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, Check, IntegerField, JSONField, TextField

from panel.database import BaseModel, UtcDateTimeField, utcnow
from panel.i18n import _l


class Entry(BaseModel):
    """One change to one row, or one event worth keeping (a log-in, an export).

    Ids are plain numbers and names plain text, so that an entry outlives the user and the row it speaks of.
    """

    title, titles = _l("Audit entry"), _l("Audit log")
    scope_institution = "institution_id"
    append_only = True  # by triggers; see panel.migrate.tables

    at = UtcDateTimeField(default=utcnow, verbose_name=_l("When"))
    institution_id = BigIntegerField(null=True)
    actor_kind = CharField(max_length=10, verbose_name=_l("Way in"))
    user_id = BigIntegerField(null=True)
    user_name = CharField(max_length=200, default="", verbose_name=_l("Who"))
    ip = CharField(max_length=45, default="", verbose_name=_l("From"))
    agent = CharField(max_length=200, default="", verbose_name=_l("Browser"))
    correlation = CharField(max_length=32, verbose_name=_l("One action"))
    action = CharField(max_length=120, verbose_name=_l("Did"))  # `<area>.<model>.<verb>`, as permissions are named
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField(null=True)
    subject_text = CharField(max_length=300, default="", verbose_name=_l("To what"))
    root_type = CharField(max_length=80)  # the record whose history this belongs to
    root_id = BigIntegerField(null=True)
    before = JSONField(null=True)
    after = JSONField(null=True)
    reason = TextField(default="", verbose_name=_l("Reason"))
    mark = CharField(max_length=60, null=True)  # a keyed hash of all of the above; none: older than marks

    class Meta:
        indexes = (
            (("root_type", "root_id", "id"), False),  # the history of a record
            (("institution_id", "id"), False),  # the log page
            (("user_id", "id"), False),  # what one user did
            (("correlation",), False),  # everything one action did
        )


class Seal(BaseModel):
    """A link of an institution's chain: which entries it closes over, and the hash of the link before.

    `leaves` holds `id:hash` of each entry, a line each, in order; `hash` is keyed and covers all other columns.
    """

    title, titles = _l("Seal"), _l("Seals")
    scope_institution = "institution_id"
    called = "number"
    append_only = True

    institution_id = BigIntegerField(default=0)  # 0: what belongs to no institution
    number = IntegerField(verbose_name=_l("Number"))  # 1, 2, 3 … without a gap
    at = UtcDateTimeField(default=utcnow, verbose_name=_l("Sealed"))
    first_id = BigIntegerField()
    last_id = BigIntegerField()
    count = IntegerField(verbose_name=_l("Entries"))
    total = BigIntegerField(verbose_name=_l("Entries so far"))
    leaves = TextField()
    previous = CharField(max_length=80, default="")
    hash = CharField(max_length=80, verbose_name=_l("Hash"))

    class Meta:
        indexes = (
            (("institution_id", "number"), True),
            (("institution_id", "at"), False),  # the last one of a day
        )
        constraints = [
            Check("number > 0", name="audit_seal_number"),
            Check('"count" > 0', name="audit_seal_count"),
            Check("last_id >= first_id", name="audit_seal_range"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"
