"""Rule documents and whom they were made known to, inspections with their items, duties people hold."""

from __future__ import annotations

from datetime import date

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import Owned, Person, RestrictedKey, Unit, UtcDateTimeField, _, _l, today
from plugins.accounts.services import Account
from plugins.oversight.choices import Audience, Gravity, InspectionState, ItemState, Standing, Way
from plugins.oversight.policy import DocumentKind, DutyKind


class RuleDocument(Owned):
    """A rule document of the institution's own. In force from `effective_on` until `until`, both days included.

    How it stands follows from its dates; `supersedes` is the text it took the place of.
    """

    title, titles = _l("Rule document"), _l("Rule documents")
    called = "name"
    scope_unit = "unit"
    refusals = {
        "supersedes": _l("Another document supersedes this one already."),
        "oversight_rule_document_itself": _l("A document cannot supersede itself, nor hang below itself."),
        "oversight_rule_document_term": _l("A document cannot end before it takes effect."),
        "oversight_rule_document_issued": _l("An issued document has the day from which it is in force."),
        "oversight_rule_document_trial": _l("A trial period ends after the document has taken effect."),
        "oversight_rule_document_twins": _l("A document that supersedes another cannot hang below it."),
    }

    name = CharField(max_length=200, verbose_name=_l("Title"))
    number = CharField(max_length=60, default="", verbose_name=_l("Document number"))
    kind = RestrictedKey(DocumentKind, backref="documents", verbose_name=_l("Kind"))
    unit = RestrictedKey(Unit, backref="rule_documents", verbose_name=_l("Issuing unit"))
    interpreter = CharField(max_length=120, default="", verbose_name=_l("Interpreted by"))
    audience = CharField(
        max_length=20, choices=Audience.pairs(), default=Audience.STAFF.value, verbose_name=_l("Addresses")
    )
    issued_on = DateField(null=True, verbose_name=_l("Issued on"))
    month_only = BooleanField(default=False, verbose_name=_l("Only the month of issue is known"))
    effective_on = DateField(null=True, verbose_name=_l("In force from"))
    until = DateField(null=True, verbose_name=_l("In force until"))
    trial_until = DateField(null=True, verbose_name=_l("On trial until"))
    confirmed_on = DateField(null=True, verbose_name=_l("Confirmed after the trial on"))
    reviewed_on = DateField(null=True, verbose_name=_l("Last reviewed on"))
    supersedes = RestrictedKey("self", null=True, unique=True, backref="+", verbose_name=_l("Supersedes"))
    parent = RestrictedKey("self", null=True, backref="+", verbose_name=_l("Hangs below"))
    source = CharField(max_length=40, default="", verbose_name=_l("Document of the policy catalogue"))
    note = TextField(default="", verbose_name=_l("Note"))
    file = CharField(max_length=80, default="", verbose_name=_l("Text"))
    file_name = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("institution", "effective_on"), False),)  # what was in force on a day
        constraints = [
            Check(Audience.sql("audience"), name="oversight_rule_document_audience"),
            Check(
                "(supersedes_id IS NULL OR supersedes_id <> id) AND (parent_id IS NULL OR parent_id <> id)",
                name="oversight_rule_document_itself",
            ),
            Check(
                "until IS NULL OR (effective_on IS NOT NULL AND until >= effective_on)",
                name="oversight_rule_document_term",
            ),
            Check("issued_on IS NULL OR effective_on IS NOT NULL", name="oversight_rule_document_issued"),
            Check(
                "trial_until IS NULL OR effective_on IS NULL OR trial_until >= effective_on",
                name="oversight_rule_document_trial",
            ),
            Check(
                "supersedes_id IS NULL OR parent_id IS NULL OR supersedes_id <> parent_id",
                name="oversight_rule_document_twins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def standing(self, day: date | None = None) -> Standing:
        """How it stands on a day (today, where none is given)."""
        day = day or today()
        if self.issued_on is None or self.effective_on is None:
            return Standing.DRAFT
        if self.until is not None and self.until < day:
            return Standing.ENDED
        if self.effective_on > day:
            return Standing.COMING
        return Standing.TRIAL if self.trial_until and not self.confirmed_on else Standing.FORCE

    @property
    def issued_words(self) -> str:
        """The day of issue, or its month where no more is known (s2-09-r24)."""
        if self.issued_on is None:
            return ""
        return f"{self.issued_on:%Y-%m}" if self.month_only else self.issued_on.isoformat()


class MadeKnown(Owned):
    """That a text was made known: how, on which day, with what evidence."""

    title, titles = _l("Making known"), _l("Makings known")
    scope_parent = "document"
    refusals = {"oversight_made_known_reached": _l("The number of people is a whole number from 0 up.")}

    document = RestrictedKey(RuleDocument, backref="made_known", verbose_name=_l("Rule document"))
    way = CharField(max_length=20, choices=Way.pairs(), verbose_name=_l("How"))
    on = DateField(column_name="made_on", verbose_name=_l("On"))
    reached = IntegerField(null=True, verbose_name=_l("People reached"))
    evidence = CharField(max_length=300, default="", verbose_name=_l("Evidence"))
    file = CharField(max_length=80, default="", verbose_name=_l("Paper"))
    file_name = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("document", "on"), False),)
        constraints = [
            Check(Way.sql("way"), name="oversight_made_known_way"),
            Check("reached IS NULL OR reached >= 0", name="oversight_made_known_reached"),
        ]

    def __str__(self) -> str:
        return str(Way(self.way).label)


