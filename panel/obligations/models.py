"""What is due, the ladder of its reminders, and the days nobody works."""

from __future__ import annotations

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    IntegerField,
    JSONField,
    TextField,
)

from panel.access.models import User
from panel.choices import Choice
from panel.database import BaseModel, RestrictedKey, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Owned, Person, Unit


class State(Choice):
    """Where an obligation stands."""

    OPEN = "open", _l("To be done"), "state-wait"
    DONE = "done", _l("Done"), "state-ok"
    WAIVED = "waived", _l("Waived"), "state-off"
    CANCELLED = "cancelled", _l("No longer due"), "state-off"


class Role(Choice):
    """Who owes what no named person owes: the codes of shipped roles, found in the unit or the nearest one above."""

    LEAD = "lead", _l("Unit lead")
    CLERK = "clerk", _l("Unit clerk")
    PUBLICITY = "publicity", _l("Publicity office")
    FINANCE = "finance", _l("Finance")
    ADMINISTRATOR = "administrator", _l("System administrator")


class Audience(Choice):
    """Whom a step of the ladder tells; each tells those before it too."""

    OWNER = "owner", _l("Whoever owes it")
    LEAD = "lead", _l("… and the unit lead")
    OFFICE = "office", _l("… and the publicity office")


class Obligation(Owned):
    """Something that is due.

    Opened, moved and cancelled by the machine as its subject changes, which is where the audit has it; what people do
    with it (tick off, waive, assign, put off) has entries of its own.
    """

    title, titles = _l("Obligation"), _l("Obligations")
    audited = False
    scope_unit = "unit"
    refusals = {
        "obligations_obligation_closed": _l("What is open has no end; what is closed has."),
    }

    kind = CharField(max_length=80, verbose_name=_l("What"))
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    subject_text = CharField(max_length=200, verbose_name=_l("For what"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    unit_id: int
    person = RestrictedKey(Person, null=True, backref="obligations", verbose_name=_l("Owed by"))
    person_id: int | None
    role = CharField(max_length=20, choices=Role.pairs(), default=Role.LEAD.value, verbose_name=_l("Owed by (role)"))
    assigned = BooleanField(default=False)  # somebody chose the person: it no longer follows the subject's
    due_on = DateField(verbose_name=_l("Due on"))
    anchor = CharField(max_length=40, default="")  # what the date counts from: another one means this round is done
    state = CharField(max_length=20, choices=State.pairs(), default=State.OPEN.value, verbose_name=_l("State"))
    urgent = BooleanField(default=False)
    details = JSONField(default=dict)  # what the reminder adds: a fee, what is lost

    next_at = UtcDateTimeField(null=True)  # when its ladder is to be looked at next
    reached = IntegerField(null=True)  # the last step sent for this due date, in days from it
    snoozed_until = DateField(null=True, verbose_name=_l("Put off until"))
    snoozes = IntegerField(default=0, verbose_name=_l("Times put off"))

    closed_at = UtcDateTimeField(null=True, verbose_name=_l("Closed"))
    closed_by = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Closed by"))
    done_on = DateField(null=True, verbose_name=_l("Done on"))
    note = TextField(default="", verbose_name=_l("Note"))
    file = CharField(max_length=80, default="", verbose_name=_l("File"))
    file_name = CharField(max_length=200, default="")

    class Meta:
        indexes = (
            (("subject_type", "subject_id"), False),  # a record's page, and settling
            (("institution", "state", "due_on"), False),  # the list, the calendar
            (("person", "state", "due_on"), False),  # My work, leaving
            (("unit", "state"), False),  # My work of a lead
        )
        constraints = [
            Check(State.sql("state"), name="obligations_obligation_state"),
            Check(Role.sql("role"), name="obligations_obligation_role"),
            Check("(state = 'open') = (closed_at IS NULL)", name="obligations_obligation_closed"),
        ]

    def __str__(self) -> str:
        from panel.obligations.kinds import title_of

        return f"{title_of(self.kind)} · {self.subject_text}" if self.subject_text else str(title_of(self.kind))

    @property
    def open(self) -> bool:
        return self.state == State.OPEN


Obligation.add_index(
    Obligation.index(
        Obligation.institution,
        Obligation.kind,
        Obligation.subject_id,
        unique=True,
        where=SQL("state = 'open'"),
        name="obligations_obligation_open",
    )
)
Obligation.add_index(
    # What the scan looks for: as small as what is open, whatever the table holds.
    Obligation.index(
        Obligation.institution, Obligation.next_at, where=SQL("state = 'open'"), name="obligations_obligation_next"
    )
)


class Ladder(Owned):
    """How an institution is reminded of one kind, and how often the kind recurs. None for a kind: its preset."""

    title, titles = _l("Reminder ladder"), _l("Reminder ladders")
    refusals = {
        "institution,kind": _l("There is a ladder for this already."),
        "obligations_ladder_positive": _l("Intervals are whole numbers from 1 up."),
    }

    kind = CharField(max_length=80, verbose_name=_l("What"))
    active = BooleanField(default=True, verbose_name=_l("Switched on"))
    every_days = IntegerField(null=True, verbose_name=_l("Recurs every (days)"))
    every_months = IntegerField(null=True, verbose_name=_l("Recurs every (months)"))
    repeat_every = IntegerField(null=True, verbose_name=_l("While overdue, repeat every (days)"))
    workdays = BooleanField(default=True, verbose_name=_l("On workdays only"))
    hour = IntegerField(default=8, verbose_name=_l("At (hour)"))
    snooze_times = IntegerField(default=2, verbose_name=_l("May be put off (times)"))
    snooze_days = IntegerField(default=14, verbose_name=_l("Each time by at most (days)"))

    class Meta:
        indexes = ((("institution", "kind"), True),)
        constraints = [
            Check(
                "(every_days IS NULL OR every_days > 0) AND (every_months IS NULL OR every_months > 0)"
                " AND (repeat_every IS NULL OR repeat_every > 0)",
                name="obligations_ladder_positive",
            ),
            Check("every_days IS NULL OR every_months IS NULL", name="obligations_ladder_one_interval"),
            Check("hour BETWEEN 0 AND 23", name="obligations_ladder_hour"),
            Check("snooze_times >= 0 AND snooze_days >= 0", name="obligations_ladder_snooze"),
        ]

    def __str__(self) -> str:
        from panel.obligations.kinds import title_of

        return str(title_of(self.kind))


class LadderStep(Owned):
    """A reminder so many days from the due date: -30 is a month before it, 3 is three days late."""

    title, titles = _l("Step of a ladder"), _l("Steps of ladders")
    scope_parent = "ladder"
    refusals = {"ladder,day": _l("A ladder has one step a day.")}

    ladder = RestrictedKey(Ladder, backref="steps", verbose_name=_l("Ladder"))
    day = IntegerField(verbose_name=_l("Days from the due date"))
    audience = CharField(
        max_length=10, choices=Audience.pairs(), default=Audience.OWNER.value, verbose_name=_l("Tells")
    )

    class Meta:
        indexes = ((("ladder", "day"), True),)
        constraints = [Check(Audience.sql("audience"), name="obligations_ladder_step_audience")]

    def __str__(self) -> str:
        return f"{self.day:+d}"


class Duty(Owned):
    """What the institution or a unit owes by itself, once or again and again: training, a backup, a duty roster."""

    title, titles = _l("Standing duty"), _l("Standing duties")
    scope_unit = "unit"
    refusals = {
        "obligations_duty_named": _l("Say what is to be done."),
        "obligations_duty_interval": _l("It recurs every so many days or months, not both; from 1 up."),
        "institution,unit,name": _l("This unit has this duty already."),
    }

    name = CharField(max_length=120, verbose_name=_l("What is to be done"))
    area = CharField(max_length=40, default="", verbose_name=_l("Area"))
    unit = RestrictedKey(Unit, backref="duties", verbose_name=_l("Unit"))
    person = RestrictedKey(Person, null=True, backref="duties", verbose_name=_l("Owed by"))
    role = CharField(max_length=20, choices=Role.pairs(), default=Role.LEAD.value, verbose_name=_l("Owed by (role)"))
    first_due_on = DateField(verbose_name=_l("First due on"))
    last_done_on = DateField(null=True, verbose_name=_l("Last done on"))
    every_days = IntegerField(null=True, verbose_name=_l("Recurs every (days)"))
    every_months = IntegerField(null=True, verbose_name=_l("Recurs every (months)"))
    asks_file = BooleanField(default=False, verbose_name=_l("A file proves it"))
    rules = CharField(max_length=200, default="", verbose_name=_l("Rules"))  # ids, between them a space
    ended_on = DateField(null=True, verbose_name=_l("Ended on"))

    class Meta:
        indexes = ((("institution", "unit", "name"), True),)
        constraints = [
            Check("name <> ''", name="obligations_duty_named"),
            Check(Role.sql("role"), name="obligations_duty_role"),
            Check(
                "(every_days IS NULL OR every_days > 0) AND (every_months IS NULL OR every_months > 0)"
                " AND (every_days IS NULL OR every_months IS NULL)",
                name="obligations_duty_interval",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Holiday(BaseModel):
    """A day that breaks the week: a holiday, or a Saturday or Sunday that is worked. The same for everybody."""

    title, titles = _l("Holiday"), _l("Holidays")

    day = DateField(unique=True, verbose_name=_l("Day"))
    worked = BooleanField(default=False, verbose_name=_l("A workday"))
    name = CharField(max_length=60, default="", verbose_name=_l("Name"))
    entered = BooleanField(default=False)  # by hand or import: the package does not overwrite it

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarFeed(Owned):
    """A private link to somebody's dates, for the calendar of their phone; only the hash of its secret is kept."""

    title, titles = _l("Calendar link"), _l("Calendar links")

    user = RestrictedKey(User, unique=True, backref="+", verbose_name=_l("User"))
    token_hash = CharField(max_length=64, unique=True)
    made_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Made"))

    def __str__(self) -> str:
        return str(self.user)
