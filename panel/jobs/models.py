"""The ledger of background work. The database is the truth about it; Redis only carries it to a worker."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, BooleanField, CharField, Check, IntegerField, JSONField, TextField

from panel.choices import Choice
from panel.database import BaseModel, RestrictedKey, UtcDateTimeField, utcnow
from panel.i18n import _l
from panel.org.models import Institution


class RunState(Choice):
    """Where a run stands."""

    QUEUED = "queued", _l("Waiting"), "state-wait"
    RUNNING = "running", _l("Running"), "state-wait"
    DONE = "done", _l("Done"), "state-ok"
    FAILED = "failed", _l("Failed"), "state-bad"
    CANCELLED = "cancelled", _l("Cancelled"), "state-off"


ENDED = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class Run(BaseModel):
    """One piece of background work. (task, institution, slot) is unique: whoever inserts it has claimed the slot."""

    title, titles = _l("Background run"), _l("Background runs")

    task = CharField(max_length=120, verbose_name=_l("Task"))
    institution = RestrictedKey(Institution, null=True, backref="+", verbose_name=_l("Institution"))
    slot = CharField(max_length=120, verbose_name=_l("Slot"))  # when it was due, or the key of what was asked for
    scheduled = BooleanField(default=False)
    args = JSONField(default=dict)
    user_id = BigIntegerField(null=True)  # who asked for it; the work is done in their name
    state = CharField(max_length=20, choices=RunState.pairs(), default=RunState.QUEUED.value, verbose_name=_l("State"))
    done = IntegerField(default=0, verbose_name=_l("Done"))
    total = IntegerField(default=0, verbose_name=_l("Total"))
    message = CharField(max_length=300, default="", verbose_name=_l("Message"))
    result = JSONField(null=True, verbose_name=_l("Result"))
    error = TextField(default="", verbose_name=_l("Error"))
    attempts = IntegerField(default=0, verbose_name=_l("Attempts"))
    worker = CharField(max_length=120, default="", verbose_name=_l("Worker"))
    queued_at = UtcDateTimeField(default=utcnow, verbose_name=_l("Queued"))
    due_at = UtcDateTimeField(default=utcnow)  # when the planner sends it to the workers (again), while it waits
    started_at = UtcDateTimeField(null=True, verbose_name=_l("Started"))
    heartbeat_at = UtcDateTimeField(null=True)
    finished_at = UtcDateTimeField(null=True, verbose_name=_l("Finished"))

    shown_at = 0.0  # not stored: when this process last passed on its progress

    class Meta:
        indexes = (
            (("task", "slot", "institution"), True),  # one run a slot; what the planner looks up
            (("state", "due_at"), False),  # what the planner sends
            (("institution", "id"), False),  # the list of runs
        )
        constraints = [Check(RunState.sql("state"), name="jobs_run_state")]

    def __str__(self) -> str:
        return f"{self.task} {self.slot}"

    @property
    def ended(self) -> bool:
        return self.state in ENDED


# SQL holds two NULLs to be different, so the work of the whole installation needs an index of its own.
Run.add_index(
    Run.index(Run.task, Run.slot, unique=True, where=SQL("institution_id IS NULL"), name="jobs_run_system_slot")
)


class Heartbeat(BaseModel):
    """A worker or scheduler that is, or was, alive."""

    title, titles = _l("Process"), _l("Processes")

    kind = CharField(max_length=20)  # worker, scheduler
    name = CharField(max_length=120, unique=True)
    host = CharField(max_length=120)
    pid = IntegerField()
    started_at = UtcDateTimeField(default=utcnow)
    seen_at = UtcDateTimeField(default=utcnow)