class Reading(Owned):
    """That a person was told of a text, and when they said they had read it."""

    title, titles = _l("Reader"), _l("Readers")
    scope_parent = "document"

    document = RestrictedKey(RuleDocument, backref="readings", verbose_name=_l("Rule document"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))
    told_on = DateField(verbose_name=_l("Told on"))
    read_at = UtcDateTimeField(null=True, verbose_name=_l("Read at"))

    class Meta:
        indexes = ((("document", "person"), True),)

    def __str__(self) -> str:
        return str(self.person)


class Inspection(Owned):
    """Somebody looks at a unit, or at one of its accounts. By a unit of the institution, or from outside."""

    title, titles = _l("Inspection"), _l("Inspections")
    scope_unit = "unit"
    refusals = {
        "oversight_inspection_by": _l("Name the unit that inspects, or the authority from outside: one of them."),
        "oversight_inspection_done": _l("An inspection that is done has the day it was done on; no other has."),
    }

    unit = RestrictedKey(Unit, backref="inspections", verbose_name=_l("Inspected unit"))
    account = RestrictedKey(Account, null=True, backref="inspections", verbose_name=_l("Inspected account"))
    by_unit = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Inspecting unit"))
    outside = CharField(max_length=120, default="", verbose_name=_l("Authority from outside"))
    inspector = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Inspector"))
    subject = CharField(max_length=200, default="", verbose_name=_l("What is looked at"))
    planned_on = DateField(verbose_name=_l("Planned on"))
    state = CharField(
        max_length=20,
        choices=InspectionState.pairs(),
        default=InspectionState.PLANNED.value,
        verbose_name=_l("State"),
    )
    done_on = DateField(null=True, verbose_name=_l("Done on"))
    result = TextField(default="", verbose_name=_l("Result"))
    file = CharField(max_length=80, default="", verbose_name=_l("Record"))
    file_name = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("institution", "unit", "done_on"), False),)  # when a unit was last inspected
        constraints = [
            Check(InspectionState.sql("state"), name="oversight_inspection_state"),
            Check("(by_unit_id IS NULL) = (outside <> '')", name="oversight_inspection_by"),
            Check("(state = 'done') = (done_on IS NOT NULL)", name="oversight_inspection_done"),
        ]

    def __str__(self) -> str:
        return _("Inspection of %(whom)s, %(day)s", whom=self.account or self.unit, day=self.done_on or self.planned_on)

    @property
    def by(self) -> str:
        """Who inspects, in words."""
        return str(self.by_unit or self.outside)


