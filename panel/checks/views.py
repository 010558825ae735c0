"""Pages of findings, waivers, the score and the policy's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup, escape

from panel.access.guard import needs
from panel.access.identity import asking, current
from panel.access.scope import find
from panel.admin.declare import Bulk, Crud, Menu
from panel.admin.view import ChoiceFilter, PageView, RecordView, bulk, expose
from panel.checks import policy, reading, score, services
from panel.checks.declare import Check, Severity
from panel.checks.engine import today_in
from panel.checks.models import Broken, Finding, Swept, Waiver
from panel.checks.permissions import ChecksPermission as P
from panel.checks.preview import preview
from panel.checks.registry import checks
from panel.checks.saving import CONFIRM, Unconfirmed, areas_on
from panel.database import key_of
from panel.errors import NotAllowed, NotFound, Refused, Stale
from panel.i18n import _, _l, ngettext
from panel.org.models import Person
from panel.org.permissions import OrgPermission
from panel.policies.catalogue import cited
from panel.policies.models import origins_of_parameters
from panel.policies.national import binding, conflicts
from panel.runtime import runtime
from panel.tokens import problems

SECTION = _l("Compliance")
BOTH = ("GET", "POST")


def ask(warnings: Unconfirmed) -> Any:
    """What a save would bring in, with everything that was typed, to be sent again once confirmed."""
    if problems.is_api():
        return problems.of(warnings)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in (CONFIRM, "csrf_token")]
    return render_template("checks/confirm.html", warnings=warnings.warnings, typed=typed, confirm=CONFIRM), 409


def today() -> date:
    return today_in(asking().institution)


def _message(row: Finding) -> Markup:
    if row.code not in checks:
        return escape(row.code)
    text = escape(checks[row.code].worded(row.values))
    where = reading.shown(row, today()).mend
    return Markup('<a href="{}">{}</a>').format(where, text) if where else text


def _severity(row: Finding) -> Markup:
    severity = Severity(row.severity)
    return Markup('<span class="badge {}">{}</span>').format(severity.style, severity.label)


def _subject(row: Finding | Waiver) -> Markup:
    if row.code not in checks:
        return Markup("")
    address = reading.address_of(row.code, row.subject_id)
    name = getattr(row, "subject", None) or f"{row.subject_type} {row.subject_id}"
    return Markup('<a href="{}">{}</a>').format(address, name) if address else escape(name)


def _mend(row: Finding) -> Markup:
    """What to do, and the way there."""
    if row.code not in checks:
        return Markup("")
    found = reading.shown(row, today())
    if found.check.mend is None or not found.mend:
        return escape(found.check.advice)
    link = Markup('<a class="keep" href="{}" title="{}">{}</a>')
    return link.format(found.mend, found.check.advice, found.check.mend.label)


STATES = (("open", _l("Open")), ("waived", _l("Waived")), ("closed", _l("Settled")))


def _in_state(model: Any, values: list[str]) -> Any:
    day = today()
    waived = model.closed_at.is_null() & (model.waived_until >= day)
    conditions = {"open": score.visible(day), "waived": waived, "closed": model.closed_at.is_null(False)}
    found = conditions[values[0]]
    for value in values[1:]:
        found |= conditions[value]
    return found


class CheckFilter(ChoiceFilter):
    """Findings of some checks; which checks there are is known once all plugins are loaded."""

    @property
    def options(self) -> list[tuple[str, Any]]:
        return [(check.code, check.title) for check in checks]


class FindingView(RecordView):
    """What is wrong, and where to mend it."""

    model = Finding
    may = Crud(view=P.FINDING_VIEW, export=P.FINDING_EXPORT)
    menu = Menu(section=SECTION, label=_l("Findings"), order=10)
    columns = ("message", "severity", "subject", "unit", "assignee", "opened_at", "mend")
    more_columns = ("code", "closed_at", "waived_until")
    labels = {"message": _l("What is wrong"), "subject": _l("Record"), "mend": _l("What to do")}
    formats = {"message": _message, "severity": _severity, "subject": _subject, "mend": _mend}
    filters = (
        ChoiceFilter("state", _l("State"), choices=STATES, where=_in_state),
        "severity",
        "unit",
        "assignee",
        CheckFilter("code", _l("Check"), where=lambda model, values: model.code.in_(values)),
        "opened_at",
    )
    sort = ("opened_at", "severity", "unit")
    default_sort = "-opened_at"
    empty_text = _l("Nothing is wrong, as far as the records tell.")
    assign = Bulk("assign", _l("Assign"), P.FINDING_ASSIGN, page="checks_findings.assign")
    waive = Bulk("waive", _l("Waive"), P.FINDING_WAIVE, page="checks_findings.waive")

    def only(self) -> Any:
        mine = Finding.code.in_(reading.active_codes())
        return mine if request.args.get("state") else mine & score.visible(today())

    def load(self, rows: list[Any]) -> None:
        known = reading.subjects(rows)
        for row in rows:
            row.subject = known.get((row.subject_type, row.subject_id))


class WaiverView(RecordView):
    """Exceptions in force and over."""

    model = Waiver
    may = Crud(view=P.FINDING_VIEW, export=P.FINDING_EXPORT)
    menu = Menu(section=SECTION, label=_l("Waivers"), order=20)
    columns = ("code", "subject", "unit", "reason", "since", "until")
    labels = {"subject": _l("Record")}
    formats = {"code": lambda row: checks[row.code].title if row.code in checks else row.code, "subject": _subject}
    filters = ("unit", "until")
    sort = ("until", "since")
    default_sort = "-until"
    empty_text = _l("No waiver was ever granted.")

    load = FindingView.load

    @bulk(_l("End now"), P.FINDING_WAIVE)
    def end(self, rows: Sequence[Waiver]) -> int:
        for row in rows:
            services.revoke(row)
        return len(rows)


class FindingsView(PageView):
    """Findings by rule, unit and person with the score; and the forms that assign and waive them."""

    menu = Menu(section=SECTION, label=_l("Overview and score"), order=5)

    @expose("/")
    @needs(P.FINDING_VIEW)
    def page(self) -> Any:
        """Groups, the score with its formula, and the trend of a month."""
        by = request.args.get("by", "rule")
        by = by if by in ("rule", "unit", "person") else "rule"
        institution, day = asking().institution, today()
        trend = score.trend(institution, day - timedelta(days=30)) if _reaches_all(P.FINDING_VIEW) else []
        return self.render(
            "checks/overview.html",
            by=by,
            groups=reading.grouped(by),
            trend=trend,
            weights=score.WEIGHTS,
            broken=list(Broken.select().where(Broken.institution == institution)),
            checks=checks,
            swept=Swept.get_or_none(Swept.institution == institution),
        )

    @expose("/assign/", methods=BOTH)
    @needs(P.FINDING_ASSIGN)
    def assign(self) -> Any:
        """Give the findings named by `row` to a person."""
        rows = _rows(P.FINDING_ASSIGN)
        if not rows:
            raise NotFound(_("Nothing was ticked."))
        error = None
        if request.method == "POST":
            try:
                count = services.assign(rows, _person(request.form.get("person", "")))
            except (NotFound, NotAllowed):
                raise
            except Refused as refusal:
                error = refusal
            else:
                flash(ngettext("%(num)s finding assigned.", "%(num)s findings assigned.", count), "success")
                return redirect(url_for("checks_finding.index_view"))
        people = Person.select().where(Person.institution == asking().institution, Person.in_service_until.is_null())
        return self.render("checks/assign.html", rows=_shown(rows), people=people.order_by(Person.name), error=error)

    @expose("/waive/", methods=BOTH)
    @needs(P.FINDING_WAIVE)
    def waive(self) -> Any:
        """Excuse the findings named by `row`, or one record from one check, found yet or not."""
        rows = _rows(P.FINDING_WAIVE)
        wanted = [(checks[row.code], row.subject_id) for row in rows] or [_named()]
        error = None
        if request.method == "POST":
            try:
                until = _day(request.form.get("until", ""), "until")
                for check, subject_id in wanted:
                    services.waive(check, subject_id, request.form.get("reason", ""), until)
            except (NotFound, NotAllowed):
                raise
            except Refused as refusal:
                error = refusal
            else:
                flash(ngettext("%(num)s waiver granted.", "%(num)s waivers granted.", len(wanted)), "success")
                return redirect(reading.shown(rows[0], today()).address if len(rows) == 1 else url_for(".page"))
        return self.render("checks/waive.html", rows=_shown(rows), wanted=wanted, error=error, today=today())


class PolicyView(PageView):
    """The institution's own figures, each beside the article it comes from and the national rule above it."""

    menu = Menu(section=SECTION, label=_l("Policy"), order=40)

    @expose("/")
    @needs(P.POLICY_VIEW)
    def page(self) -> Any:
        """Every parameter with its article, and the national rules that bind the institution."""
        institution, day = asking().institution, today()
        on = {check.area for check in checks.of(areas_on(institution))}
        models = [m for m in policy.models(runtime().registry.areas) if m._meta.table_name.split("_")[0] in on]
        parts = [(m, policy.in_force(m, institution, day), policy.periods(m, institution)) for m in models]
        return self.render(
            "checks/policy.html",
            parts=parts,
            cited=cited,
            national=binding(institution, day),
            against=_against,
            origins=origins_of_parameters(institution),
            key_of=key_of,
            may_edit=_reaches_all(P.POLICY_EDIT),
        )

    @expose("/edit/", methods=BOTH)
    @needs(P.POLICY_EDIT, whole=True)
    def edit(self) -> Any:
        """Change parameters from a day on; first it is shown what that would open and close."""
        model = _policy(request.args.get("of", ""))
        institution = asking().institution
        row = policy.ship(model, institution)
        error, effect = None, None
        if request.method == "POST":
            try:
                values = policy.clean(model, request.form)
                valid_from = _day(request.form.get("valid_from", ""), "valid_from")
                if "save" in request.form:
                    version = request.form.get("version", "")
                    expected = int(version) if version.isdecimal() and len(version) < 10 else None
                    reason = request.form.get("reason", "")
                    policy.change(model, institution, valid_from, values, reason, expected)
                    flash(_("The policy is in force from %(day)s.", day=valid_from), "success")
                    return redirect(url_for(".page"))
                effect = preview(model, institution, valid_from, values, today())
            except (Stale, NotFound, NotAllowed):
                raise
            except Refused as refusal:
                error = refusal
        status = 422 if error else 200
        return self.render(
            "checks/policy_edit.html",
            model=model,
            row=row,
            cited=cited,
            error=error,
            effect=effect,
            sent=request.form,
            today=today(),
        ), status


