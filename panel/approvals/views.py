"""The pages of approvals: to decide, one's own requests, all requests, delegations, chains, paper forms."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for

from panel.access.forms import run
from panel.access.guard import needs, signed_in
from panel.access.identity import Identity, asking
from panel.access.scope import find
from panel.admin.forms import form_sent
from panel.admin.view import Crud, Menu, PageView, RecordView, Section, expose
from panel.approvals import chains, editing, forms, paper, reading, services, showing, standing
from panel.approvals.declare import all_subjects, subject_of, title_of
from panel.approvals.models import Chain, Request, Template, Verdict
from panel.approvals.permissions import ApprovalPermission as P
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, ngettext, today
from panel.org.models import Person

WORKBENCH, SETTINGS = _l("Workbench"), _l("Settings")
BOTH = ("GET", "POST")
OWN = "everybody may be asked to sign; it shows only what waits for whoever asks"


class DecideView(PageView):
    """What waits for one's signature."""

    menu = Menu(section=WORKBENCH, label=_l("To decide"), order=1)

    @expose("/")
    @signed_in(OWN)
    def index(self) -> str:
        """All that waits, soonest due first."""
        waiting = reading.waiting_for(asking())
        return self.render("approvals/decide_list.html", waiting=waiting, show=showing, now=today())

    @expose("/task/", methods=BOTH)
    @signed_in(OWN)
    def task(self) -> Any:
        """One step: what is asked, what others said, one's own decision."""
        identity = asking()
        one, following = reading.waiting_one(identity, request.values.get("id"))
        form = forms.DecideForm(form_sent(), asks_proof=one.task.proof)
        verb = request.form.get("verb", "")

        def decide() -> None:
            proof = "fresh" if one.task.proof else ""
            services.decide(one.task, _verdict(verb), form.opinion.data or "", proof)

        if run(form, decide):
            flash(_("%(verdict)s: %(what)s", verdict=Verdict(verb).label, what=one.request), "success")
            return redirect(url_for(".task", id=following.task.id) if following else url_for(".index"))
        context = {"one": one, "following": following, "form": form, "steps": showing.steps_of(one.request)}
        return self.render("approvals/decide.html", **context, show=showing), 422 if form.wrong else 200

    @expose("/many/", methods=("POST",))
    @signed_in(OWN)
    def many(self) -> Any:
        """Agree to several at once."""
        identity = asking()
        tasks = [reading.waiting_one(identity, i)[0].task for i in dict.fromkeys(request.form.getlist("id")[:100])]
        if not tasks:
            raise NotFound(_("Nothing was ticked."))
        try:
            count = services.decide_many(tasks, Verdict.APPROVE, request.form.get("opinion", "")[:2000])
            flash(ngettext("%(num)s request is signed.", "%(num)s requests are signed.", count), "success")
        except Refused as refusal:
            flash(refusal.message, "danger")
        return redirect(url_for(".index"))

    @expose("/give/", methods=BOTH)
    @signed_in(OWN)
    def give(self) -> Any:
        """Let somebody else sign this step."""
        one, _following = reading.waiting_one(asking(), request.values.get("id"))
        form = forms.PassForm(form_sent())

        def verb() -> None:
            assert isinstance(form.receiver.data, Person)
            receiver, until, note = form.receiver.data, form.ends_on.data, form.note.data or ""
            standing.delegate(one.seat.person, receiver, today(), until, task=one.task, note=note)

        return self._act(one, form, verb, _("Delegate"), _("Delegated: %(what)s"))

    @expose("/ask/", methods=BOTH)
    @signed_in(OWN)
    def ask(self) -> Any:
        """Ask somebody to sign besides."""
        one, _following = reading.waiting_one(asking(), request.values.get("id"))
        form = forms.AskForm(form_sent())

        def verb() -> None:
            assert isinstance(form.person.data, Person)
            standing.countersign(one.task, form.person.data, form.note.data or "")

        return self._act(one, form, verb, _("Ask for a countersignature"), _("Asked to sign besides: %(what)s"))

    def _act(self, one: Any, form: Any, verb: Any, word: str, said: str) -> Any:
        back = url_for(".task", id=one.task.id)
        if run(form, verb):
            flash(said % {"what": one.request}, "success")
            return redirect(url_for(".index"))
        context = {"form": form, "word": word, "row_id": one.task.id, "back": back, "what": one.request}
        return self.render("approvals/act.html", **context), 422 if form.wrong else 200


def _verdict(verb: str) -> Verdict:
    if verb not in [v.value for v in Verdict]:
        raise Refused(_("Choose what you decide."))
    return Verdict(verb)


