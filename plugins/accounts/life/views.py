"""The pages of the life cycle: applications, what is handed in, filings."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from panel.api import (
    Crud,
    Menu,
    NotAllowed,
    NotFound,
    PageView,
    RecordView,
    Refused,
    Section,
    _,
    _l,
    ask,
    expose,
    files,
    find,
    needs,
    paper_sent,
    respond,
)
from plugins.accounts import services
from plugins.accounts.life import acts, writing
from plugins.accounts.life.choices import Kind, PaperKind
from plugins.accounts.life.forms import PaperForm, SubmitForm
from plugins.accounts.life.models import Application, FilingRecord, HandIn, Paper
from plugins.accounts.life.showing import application_page
from plugins.accounts.permissions import AccountsPermission as P

SECTION = _l("Accounts")
BOTH = ("GET", "POST")
POST = ("POST",)


def _application(permission: P) -> Application:
    return find(Application, request.args.get("id"), permission)


class ApplicationView(RecordView):
    """Applications to open, change, close and appoint."""

    model = Application
    may = Crud(view=P.APPLICATION_VIEW, create=P.APPLICATION_APPLY, export=P.APPLICATION_EXPORT)
    menu = Menu(section=SECTION, label=_l("Opening and change"), order=15)
    columns = ("kind", "unit", "state", "submitted_on", "applicant")
    more_columns = ("account", "platform", "responsible", "reason", "decided_on", "created_at")
    labels = {"kind": _l("Application"), "created_at": _l("Entered")}
    formats = {"kind": str}
    joins = ("account", "unit")
    search = ("name", "account", "reason")
    filters = ("kind", "state", "unit", "account", "platform", "submitted_on")
    sort = ("submitted_on", "decided_on", "unit")
    default_sort = "-id"
    sections = (Section(_l("Application"), ("kind", "unit", "account", "applicant", "submitted_on", "decided_on")),)
    empty_text = _l("Apply to open an account here; to change or close one, begin on its page.")
    new = _l("Apply to open an account")
    details = "accounts/application.html"
    paper_kinds = dict(PaperKind.pairs())  # for the page

    def icon_of(self, row: Application) -> str:
        platform = row.platform or (row.account.platform if row.account_id else None)
        return platform.icon if platform else ""

    def page_of(self, row: Application) -> dict[str, Any]:
        """All parts of the application, and the forms on its page."""
        return {**application_page(row), "paper_form": PaperForm(), "submit_form": SubmitForm()}

    @expose("/new/", methods=BOTH)
    def create_view(self) -> Any:
        """A new application to open an account."""
        return writing.apply(self, Kind.OPENING)

    @expose("/apply/<kind>/", methods=BOTH)
    @needs(P.APPLICATION_APPLY)
    def apply(self, kind: str) -> Any:
        """A new application about the account `id`."""
        if kind not in (Kind.CHANGE, Kind.APPOINTMENT, Kind.CLOSING):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return writing.apply(self, Kind(kind))

    @expose("/amend/", methods=BOTH)
    @needs(P.APPLICATION_APPLY)
    def amend(self) -> Any:
        """Editing a draft, or what was returned."""
        return writing.amend(self, _application(P.APPLICATION_APPLY))

    @expose("/submit/", methods=POST)
    @needs(P.APPLICATION_APPLY)
    def submit(self) -> Any:
        """Submitting it to its chain."""
        row, form = _application(P.APPLICATION_APPLY), SubmitForm(request.form)
        done = _("Submitted: %(what)s", what=row)
        return self._do(row, lambda: services.submit(row, bool(form.declared.data), form.note.data or ""), done)

    @expose("/give_up/", methods=POST)
    @needs(P.APPLICATION_APPLY)
    def give_up(self) -> Any:
        """Giving it up."""
        row = _application(P.APPLICATION_APPLY)
        return self._do(row, lambda: services.give_up(row), _("Given up: %(what)s", what=row))

    @expose("/attach/", methods=POST)
    @needs(P.APPLICATION_APPLY)
    def attach(self) -> Any:
        """Attaching a paper."""
        row, form = _application(P.APPLICATION_APPLY), PaperForm(request.form)

        def verb() -> None:
            kept = paper_sent(row.institution_id)
            if not kept:
                raise Refused(_("Choose a file."), "file")
            services.attach(row, form.kind.data, **kept)

        return self._do(row, verb, _("The paper is attached."))

    @expose("/detach/", methods=POST)
    @needs(P.APPLICATION_APPLY)
    def detach(self) -> Any:
        """Taking a paper off."""
        paper = find(Paper, request.args.get("id"), P.APPLICATION_APPLY)
        return self._do(paper.application, lambda: services.detach(paper), _("The paper is taken off."))

    @expose("/paper/")
    @needs(P.APPLICATION_VIEW)
    def paper(self) -> Any:
        """A paper, as a download."""
        paper = find(Paper, request.args.get("id"), P.APPLICATION_VIEW)
        return files.send_paper(paper.file, paper.institution_id, paper.file_name)

    @expose("/accept_name/", methods=POST)
    @needs(P.FILING_EDIT)
    def accept_name(self) -> Any:
        """Accepting a doubtful name."""
        row = _application(P.FILING_EDIT)
        return self._do(row, lambda: services.accept_name(row), _("The name is accepted: %(name)s", name=row.name))

    @expose("/accept_identity/", methods=POST)
    @needs(P.FILING_EDIT)
    def accept_identity(self) -> Any:
        """Confirming that the licence is the legal entity's."""
        row = _application(P.FILING_EDIT)
        said = _("It is on record that the licence is the legal entity's.")
        return self._do(row, lambda: services.accept_identity(row), said)

    @expose("/carry_out/", methods=POST)
    @needs(P.FILING_EDIT)
    def carry_out(self) -> Any:
        """Carrying out what was approved and had to wait."""
        row = _application(P.FILING_EDIT)
        return self._do(row, lambda: services.carry_out(row), _("Carried out: %(what)s", what=row))

    @expose("/break_off/", methods=BOTH)
    @needs(P.FILING_EDIT)
    def break_off(self) -> Any:
        """Leaving off a closing."""
        return ask(self, acts.BREAK_OFF, P.FILING_EDIT)

    @expose("/hand_in/", methods=BOTH)
    @needs(P.FILING_EDIT)
    def hand_in(self) -> Any:
        """Ticking off a thing that is handed in."""
        return ask(self, acts.HAND_IN, P.FILING_EDIT)

    @expose("/evidence/")
    @needs(P.APPLICATION_VIEW)
    def evidence(self) -> Any:
        """The paper that shows that a thing was handed in."""
        item = find(HandIn, request.args.get("id"), P.APPLICATION_VIEW)
        return files.send_paper(item.file, item.institution_id, item.file_name)

    def _do(self, row: Application, verb: Any, done: str) -> Any:
        """Run a verb from the application's page, and say there how it went."""
        try:
            verb()
            flash(done, "success")
        except (NotAllowed, NotFound):
            raise
        except Refused as refusal:
            flash(str(refusal.message), "danger")
        return redirect(self.url_of(row))


