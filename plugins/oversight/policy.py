"""What the institution lays down for oversight, and the lists that go with it: kinds of documents, kinds of duties."""

from __future__ import annotations

from peewee import BooleanField, CharField, Check, IntegerField, TextField

from panel.api import Owned, PolicyRecord, _l, figure, policy, switch


@policy
class OversightPolicy(PolicyRecord):
    """The institution's own figures. An empty figure: that rule is not in force."""

    title, titles = _l("Policy on oversight"), _l("Policies on oversight")

    interpreter_required = switch(
        _l("A rule document names who interprets it"),
        _l("Without one it cannot be issued."),
        ("s0-01-r13", "s0-03-r10", "s0-11-r16", "s1-01-r12", "s1-02-r12", "s1-04-r13", "s1-20-r13", "s3-01-r15"),
        default=True,
    )
    known_before = switch(
        _l("A revised text is made known before it takes effect"),
        _l("It cannot be issued as long as no day on which it was made known is on record."),
        ("s0-01-r14", "s1-18-r16"),
        default=True,
    )
    known_days = figure(
        _l("Days it must be known beforehand, at least"),
        _l("Counted to the day from which the text is in force."),
        ("s0-01-r14", "s1-18-r16"),
        least=1,
        most=365,
        default=1,
    )
    told_at_issue = switch(
        _l("All whom a text addresses are told when it is issued"),
        _l("The page of the text shows who has read it."),
        ("s1-11-r15",),
        default=True,
    )
    review_months = figure(
        _l("Months after which a rule document is reviewed"),
        _l("Confirmed, revised or repealed."),
        ("s1-02-r12", "s1-20-r13"),
        least=1,
        most=120,
        default=None,
    )
    inspection_months = figure(
        _l("Months after which a unit with accounts is inspected again"),
        "",
        ("s1-09-r12", "s1-01-r09", "s2-04-r13"),
        least=1,
        most=60,
        default=12,
    )
    answer_days = figure(
        _l("Days within which an item of an inspection is answered"),
        _l("Proposed where no other day is entered."),
        ("s1-06-r08", "s2-03-r06", "s2-04-r13"),
        least=1,
        most=365,
        default=15,
    )
    inspectors_hold_duty = switch(
        _l("Only those whose duty it is inspect"),
        _l("An inspection names an inspector who holds a duty that includes inspecting."),
        ("s1-01-r09",),
    )


class DocumentKind(Owned):
    """A kind of rule document, such as measures or operating procedures."""

    title, titles = _l("Kind of rule document"), _l("Kinds of rule documents")
    refusals = {"institution,name": _l("There is a kind of this name already.")}

    name = CharField(max_length=60, verbose_name=_l("Name"))
    required = BooleanField(default=False, verbose_name=_l("The institution must have one"))
    of_each_unit = BooleanField(default=False, verbose_name=_l("Each unit with accounts must have one of its own"))

    class Meta:
        indexes = ((("institution", "name"), True),)
        constraints = [Check("name <> ''", name="oversight_document_kind_named")]

    def __str__(self) -> str:
        return self.name


class DutyKind(Owned):
    """A duty somebody has beside any account, alone or in a group: its leader, a member, the WeCom administrator."""

    title, titles = _l("Kind of duty"), _l("Kinds of duties")
    refusals = {
        "institution,group,name": _l("There is a duty of this name in this group already."),
        "oversight_duty_kind_numbers": _l("Numbers of people are whole, from 0 up; the most is not below the least."),
        "oversight_duty_kind_head": _l("Either the head of one unit, or the head of any: not both."),
    }

    group = CharField(max_length=80, default="", column_name="group_name", verbose_name=_l("Group"))
    name = CharField(max_length=60, verbose_name=_l("Duty"))
    position = IntegerField(default=0, verbose_name=_l("Order"))
    least = IntegerField(default=1, verbose_name=_l("People, at least"))
    most = IntegerField(null=True, verbose_name=_l("People, at most"))
    of_each_unit = BooleanField(default=False, verbose_name=_l("In each unit with accounts"))
    by_unit = BooleanField(default=False, verbose_name=_l("Held by a unit, not by a person"))
    head_of = CharField(max_length=120, default="", verbose_name=_l("Held by the head of (unit)"))
    head_of_any = BooleanField(default=False, verbose_name=_l("Held by heads of units"))
    answers_for_accounts = BooleanField(default=False, verbose_name=_l("Stands on the responsibility card"))
    inspects = BooleanField(default=False, verbose_name=_l("Includes inspecting"))
    tasks = TextField(default="", verbose_name=_l("Tasks"))

    class Meta:
        indexes = ((("institution", "group", "name"), True),)
        constraints = [
            Check("name <> ''", name="oversight_duty_kind_named"),
            Check("least >= 0 AND (most IS NULL OR most >= least)", name="oversight_duty_kind_numbers"),
            Check("NOT (head_of <> '' AND head_of_any)", name="oversight_duty_kind_head"),
        ]

    def __str__(self) -> str:
        return f"{self.group} · {self.name}" if self.group else self.name