class MineView(PageView):
    """What one asked for, and whatever one may read of others."""

    menu = Menu(section=WORKBENCH, label=_l("My requests"), order=2)

    @expose("/")
    @signed_in("everybody follows what they asked for themselves")
    def index(self) -> str:
        """One's own requests, newest first."""
        page = reading.page_of(request.args.get("page", ""))
        rows, more = reading.mine(asking(), page)
        return self.render("approvals/mine.html", rows=rows, page=page, more=more, show=showing, title_of=title_of)

    @expose("/request/")
    @signed_in("for the applicant, who signs it, and who may see requests there; looked up in sight")
    def request_view(self) -> str:
        """One request with its timeline."""
        row = reading.readable(asking(), request.args.get("id"))
        return self.render("approvals/request.html", row=row, steps=showing.steps_of(row), show=showing)

    @expose("/withdraw/", methods=BOTH)
    @signed_in("one's own; those of others need a permission, and are looked up under it")
    def withdraw(self) -> Any:
        """Take a request back."""
        identity = asking()
        row = reading.readable(identity, request.values.get("id"), P.REQUEST_WITHDRAW)
        form = forms.ReasonForm(form_sent())
        back = url_for(".request_view", id=row.id)
        if run(form, lambda: services.withdraw(row, form.reason.data or "")):
            flash(_("Withdrawn: %(what)s", what=row), "success")
            return redirect(back)
        context = {"form": form, "word": _("Withdraw"), "row_id": row.id, "back": back, "what": row}
        return self.render("approvals/act.html", **context), 422 if form.wrong else 200

    @expose("/paper/")
    @signed_in("for the applicant, who signs it, and who may see requests there; looked up in sight")
    def paper(self) -> Response:
        """The paper form with what was signed so far."""
        row = reading.readable(asking(), request.args.get("id"))
        return paper.send(row)

    @expose("/verify/")
    @signed_in("whoever holds a paper may ask whether it is one of ours")
    def verify(self) -> str:
        """Whether a paper form says what is stored."""
        code = request.args.get("code", "")
        found = reading.by_code(asking().institution, code)
        checked = [(d, paper.matches_audit(d)) for d in reading.decisions(found)] if found else []
        return self.render("approvals/verify.html", code=code, row=found, checked=checked, show=showing)


class RequestView(RecordView):
    """All requests."""

    model = Request
    may = Crud(view=P.REQUEST_VIEW, export=P.REQUEST_EXPORT)
    menu = Menu(section=WORKBENCH, label=_l("All requests"), order=3)
    columns = ("subject_text", "subject", "unit", "applicant_name", "submitted_at", "state")
    more_columns = ("chain_name", "ended_at", "ended_note", "note")
    labels = {"chain_name": _l("Chain")}
    formats = {"subject": lambda row: str(title_of(row.subject))}
    search = ("subject_text", "applicant_name")
    filters = ("state", "unit", "submitted_at")
    sort = ("submitted_at", "subject_text", "unit")
    sections = (Section(_l("Request"), ("note",)),)
    details = "approvals/request_record.html"
    show = showing
    empty_text = _l("Nothing was submitted yet. What is to be approved is submitted on its own page.")


class DelegationView(PageView):
    """Who signs for whom."""

    menu = Menu(section=WORKBENCH, label=_l("Delegations"), order=4)

    @expose("/", methods=BOTH)
    @signed_in("everybody may let somebody else sign for them")
    def index(self) -> Any:
        """What one gave, what one was given; all, for who may see them."""
        identity = asking()
        form = forms.DelegationForm(form_sent())
        if request.method == "GET":
            form.set("begins_on", today())

        def verb() -> None:
            assert isinstance(form.receiver.data, Person)
            assert form.begins_on.data is not None
            giver = form.giver.data if isinstance(form.giver.data, Person) else reading.person_of(identity)
            subject, ends_on = str(form.subject.data or ""), form.ends_on.data
            standing.delegate(
                giver, form.receiver.data, form.begins_on.data, ends_on, subject, note=form.note.data or ""
            )

        if run(form, verb):
            flash(_("Delegated to %(person)s.", person=form.receiver.data), "success")
            return redirect(url_for(".index"))
        context = {"form": form, "rows": reading.delegations(identity), "title_of": title_of, "now": today()}
        return self.render("approvals/delegations.html", **context), 422 if form.wrong else 200

    @expose("/end/", methods=("POST",))
    @signed_in("one's own; those of others need a permission, which the verb asks for")
    def end(self) -> Any:
        """End a delegation."""
        row = reading.delegation(asking(), request.form.get("id"))
        standing.end_delegation(row)
        flash(_("Ended: %(what)s", what=row), "success")
        return redirect(url_for(".index"))