class FilingRecordView(RecordView):
    """What was filed when, and what some office still waits for."""

    model = FilingRecord
    may = Crud(view=P.FILING_VIEW, export=P.FILING_EXPORT)
    menu = Menu(section=SECTION, label=_l("Filings"), order=16)
    columns = ("account", "event", "office", "number", "owed_on", "filed_on")
    more_columns = ("account.unit", "text", "note")
    joins = ("account.platform",)
    search = ("account", "number", "text")
    filters = ("event", "office", "account", "filed_on", "owed_on", "account.unit")
    sort = ("filed_on", "owed_on", "number")
    default_sort = "-id"
    sections = (Section(_l("Filing"), ("account", "event", "text", "office", "number", "owed_on", "filed_on", "note")),)
    details = "accounts/filing.html"
    empty_text = _l("An approved application is filed by itself; what existed before is confirmed on its page.")

    def icon_of(self, row: FilingRecord) -> str:
        return row.account.platform.icon

    @expose("/settle/", methods=BOTH)
    @needs(P.FILING_EDIT)
    def settle(self) -> Any:
        """Ticking off an owed filing."""
        return ask(self, acts.SETTLE, P.FILING_EDIT)

    @expose("/confirm/", methods=BOTH)
    @needs(P.FILING_EDIT)
    def confirm(self) -> Any:
        """Confirming that the account `id`, which was there before, is filed."""
        return ask(self, acts.CONFIRM, P.FILING_EDIT)


class StateView(PageView):
    """Suspending an account and taking it into use again."""

    @expose("/", methods=BOTH)
    @expose("/<act>/", methods=BOTH)
    @needs(P.ACCOUNT_EDIT)
    def page(self, act: str = "suspend") -> Any:
        """One of STATE_ACTS, on the account `id`."""
        return respond(self, acts.STATE_ACTS, P.ACCOUNT_EDIT, act)
