"""The tables of what is posted: cases, notices with their receipts, named problems, bulletins, duty, the log."""

from __future__ import annotations

from peewee import BooleanField, CharField, Check, DateField, DoubleField, IntegerField, TextField

from panel.api import Owned, Person, RestrictedKey, SecretText, Unit, UtcDateTimeField, _l, today, utcnow
from plugins.groupchat.choices import (
    CaseKind,
    CaseState,
    LogKind,
    Measure,
    NoticeKind,
    NoticeState,
    Sanction,
    Via,
)
from plugins.groupchat.groups import Group, Source


class Case(Owned):
    """A post that may break a rule. Nothing follows from a hit until a person has confirmed it."""

    title, titles = _l("Case"), _l("Cases")
    called = "id"
    scope_parent = "group"
    derived = ("text", "context", "word")
    withheld = ("person",)  # not everybody who sees that there is a case may see whose
    refusals = {"groupchat_case_closed": _l("What is decided names the decision's time.")}

    group = RestrictedKey(Group, backref="cases", verbose_name=_l("Group"))
    group_id: int
    source = RestrictedKey(Source, null=True, backref="cases", verbose_name=_l("Import"))
    kind = CharField(max_length=20, choices=CaseKind.pairs(), verbose_name=_l("Kind"))
    key = CharField(max_length=64, default="")  # of the message: the same hit is one case, whatever is imported
    at = UtcDateTimeField(default=utcnow, column_name="posted_at", verbose_name=_l("Posted at"))
    sender = SecretText(verbose_name=_l("Posted by"))  # names and words reach neither audit nor export
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    target = SecretText(default="", verbose_name=_l("Against whom"))
    text = SecretText(default="", verbose_name=_l("Text"))
    word = CharField(max_length=200, default="", verbose_name=_l("Hit"))
    context = SecretText(default="", verbose_name=_l("Context"))
    posts = IntegerField(default=1, verbose_name=_l("Posts"))
    minutes = IntegerField(default=0, verbose_name=_l("Within minutes"))
    state = CharField(max_length=20, choices=CaseState.pairs(), default=CaseState.OPEN.value, verbose_name=_l("State"))
    serious = BooleanField(default=False, verbose_name=_l("Serious"))
    sanction = CharField(
        max_length=20, choices=Sanction.pairs(), default=Sanction.NONE.value, verbose_name=_l("Decision")
    )
    decided_by = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Decided by"))
    decided_at = UtcDateTimeField(null=True, verbose_name=_l("Decided"))
    note = TextField(default="", verbose_name=_l("Note"))
    stopped_at = UtcDateTimeField(null=True, verbose_name=_l("Stopped"))
    criticised_at = UtcDateTimeField(null=True, verbose_name=_l("Criticised"))
    deleted_at = UtcDateTimeField(null=True, verbose_name=_l("Deletion ordered"))
    corrected_at = UtcDateTimeField(null=True, verbose_name=_l("Corrected"))
    reported_to = CharField(max_length=120, default="", verbose_name=_l("Reported to the superior"))

    class Meta:
        indexes = ((("group", "state"), False), (("group", "kind", "key"), False), (("institution", "at"), False))
        constraints = [
            Check(CaseKind.sql("kind"), name="groupchat_case_kind"),
            Check(CaseState.sql("state"), name="groupchat_case_state"),
            Check(Sanction.sql("sanction"), name="groupchat_case_sanction"),
            Check("(state = 'open') = (decided_at IS NULL)", name="groupchat_case_closed"),
            Check("state IN ('confirmed', 'closed') OR sanction = 'none'", name="groupchat_case_judged"),
        ]

    def __str__(self) -> str:
        return f"{CaseKind(self.kind).label} · {self.group}"


