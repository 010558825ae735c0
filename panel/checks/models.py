"""What the checks found, what was excused, and what is still to be looked at."""

from __future__ import annotations

import json
from typing import Any

from peewee import SQL, BigIntegerField, CharField, Check, DateField, IntegerField, JSONField, TextField

from panel.checks.declare import Severity
from panel.database import BaseModel, RestrictedKey, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Institution, Owned, Person, Unit


class Finding(Owned):
    """A row that breaks a rule, from when until when.

    Opened and closed by the machine, set-based, hence without an audit entry of its own: what caused it has one.
    """

    title, titles = _l("Finding"), _l("Findings")
    audited = False
    scope_unit = "unit"

    code = CharField(max_length=80, verbose_name=_l("Check"))
    subject_type = CharField(max_length=80, verbose_name=_l("Kind of record"))
    subject_id = BigIntegerField(verbose_name=_l("Record"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))  # the subject's, kept up to date
    severity = CharField(max_length=10, choices=Severity.pairs(), verbose_name=_l("Severity"))
    facts = TextField(default="{}")  # JSON: the values of the message
    opened_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Opened"))
    closed_at = UtcDateTimeField(null=True, verbose_name=_l("Closed"))
    waived_until = DateField(null=True, verbose_name=_l("Waived until"))  # of the waiver in force, if one is
    assignee = RestrictedKey(Person, null=True, backref="findings", verbose_name=_l("Assigned to"))

    class Meta:
        indexes = (
            (("subject_type", "subject_id", "closed_at"), False),  # a record's page
            (("institution", "closed_at", "code"), False),  # the list, and what a sweep compares with
        )
        constraints = [Check(Severity.sql("severity"), name="checks_finding_severity")]

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.facts)
        return found


Finding.add_index(
    # One open finding for each check and row; also what opening and closing look up.
    Finding.index(
        Finding.subject_id, Finding.code, unique=True, where=SQL("closed_at IS NULL"), name="checks_finding_open"
    )
)


class Waiver(Owned):
    """An exception to a rule for one row, with its reason and its last day."""

    title, titles = _l("Waiver"), _l("Waivers")
    scope_unit = "unit"
    refusals = {
        "checks_waiver_reason": _l("Give the reason."),
        "checks_waiver_term": _l("A waiver cannot end before it begins."),
    }

    code = CharField(max_length=80, verbose_name=_l("Check"))
    subject_type = CharField(max_length=80, verbose_name=_l("Kind of record"))
    subject_id = BigIntegerField(verbose_name=_l("Record"))
    unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    reason = TextField(verbose_name=_l("Reason"))
    since = DateField(verbose_name=_l("From"))
    until = DateField(verbose_name=_l("Until"))  # the last day it holds

    class Meta:
        indexes = ((("subject_id", "code", "until"), False),)
        constraints = [
            Check("reason <> ''", name="checks_waiver_reason"),
            Check("until >= since", name="checks_waiver_term"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.until}"


class Dirty(BaseModel):
    """A check to be run again, on some rows or (without them) on all of the institution."""

    institution = RestrictedKey(Institution, backref="+")
    code = CharField(max_length=80)
    rows = JSONField(null=True)  # ids


class Mark(BaseModel):
    """Something that only Python sees in a row, such as a protected word in its name."""

    code = CharField(max_length=80)
    subject_id = BigIntegerField()
    item = BigIntegerField(default=0)  # what was seen: an id of the area's own, 0 where there is only one thing to see
    text = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("subject_id", "code", "item"), True),)


class Judgement(BaseModel):
    """Which version of a row, and under which stamp, its marks were made."""

    code = CharField(max_length=80)
    subject_id = BigIntegerField()
    version = IntegerField()
    stamp = CharField(max_length=64)

    class Meta:
        indexes = ((("code", "subject_id"), True),)


class Broken(BaseModel):
    """A check or judgement that raised when it last ran. Its findings stay as they were."""

    institution = RestrictedKey(Institution, null=True, backref="+")
    code = CharField(max_length=80)
    since = UtcDateTimeField(default=utcnow)
    error = TextField(default="")

    class Meta:
        indexes = ((("institution", "code"), True),)


class Swept(BaseModel):
    """When an institution was last looked at as a whole, and by which day."""

    institution = RestrictedKey(Institution, unique=True, backref="+")
    day = DateField()
    at = UtcDateTimeField(default=utcnow)
    seconds = IntegerField(default=0)
    opened = IntegerField(default=0)
    closed = IntegerField(default=0)


class Score(BaseModel):
    """A day's score of a unit (all below it included), or of the institution where no unit is named."""

    institution = RestrictedKey(Institution, backref="+")
    unit = RestrictedKey(Unit, null=True, backref="+")
    day = DateField()
    points = IntegerField()  # 0 to 100
    records = IntegerField()  # how many accounts it is the mean of
    findings = IntegerField()

    class Meta:
        indexes = ((("institution", "unit", "day"), True),)
