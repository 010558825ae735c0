"""The verbs of an import: upload, decide, confirm, apply. Nothing reaches the target before `apply`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peewee import IntegrityError

from panel import audit, records
from panel.access.identity import Identity, asking
from panel.admin.imports import files
from panel.admin.imports.background import CONFIRMABLE, SETTLED, enqueue, settle
from panel.admin.imports.grid import Upload
from panel.admin.imports.mapping import SEARCHED_ROWS
from panel.admin.imports.plan import Plan, Report, quiet
from panel.admin.imports.planning import check, keep_plan, make_plan, read
from panel.admin.imports.reading import open_upload
from panel.admin.imports.resolve import Answers
from panel.admin.imports.targets import Door, door
from panel.admin.imports.write import write
from panel.admin.models import ImportMapping, ImportRow, ImportRun, ImportState
from panel.checks.saving import recording
from panel.database import db, is_postgres, transaction, utcnow
from panel.errors import NotFound, Refused, Stale
from panel.i18n import _, ngettext
from panel.org.models import Institution

LARGEST = 2**63  # no id is
LARGE = 2_000  # rows; more are worked on in the background


# ── finding ────────────────────────────────────────────────────────────────────────────────────


def visible(identity: Identity, opened: Door) -> Any:
    """The imports into a target that somebody sees, as a condition: their own; all, for who may import everywhere."""
    mine = (ImportRun.institution == identity.institution.id) & (ImportRun.target == opened.key)
    if identity.reach(opened.permission) is None:
        return mine
    return mine & (ImportRun.user == (identity.user.id if identity.user else None))


def find(run_id: int, identity: Identity) -> tuple[ImportRun, Door]:
    """One import and what it goes into. Raises NotFound for one that does not exist or is not theirs to see."""
    mine = ImportRun.institution == identity.institution.id
    run = ImportRun.get_or_none(ImportRun.id == run_id, mine) if run_id < LARGEST else None
    if run is None:
        raise NotFound(_("This import is not there, or is not yours to see."))
    opened = door(run.target, identity)
    if not ImportRun.select().where(ImportRun.id == run_id, visible(identity, opened)).exists():
        raise NotFound(_("This import is not there, or is not yours to see."))
    return run, opened


# ── upload ─────────────────────────────────────────────────────────────────────────────────────


def upload(target: str, filename: str, data: bytes, background: bool = True, **choices: Any) -> ImportRun:
    """Take in a file and check it; `choices` are `decide`'s. Raises Refused for a file that cannot be read.

    Long files are worked on in the background, unless the caller would rather wait.
    """
    identity = asking()
    opened = door(target, identity)
    large = is_large(open_upload(data)) and background
    with transaction():
        run = records.create(
            ImportRun,
            institution=identity.institution,
            user=identity.user,
            target=opened.key,
            filename=plain_name(filename),
            content=files.keep(data),
            large=large,
        )
        return decide(run, **choices)


def plain_name(filename: str) -> str:
    """The file's own name, without folders and without what no name may hold."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c.isprintable()).strip()
    stem, dot, ending = name.rpartition(".")
    return (name if len(name) <= 120 else f"{stem[:110]}{dot}{ending[:9]}") or _("Unnamed")


def is_large(opened: Upload) -> bool:
    """Whether any sheet has more rows than are worked on while the user waits."""
    return any(len(opened.head(name, LARGE + SEARCHED_ROWS).rows) > LARGE for name in opened.names)


# ── decisions ──────────────────────────────────────────────────────────────────────────────────


def decide(
    run: ImportRun,
    *,
    letters: Mapping[str, str | None] | None = None,
    saved: ImportMapping | None = None,
    sheet: str | None = None,
    answers: Answers | None = None,
) -> ImportRun:
    """Change how the sheet is read or what is to be created, and make the plan anew.

    `letters`: sheet column → field. `saved`: a saved mapping. Raises Refused, and leaves all as it was, where the
    sheet cannot be read that way.
    """
    run = _settled(run)
    values: dict[str, Any] = {}
    if sheet is not None and sheet != run.sheet:
        values |= {"sheet": sheet, "mapping": {}, "answers": Answers().as_json()}
    if letters is not None:
        values["mapping"] = {"letters": dict(letters)}
    if saved is not None:
        values["mapping"] = {"saved": saved.mapping}
    if answers is not None:
        values["answers"] = answers.as_json()
    before = Answers.from_json(run.answers)
    with transaction():
        if values:
            records.update(run, **values)
        if answers and run.digest and values.keys() == {"answers"} and answers == replace(before, skip=answers.skip):
            return run  # whether refused rows are left out changes nothing in the plan
        if run.large:
            enqueue(run, ImportState.PLANNING, "admin.plan_import")
        else:
            check(run)
    return run