class Notice(Owned):
    """A post that is prepared here: what kind, whether it needs an answer, in which words and by when."""

    title, titles = _l("Group notice"), _l("Group notices")
    called = "subject"
    scope_parent = "group"
    derived = ("posted_at", "post_error")
    refusals = {
        "groupchat_notice_sent": _l("What was sent has the time it was sent."),
        "groupchat_notice_paper": _l("Paper only for posting or filing: give the reason."),
    }

    group = RestrictedKey(Group, backref="notices", verbose_name=_l("Group"))
    group_id: int
    kind = CharField(max_length=20, choices=NoticeKind.pairs(), verbose_name=_l("Kind"))
    subject = CharField(max_length=120, verbose_name=_l("Subject"))
    text = TextField(verbose_name=_l("Text"))
    link = CharField(max_length=300, default="", verbose_name=_l("Link"))
    needs_receipt = BooleanField(default=False, verbose_name=_l("Needs an answer"))
    wording = CharField(max_length=120, default="", verbose_name=_l("Answer to be given"))
    exact = BooleanField(default=True, verbose_name=_l("In exactly these words"))
    complete_by = UtcDateTimeField(null=True, verbose_name=_l("Answers until"))
    planned_at = UtcDateTimeField(null=True, verbose_name=_l("To be posted at"))
    urgent = BooleanField(default=False, verbose_name=_l("Urgent"))
    paper = BooleanField(default=False, verbose_name=_l("Paper needed"))
    paper_reason = CharField(max_length=20, default="", verbose_name=_l("Why on paper"))
    author = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("By"))
    state = CharField(
        max_length=20, choices=NoticeState.pairs(), default=NoticeState.DRAFT.value, verbose_name=_l("State")
    )
    sent_at = UtcDateTimeField(null=True, verbose_name=_l("Sent"))
    reminded_at = UtcDateTimeField(null=True, verbose_name=_l("Reminded"))
    posted_at = UtcDateTimeField(null=True, verbose_name=_l("Posted by the robot"))
    post_error = CharField(max_length=300, default="", verbose_name=_l("Failure of the robot"))

    class Meta:
        indexes = ((("group", "state"), False),)
        constraints = [
            Check(NoticeKind.sql("kind"), name="groupchat_notice_kind"),
            Check(NoticeState.sql("state"), name="groupchat_notice_state"),
            Check("state <> 'sent' OR sent_at IS NOT NULL", name="groupchat_notice_sent"),
            Check("NOT paper OR paper_reason <> ''", name="groupchat_notice_paper"),
        ]

    def __str__(self) -> str:
        return self.subject


class Receipt(Owned):
    """Whether a person has answered a notice, and in the words that were asked for."""

    title, titles = _l("Receipt"), _l("Receipts")
    called = "text"
    scope_parent = "notice"

    notice = RestrictedKey(Notice, backref="receipts", verbose_name=_l("Group notice"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))
    person_id: int
    given_at = UtcDateTimeField(null=True, verbose_name=_l("Answered"))
    text = CharField(max_length=200, default="", verbose_name=_l("Words"))
    fits = BooleanField(default=False, verbose_name=_l("In the words asked for"))
    via = CharField(max_length=10, choices=Via.pairs(), default=Via.HAND.value, verbose_name=_l("Known from"))
    token = SecretText(default="")  # hash of the key in the personal link
    reminded_at = UtcDateTimeField(null=True, verbose_name=_l("Reminded"))
    explanation = TextField(default="", verbose_name=_l("Explanation"))
    explained_at = UtcDateTimeField(null=True, verbose_name=_l("Explained"))

    class Meta:
        indexes = ((("notice", "person"), True), (("token",), False))
        constraints = [Check(Via.sql("via"), name="groupchat_receipt_via")]

    def __str__(self) -> str:
        return f"{self.person} · {self.notice}"