def _reaches_all(permission: P) -> bool:
    who = current()
    return who is not None and who.reach(permission) is None


def _rows(permission: Any) -> list[Finding]:
    ids = [i for i in request.values.getlist("row") if i.isdecimal()][:500]
    rows = [services.finding_in_sight(i, permission) for i in dict.fromkeys(ids)]
    for row in rows:
        row.__dict__["subject"] = reading.subjects([row]).get((row.subject_type, row.subject_id))
    return rows


def _shown(rows: Sequence[Finding]) -> list[reading.Shown]:
    return [reading.shown(row, today()) for row in rows]


def _named() -> tuple[Check, int]:
    code, subject = request.values.get("code", ""), request.values.get("subject", "")
    if code not in checks or not subject.isdecimal() or len(subject) > 18:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    services.in_sight(checks[code], int(subject))
    return checks[code], int(subject)


def _person(typed: str) -> Person | None:
    return find(Person, typed, OrgPermission.PERSON_VIEW) if typed else None


def _day(typed: str, field: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Refused(_("Enter a day, such as 2026-11-20."), field) from None


def _policy(name: str) -> Any:
    for model in policy.models(runtime().registry.areas):
        if model._meta.table_name == name:
            return model
    raise NotFound(_("This page does not exist, or is not yours to see."))


def _against(row: Any, name: str) -> list[Any]:
    return [r for n, r in conflicts(asking().institution, type(row), {name: getattr(row, name)}, today()) if n == name]
