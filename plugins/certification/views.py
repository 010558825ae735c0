"""The pages of verification and annual review."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from panel.api import (
    Crud,
    Menu,
    PageView,
    RecordView,
    Section,
    _l,
    ask,
    asking,
    chart,
    expose,
    files,
    find,
    needs,
    show_money,
    today,
)
from plugins.certification import acts, services
from plugins.certification.models import Budget, Renewal, RenewalStep, Review, Site, StepKind, Window
from plugins.certification.permissions import CertificationPermission as P
from plugins.certification.statistics import failures, punctuality, spending

SECTION = _l("Verification and review")
BOTH = ("GET", "POST")


class RenewalView(RecordView):
    """Rounds of verification."""

    model = Renewal
    may = Crud(view=P.RENEWAL_VIEW, create=P.RENEWAL_EDIT, export=P.RENEWAL_EXPORT)
    menu = Menu(section=SECTION, label=_l("Renewals"), order=10)
    columns = ("account", "year", "outcome", "lapsed_on", "valid_until", "paid")
    more_columns = ("fee", "paid_on", "began_on", "ended_on", "unit", "note")
    search = ("account",)
    filters = ("outcome", "year", "unit", "valid_until")
    sort = ("year", "lapsed_on", "valid_until")
    default_sort = "-id"
    sections = (Section(_l("Renewal"), ("account",), help=_l("Its steps and their days come by themselves.")),)
    new = _l("Begin a renewal")
    details = "certification/renewal.html"
    create_with = staticmethod(lambda values: services.begin_renewal(values["account"]))

    def steps(self, row: Renewal) -> list[RenewalStep]:
        return list(RenewalStep.select().where(RenewalStep.renewal == row).order_by(RenewalStep.position))

    @expose("/step/", methods=BOTH)
    @needs(P.RENEWAL_EDIT)
    def step(self) -> Any:
        """Tick off a step with its paper."""
        return ask(self, acts.STEP, P.RENEWAL_EDIT)

    @expose("/result/", methods=BOTH)
    @needs(P.RENEWAL_EDIT)
    def result(self) -> Any:
        """Enter the platform's answer."""
        return ask(self, acts.RESULT, P.RENEWAL_EDIT)

    @expose("/paper/")
    @needs(P.RENEWAL_VIEW)
    def paper(self) -> Any:
        """A paper of a renewal or of one of its steps."""
        model = RenewalStep if request.args.get("step") else Renewal
        row: Any = find(model, request.args.get("step") or request.args.get("id"), P.RENEWAL_VIEW)
        return files.send_paper(row.file, asking().institution.id, row.file_name)

    is_result = staticmethod(lambda step: step.kind == StepKind.RESULT)


class ReviewView(RecordView):
    """Annual reviews."""

    model = Review
    may = Crud(view=P.REVIEW_VIEW, create=P.REVIEW_EDIT, edit=P.REVIEW_EDIT, delete=P.REVIEW_EDIT)
    menu = Menu(section=SECTION, label=_l("Annual reviews"), order=20)
    columns = ("account", "year", "on", "rank", "verdict")
    more_columns = ("note",)
    search = ("account",)
    filters = ("year", "verdict")
    sort = ("year", "rank")
    default_sort = "-id"
    sections = (Section(_l("Review"), ("account", "on", "rank", "verdict", "note")),)
    rules = {"on": ("s0-07-r07",)}
    new = _l("Enter a review")
    create_with = staticmethod(
        lambda values: services.review(
            values["account"], values["on"], values["verdict"], values.get("rank"), values.get("note") or ""
        )
    )


class WindowView(RecordView):
    """What platforms demand."""

    model = Window
    may = Crud(view=P.WINDOW_VIEW, create=P.WINDOW_EDIT, edit=P.WINDOW_EDIT, delete=P.WINDOW_EDIT)
    menu = Menu(section=SECTION, label=_l("Platform rules"), order=40)
    columns = ("platform", "months", "opens_days", "fee", "lost", "source_on")
    more_columns = ("source",)
    search = ("platform",)
    sort = ("months",)
    default_sort = "id"
    sections = (
        Section(_l("Renewal"), ("platform", "months", "opens_days", "fee", "lost")),
        Section(
            _l("Where it is from"), ("source", "source_on"), help=_l("Platforms change their rules without notice.")
        ),
    )


class BudgetView(RecordView):
    """Budgets of units."""

    model = Budget
    may = Crud(view=P.BUDGET_VIEW, create=P.BUDGET_EDIT, edit=P.BUDGET_EDIT, delete=P.BUDGET_EDIT)
    menu = Menu(section=SECTION, label=_l("Budgets"), order=50)
    columns = ("unit", "year", "amount")
    search = ("unit",)
    filters = ("year", "unit")
    sort = ("year", "amount")
    default_sort = "-year"
    sections = (Section(_l("Budget"), ("unit", "year", "amount")),)


class SiteView(RecordView):
    """Websites and their own dates."""

    model = Site
    may = Crud(view=P.SITE_VIEW, create=P.SITE_EDIT, edit=P.SITE_EDIT, delete=P.SITE_EDIT)
    menu = Menu(section=SECTION, label=_l("Websites"), order=30)
    columns = ("host", "unit", "tls_until", "domain_until", "checked_at", "tls_error")
    more_columns = ("port", "account", "person")
    search = ("host", "unit")
    filters = ("unit", "tls_until", "domain_until")
    sort = ("host", "tls_until", "domain_until")
    default_sort = "host"
    sections = (
        Section(_l("Website"), ("host", "port", "account")),
        Section(_l("Who"), ("unit", "person")),
        Section(_l("Dates"), ("domain_until",), help=_l("The certificate's end is read from the site every morning.")),
    )
    new = _l("Add a website")


class StatisticsView(PageView):
    """How it is going."""

    menu = Menu(section=SECTION, label=_l("Figures"), order=60)

    @expose("/")
    @needs(P.BUDGET_VIEW, whole=True)
    def index(self) -> str:
        """Due by month, on time against late, spent against budget."""
        year = request.args.get("year", "")
        chosen = int(year) if year.isdecimal() and 2000 <= int(year[:5]) <= 2100 else today().year
        institution = asking().institution
        in_time, late = punctuality(institution, date(chosen, 1, 1), date(chosen, 12, 31))
        return self.render(
            "certification/figures.html",
            year=chosen,
            months=chart("certification.months"),
            in_time=in_time,
            late=late,
            spending=spending(institution, chosen),
            failures=failures(institution, chosen),
            money=show_money,
        )
