"""The pages of obligations: one's own work, the month, the register of all, standing duties, ladders, holidays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, request, session, url_for

from panel import files
from panel.access.forms import run
from panel.access.guard import needs, public, signed_in
from panel.access.identity import acting_as, asking, identify
from panel.admin.forms import form_sent
from panel.admin.view import Bulk, Crud, Menu, PageView, RecordView, Section, expose
from panel.database import utcnow
from panel.errors import NotFound, Refused
from panel.i18n import _, _l, today
from panel.notify.models import Message
from panel.obligations import feed, forms, ladders, presets, remind, services, showing, workdays
from panel.obligations.kinds import Kind, all_kinds, on_here, terms_of, title_of
from panel.obligations.models import CalendarFeed, Duty, Holiday, Obligation
from panel.obligations.permissions import ObligationPermission as P
from panel.obligations.settle import clock_of
from panel.org.models import Person

WORKBENCH, SETTINGS = _l("Workbench"), _l("Settings")
BOTH = ("GET", "POST")
OWN = "everybody has work of their own; it shows only what they owe"


class WorkView(PageView):
    """What whoever asks owes, and what they do with it."""

    menu = Menu(section=WORKBENCH, label=_l("My work"), order=1)

    @expose("/")
    @signed_in(OWN)
    def index(self) -> str:
        """Everything one owes, soonest first, whatever plugin it is from."""
        identity = asking()
        rows = services.mine(identity)
        return self.render("obligations/work.html", groups=showing.groups(rows), rows=rows, show=showing)

    @expose("/done/", methods=BOTH)
    @signed_in(OWN)
    def done(self) -> Any:
        """Ticking off, one or several."""
        rows = self._rows()
        if elsewhere := showing.done_elsewhere(rows):
            return redirect(elsewhere)
        form = forms.done_form(rows)

        def verb() -> None:
            services.complete_many(rows, form.evidence(asking().institution.id))

        return self._act(rows, form, verb, _("Tick off"), _("Ticked off: %(what)s"), upload=True)

    @expose("/later/", methods=BOTH)
    @signed_in(OWN)
    def later(self) -> Any:
        """Putting off."""
        rows = self._rows()
        form = forms.LaterForm(form_sent())

        def verb() -> None:
            for row in rows:
                services.snooze(row, form.until.data or today(), form.reason.data or "")

        return self._act(rows, form, verb, _("Put off"), _("Put off: %(what)s"))

    @expose("/give/", methods=BOTH)
    @needs(P.OBLIGATION_ASSIGN)
    def give(self) -> Any:
        """Assigning to somebody else."""
        rows = self._rows(P.OBLIGATION_ASSIGN)
        form = forms.GiveForm(form_sent(), permission=P.OBLIGATION_ASSIGN)

        def verb() -> None:
            for row in rows:
                assert isinstance(form.person.data, Person)
                services.reassign(row, form.person.data, form.note.data or "")

        return self._act(rows, form, verb, _("Assign"), _("Assigned: %(what)s"))

    @expose("/waive/", methods=BOTH)
    @needs(P.OBLIGATION_WAIVE)
    def waive(self) -> Any:
        """Letting a round pass."""
        rows = self._rows(P.OBLIGATION_WAIVE)
        form = forms.ReasonForm(form_sent())

        def verb() -> None:
            for row in rows:
                services.waive(row, form.reason.data or "")

        return self._act(rows, form, verb, _("Waive"), _("Waived: %(what)s"))

    @expose("/paper/")
    @signed_in("who may see an obligation may see what proves it; looked up in sight")
    def paper(self) -> Response:
        """The file that proves it."""
        (row,) = self._rows(P.OBLIGATION_VIEW, own=True)
        if not row.file:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return files.send_paper(row.file, row.institution_id, row.file_name)

    def _rows(self, permission: P = P.OBLIGATION_EDIT, own: bool = False) -> list[Obligation]:
        ids = list(dict.fromkeys(request.values.getlist("id") or request.values.getlist("row")))[:200]
        found = []
        for row_id in ids:
            try:
                found.append(services.find_mine(row_id, P.OBLIGATION_EDIT if own else permission))
            except NotFound:
                if not own:
                    raise
                found.append(services.find_mine(row_id, permission))
        if not found:
            raise NotFound(_("Nothing was ticked."))
        return found

    def _act(
        self, rows: list[Obligation], form: Any, verb: Callable[[], None], word: str, said: str, upload: bool = False
    ) -> Any:
        """One page for every act: the rows, the fields, the button; back to one's work when it is done."""
        if run(form, verb):
            what = "、".join(str(row) for row in rows[:3]) + ("…" if len(rows) > 3 else "")
            flash(said % {"what": what}, "success")
            return redirect(url_for(".index"))
        context = {"rows": rows, "form": form, "word": word, "upload": upload, "show": showing}
        return self.render("obligations/act.html", **context), 422 if form.wrong else 200


