"""The pages of rule documents: the register, and what is in force, for everybody to read."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for

from panel.api import (
    Crud,
    Menu,
    NotFound,
    PageView,
    Person,
    RecordView,
    Section,
    _,
    _l,
    ask,
    asking,
    expose,
    files,
    find,
    needs,
    ngettext,
    signed_in,
    today,
)
from plugins.oversight import acts, services
from plugins.oversight.acts import send_paper_of
from plugins.oversight.choices import Audience
from plugins.oversight.listviews import SECTION
from plugins.oversight.models import MadeKnown, Reading, RuleDocument
from plugins.oversight.permissions import OversightPermission as P

BOTH = ("GET", "POST")
SHOWN = 100  # names on a page; more are counted


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return today()


class RuleDocumentView(RecordView):
    """The institution's own rule documents."""

    model = RuleDocument
    may = Crud(
        view=P.DOCUMENT_VIEW,
        create=P.DOCUMENT_EDIT,
        edit=P.DOCUMENT_EDIT,
        delete=P.DOCUMENT_EDIT,
        export=P.DOCUMENT_EXPORT,
    )
    menu = Menu(section=SECTION, label=_l("Rule documents"), order=20)
    columns = ("name", "standing", "kind", "unit", "interpreter", "issued", "effective_on", "until")
    more_columns = ("number", "audience", "trial_until", "supersedes", "source")
    labels: ClassVar[Any] = {"standing": _l("State"), "issued": _l("Issued on")}
    formats: ClassVar[Any] = {
        "standing": lambda row: row.standing().label,
        "issued": lambda row: row.issued_words,
    }
    search = ("name", "number")
    filters = ("kind", "unit", "audience", "effective_on", "until", "trial_until")
    sort = ("name", "issued_on", "effective_on", "until")
    default_sort = "-effective_on"
    sections = (
        Section(_l("Document"), ("name", "number", "kind", "unit", "interpreter", "audience")),
        Section(
            _l("Taking effect"),
            ("effective_on", "trial_until", "month_only"),
            help=_l("A draft is in force from its issue; a newer document that supersedes it ends it by itself."),
        ),
        Section(_l("Beside others"), ("supersedes", "parent", "source", "note")),
    )
    help: ClassVar[Any] = {
        "effective_on": _l("Can still be changed when the document is issued."),
        "month_only": _l("For old papers: the day is shown as a month."),
        "parent": _l("The document of the institution whose details it lays down; it cannot replace it."),
        "source": _l("Such as s0-11, where it was taken over from the catalogue."),
    }
    rules: ClassVar[Any] = {
        "interpreter": ("s0-03-r10", "s1-02-r12", "s3-01-r15"),
        "audience": ("s1-17-r01", "s1-11-r15"),
        "supersedes": ("s1-01-r12", "s1-22-r12"),
        "effective_on": ("s1-14-r16", "s1-23-r35"),
        "month_only": ("s2-09-r24",),
        "parent": ("s4-01-r35", "s3-03-r15"),
    }
    new = _l("Draft a document")
    empty_text = _l("No rule document yet. Enter the ones in force first, then what they superseded.")
    details = "oversight/document.html"
    create_with = staticmethod(services.draft)
    update_with = staticmethod(services.change_document)
    delete_with = staticmethod(services.drop)

    def stays(self, row: RuleDocument) -> bool:
        return row.issued_on is not None

    def page_of(self, row: RuleDocument) -> dict[str, Any]:
        """What the page of a document shows beside its facts."""
        people = services.addressees(row)
        readings: Any = Reading.select(Reading, Person).join(Person).where(Reading.document == row)
        below = RuleDocument.select().where(RuleDocument.parent == row).order_by(RuleDocument.name)
        return {
            "standing": row.standing(),
            "known": list(MadeKnown.select().where(MadeKnown.document == row).order_by(MadeKnown.on, MadeKnown.id)),
            "outside": row.audience == Audience.PUBLIC,
            "people": list(people.limit(SHOWN)),
            "count": people.count(),
            "readings": list(readings.order_by(Reading.read_at.is_null().desc(), Person.name).limit(SHOWN)),
            "told": readings.count(),
            "read": readings.where(Reading.read_at.is_null(False)).count(),
            "line": services.line_of(row),
            "below": list(below.limit(SHOWN)),
        }

    @expose("/known/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def known(self) -> Any:
        """Enter how a text was made known."""
        return ask(self, acts.KNOWN, P.DOCUMENT_EDIT)

    @expose("/tell/", methods=("POST",))
    @needs(P.DOCUMENT_EDIT)
    def tell(self) -> Any:
        """Tell everybody the document addresses."""
        row = find(RuleDocument, request.values.get("id"), P.DOCUMENT_EDIT)
        count = services.tell_addressees(row)
        flash(ngettext("%(num)s person is told.", "%(num)s people are told.", count), "success")
        return redirect(self.url_of(row))

    @expose("/issue/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def issue(self) -> Any:
        """Issue a draft."""
        return ask(self, acts.ISSUE, P.DOCUMENT_EDIT)

    @expose("/confirm/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def confirm(self) -> Any:
        """Confirm a document after its trial."""
        return ask(self, acts.CONFIRM, P.DOCUMENT_EDIT)

    @expose("/review/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def review(self) -> Any:
        """Enter that a document was reviewed."""
        return ask(self, acts.REVIEW, P.DOCUMENT_EDIT)

    @expose("/repeal/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def repeal(self) -> Any:
        """End a document without another in its place."""
        return ask(self, acts.REPEAL, P.DOCUMENT_EDIT)

    @expose("/attach/", methods=BOTH)
    @needs(P.DOCUMENT_EDIT)
    def attach(self) -> Any:
        """Attach the text."""
        return ask(self, acts.ATTACH, P.DOCUMENT_EDIT)

    @expose("/paper/")
    @needs(P.DOCUMENT_VIEW)
    def paper(self) -> Any:
        """The text of a document, or the evidence that it was made known."""
        if request.args.get("known"):
            row = find(MadeKnown, request.args.get("known"), P.DOCUMENT_VIEW)
            return files.send_paper(row.file, row.institution_id, row.file_name)
        return send_paper_of(RuleDocument, P.DOCUMENT_VIEW)


class RulesView(PageView):
    """What is in force, on any day; for everybody of the institution."""

    slug = "rules"
    menu = Menu(section=SECTION, label=_l("Rules in force"), order=10)

    @expose("/")
    @signed_in("the rules in force are for everybody of the institution to read")
    def index(self) -> str:
        """The texts in force on a day; today, where none is chosen."""
        day = _day(request.args.get("day"))
        rows = list(services.in_force(asking().institution, day).limit(500))
        person, read = services.reader(), {}
        if person is not None:
            mine: Any = Reading.select(Reading.document, Reading.read_at).where(Reading.person == person)
            read = dict(mine.tuples())
        return self.render("oversight/rules.html", rows=rows, day=day, today=today(), read=read, person=person)

    def _row(self) -> RuleDocument:
        """An issued document of the institution, or one whose draft whoever asks was told of."""
        given = request.values.get("id", "")
        row = RuleDocument.get_or_none(
            RuleDocument.id == (int(given) if given.isdecimal() and len(given) < 19 else 0),
            RuleDocument.institution == asking().institution,
        )
        person = services.reader()
        told = Reading.select().where(Reading.document == row, Reading.person == person)
        if row is None or (row.issued_on is None and (person is None or not told.exists())):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        return row

    @expose("/text/")
    @signed_in("the rules in force are for everybody of the institution to read")
    def text(self) -> Any:
        """The text, as a download."""
        row = self._row()
        return files.send_paper(row.file, row.institution_id, row.file_name)

    @expose("/read/", methods=("POST",))
    @signed_in("everybody says for themselves that they have read a text")
    def read(self) -> Any:
        """Somebody has read a text."""
        row, person = self._row(), services.reader()
        if person is None or person.institution_id != row.institution_id:
            raise NotFound(_("This page does not exist, or is not yours to see."))
        services.confirm_reading(row, person)
        flash(_("Noted: you have read “%(name)s”.", name=row), "success")
        return redirect(url_for(".index"))
