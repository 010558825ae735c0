"""The pages of breaches; those of rules, commendations and assessments stand in more_pages.py."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request
from wtforms import SelectField

from panel.api import (
    Crud,
    DayField,
    Menu,
    NotFound,
    PageView,
    Person,
    RecordView,
    RefField,
    Refused,
    Section,
    Unit,
    _,
    _l,
    address_of,
    asking,
    audit,
    current,
    expose,
    files,
    find,
    form_sent,
    needs,
    respond,
    show_money,
    signed_in,
)
from plugins.violations import acts, forms, neighbours, services
from plugins.violations.choices import CaseState, SanctionState, Severity, Source
from plugins.violations.models import Case, Evidence, Measure, Party, Referral, Report, Sanction
from plugins.violations.more_pages import (
    SECTION,
    AssessmentView,
    BreachKindView,
    CommendationView,
    CriterionView,
    RoundView,
    SanctionStepView,
    SupervisionView,
)
from plugins.violations.permissions import ViolationsPermission as P
from plugins.violations.policy import BreachKind

__all__ = [
    "AssessActsView",
    "AssessmentView",
    "BreachKindView",
    "CaseActsView",
    "CaseView",
    "CommendationView",
    "CriterionView",
    "DecideActsView",
    "ReportingView",
    "RoundActsView",
    "RoundView",
    "SanctionStepView",
    "SanctionView",
    "SupervisionView",
    "TakeOverView",
]
BOTH = ("GET", "POST")
AS_USUAL = _l("as usual for the kind")


class CaseView(RecordView):
    """The register of cases."""

    model = Case
    may = Crud(view=P.CASE_VIEW, create=P.CASE_EDIT, edit=P.CASE_EDIT, export=P.CASE_EXPORT)
    menu = Menu(section=SECTION, label=_l("Breach cases"), order=10)
    columns = ("kind", "accused", "severity", "state", "verdict", "handler", "due_on", "id")
    more_columns = (
        *("person", "account", "accused_unit", "about", "source", "source_text", "happened_on", "reported_at", "unit"),
        *("partner", "platform", "link", "loss", "closed_on"),
    )
    labels: ClassVar[Any] = {"id": _l("Number"), "accused": _l("Against")}
    formats: ClassVar[Any] = {"accused": lambda row: row.accused}
    search = ("kind", "person", "account", "about", "facts")
    filters = ("state", "severity", "verdict", "kind", "source", "person", "account", "accused_unit", "due_on")
    sort = ("due_on", "reported_at")
    default_sort = "-id"
    joins = ("kind", "person", "accused_unit", "account")
    form_extra_fields: ClassVar[Any] = {
        "severity": SelectField(_l("Severity"), choices=[("", AS_USUAL), *Severity.pairs()]),
        "source": SelectField(_l("Came up by"), choices=Source.pairs(), default=Source.OTHER.value),
        "due_on": DayField(_l("To be investigated by"), description=_l("If left empty, as the policy says.")),
        "unit": RefField(_l("Handled in"), Unit, description=_l("If left empty, where the policy says.")),
    }
    sections = (
        Section(
            _l("Breach"),
            ("kind", "severity", "facts", "happened_on", "link"),
            help=_l("Order at once what cannot wait on the next page: to stop, to delete, to rectify."),
        ),
        Section(
            _l("Against whom or what"),
            ("person", "accused_unit", "account", "about", "partner", "platform"),
            help=_l("What is known; a strange account or a group is named in words."),
        ),
        Section(_l("Handling"), ("source", "source_text", "due_on", "unit", "handler")),
    )
    rules: ClassVar[Any] = {
        "kind": ("s1-02-r05", "s1-11-r05", "s1-20-r03", "s1-22-r06"),
        "link": ("s1-20-r08", "s3-03-r05"),
        "partner": ("s3-03-r06",),
        "source": ("s1-20-r12", "s1-12-r17"),
        "handler": ("s1-16-r08", "s1-18-r10"),
    }
    new = _l("Open a case")
    empty_text = _l("No case yet. Whoever is logged in can report a breach.")
    details = "violations/case.html"
    create_with = staticmethod(services.open_case)
    update_with = staticmethod(services.change_case)

    money = staticmethod(show_money)

    def standing_of(self, row: Sanction) -> tuple[Any, str]:
        """How a sanction stands, in words and look."""
        known = SanctionState(row.state)
        return known.label, known.style

    def fixed(self, row: Case) -> bool:
        return bool(row.verdict)

    def choose_from(self, name: str, rows: Any) -> Any:
        return rows.where(BreachKind.active) if name == "kind" else rows

    def page_of(self, row: Case) -> dict[str, Any]:
        """What the page of a case shows beside its facts. Seven queries."""
        return {
            "measures": list(
                Measure.select(Measure, Person)
                .join(Person, "LEFT JOIN")
                .where(Measure.case == row)
                .order_by(Measure.id)
            ),
            "sanctions": list(Sanction.select().where(Sanction.case == row).order_by(Sanction.id)),
            "parties": list(Party.select().where(Party.case == row).order_by(Party.id)),
            "evidence": list(Evidence.select().where(Evidence.case == row).order_by(Evidence.id)),
            "referrals": list(Referral.select().where(Referral.case == row).order_by(Referral.id)),
            "reports": list(
                Report.select(
                    Report.id, Report.created_at, Report.answer, Report.reporter.is_null(False).alias("named")
                )
                .where(Report.case == row)
                .order_by(Report.id)
            ),
            "lacking": services.lacking(row) if row.state in (CaseState.DECIDED, CaseState.CARRIED_OUT) else [],
            "open": row.state != CaseState.CLOSED,
        }

    @expose("/reporter/")
    @needs(P.REPORTER_REVEAL)
    def reporter(self) -> Any:
        """Who reported; that somebody looked is noted first."""
        row = find(Report, request.args.get("id"), P.REPORTER_REVEAL)
        audit.note("revealed", row, {"fields": [str(Report.reporter.verbose_name)]})
        return self.render("violations/reporter.html", report=row, case=row.case)

    @expose("/paper/")
    @needs(P.CASE_VIEW)
    def paper(self) -> Any:
        """A file of a case: evidence, or what shows that something was done."""
        models: dict[str, Any] = {"evidence": Evidence, "measure": Measure, "sanction": Sanction, "referral": Referral}
        model = models.get(request.args.get("of", ""))
        if model is None:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        row = find(model, request.args.get("id"), P.CASE_VIEW)
        return files.send_paper(row.file, row.institution_id, row.file_name)


class SanctionView(RecordView):
    """What was decided, by case."""

    model = Sanction
    may = Crud(view=P.CASE_VIEW, export=P.CASE_EXPORT)
    menu = Menu(section=SECTION, label=_l("Sanctions"), order=20)
    columns = ("name", "case", "person", "account", "state", "since", "until", "due_on")
    more_columns = (
        *("party_unit", "effect", "article", "proposed", "earlier", "reason", "amount"),
        *("decided_by", "decided_on", "carried_on", "note", "lifted_on", "unit"),
    )
    labels: ClassVar[Any] = {"due_on": _l("To be carried out by")}
    search = ("name", "person", "account")
    filters = ("state", "effect", "person", "account", "party_unit", "until", "due_on")
    sort = ("since", "until", "due_on")
    default_sort = "-id"
    joins = ("case.kind",)
    sections = (
        Section(
            _l("Sanction"),
            ("name", "effect", "article", "person", "party_unit", "account", "since", "until", "amount"),
        ),
        Section(_l("Decision"), ("case", "proposed", "earlier", "reason", "state", "decided_by", "decided_on")),
        Section(_l("Carrying out"), ("due_on", "carried_on", "note", "lifted_on")),
    )
    details = "violations/sanction.html"


class ReportingView(PageView):
    """Report a breach: for everybody."""

    menu = Menu(section=SECTION, label=_l("Report a breach"), order=5)

    @expose("/", methods=BOTH)
    @signed_in("whoever is logged in may report a breach, and sees what became of their own reports")
    def index(self) -> Any:
        """The form, and one's own reports."""
        identity = current()
        assert identity is not None
        form = forms.ReportForm(form_sent())
        kinds = BreachKind.select(BreachKind.id, BreachKind.name).where(
            BreachKind.institution == asking().institution, BreachKind.active
        )
        names = {str(kind.id): kind for kind in kinds.order_by(BreachKind.id)}
        form.kind.choices = [("", _("Not sure")), *((key, kind.name) for key, kind in names.items())]
        if request.method == "POST" and form.validate():
            values = {name: form.data[name] for name in ("about", "link", "happened_on")}
            try:
                services.report_breach(
                    asking().institution,
                    form.text.data,
                    form.anonymous.data,
                    kind=names.get(form.kind.data),
                    **values,
                    **acts.kept(asking().institution.id),
                )
                flash(_("Thank you. The office has been told."), "success")
                return redirect(self.address)
            except Refused as refusal:
                form.refuse(refusal)
        mine = (
            Report.select(Report, Case)
            .join(Case)
            .where(Report.reporter == identity.user, Report.institution == asking().institution)
            .order_by(Report.id.desc())
            .limit(50)
        )
        context = {"form": form, "mine": [(report, standing(report.case)) for report in mine]}
        return self.render("violations/reporting.html", **context), 422 if form.wrong else 200