class CalendarView(PageView):
    """The month, and the private link to it."""

    menu = Menu(section=WORKBENCH, label=_l("Calendar"), order=2)

    @expose("/")
    @signed_in(OWN)
    def index(self) -> str:
        """A month of what is due: one's own, or all that one may see."""
        identity = asking()
        first = _month(request.args.get("month", ""))
        weeks_from, weeks_to = first - timedelta(days=7), first + timedelta(days=45)
        may_all = identity.may(P.OBLIGATION_VIEW)
        everybody = may_all and request.args.get("all") == "1"
        rows = services.in_sight(identity, weeks_from, weeks_to, everybody)
        calendar = workdays.load()
        return self.render(
            "obligations/calendar.html",
            first=first,
            weeks=showing.month(first, rows, calendar),
            count=sum(1 for row in rows if row.due_on.month == first.month and row.due_on.year == first.year),
            before=(first - timedelta(days=1)).replace(day=1),
            after=(first + timedelta(days=31)).replace(day=1),
            everybody=everybody,
            may_all=may_all,
            unknown=workdays.unknown_years(calendar, max(today(), first)),
            has_link=identity.user is not None
            and CalendarFeed.select().where(CalendarFeed.user == identity.user).exists(),
            link=session.pop("calendar_link", None),
            title_of=title_of,
            now=today(),
        )

    @expose("/link/", methods=("POST",))
    @signed_in("the link opens one's own dates")
    def link(self) -> Any:
        """Make the private link anew, or take it back."""
        identity = asking()
        if identity.user is None:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        if request.form.get("act") == "revoke":
            feed.revoke(identity.user)
            flash(_("The link is taken back: it opens nothing any more."), "success")
        else:
            token = feed.make_link(identity.user)
            session["calendar_link"] = url_for(".ics", token=token, _external=True)
        return redirect(url_for(".index"))

    @expose("/feed/<token>.ics")
    @public("a phone's calendar cannot log in; the link itself is the secret, and can be taken back")
    def ics(self, token: str) -> Response:
        """What its owner owes, as a calendar subscribes to it."""
        user = feed.user_of(token)
        identity = identify(user, user.institution)
        with acting_as(identity):
            rows = services.mine(identity)
            text = feed.ics(rows, _("Zhangyin · %(name)s", name=user), utcnow())
        return Response(text, mimetype="text/calendar")


def _month(text: str) -> date:
    year, _dash, month = text.partition("-")
    if year.isdecimal() and month.isdecimal() and 2000 <= int(year[:5]) <= 2100 and 1 <= int(month[:3]) <= 12:
        return date(int(year), int(month), 1)
    return today().replace(day=1)


class ObligationView(RecordView):
    """All that is due, and all that was."""

    model = Obligation
    may = Crud(view=P.OBLIGATION_VIEW, export=P.OBLIGATION_EXPORT)
    menu = Menu(section=WORKBENCH, label=_l("Everything due"), order=3)
    columns = ("subject_text", "kind", "due_on", "person", "unit", "state")
    more_columns = ("done_on", "note", "snoozed_until", "closed_at", "closed_by")
    labels = {"person": _l("Owed by")}
    formats = {"kind": showing.show_kind, "due_on": showing.show_due, "person": showing.show_owner}
    search = ("subject_text", "person")
    filters = ("state", "unit", "due_on", "person")
    sort = ("due_on", "subject_text", "unit")
    default_sort = "due_on"
    details = "obligations/obligation.html"
    empty_text = _l("Nothing is due. What falls due comes from the registers by itself.")
    tick_off = Bulk("tick_off", _l("Tick off"), P.OBLIGATION_EDIT, page="obligations_work.done")
    assign = Bulk("assign", _l("Assign"), P.OBLIGATION_ASSIGN, page="obligations_work.give")
    let_pass = Bulk("let_pass", _l("Waive"), P.OBLIGATION_WAIVE, page="obligations_work.waive")

    show = showing

    def ladder(self, row: Obligation) -> list[showing.Rung]:
        terms = terms_of(row.institution).get(row.kind)
        return showing.ladder_of(row, terms, clock_of(row.institution)) if terms else []

    def told(self, row: Obligation) -> list[Message]:
        """Who was told of it, newest first."""
        about = (Message.subject_type == "obligations.obligation") & (Message.subject_id == row.id)
        return list(Message.select(Message, Person).join(Person).where(about).order_by(Message.id.desc()).limit(30))

    def rules_of(self, row: Obligation) -> tuple[str, ...]:
        kind = all_kinds().get(row.kind)
        return kind.rules if kind else ()


