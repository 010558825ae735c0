"""The register of what went out, what is still to be done for it, and the plan."""

from __future__ import annotations

from peewee import SQL, BooleanField, CharField, Check, DateField, IntegerField, TextField

from panel.api import Owned, Person, RestrictedKey, Unit, UtcDateTimeField, _l, today
from plugins.accounts.services import Account
from plugins.content.choices import Mending, PlanState, ReleaseState, Task
from plugins.content.policy import Column, Medium, Topic
from plugins.content.writing import Submission


class Release(Owned):
    """That a piece went out: on an account, or in a medium of others. What a settlement collects, once."""

    title, titles = _l("Release"), _l("Releases")
    scope_parent = "submission"
    refusals = {
        "content_release_where": _l("Name an account or a medium, one of the two."),
        "content_release_account": _l("This piece is out on this account already."),
        "content_release_medium": _l("This piece is out in this medium already."),
        "content_release_withdrawn": _l("A withdrawn release has the day and the reason, and no other has."),
    }

    submission = RestrictedKey(Submission, backref="releases", verbose_name=_l("Submission"))
    account = RestrictedKey(Account, null=True, backref="releases", verbose_name=_l("Account"))
    medium = RestrictedKey(Medium, null=True, backref="releases", verbose_name=_l("Medium"))
    released_on = DateField(default=today, verbose_name=_l("Released on"))
    released_at = UtcDateTimeField(null=True, verbose_name=_l("Released at"))
    mass = BooleanField(default=False, verbose_name=_l("Mass send"))
    tested = BooleanField(default=False, verbose_name=_l("Test send looked at"))
    link = CharField(max_length=500, default="", verbose_name=_l("Link"))
    file = CharField(max_length=80, default="", verbose_name=_l("Screenshot or saved page"))
    file_name = CharField(max_length=200, default="")
    by = RestrictedKey(Person, null=True, column_name="released_by_id", backref="+", verbose_name=_l("Answerable"))
    state = CharField(
        max_length=20, choices=ReleaseState.pairs(), default=ReleaseState.OUT.value, verbose_name=_l("State")
    )
    withdrawn_on = DateField(null=True, verbose_name=_l("Withdrawn on"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = (
            (("institution", "released_on"), False),  # a month's pieces
            (("account", "released_on"), False),  # what an account released when
        )
        constraints = [
            Check("(account_id IS NULL) <> (medium_id IS NULL)", name="content_release_where"),
            Check(ReleaseState.sql("state"), name="content_release_state"),
            Check("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name="content_release_withdrawn"),
        ]

    def __str__(self) -> str:
        return f"{self.submission} · {self.account or self.medium}"


for _field in (Release.account, Release.medium):
    Release.add_index(
        Release.index(
            Release.submission,
            _field,
            unique=True,
            where=SQL(f"{_field.column_name} IS NOT NULL AND state = 'out'"),
            name=f"content_release_{_field.name}",
        )
    )


class Target(Owned):
    """What an account has to do with a piece: publish it, publish alongside, or repost; with the day it is due."""

    title, titles = _l("Release task"), _l("Release tasks")
    scope_parent = "submission"
    refusals = {
        "content_target_where": _l("Name an account or a medium, one of the two."),
        "content_target_once": _l("This account is named already."),
    }

    submission = RestrictedKey(Submission, backref="targets", verbose_name=_l("Submission"))
    account = RestrictedKey(Account, null=True, backref="content_targets", verbose_name=_l("Account"))
    medium = RestrictedKey(Medium, null=True, backref="content_targets", verbose_name=_l("Medium"))
    task = CharField(max_length=20, choices=Task.pairs(), default=Task.PUBLISH.value, verbose_name=_l("Task"))
    mass = BooleanField(default=False, verbose_name=_l("Mass send"))
    due_on = DateField(null=True, verbose_name=_l("Due on"))
    release = RestrictedKey(Release, null=True, backref="+", verbose_name=_l("Release"))
    release_id: int | None
    dropped = CharField(max_length=200, default="", verbose_name=_l("Dropped, because"))

    class Meta:
        constraints = [
            Check(Task.sql("task"), name="content_target_task"),
            Check("(account_id IS NULL) <> (medium_id IS NULL)", name="content_target_where"),
        ]

    def __str__(self) -> str:
        return f"{self.account or self.medium}"


Target.add_index(
    Target.index(
        Target.submission,
        Target.account,
        unique=True,
        where=SQL("account_id IS NOT NULL"),
        name="content_target_once",
    )
)


class ReadCount(Owned):
    """How often a release was read by a day: what fees by reads are settled from."""

    title, titles = _l("Figure of reads"), _l("Figures of reads")
    scope_parent = "release"
    refusals = {
        "release,counted_on": _l("The figure of this day is entered already."),
        "content_read_count_figures": _l("Figures are whole numbers from 0 up."),
    }

    release = RestrictedKey(Release, backref="reads", verbose_name=_l("Release"))
    on = DateField(default=today, column_name="counted_on", verbose_name=_l("As of"))
    reads = IntegerField(verbose_name=_l("Reads"))
    likes = IntegerField(null=True, verbose_name=_l("Likes"))

    class Meta:
        indexes = ((("release", "on"), True),)
        constraints = [Check("reads >= 0 AND (likes IS NULL OR likes >= 0)", name="content_read_count_figures")]

    def __str__(self) -> str:
        return str(self.reads)


class Correction(Owned):
    """What was mended after a piece went out, and why; a withdrawal is one, too."""

    title, titles = _l("Correction after release"), _l("Corrections after release")
    scope_parent = "release"
    refusals = {"content_correction_what": _l("Say what was wrong and what was done.")}

    release = RestrictedKey(Release, backref="corrections", verbose_name=_l("Release"))
    kind = CharField(max_length=20, choices=Mending.pairs(), verbose_name=_l("Kind"))
    on = DateField(default=today, column_name="mended_on", verbose_name=_l("On"))
    what = CharField(max_length=1000, verbose_name=_l("What was wrong, what was done"))

    class Meta:
        indexes = ((("institution", "on"), False),)  # what a month has to make good
        constraints = [
            Check(Mending.sql("kind"), name="content_correction_kind"),
            Check("what <> ''", name="content_correction_what"),
        ]

    def __str__(self) -> str:
        return self.what[:40]


class PlanItem(Owned):
    """An item of the plan: what is to go out when, and which unit supplies it by when."""

    title, titles = _l("Item of the plan"), _l("Plan")
    scope_unit = "unit"
    refusals = {"content_plan_item_days": _l("What is supplied is due no later than the day it goes out.")}

    name = CharField(max_length=200, verbose_name=_l("Subject"))
    unit = RestrictedKey(Unit, backref="+", verbose_name=_l("Unit that supplies it"))
    owner = RestrictedKey(Person, null=True, backref="plan_items", verbose_name=_l("Owner"))
    owner_id: int | None
    planned_on = DateField(verbose_name=_l("Goes out on"))
    due_on = DateField(null=True, verbose_name=_l("To be supplied by"))
    account = RestrictedKey(Account, null=True, backref="plan_items", verbose_name=_l("Account"))
    mass = BooleanField(default=False, verbose_name=_l("Mass send"))
    column = RestrictedKey(
        Column, null=True, column_name="section_id", backref="plan_items", verbose_name=_l("Content column")
    )
    topic = RestrictedKey(Topic, null=True, backref="+", verbose_name=_l("Range of content"))
    submission = RestrictedKey(Submission, null=True, backref="plan_items", verbose_name=_l("Submission"))
    state = CharField(
        max_length=20, choices=PlanState.pairs(), default=PlanState.PROPOSED.value, verbose_name=_l("State")
    )
    position = IntegerField(default=100, verbose_name=_l("Order"))
    note = CharField(max_length=300, default="", verbose_name=_l("Note"))

    class Meta:
        indexes = ((("institution", "planned_on"), False),)  # the calendar of a month
        constraints = [
            Check(PlanState.sql("state"), name="content_plan_item_state"),
            Check("due_on IS NULL OR due_on <= planned_on", name="content_plan_item_days"),
            Check("(state = 'done') = (submission_id IS NOT NULL)", name="content_plan_item_done"),
        ]

    def __str__(self) -> str:
        return self.name


class StagePlan(Owned):
    """What content is to be about in a stage, after the priorities of the year or quarter (s4-01-r09)."""

    title, titles = _l("Plan of a stage"), _l("Plans by stage")
    scope_unit = None
    refusals = {"content_stage_plan_days": _l("A stage does not end before it begins.")}

    name = CharField(max_length=120, verbose_name=_l("Stage"))
    starts_on = DateField(verbose_name=_l("Begins on"))
    ends_on = DateField(verbose_name=_l("Ends on"))
    priorities = TextField(verbose_name=_l("Priorities"))

    class Meta:
        indexes = ((("institution", "ends_on"), False),)
        constraints = [Check("ends_on >= starts_on", name="content_stage_plan_days")]

    def __str__(self) -> str:
        return self.name


class Forwarding(Owned):
    """That somebody of the staff is asked to forward a piece (s1-23-r32). Who did is counted, and nobody ranked."""

    title, titles = _l("Forwarding"), _l("Forwardings")
    scope_parent = "submission"
    refusals = {"submission,person": _l("This person is asked already.")}

    submission = RestrictedKey(Submission, backref="forwardings", verbose_name=_l("Submission"))
    person = RestrictedKey(Person, backref="+", verbose_name=_l("Person"))
    asked_on = DateField(default=today, verbose_name=_l("Asked on"))
    done_on = DateField(null=True, verbose_name=_l("Forwarded on"))

    class Meta:
        indexes = ((("submission", "person"), True),)

    def __str__(self) -> str:
        return str(self.person)
