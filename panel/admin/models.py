"""What users keep about lists, and the imports of spreadsheets: their plans and saved mappings."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, CharField, Check, IntegerField, JSONField, TextField

from panel.access.models import User
from panel.choices import Choice
from panel.database import BaseModel, RestrictedKey, UtcDateTimeField
from panel.i18n import _l
from panel.org.models import Owned


class SavedFilter(Owned):
    """A named state of a list: its conditions, order and columns, as its address carries them."""

    title, titles = _l("Saved filter"), _l("Saved filters")
    refusals = {"user,view,name": _l("You already have a saved filter of this name here.")}

    user = RestrictedKey(User, backref="saved_filters", verbose_name=_l("User"))
    user_id: int
    view = CharField(max_length=80)  # endpoint of the list
    name = CharField(max_length=40, verbose_name=_l("Name"))
    query = TextField(default="")  # the canonical query string, without the page
    shared = BooleanField(default=False, verbose_name=_l("For everybody in the institution"))

    class Meta:
        indexes = (
            (("user", "view", "name"), True),
            (("institution", "view"), False),  # the tabs of a list
        )

    def __str__(self) -> str:
        return self.name


class ImportState(Choice):
    """Where an import stands. Nothing is written before `applying`, and everything or nothing in it."""

    DRAFT = "draft", _l("To be mapped"), "state-wait"
    PLANNING = "planning", _l("Being checked"), "state-wait"
    PLANNED = "planned", _l("To be confirmed"), "state-wait"
    STALE = "stale", _l("To be confirmed anew"), "state-wait"
    APPLYING = "applying", _l("Being imported"), "state-wait"
    DONE = "done", _l("Imported"), "state-ok"
    FAILED = "failed", _l("Failed"), "state-bad"


class Outcome(Choice):
    """What an import does with a row; in the order the rows are shown."""

    REFUSED = "refused", _l("Refused"), "badge-danger"
    CHANGED = "changed", _l("Changed"), "badge-info"
    CREATED = "created", _l("Created"), "badge-success"
    UNCHANGED = "unchanged", _l("Unchanged"), ""


class ImportRun(Owned):
    """A spreadsheet on its way into a table: the file, how it is read, what the user decided, and the plan."""

    title, titles = _l("Import"), _l("Imports")
    derived = ("reading", "offers", "counts", "digest", "large", "job_id", "state", "error", "result", "done_at")

    user = RestrictedKey(User, null=True, backref="imports", verbose_name=_l("User"))
    user_id: int | None
    target = CharField(max_length=80, verbose_name=_l("Into"))  # key of the model, `accounts.account`
    filename = CharField(max_length=200, verbose_name=_l("File"))
    content = CharField(max_length=64)  # the stored file's hash, by which it is found
    sheet = CharField(max_length=200, default="", verbose_name=_l("Sheet"))
    mapping = JSONField(default=dict, verbose_name=_l("Columns"))  # see services.wanted_mapping
    answers = JSONField(default=dict, verbose_name=_l("Decisions"))  # see resolve.Answers
    reading = JSONField(default=dict)  # how the sheet was read, for the page; see plan.reading_of
    offers = JSONField(default=dict)  # what the roster does not know, or knows twice; see plan.offers_of
    counts = JSONField(default=dict)  # outcome → rows
    digest = CharField(max_length=64, default="")  # of the plan that is shown; what a confirmation refers to
    large = BooleanField(default=False)  # worked on in the background
    job_id = BigIntegerField(null=True)  # of the run in the ledger
    state = CharField(
        max_length=20, choices=ImportState.pairs(), default=ImportState.DRAFT.value, verbose_name=_l("State")
    )
    error = TextField(default="")
    result = JSONField(default=dict)  # what was created beside the rows
    done_at = UtcDateTimeField(null=True, verbose_name=_l("Imported"))

    class Meta:
        indexes = (
            (("institution", "target", "id"), False),  # the history of imports
            (("content",), False),  # whether a stored file is still needed
        )
        constraints = [Check(ImportState.sql("state"), name="admin_import_run_state")]

    def __str__(self) -> str:
        return self.filename


class ImportRow(BaseModel):
    """A row of a plan. `position` counts in the order of `Outcome`, so that every page of a list is a range of it."""

    run = RestrictedKey(ImportRun, backref="+")
    position = IntegerField()
    row_number = IntegerField()
    outcome = CharField(max_length=20)
    label = CharField(max_length=300)
    subject_id = BigIntegerField(null=True)  # the stored row it is, or has become
    cells = JSONField(default=dict)  # column → what to show; see plan.shown
    problems = JSONField(default=list)

    class Meta:
        indexes = ((("run", "position"), True),)


class ImportMapping(Owned):
    """Which heading is which column, kept under a name for the next sheet of the same kind."""

    title, titles = _l("Saved mapping"), _l("Saved mappings")
    refusals = {"institution,target,name": _l("There is already a mapping of this name.")}

    target = CharField(max_length=80)
    name = CharField(max_length=60, verbose_name=_l("Name"))
    mapping = JSONField(default=dict, verbose_name=_l("Columns"))

    class Meta:
        indexes = ((("institution", "target", "name"), True),)

    def __str__(self) -> str:
        return self.name