class ChainView(PageView):
    """The chains of the institution."""

    menu = Menu(section=SETTINGS, label=_l("Approval chains"), order=10)

    @expose("/")
    @needs(P.CHAIN_VIEW)
    def index(self) -> str:
        """Every subject with its chains."""
        return self.render(
            "approvals/chains.html", groups=reading.chains(asking().institution), show=showing, may=_may_edit()
        )

    @expose("/edit/", methods=BOTH)
    @needs(P.CHAIN_EDIT, whole=True)
    def edit(self) -> Any:
        """A chain with its steps; add, move, take out, play, save."""
        chain = find(Chain, request.values["id"], P.CHAIN_EDIT) if request.values.get("id") else None
        name = chain.subject if chain else request.values.get("subject", "")
        if name not in all_subjects():
            raise NotFound(_("This page does not exist, or is not yours to see."))
        draft = editing.Draft(asking().institution, subject_of(name), chain, form_sent())
        act, played, error = request.form.get("act", ""), None, None
        try:
            if act == "save" and draft.validate():
                version = request.form.get("version", "")
                chain = draft.save(int(version) if version.isdecimal() and len(version) < 10 else None)
                flash(_("Saved: %(what)s", what=chain), "success")
                return redirect(url_for(".index"))
            if act == "play":
                played = draft.preview()
            elif act and act != "save":
                draft.act(act)
        except NotFound:
            raise
        except Refused as refusal:
            if act == "play":
                error = refusal.message
            else:
                draft.refuse(refusal)
        context = {"draft": draft, "chain": chain, "played": played, "error": error, "show": showing}
        return self.render("approvals/chain.html", **context), 422 if draft.wrong else 200

    @expose("/delete/", methods=("POST",))
    @needs(P.CHAIN_EDIT, whole=True)
    def delete(self) -> Any:
        """Delete a chain nothing was decided by."""
        chain = find(Chain, request.form.get("id"), P.CHAIN_EDIT)
        chains.delete_chain(chain)
        flash(_("Deleted: %(what)s", what=chain), "success")
        return redirect(url_for(".index"))

    @expose("/export/")
    @needs(P.CHAIN_VIEW)
    def toml(self) -> Response:
        """All chains as TOML."""
        rows = [chain for _subject, found in reading.chains(asking().institution) for chain, _steps in found]
        response = Response(chains.chains_as_toml(rows), mimetype="application/toml")
        response.headers["Content-Disposition"] = "attachment; filename=chains.toml"
        return response

    @expose("/import/", methods=BOTH)
    @needs(P.CHAIN_EDIT, whole=True)
    def import_view(self) -> Any:
        """Chains from TOML; what is here under the same name is brought to it."""
        form = forms.ImportForm(form_sent())
        made: list[Chain] = []

        def verb() -> None:
            made.extend(chains.import_text(asking().institution, reading.sent_text(form)))

        if run(form, verb):
            names = "、".join(str(chain) for chain in made)
            flash(_("Taken over: %(what)s", what=names), "success")
            return redirect(url_for(".index"))
        return self.render("approvals/import.html", form=form), 422 if form.wrong else 200


def _may_edit() -> bool:
    identity: Identity = asking()
    return identity.may(P.CHAIN_EDIT) and identity.reach(P.CHAIN_EDIT) is None


class TemplateView(PageView):
    """The Word forms."""

    menu = Menu(section=SETTINGS, label=_l("Paper forms"), order=11)

    @expose("/", methods=BOTH)
    @needs(P.TEMPLATE_EDIT, whole=True)
    def index(self) -> Any:
        """The form of each subject; upload one's own."""
        form = forms.TemplateForm(form_sent())

        def verb() -> None:
            sent = request.files.get("file")
            data = sent.read() if sent else b""
            paper.save_template(
                asking().institution, str(form.subject.data), data, (sent.filename or "") if sent else ""
            )

        if run(form, verb):
            flash(_("The form is taken over."), "success")
            return redirect(url_for(".index"))
        context = {"form": form, "rows": reading.templates(asking().institution), "fields": paper.placeholders()}
        return self.render("approvals/templates.html", **context), 422 if form.wrong else 200

    @expose("/file/")
    @needs(P.TEMPLATE_EDIT, whole=True)
    def file(self) -> Response:
        """The form itself: one's own, or the one that comes with the panel, to write one's own from."""
        return paper.send_template(asking().institution, request.args.get("subject", ""))

    @expose("/drop/", methods=("POST",))
    @needs(P.TEMPLATE_EDIT, whole=True)
    def drop(self) -> Any:
        """Back to the form that comes with the panel."""
        paper.drop_template(find(Template, request.form.get("id"), P.TEMPLATE_EDIT))
        flash(_("From now on the form that comes with the panel is used."), "success")
        return redirect(url_for(".index"))