# ── confirming and applying ────────────────────────────────────────────────────────────────────


def confirm(run: ImportRun, digest: str) -> ImportRun:
    """Do what the plan with this digest says. An import that is done, or being done, is left alone.

    Raises Refused while rows are refused and not to be skipped, Stale where the user saw another plan.
    """
    run = settle(ImportRun.get_by_id(run.id))
    if run.state in (ImportState.DONE, ImportState.APPLYING):
        return run
    if run.state not in CONFIRMABLE or not digest or digest != run.digest:
        raise Stale(_("The plan has changed since you saw it. Look at it again and confirm it."), {})
    refused = run.counts.get("refused", 0)
    if refused and not Answers.from_json(run.answers).skip:
        message = ngettext(
            "%(num)d row is refused. Correct it in the file and upload it again, or leave it out.",
            "%(num)d rows are refused. Correct them in the file and upload it again, or leave them out.",
            refused,
        )
        raise Refused(message, "skip")
    if run.large:
        enqueue(run, ImportState.APPLYING, "admin.apply_import", digest=digest)
        return run
    return apply(run, digest)


def apply(run: ImportRun, digest: str, report: Report = quiet) -> ImportRun:
    """Write everything the plan says, or nothing: checked once more under a lock, in one transaction.

    Where the data has moved on and the plan is another by now, nothing is written and the new plan is shown.
    """
    try:
        report(0, 0, _("Reading the file"))
        target, sheet = read(run)  # before the lock: a stored file does not change
        with recording(), transaction():  # the register is taken in as it is; what breaks the policy becomes a finding
            _lock(run.institution)
            run = ImportRun.get_by_id(run.id)
            if run.digest != digest or run.state not in (*CONFIRMABLE, ImportState.APPLYING):
                return run
            made = make_plan(run, target, sheet, report)
            if made.digest != digest:
                keep_plan(run, sheet, made, ImportState.STALE)
                return run
            _write(run, made, report)
    except (Refused, IntegrityError) as refusal:
        _fail(run, refusal)
    return run


def _lock(institution: Institution) -> None:
    """Let no other import of the institution in; on SQLite the transaction itself does that."""
    if is_postgres():
        Institution.select(Institution.id).where(Institution.id == institution.id).for_update().execute()


def _write(run: ImportRun, made: Plan, report: Report) -> None:
    result, subjects = write(run.institution, made, report)
    _set_subjects(run, subjects)
    values = {"state": ImportState.DONE.value, "result": result, "done_at": utcnow(), "error": ""}
    records.derive(ImportRun, ImportRun.id == run.id, **values)
    run.__data__.update(values)
    audit.note("apply", run, {"file": run.filename, **made.counts, **{n: len(v) for n, v in result.items()}})


def _set_subjects(run: ImportRun, subjects: Mapping[int, int]) -> None:
    """Note which stored row each row of the sheet has become."""
    if subjects:
        table, mark = ImportRow._meta.table_name, db.param
        sql = f"UPDATE {table} SET subject_id = {mark} WHERE run_id = {mark} AND position = {mark}"  # noqa: S608
        rows: Any = ImportRow.select(ImportRow.row_number, ImportRow.position).where(ImportRow.run == run.id)
        places = dict(rows.tuples())
        db.cursor().executemany(sql, [(subjects[n], run.id, places[n]) for n in subjects])


def _fail(run: ImportRun, refusal: Exception) -> None:
    message = str(refusal) if isinstance(refusal, Refused) else _("The database does not allow one of the rows.")
    values = {"state": ImportState.FAILED.value, "error": message}
    records.derive(ImportRun, (ImportRun.id == run.id) & (ImportRun.state != ImportState.DONE), **values)
    run.__data__.update(values)


# ── small things ───────────────────────────────────────────────────────────────────────────────


def _settled(run: ImportRun) -> ImportRun:
    """The import as stored now. Raises Refused while it is being worked on, or when it is done."""
    run = settle(ImportRun.get_by_id(run.id))
    if run.state == ImportState.DONE:
        raise Refused(_("This import is done. Upload the file again to import it once more."))
    if run.state not in SETTLED:
        raise Refused(_("This import is being worked on. Wait until it is done, or cancel it."))
    return run
