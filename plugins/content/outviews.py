"""The pages of releases, the plan, columns, archive and figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from flask import flash, redirect, request, send_file, url_for

from panel.api import (
    Crud,
    Menu,
    NotFound,
    PageView,
    RecordView,
    Section,
    _,
    _l,
    asking,
    bulk,
    expose,
    files,
    find,
    needs,
    ngettext,
    respond,
    scope,
)
from plugins.accounts.services import Account
from plugins.content import acts, archive, services, statistics
from plugins.content.choices import PlanState, State
from plugins.content.desk import BOTH, CONTENT
from plugins.content.models import PlanItem, Release, StagePlan, Submission, Target
from plugins.content.permissions import ContentPermission as P
from plugins.content.policy import Column


class ReleaseView(RecordView):
    """The register of what went out."""

    model = Release
    may = Crud(view=P.RELEASE_VIEW, export=P.RELEASE_EXPORT)
    menu = Menu(section=CONTENT, label=_l("Releases"), order=20)
    columns = ("submission", "account", "medium", "released_on", "mass", "state", "by", "reads")
    more_columns = ("submission.unit", "submission.class_", "link", "withdrawn_on", "released_at", "note")
    labels = {"reads": _l("Reads"), "submission.unit": _l("Unit"), "submission.class_": _l("Content class")}
    formats = {"reads": lambda row: "" if row.latest is None else str(row.latest)}
    search = ("submission", "account", "medium")
    filters = ("submission.unit", "account", "medium", "state", "mass", "released_on", "submission")
    sort = ("released_on",)
    default_sort = "-id"
    details = "content/release.html"
    empty_text = _l("Nothing was released yet. A release is entered on the page of an approved piece.")

    def load(self, rows: list[Any]) -> None:
        latest = services.reads_by([r.id for r in rows], date.max)
        for row in rows:
            row.latest = latest.get(row.id)

    @expose("/proof/")
    @needs(P.RELEASE_VIEW)
    def proof(self) -> Any:
        """The screenshot or saved page of a release."""
        row = find(Release, request.args.get("id"), P.RELEASE_VIEW)
        return files.send_paper(row.file, row.institution_id, row.file_name)


class TargetView(RecordView):
    """What accounts have still to put online."""

    model = Target
    slug = "task"
    may = Crud(view=P.RELEASE_VIEW)
    menu = Menu(section=CONTENT, label=_l("Release tasks"), order=30)
    columns = ("submission", "account", "medium", "task", "due_on", "submission.state")
    labels = {"submission.state": _l("State")}
    search = ("submission", "account")
    filters = ("account", "task", "due_on", "submission")
    sort = ("due_on",)
    default_sort = "due_on"

    def only(self) -> Any:
        out = Submission.select(Submission.id).where(Submission.state.in_([State.APPROVED.value, State.RELEASED.value]))
        return Target.release.is_null() & (Target.dropped == "") & Target.submission.in_(out)

    def url_of(self, row: Target, **_values: Any) -> str:
        return url_for("content_submission.details_view", id=row.__data__["submission"], _anchor="releases")


class StagePlanView(RecordView):
    """What each quarter or year is about."""

    model = StagePlan
    may = Crud(view=P.PLAN_VIEW, create=P.PLAN_EDIT, edit=P.PLAN_EDIT, delete=P.PLAN_EDIT)
    menu = Menu(section=CONTENT, label=_l("Plans by stage"), order=38)
    columns = ("name", "starts_on", "ends_on")
    more_columns = ("priorities",)
    search = ("name",)
    filters = ("starts_on", "ends_on")
    sort = ("starts_on",)
    default_sort = "-starts_on"
    sections = (Section(_l("Stage"), ("name", "starts_on", "ends_on", "priorities")),)
    help: ClassVar[Any] = {
        "name": _l("Such as 2026 年第二季度."),
        "priorities": _l("After the priorities of the institution for the year or quarter, one a line."),
    }
    rules = {"priorities": ("s4-01-r09",)}
    new = _l("Enter a plan")
    empty_text = _l("No plan yet. Enter what this quarter or year is about.")


class PlanItemView(RecordView):
    """The plan."""

    model = PlanItem
    slug = "plan_item"
    may = Crud(view=P.PLAN_VIEW, create=P.PLAN_PROPOSE, edit=P.PLAN_EDIT)
    menu = Menu(section=CONTENT, label=_l("Plan"), order=40)
    columns = ("name", "planned_on", "unit", "owner", "account", "mass", "state", "due_on")
    more_columns = ("column", "topic", "submission", "note")
    search = ("name", "unit", "owner")
    filters = ("state", "unit", "account", "column", "planned_on", "due_on", "owner")
    sort = ("planned_on", "due_on", "position")
    default_sort = "planned_on"
    sections = (
        Section(_l("What"), ("name", "column", "topic", "note")),
        Section(
            _l("When and where"),
            ("planned_on", "account", "mass", "position"),
            help=_l("A mass send counts against the budget of the account."),
        ),
        Section(_l("Who supplies it"), ("unit", "owner", "due_on")),
    )
    rules = {"mass": ("s2-07-r14",), "due_on": ("s2-09-r03",), "owner": ("s2-05-r02",), "column": ("s0-10-r02",)}
    new = _l("Propose for the plan")
    details = "content/plan_item.html"
    create_with = staticmethod(services.propose)
    update_with = staticmethod(services.change_item)

    def fixed(self, row: PlanItem) -> bool:
        return row.state not in (PlanState.PROPOSED, PlanState.ACCEPTED)

    @bulk(
        _l("Take into the plan"),
        P.PLAN_EDIT,
        lambda n: ngettext("Take %(num)s proposal into the plan?", "Take %(num)s proposals into the plan?", n),
    )
    def accept(self, rows: Sequence[PlanItem]) -> int:
        return services.accept(rows)

    @bulk(
        _l("Drop"),
        P.PLAN_EDIT,
        lambda n: ngettext("Drop %(num)s item of the plan?", "Drop %(num)s items of the plan?", n),
        danger=True,
    )
    def drop(self, rows: Sequence[PlanItem]) -> int:
        return services.drop(rows)

    @expose("/act/", methods=BOTH)
    @needs(P.SUBMISSION_EDIT)
    def act(self) -> Any:
        """Name the submission that answers an item."""
        return respond(self, acts.PLAN, P.SUBMISSION_EDIT)


class CalendarView(PageView):
    """The plan as a calendar, with what accounts may still send."""

    menu = Menu(section=CONTENT, label=_l("Plan calendar"), order=50)

    @expose("/")
    @needs(P.PLAN_VIEW)
    def index(self) -> str:
        """The month in the address, or this one."""
        first = statistics.month_of(request.args.get("month", ""))
        items = scope(PlanItem.select().where(PlanItem.state != PlanState.DROPPED.value), P.PLAN_VIEW)
        context = statistics.calendar(items, first, scope(Account.select(), P.PLAN_VIEW), asking().institution)
        return self.render("content/calendar.html", **context)


class ColumnView(RecordView):
    """Columns with their owners."""

    model = Column
    may = Crud(view=P.COLUMN_VIEW, create=P.COLUMN_EDIT, edit=P.COLUMN_EDIT, delete=P.COLUMN_EDIT)
    menu = Menu(section=CONTENT, label=_l("Content columns"), order=55)
    columns = ("name", "owner", "unit", "account", "fresh_days", "confirmed_on", "active")
    more_columns = ("page", "still", "position", "note")
    search = ("name", "owner")
    filters = ("active", "unit", "owner", "account")
    sort = ("name", "position", "confirmed_on")
    default_sort = "position"
    sections = (
        Section(_l("Content column"), ("name", "owner", "unit", "account", "position", "active", "note")),
        Section(
            _l("How fresh it is kept"),
            ("fresh_days", "still", "page", "confirmed_on"),
            help=_l("Something new, or somebody who looked through it, at least every so many days."),
        ),
    )
    rules = {
        "owner": ("s2-07-r06", "s0-10-r02"),
        "unit": ("s0-08-r04",),
        "fresh_days": ("s0-08-r07", "s1-03-r09"),
        "still": ("s2-07-r07",),
    }
    details = "content/column.html"

    def items(self, row: Column) -> list[PlanItem]:
        """What is planned for the column, in its order."""
        running = (PlanState.PROPOSED.value, PlanState.ACCEPTED.value)
        rows = scope(PlanItem.select(), P.PLAN_VIEW).where(PlanItem.column == row, PlanItem.state.in_(running))
        return list(rows.order_by(PlanItem.position, PlanItem.planned_on).limit(100))

    def orders(self, row: Column) -> bool:
        """Whether whoever asks may order the plan of the column."""
        return services.may_order(row)

    @expose("/act/", methods=BOTH)
    @needs(P.COLUMN_VIEW)
    def act(self) -> Any:
        """Say that a column was looked through: its owner, or the office."""
        return respond(self, acts.COLUMN, P.COLUMN_VIEW)

    @expose("/order/", methods=("POST",))
    @needs(P.COLUMN_VIEW)
    def order(self) -> Any:
        """The order of what is planned for a column."""
        row = find(Column, request.values.get("id"), P.COLUMN_VIEW)
        given_places = {k[6:]: v for k, v in request.form.items() if k.startswith("place-")}
        items = self.items(row)
        places = {i.id: given_places.get(str(i.id), "") for i in items}
        services.reorder(row, sorted(items, key=lambda i: int(places[i.id]) if places[i.id].isdecimal() else 10**6))
        flash(_("The order is saved."), "success")
        return redirect(self.url_of(row))


class ArchiveView(PageView):
    """What was released, by year."""

    menu = Menu(section=CONTENT, label=_l("Archive of pieces"), order=60)

    @expose("/")
    @needs(P.SUBMISSION_VIEW)
    def index(self) -> str:
        """The years, with how many pieces each has."""
        rows = scope(Submission.select(), P.SUBMISSION_VIEW)
        return self.render("content/archive.html", years=archive.years(rows))

    @expose("/year/")
    @needs(P.SUBMISSION_EXPORT)
    def year(self) -> Any:
        """The pieces of a year: their register as XLSX and each as a Word file, in one zip."""
        wanted = request.args.get("year", "")
        if not (wanted.isdecimal() and 2000 <= int(wanted[:5]) <= 2200):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        rows = scope(Submission.select(), P.SUBMISSION_EXPORT)
        packed = archive.packed(rows, int(wanted), asking().institution)
        name = f"{_('Archive')}-{wanted}.zip"
        return send_file(packed, mimetype="application/zip", as_attachment=True, download_name=name)


class FiguresView(PageView):
    """How it is going."""

    menu = Menu(section=CONTENT, label=_l("Figures"), order=70)

    @expose("/")
    @needs(P.SUBMISSION_VIEW)
    def index(self) -> str:
        """Pieces by unit, range and column in a span of months."""
        first = statistics.month_of(request.args.get("month", ""))
        rows = scope(Submission.select(), P.SUBMISSION_VIEW)
        return self.render("content/figures.html", **statistics.figures(rows, first, asking().institution))
