"""The pages of the admin area that are no register: the import of spreadsheets."""

from __future__ import annotations

import io
from functools import reduce
from typing import Any

from flask import Response, flash, jsonify, redirect, request, send_file, url_for
from peewee import JOIN

from panel.access.guard import signed_in
from panel.access.identity import asking
from panel.access.models import User
from panel.admin.imports import background, blank, files, forms, paging, saved, services
from panel.admin.imports.marked import mark
from panel.admin.imports.planning import read
from panel.admin.imports.resolve import Answers
from panel.admin.imports.sheet import CellError, Flaw
from panel.admin.imports.targets import Door, door, doors
from panel.admin.models import ImportRow, ImportRun, ImportState, Outcome
from panel.admin.view import Menu, PageView, expose
from panel.errors import Refused, Stale
from panel.i18n import _, _l, show_time
from panel.jobs.models import Run
from panel.jobs.queue import show_live
from panel.runtime import runtime

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHY = "every target asks for its own permission"
AT_WORK = (ImportState.PLANNING, ImportState.APPLYING)


class ImportView(PageView):
    """Upload a sheet, map its columns, look at what it would do, and import it."""

    menu = Menu(section=_l("Settings"), label=_l("Imports"), order=45)

    def visible(self) -> bool:
        return super().visible() and any(one.open_to(asking()) for one in doors().values())

    @expose("/")
    @signed_in(WHY)
    def index_view(self) -> str:
        """What was imported, by whom and with what outcome."""
        identity = asking()
        opened = {key: one for key, one in doors().items() if one.open_to(identity)}
        seen = [services.visible(identity, one) for one in opened.values()]
        where = reduce(lambda a, b: a | b, seen) if seen else ImportRun.id.in_([])
        number = paging.arguments(request.args)[1]
        query = ImportRun.select(ImportRun, User).join(User, JOIN.LEFT_OUTER).where(where)
        runs = list(query.order_by(ImportRun.id.desc()).paginate(number, paging.SIZE))
        total = ImportRun.select().where(where).count()
        return self.render(
            "imports/index.html",
            runs=runs,
            rows=paging.Pages(total, number),
            page_address=lambda page: url_for(".index_view", page=page),
            doors=opened,
            states=ImportState,
            show_time=show_time,
        )

    @expose("/new/", methods=("GET", "POST"))
    @signed_in(WHY)
    def upload_view(self) -> Any:
        """Step 1: the file."""
        opened = door(request.args.get("target", ""), asking())
        error = ""
        if request.method == "POST":
            sent = request.files.get("file")
            try:
                if sent is None or not sent.filename:
                    raise Refused(_("Choose the file first."))
                limit = runtime().settings.upload_mb * 2**20
                run = services.upload(opened.key, sent.filename, sent.stream.read(limit + 1))
                return redirect(self._url(run), 303)
            except Refused as refusal:
                error = str(refusal)
        target = opened.target(asking().institution)
        page = self.render("imports/upload.html", door=opened, target=target, how=blank.how, error=error)
        return page, 422 if error else 200

    @expose("/blank/")
    @signed_in(WHY)
    def blank_view(self) -> Response:
        """An empty workbook with the headings of a target."""
        opened = door(request.args.get("target", ""), asking())
        data, template = blank.blank(opened.target(asking().institution)), _("template")
        return _download(data, f"{opened.titles}-{template}.xlsx")

    @expose("/<int:run_id>/", methods=("GET", "POST"))
    @signed_in(WHY)
    def run_view(self, run_id: int) -> Any:
        """Steps 2 to 4: columns, dry run, outcome."""
        run, opened = services.find(run_id, asking())
        run = background.settle(run)
        letters = answers = None
        if request.method == "POST":
            letters, answers = forms.letters_of(request.form, run), forms.answers_of(request.form, run)
            try:
                return redirect(self._act(run, letters, answers), 303)
            except Stale as refusal:
                flash(str(refusal), "warning")
                return redirect(self._url(run), 303)
            except Refused as refusal:
                flash(str(refusal), "danger")
        page = self._page(ImportRun.get_by_id(run_id), opened, letters, answers)
        return page, 200 if letters is None else 422

    def _act(self, run: ImportRun, letters: dict[str, str | None], answers: Answers) -> str:
        """Do what was asked for, and give the address to go to."""
        what, _colon, which = request.form.get("do", "plan").partition(":")
        if what == "cancel":
            background.cancel(run)
            return self._url(run)
        if what == "use":
            services.decide(run, saved=saved.find_mapping(run, int(which) if which.isdecimal() else which))
            return self._url(run)
        chosen = letters if letters != forms.mapped(run) else None
        sheet = request.form.get("sheet")
        anew = chosen is not None or (sheet or run.reading.get("sheet")) != run.reading.get("sheet")
        decided = answers.as_json() != {**Answers().as_json(), **run.answers}
        if anew or decided or what == "plan":
            only_skip = what == "apply" and not anew and self._only_skip(run, answers)
            run = services.decide(run, letters=chosen, sheet=sheet, answers=answers)
            if what == "apply" and not only_skip:
                raise Stale(_("You changed something, so the file was checked again. Look at it and confirm."), {})
        if what == "keep":
            kept = saved.save_mapping(run, request.form.get("mapping_name", ""), letters)
            flash(_("The mapping is kept as “%(name)s”.", name=kept.name), "success")
        if what == "apply":
            run = services.confirm(run, request.form.get("digest", ""))
            return self._url(run)
        shown, number = paging.arguments(request.args)
        return self._url(run, show=shown or None, page=number if number > 1 else None)

    @staticmethod
    def _only_skip(run: ImportRun, answers: Answers) -> bool:
        """Whether all that differs is whether refused rows are left out."""
        stored = Answers.from_json(run.answers)
        stored.skip = answers.skip
        return stored == answers

    def _page(
        self, run: ImportRun, opened: Door, letters: dict[str, str | None] | None, answers: Answers | None
    ) -> str:
        if run.state in AT_WORK:
            return self.render("imports/working.html", run=run, door=opened, progress=_progress(run))
        target = opened.target(run.institution)
        shown, number = paging.arguments(request.args)
        return self.render(
            "imports/done.html" if run.state == ImportState.DONE else "imports/plan.html",
            run=run,
            door=opened,
            target=target,
            labels={column.name: column.label for column in target.columns},
            letters=letters or forms.mapped(run),
            answers=answers or Answers.from_json(run.answers),
            mappings=saved.mappings(run),
            rows=paging.page(run, target, shown, number),
            page_address=lambda page: self._url(run, show=shown or None, page=page, _anchor="rows"),
            show_time=show_time,
            outcomes=Outcome,
            missing=[c.label for c in target.columns if c.name in run.reading.get("missing", ())],
        )

    @expose("/<int:run_id>/progress/")
    @signed_in(WHY)
    def progress_view(self, run_id: int) -> Response:
        """How far a long file is, for the script of the page."""
        run, _opened = services.find(run_id, asking())
        return jsonify(_progress(background.settle(run)))

    @expose("/<int:run_id>/marked/")
    @signed_in(WHY)
    def marked_view(self, run_id: int) -> Response:
        """The user's own sheet with what was refused marked in it."""
        run, _opened = services.find(run_id, asking())
        _target, sheet = read(run)
        refused = ImportRow.select().where(ImportRow.run == run.id, ImportRow.outcome == Outcome.REFUSED.value)
        errors = [error for row in refused.order_by(ImportRow.row_number) for error in _errors(row, sheet)]
        stem, marked = run.filename.rpartition(".")[0] or run.filename, _("errors marked")
        return _download(mark(files.path_of(run.content), sheet, errors), f"{stem}-{marked}.xlsx")

    @staticmethod
    def _url(run: ImportRun, **values: Any) -> str:
        return url_for(".run_view", run_id=run.id, **values)


def _progress(run: ImportRun) -> dict[str, Any]:
    job = Run.get_or_none(Run.id == run.job_id) if run.state in AT_WORK else None
    if job is None:
        return {"ended": run.state not in AT_WORK, "done": 0, "total": 0, "message": ""}
    show_live(job)
    return {"ended": False, "done": job.done, "total": job.total, "message": job.message}


def _errors(row: Any, sheet: Any) -> list[CellError]:
    first = next(iter(sheet.headings), "A")
    return [
        CellError(
            row.row_number, p["letter"] or first, p["heading"], p["value"], p["message"], p["column"], Flaw.UNREADABLE
        )
        for p in row.problems
    ]


def _download(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