def standing(case: Case) -> tuple[str, str]:
    """How a report stands, as its reporter is told: no more than that."""
    if case.state == CaseState.REPORTED:
        return _("Received"), "state-wait"
    if case.state == CaseState.CLOSED:
        return _("Dealt with"), "state-ok"
    return _("Being looked into"), "state-wait"


class CaseActsView(PageView):
    """Acts of whoever investigates."""

    @expose("/", methods=BOTH)
    @needs(P.CASE_EDIT)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.EDIT_ACTS, P.CASE_EDIT)


class DecideActsView(PageView):
    """Acts of whoever decides."""

    @expose("/", methods=BOTH)
    @needs(P.CASE_DECIDE)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.DECIDE_ACTS, P.CASE_DECIDE)


class RoundActsView(PageView):
    """Acts on rounds of assessment."""

    @expose("/", methods=BOTH)
    @needs(P.ASSESSMENT_EDIT, whole=True)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.ROUND_ACTS, P.ASSESSMENT_EDIT)


class AssessActsView(PageView):
    """Acts on the results of rounds."""

    @expose("/", methods=BOTH)
    @needs(P.ASSESSMENT_EDIT)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.ASSESS_ACTS, P.ASSESSMENT_EDIT)


class TakeOverView(PageView):
    """Confirmed chat cases that may become breach cases."""

    menu = Menu(section=SECTION, label=_l("From the chat records"), order=30)

    @expose("/", methods=BOTH)
    @needs(P.CASE_EDIT, whole=True)
    def index(self) -> Any:
        """The list, and taking one over."""
        if request.method == "POST":
            if not neighbours.chats_here(asking().institution):
                raise NotFound(_("This page does not exist, or is not yours to see."))
            chat = find(neighbours.ChatCase, request.form.get("id"), neighbours.CHAT_VIEW)
            case = services.take_over(chat)
            flash(_("Taken over: %(case)s", case=case), "success")
            return redirect(address_of(case))
        chats = [
            (chat, neighbours.ChatKind(chat.kind).label) for chat in services.confirmed_chats(asking().institution)
        ]
        return self.render("violations/take_over.html", chats=chats, on=neighbours.chats_here(asking().institution))