class DutyView(RecordView):
    """Standing duties."""

    model = Duty
    may = Crud(view=P.DUTY_VIEW, create=P.DUTY_EDIT, edit=P.DUTY_EDIT, delete=P.DUTY_EDIT)
    menu = Menu(section=WORKBENCH, label=_l("Standing duties"), order=4)
    columns = ("name", "unit", "person", "first_due_on", "last_done_on", "ended_on")
    more_columns = ("area", "every_days", "every_months", "rules")
    search = ("name", "unit")
    filters = ("unit", "person", "area")
    sort = ("name", "first_due_on")
    default_sort = "name"
    sections = (
        Section(_l("What"), ("name", "area", "rules", "asks_file")),
        Section(_l("Who"), ("unit", "person", "role"), help=_l("Without a person, the role in the unit owes it.")),
        Section(_l("When"), ("first_due_on", "every_days", "every_months", "last_done_on", "ended_on")),
    )
    help = {
        "rules": _l("The articles that demand it, for example s1-06-r07."),
        "every_days": _l("Empty, and no months: it is due once."),
        "last_done_on": _l("Ticking it off sets this day by itself."),
    }
    new = _l("Add a duty")
    create_with = staticmethod(services.add_duty)
    update_with = staticmethod(services.change_duty)

    @expose("/presets/", methods=BOTH)
    @needs(P.DUTY_EDIT)
    def presets(self) -> Any:
        """Taking over what the source policies speak of."""
        form = forms.TakeOverForm(form_sent(), permission=P.DUTY_EDIT)
        form.presets.choices = [(p.code, p.name) for p in presets.PRESETS]

        def verb() -> None:
            made = presets.take_over(list(form.presets.data or ()), form.unit.data)  # type: ignore[arg-type]
            flash(_("Added: %(count)s", count=len(made)), "success")

        if run(form, verb):
            return redirect(self.address)
        return self.render("obligations/presets.html", form=form, presets=presets.PRESETS), 422 if form.wrong else 200


class LadderView(PageView):
    """How one is reminded of each kind."""

    menu = Menu(section=SETTINGS, label=_l("Reminder ladders"), order=60)

    @expose("/")
    @needs(P.LADDER_VIEW)
    def index(self) -> str:
        """Every kind with its ladder."""
        institution = asking().institution
        terms = terms_of(institution)
        kinds = sorted(on_here(institution), key=lambda k: k.name)
        entries = [(kind, terms[kind.name], ladders.is_preset(kind, terms[kind.name])) for kind in kinds]
        return self.render("obligations/ladders.html", entries=entries, show=showing)

    @expose("/edit/", methods=BOTH)
    @needs(P.LADDER_EDIT, whole=True)
    def edit(self) -> Any:
        """One ladder, with the exact dates it comes to."""
        kind = self._kind()
        institution = asking().institution
        terms = terms_of(institution)[kind.name]
        form = forms.LadderForm(form_sent())
        due = _day(request.values.get("due", ""))
        if request.method == "GET":
            form.show(terms)
        elif form.validate():
            try:
                terms = form.terms()
                if request.form.get("act") == "save":
                    ladders.set_ladder(kind, terms)
                    flash(_("Saved: %(what)s", what=kind.title), "success")
                    return redirect(url_for(".index"))
            except Refused as refusal:
                form.refuse(refusal)
        planned = ladders.preview(terms, due, clock_of(institution))
        context = {"kind": kind, "form": form, "due": due, "planned": planned}
        return self.render("obligations/ladder.html", **context), 422 if form.wrong else 200

    @expose("/preset/", methods=("POST",))
    @needs(P.LADDER_EDIT, whole=True)
    def preset(self) -> Any:
        """Back to what the panel brings."""
        kind = self._kind()
        ladders.forget_ladder(kind)
        flash(_("Back to the preset: %(what)s", what=kind.title), "success")
        return redirect(url_for(".index"))

    def _kind(self) -> Kind:
        kind = {k.name: k for k in on_here(asking().institution)}.get(request.values.get("kind", ""))
        if kind is None:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return kind


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today() + timedelta(days=60)


class HolidayView(PageView):
    """The calendar of workdays."""

    menu = Menu(section=SETTINGS, label=_l("Holidays"), order=65)

    @expose("/", methods=BOTH)
    @needs(P.HOLIDAY_EDIT, whole=True)
    def index(self) -> Any:
        """The days that break the week, by year; and days announced since."""
        calendar = workdays.load()
        typed, wrong = request.form.get("days", ""), ""
        if request.method == "POST":
            try:
                self._enter(typed)
                return redirect(url_for(".index"))
            except Refused as refusal:
                wrong = str(refusal)
        years = sorted({today().year, *calendar.years})[-3:]
        rows = Holiday.select().where(Holiday.day >= date(years[0], 1, 1)).order_by(Holiday.day)
        context = {"rows": list(rows), "unknown": workdays.unknown_years(calendar, today()), "typed": typed}
        return self.render("obligations/holidays.html", **context, wrong=wrong), 422 if wrong else 200

    def _enter(self, typed: str) -> None:
        identity = asking()
        if identity.user is None or not identity.user.site_admin:
            raise Refused(_("The calendar is the same for every institution: who runs the installation may change it."))
        days = workdays.read(typed)
        workdays.enter(days)
        remind.wake_everywhere()
        flash(_("Entered: %(count)s days", count=len(days)), "success")