class Problem(Owned):
    """A problem somebody was named for: acknowledged, corrected with proof in time, else they are summoned."""

    title, titles = _l("Named problem"), _l("Named problems")
    called = "fact"
    scope_parent = "group"
    refusals = {"groupchat_problem_fact": _l("State the fact.")}

    group = RestrictedKey(Group, backref="problems", verbose_name=_l("Group"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))
    person_id: int
    inspector = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Inspector"))
    inspector_id: int | None
    fact = CharField(max_length=300, verbose_name=_l("Fact"))
    named_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Named"))
    due_at = UtcDateTimeField(verbose_name=_l("To be corrected by"))
    acknowledged_at = UtcDateTimeField(null=True, verbose_name=_l("Acknowledged"))
    corrected_at = UtcDateTimeField(null=True, verbose_name=_l("Corrected"))
    proof = TextField(default="", verbose_name=_l("What was done"))
    file = CharField(max_length=80, default="", verbose_name=_l("Picture"))
    summoned_at = UtcDateTimeField(null=True, verbose_name=_l("Summoned"))
    outcome = CharField(max_length=300, default="", verbose_name=_l("Explanation given"))

    class Meta:
        indexes = ((("group", "due_at"), False),)
        constraints = [
            Check("fact <> ''", name="groupchat_problem_fact"),
            Check("corrected_at IS NULL OR proof <> '' OR file <> ''", name="groupchat_problem_proof"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.fact}"


class Bulletin(Owned):
    """Published results of an inspection: persons, facts and scores, ranked where that is allowed."""

    title, titles = _l("Bulletin"), _l("Bulletins")
    called = "subject"
    scope_parent = "group"

    group = RestrictedKey(Group, backref="bulletins", verbose_name=_l("Group"))
    subject = CharField(max_length=120, verbose_name=_l("Subject"))
    on = DateField(default=today, column_name="inspected_on", verbose_name=_l("On the day"))
    measure = CharField(
        max_length=10, choices=Measure.pairs(), default=Measure.SCORE.value, verbose_name=_l("Ranked by")
    )
    published_at = UtcDateTimeField(null=True, verbose_name=_l("Published"))

    class Meta:
        constraints = [Check(Measure.sql("measure"), name="groupchat_bulletin_measure")]

    def __str__(self) -> str:
        return self.subject


class Result(Owned):
    """A line of a bulletin."""

    title, titles = _l("Result"), _l("Results")
    called = "fact"
    scope_parent = "bulletin"
    refusals = {"bulletin,person": _l("This person has a line in the bulletin already.")}

    bulletin = RestrictedKey(Bulletin, backref="results", verbose_name=_l("Bulletin"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    fact = CharField(max_length=300, default="", verbose_name=_l("Fact"))
    score = DoubleField(null=True, verbose_name=_l("Score given"))

    class Meta:
        indexes = ((("bulletin", "person"), True),)

    def __str__(self) -> str:
        return f"{self.person} · {self.score}"


class DutyDay(Owned):
    """Who inspects on a day, and what they found."""

    title, titles = _l("Day of duty"), _l("Days of duty")
    called = "record"
    scope_unit = "unit"
    refusals = {"unit,on,person": _l("This person is on duty on this day already.")}

    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    on = DateField(column_name="duty_on", verbose_name=_l("On the day"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("On duty"))
    person_id: int
    record = TextField(default="", verbose_name=_l("What was found"))
    recorded_at = UtcDateTimeField(null=True, verbose_name=_l("Recorded"))

    class Meta:
        indexes = ((("unit", "on", "person"), True), (("institution", "on"), False))

    def __str__(self) -> str:
        return f"{self.on} · {self.person}"


class LogEntry(Owned):
    """What a manager of a group noted: a topic ended, advice given, an article forwarded, material filed."""

    title, titles = _l("Entry of the group's log"), _l("The groups' log")
    called = "text"
    scope_parent = "group"

    group = RestrictedKey(Group, backref="log", verbose_name=_l("Group"))
    kind = CharField(max_length=20, choices=LogKind.pairs(), default=LogKind.NOTE.value, verbose_name=_l("What"))
    text = CharField(max_length=300, verbose_name=_l("Text"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("By"))
    at = UtcDateTimeField(default=utcnow, column_name="noted_at", verbose_name=_l("At"))
    printed = BooleanField(default=False, verbose_name=_l("Printed"))
    file = CharField(max_length=80, default="", verbose_name=_l("File"))
    file_name = CharField(max_length=200, default="")

    class Meta:
        indexes = ((("group", "kind", "at"), False),)
        constraints = [Check(LogKind.sql("kind"), name="groupchat_log_entry_kind")]

    def __str__(self) -> str:
        return self.text
