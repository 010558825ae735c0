"""Chains of signatures, what is being decided by them, and every decision."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, DateField, IntegerField, JSONField, TextField

from panel.access.models import Role, User
from panel.choices import Choice
from panel.database import RestrictedKey, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Owned, Person, Unit


class Who(Choice):
    """Who signs a step. All but a named person are looked up when it is decided."""

    ROLE = "role", _l("A role in the applicant's unit, or the nearest above")
    PARENT = "parent", _l("A role in the unit above the applicant's")
    OFFICE = "office", _l("A role in a named unit")
    PERSON = "person", _l("A named person")


class Of(Choice):
    """How many of those who may sign must."""

    ANY = "any", _l("Any of them")
    ALL = "all", _l("All of them")


class Act(Choice):
    """What a step is."""

    APPROVE = "approve", _l("Approves")
    CARRY_OUT = "carry_out", _l("Carries out and confirms")


class State(Choice):
    """Where a request stands."""

    WAITING = "waiting", _l("In approval"), "state-wait"
    APPROVED = "approved", _l("Approved"), "state-ok"
    REJECTED = "rejected", _l("Rejected"), "state-bad"
    RETURNED = "returned", _l("Returned for revision"), "state-bad"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "state-off"
    VOID = "void", _l("Void: changed while in approval"), "state-off"


class TaskState(Choice):
    """Where a step of a request stands."""

    PENDING = "pending", _l("Its turn is to come"), "state-off"
    OPEN = "open", _l("Waiting for a decision"), "state-wait"
    DONE = "done", _l("Decided"), "state-ok"
    SKIPPED = "skipped", _l("Not reached"), "state-off"


class Verdict(Choice):
    """What a signer decided."""

    APPROVE = "approve", _l("Agreed"), "state-ok"
    DONE = "done", _l("Carried out"), "state-ok"
    RETURN = "return", _l("Returned for revision"), "state-bad"
    REJECT = "reject", _l("Not agreed"), "state-bad"


class Chain(Owned):
    """Who signs for a subject, in what order. Requests keep the steps they began with; `revision` counts changes."""

    title, titles = _l("Approval chain"), _l("Approval chains")
    refusals = {
        "institution,subject,name": _l("There is already a chain of this name for the same subject."),
        "approvals_chain_named": _l("Give the chain a name."),
    }

    subject = CharField(max_length=80, verbose_name=_l("Decides about"))
    name = CharField(max_length=120, verbose_name=_l("Name"))
    position = IntegerField(default=1, verbose_name=_l("Order"))  # the first that fits is taken
    active = BooleanField(default=True, verbose_name=_l("In force"))
    when = JSONField(default=list, verbose_name=_l("Only where"))
    own = BooleanField(default=False, verbose_name=_l("Applicants may sign their own"))
    bulk = BooleanField(default=False, verbose_name=_l("Several may be decided at once"))
    rules = CharField(max_length=300, default="", verbose_name=_l("Rules"))  # ids, between them a space
    revision = IntegerField(default=1, verbose_name=_l("Version of the chain"))

    class Meta:
        indexes = ((("institution", "subject", "name"), True), (("institution", "subject", "position"), False))
        constraints = [Check("name <> ''", name="approvals_chain_named")]

    def __str__(self) -> str:
        return self.name


class ChainStep(Owned):
    """A step of a chain. Steps `with_previous` stand beside the one before and are decided at the same time."""

    title, titles = _l("Step of a chain"), _l("Steps of chains")
    scope_parent = "chain"
    refusals = {
        "approvals_chain_step_named": _l("Give the step a name."),
        "approvals_chain_step_days": _l("A time limit is 1 to 365 days."),
        "approvals_chain_step_person": _l("Name the person."),
        "approvals_chain_step_office": _l("Name the unit."),
    }

    chain = RestrictedKey(Chain, backref="steps", verbose_name=_l("Chain"))
    position = IntegerField(verbose_name=_l("Order"))
    name = CharField(max_length=120, verbose_name=_l("Name"))
    who = CharField(max_length=10, choices=Who.pairs(), default=Who.ROLE.value, verbose_name=_l("Who signs"))
    role = RestrictedKey(Role, null=True, backref="+", verbose_name=_l("Role"))
    office = RestrictedKey(Unit, null=True, backref="+", verbose_name=_l("Unit"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    of = CharField(max_length=5, choices=Of.pairs(), default=Of.ANY.value, verbose_name=_l("How many"))
    with_previous = BooleanField(default=False, verbose_name=_l("At the same time as the step before"))
    when = JSONField(default=list, verbose_name=_l("Only where"))
    days = IntegerField(null=True, verbose_name=_l("Within (days)"))
    proof = BooleanField(default=False, verbose_name=_l("Signers prove anew who they are"))
    opinion = BooleanField(default=False, verbose_name=_l("An opinion is required"))
    act = CharField(max_length=10, choices=Act.pairs(), default=Act.APPROVE.value, verbose_name=_l("What they do"))
    rules = CharField(max_length=300, default="", verbose_name=_l("Rules"))

    class Meta:
        indexes = ((("chain", "position"), True),)
        constraints = [
            Check("name <> ''", name="approvals_chain_step_named"),
            Check("days IS NULL OR days BETWEEN 1 AND 365", name="approvals_chain_step_days"),
            Check(Who.sql("who"), name="approvals_chain_step_who"),
            Check(Of.sql("of"), name="approvals_chain_step_of"),
            Check(Act.sql("act"), name="approvals_chain_step_act"),
            Check("(who = 'person') = (person_id IS NOT NULL)", name="approvals_chain_step_person"),
            Check("(who = 'office') = (office_id IS NOT NULL)", name="approvals_chain_step_office"),
            Check("(who = 'person') = (role_id IS NULL)", name="approvals_chain_step_role"),
        ]

    def __str__(self) -> str:
        return self.name


class Request(Owned):
    """A row somebody asks to have decided, as it was when they asked."""

    title, titles = _l("Request for approval"), _l("Requests for approval")
    called = "subject_text"
    scope_unit = "unit"
    refusals = {"approvals_request_waiting": _l("This is in approval already.")}

    subject = CharField(max_length=80, verbose_name=_l("Decides about"))
    subject_type = CharField(max_length=80)
    subject_id = BigIntegerField()
    subject_text = CharField(max_length=200, verbose_name=_l("About"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit"))
    unit_id: int
    chain = RestrictedKey(Chain, backref="requests", verbose_name=_l("Chain"))
    chain_name = CharField(max_length=120)
    revision = IntegerField()
    own = BooleanField(default=False)
    bulk = BooleanField(default=False)
    applicant = RestrictedKey(User, null=True, backref="+", verbose_name=_l("Applicant"))
    applicant_id: int | None
    applicant_name = CharField(max_length=60, verbose_name=_l("Applicant"))
    note = TextField(default="", verbose_name=_l("Note"))
    facts = JSONField(default=list)  # [label, value] as signers read it
    facts_hash = CharField(max_length=64)
    code = CharField(max_length=20, unique=True)  # printed on the paper form
    state = CharField(max_length=10, choices=State.pairs(), default=State.WAITING.value, verbose_name=_l("State"))
    submitted_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Submitted"))
    ended_at = UtcDateTimeField(null=True, verbose_name=_l("Ended"))
    ended_note = TextField(default="", verbose_name=_l("Why it ended"))

    class Meta:
        indexes = (
            (("subject_type", "subject_id", "id"), False),  # the timeline on a subject
            (("institution", "state", "submitted_at"), False),
            (("applicant", "id"), False),  # my requests
        )
        constraints = [
            Check(State.sql("state"), name="approvals_request_state"),
            Check("(state = 'waiting') = (ended_at IS NULL)", name="approvals_request_ended"),
        ]

    def __str__(self) -> str:
        from panel.approvals.declare import title_of

        return f"{title_of(self.subject)} · {self.subject_text}"

    @property
    def waiting(self) -> bool:
        return self.state == State.WAITING


Request.add_index(
    Request.index(
        Request.subject,
        Request.subject_id,
        unique=True,
        where=SQL("state = 'waiting'"),
        name="approvals_request_waiting",
    )
)


class Task(Owned):
    """A step of a request: what the chain said when it was submitted, or a signature somebody asked for besides."""

    title, titles = _l("Step of a request"), _l("Steps of requests")
    scope_parent = "request"
    derived = ("stuck",)

    request = RestrictedKey(Request, backref="tasks", verbose_name=_l("Request"))
    request_id: int
    stage = IntegerField()  # those of one stage are decided at the same time
    position = IntegerField()
    name = CharField(max_length=120, verbose_name=_l("Step"))
    who = CharField(max_length=10, choices=Who.pairs())
    role = RestrictedKey(Role, null=True, backref="+")
    unit = RestrictedKey(Unit, null=True, backref="+")  # where the role is looked for
    unit_id: int | None
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    of = CharField(max_length=5, choices=Of.pairs(), default=Of.ANY.value)
    days = IntegerField(null=True)
    proof = BooleanField(default=False)
    opinion = BooleanField(default=False)
    act = CharField(max_length=10, choices=Act.pairs(), default=Act.APPROVE.value)
    rules = CharField(max_length=300, default="")
    asked_by = CharField(max_length=60, default="")  # who asked for this signature besides the chain's
    state = CharField(
        max_length=10, choices=TaskState.pairs(), default=TaskState.PENDING.value, verbose_name=_l("State")
    )
    opened_at = UtcDateTimeField(null=True, verbose_name=_l("Its turn since"))
    due_on = DateField(null=True, verbose_name=_l("Due on"))
    closed_at = UtcDateTimeField(null=True)
    stuck = BooleanField(default=False)  # nobody can sign it any more

    class Meta:
        indexes = ((("request", "position"), True),)
        constraints = [
            Check(TaskState.sql("state"), name="approvals_task_state"),
            Check("(who = 'person') = (person_id IS NOT NULL)", name="approvals_task_person"),
            Check("(who = 'person') = (role_id IS NULL)", name="approvals_task_role"),
            Check("state <> 'open' OR opened_at IS NOT NULL", name="approvals_task_opened"),
        ]

    def __str__(self) -> str:
        return self.name


Task.add_index(
    # What somebody has to decide: as small as what waits, whatever the table holds.
    Task.index(Task.institution, Task.due_on, where=SQL("state = 'open'"), name="approvals_task_open")
)


class Decision(Owned):
    """A signature. (task, seat) is unique: a step any of several may sign has one seat, else each has their own."""

    title, titles = _l("Decision"), _l("Decisions")
    scope_parent = "request"
    append_only = True
    refusals = {"task,seat": _l("This step was decided already.")}

    request = RestrictedKey(Request, backref="decisions", verbose_name=_l("Request"))
    request_id: int
    task = RestrictedKey(Task, backref="decisions", verbose_name=_l("Step"))
    task_id: int
    seat = CharField(max_length=24)
    verdict = CharField(max_length=10, choices=Verdict.pairs(), verbose_name=_l("Decision"))
    opinion = TextField(default="", verbose_name=_l("Opinion"))
    user = RestrictedKey(User, backref="+", verbose_name=_l("User"))
    person = RestrictedKey(Person, null=True, backref="+", verbose_name=_l("Person"))
    person_id: int | None
    signer = CharField(max_length=60, verbose_name=_l("Signed by"))
    post = CharField(max_length=80, default="", verbose_name=_l("Post"))
    on_behalf = CharField(max_length=60, default="", verbose_name=_l("On behalf of"))
    proof = CharField(max_length=20, default="", verbose_name=_l("Proof of identity"))
    decided_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Decided"))

    class Meta:
        indexes = ((("task", "seat"), True), (("request", "id"), False))
        constraints = [Check(Verdict.sql("verdict"), name="approvals_decision_verdict")]

    def __str__(self) -> str:
        return f"{self.signer} · {Verdict(self.verdict).label}"


class Delegation(Owned):
    """Somebody signs for somebody else: between two days or until it is ended, all, one subject, or one step only."""

    title, titles = _l("Delegation"), _l("Delegations")
    refusals = {
        "approvals_delegation_dates": _l("It cannot end before it begins."),
        "approvals_delegation_self": _l("Choose somebody else."),
    }

    giver = RestrictedKey(Person, backref="+", verbose_name=_l("On behalf of"))
    giver_id: int
    receiver = RestrictedKey(Person, backref="+", verbose_name=_l("Who signs"))
    receiver_id: int
    subject = CharField(max_length=80, default="", verbose_name=_l("Decides about"))
    task = RestrictedKey(Task, null=True, backref="+")
    task_id: int | None
    begins_on = DateField(verbose_name=_l("From"))
    ends_on = DateField(null=True, verbose_name=_l("Until"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))
    ended_at = UtcDateTimeField(null=True, verbose_name=_l("Ended"))

    class Meta:
        indexes = ((("receiver", "ends_on"), False), (("giver", "ends_on"), False))
        constraints = [
            Check("ends_on IS NULL OR ends_on >= begins_on", name="approvals_delegation_dates"),
            Check("giver_id <> receiver_id", name="approvals_delegation_self"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.receiver}"


class Template(Owned):
    """The institution's own paper form for a subject: a Word file with placeholders."""

    title, titles = _l("Paper form"), _l("Paper forms")
    refusals = {"institution,subject": _l("There is a form for this subject already.")}

    subject = CharField(max_length=80, verbose_name=_l("Decides about"))
    file = CharField(max_length=80, verbose_name=_l("File"))
    file_name = CharField(max_length=200)

    class Meta:
        indexes = ((("institution", "subject"), True),)

    def __str__(self) -> str:
        return self.file_name