class Item(Owned):
    """What an inspection found, what it advises, by when it is answered, and the answer."""

    title, titles = _l("Item of an inspection"), _l("Items of inspections")
    scope_parent = "inspection"
    called = "finding"
    refusals = {
        "oversight_item_answered": _l("An item that was answered has the day of the answer."),
        "oversight_item_decided": _l("An item that is decided has the day of the decision."),
    }

    inspection = RestrictedKey(Inspection, backref="items", verbose_name=_l("Inspection"))
    number = IntegerField(verbose_name=_l("No."))
    gravity = CharField(
        max_length=20, choices=Gravity.pairs(), default=Gravity.REMARK.value, verbose_name=_l("Severity")
    )
    finding = TextField(verbose_name=_l("Found"))
    advice = TextField(default="", verbose_name=_l("Advice"))
    due_on = DateField(verbose_name=_l("Answer due on"))
    state = CharField(max_length=20, choices=ItemState.pairs(), default=ItemState.OPEN.value, verbose_name=_l("State"))
    answer = TextField(default="", verbose_name=_l("Answer"))
    answered_on = DateField(null=True, verbose_name=_l("Answered on"))
    file = CharField(max_length=80, default="", verbose_name=_l("Evidence"))
    file_name = CharField(max_length=200, default="")
    decided_on = DateField(null=True, verbose_name=_l("Decided on"))
    decision = CharField(max_length=500, default="", verbose_name=_l("Decision on the answer"))
    returns = IntegerField(default=0, verbose_name=_l("Times returned"))

    class Meta:
        indexes = ((("inspection", "number"), True), (("institution", "state", "due_on"), False))
        constraints = [
            Check(Gravity.sql("gravity"), name="oversight_item_gravity"),
            Check(ItemState.sql("state"), name="oversight_item_state"),
            Check("state = 'open' OR answered_on IS NOT NULL", name="oversight_item_answered"),
            Check("state NOT IN ('returned', 'accepted') OR decided_on IS NOT NULL", name="oversight_item_decided"),
        ]

    def __str__(self) -> str:
        text = " ".join(str(self.finding).split())
        return f"{self.number}. {text[:40]}{'…' if len(text) > 40 else ''}"


class Duty(Owned):
    """A duty somebody holds: in which unit, from when until when, and by which document they were appointed."""

    title, titles = _l("Duty"), _l("Duties")
    scope_unit = "unit"
    refusals = {
        "oversight_duty_term": _l("A duty cannot end before it begins."),
        "oversight_duty_open": _l("This person holds this duty in this unit already."),
    }

    kind = RestrictedKey(DutyKind, backref="duties", verbose_name=_l("Duty"))
    unit = RestrictedKey(Unit, backref="duties_held", verbose_name=_l("Unit"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    since = DateField(default=today, verbose_name=_l("From"))
    until = DateField(null=True, verbose_name=_l("Until"))
    appointed_by = RestrictedKey(RuleDocument, null=True, backref="+", verbose_name=_l("Appointed by (document)"))
    tasks = TextField(default="", verbose_name=_l("Tasks"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        constraints = [Check("until IS NULL OR until >= since", name="oversight_duty_term")]

    def __str__(self) -> str:
        return f"{self.kind} · {self.person or self.unit}"

    @property
    def task_list(self) -> list[str]:
        """What is to be done, a line each: the holder's own, else what the kind of duty says."""
        return [line.strip() for line in str(self.tasks or self.kind.tasks).splitlines() if line.strip()]


Duty.add_index(
    Duty.index(Duty.kind, Duty.unit, Duty.person, unique=True, where=SQL("until IS NULL"), name="oversight_duty_open")
)
