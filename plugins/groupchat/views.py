"""The pages of work groups; those of what is posted stand in pages.py."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from flask import request
from wtforms import SelectField

from panel.api import (
    Crud,
    Menu,
    NotFound,
    PageView,
    Person,
    PersonKind,
    RecordView,
    Section,
    _,
    _l,
    approval_of,
    asking,
    expose,
    files,
    find,
    needs,
    public,
    respond,
    switched_on,
    today,
)
from plugins.groupchat import acts, services
from plugins.groupchat.choices import CaseKind, GroupState, MemberState, SourceKind, SourceState
from plugins.groupchat.groups import Attestation, Group, Member, OwnerTerm, Reach, Source
from plugins.groupchat.pages import (
    SECTION,
    BulletinView,
    CaseView,
    DutyDayView,
    LogEntryView,
    NoticeView,
    ProblemView,
    ReceiptView,
    ResultView,
)
from plugins.groupchat.permissions import GroupchatPermission as P
from plugins.groupchat.rule_pages import (
    AliasView,
    QuietHoursView,
    RequiredGroupView,
    SanctionRuleView,
    TermView,
    WecomLinkView,
    WordListView,
    WordView,
)
from plugins.groupchat.statistics import answered, by_unit

__all__ = [
    "AliasView",
    "AnswerView",
    "BulletinView",
    "CaseActsView",
    "CaseView",
    "DutyDayView",
    "FiguresView",
    "GroupActsView",
    "GroupView",
    "LogEntryView",
    "MemberView",
    "NoticeActsView",
    "NoticeView",
    "ProblemView",
    "QuietHoursView",
    "ReachView",
    "ReceiptView",
    "RequiredGroupView",
    "ResultView",
    "RuleActsView",
    "SanctionRuleView",
    "SourceView",
    "TermView",
    "WecomLinkView",
    "WordListView",
    "WordView",
]
BOTH = ("GET", "POST")


class GroupView(RecordView):
    """The register of groups."""

    model = Group
    may = Crud(view=P.GROUP_VIEW, create=P.GROUP_EDIT, edit=P.GROUP_EDIT, export=P.GROUP_EXPORT)
    menu = Menu(section=SECTION, label=_l("Groups"), order=10)
    columns = ("name", "kind", "unit", "owner", "state", "ends_on", "attested_on")
    more_columns = ("app", "purpose", "term", "opened_on", "closed_on", "external_id")
    search = ("name", "owner", "unit")
    filters = ("state", "kind", "app", "unit", "ends_on", "term")
    sort = ("name", "ends_on", "attested_on")
    default_sort = "name"
    form_extra_fields: ClassVar[Any] = {
        "state": SelectField(
            _l("State"),
            choices=[(s.value, s.label) for s in (GroupState.ACTIVE, GroupState.REQUESTED)],
            default=GroupState.ACTIVE.value,
        )
    }
    sections = (
        Section(_l("Group"), ("name", "kind", "app", "unit", "purpose", "announcement", "sensitive")),
        Section(_l("Who and until when"), ("owner", "term", "opened_on", "ends_on", "attest_days")),
        Section(
            _l("Opening"),
            ("state", "overlap"),
            help=_l("“Requested” sends the group through the institution's approval first."),
        ),
        Section(_l("Connection"), ("channel", "external_id"), help=_l("A robot posts notices in the group.")),
    )
    rules: ClassVar[Any] = {
        "kind": ("s1-13-r01",),
        "unit": ("s1-14-r11",),
        "announcement": ("s1-12-r05",),
        "sensitive": ("s1-08-r11",),
        "owner": ("s1-13-r03", "s1-15-r01"),
        "ends_on": ("s1-23-r02",),
        "overlap": ("s1-23-r02",),
        "attest_days": ("s1-13-r04", "s1-14-r12"),
    }
    new = _l("Register a group")
    empty_text = _l("No group yet. Register the first one.")
    details = "groupchat/group.html"
    create_with = staticmethod(services.open_group)
    update_with = staticmethod(services.change_group)

    def fixed(self, row: Group) -> bool:
        return bool(row.state == GroupState.CLOSED)

    def page_of(self, row: Group) -> dict[str, Any]:
        """What the page of a group shows beside its facts. Six queries."""
        members = list(
            Member.select(Member, Person)
            .join(Person, "LEFT JOIN")
            .where(Member.group == row, Member.state != MemberState.GONE)
            .order_by(Member.id)
            .limit(600)
        )
        there = [m for m in members if m.state == MemberState.PRESENT]
        terms = OwnerTerm.select(OwnerTerm, Person).join(Person).where(OwnerTerm.group == row)
        return {
            "members": sorted(there, key=lambda m: (_weight(m), str(m))),
            "expected": [m for m in members if m.state == MemberState.EXPECTED],
            "notes": {m.id: _note(m) for m in there},
            "terms": list(terms.order_by(OwnerTerm.id.desc()).limit(20)),
            "sources": [
                (s, SourceKind(s.kind).label, SourceState(s.state).style)
                for s in Source.select().where(Source.group == row).order_by(Source.id.desc()).limit(10)
            ],
            "attested": list(
                Attestation.select(Attestation, Person)
                .join(Person, "LEFT JOIN")
                .where(Attestation.group == row)
                .order_by(Attestation.on.desc())
                .limit(10)
            ),
            "missed": services.missed_days(row, 30, today()) if row.attest_days == 1 else [],
            "request": approval_of(row, "groupchat.opening"),
            "today": today(),
        }

    @expose("/qr/")
    @needs(P.GROUP_VIEW)
    def qr(self) -> Any:
        """The QR code of a group."""
        row = find(Group, request.args.get("id"), P.GROUP_VIEW)
        return files.send_image(row.qr, row.institution_id)

    @expose("/screenshot/")
    @needs(P.GROUP_VIEW)
    def screenshot(self) -> Any:
        """The screenshot that proves a confirmation."""
        row = find(Attestation, request.args.get("id"), P.GROUP_VIEW)
        return files.send_image(row.file, row.institution_id)


def _note(member: Member) -> tuple[str, str]:
    """What is wrong with a member, and how grave it is."""
    person = member.person
    if person is None:
        if member.guest_until is not None and member.guest_until >= today():
            return _("guest until %(day)s", day=member.guest_until), "badge-secondary"
        return _("on no roster"), "badge-danger"
    if not person.in_service():
        return _("left on %(day)s", day=person.in_service_until), "badge-danger"
    return (_("not the real name"), "badge-warning") if not member.named else ("", "")


def _weight(member: Member) -> int:
    return {"badge-danger": 0, "badge-warning": 1}.get(_note(member)[1], 2)


class MemberView(RecordView):
    """Who is in which group."""

    model = Member
    may = Crud(view=P.MEMBER_VIEW)
    menu = Menu(section=SECTION, label=_l("Members"), order=20)
    columns = ("nickname", "group", "person", "state", "match", "named", "joined_on", "left_on")
    more_columns = ("app_name", "guest_until", "reason")
    search = ("nickname", "app_name", "person", "group")
    filters = ("state", "match", "named", "group")
    sort = ("joined_on", "left_on")
    default_sort = "-id"
    sections = (
        Section(
            _l("Member"),
            (
                *("group", "nickname", "app_name", "person", "match", "named", "state"),
                *("joined_on", "left_on", "guest_until", "reason"),
            ),
        ),
    )
    details = "groupchat/member.html"


class ReachView(RecordView):
    """Who belongs in a group."""

    model = Reach
    may = Crud(view=P.GROUP_VIEW, create=P.GROUP_EDIT, edit=P.GROUP_EDIT, delete=P.GROUP_EDIT)
    columns = ("group", "unit", "kind", "post")
    search = ("group", "unit")
    form_extra_fields: ClassVar[Any] = {
        "kind": SelectField(_l("Kind of person"), choices=[("", "—"), *((k.value, k.label) for k in PersonKind)])
    }
    sections = (
        Section(_l("Who belongs"), ("group", "unit", "kind", "post"), help=_l("What is left empty does not matter.")),
    )
    rules: ClassVar[Any] = {"post": ("s1-23-r03",)}
    new = _l("Say who belongs")


class SourceView(RecordView):
    """Imported member lists and chat records."""

    model = Source
    may = Crud(view=P.CASE_VIEW)
    columns = ("file_name", "group", "kind", "state", "messages", "first_at", "last_at", "purged_on")
    more_columns = ("error", "digest")
    search = ("file_name", "group")
    filters = ("kind", "state", "group")
    default_sort = "-id"
    sections = (
        Section(
            _l("Import"),
            ("group", "kind", "file_name", "digest", "state", "messages", "first_at", "last_at", "error", "purged_on"),
        ),
    )
    details = "groupchat/source.html"

    def found(self, row: Source) -> list[tuple[Any, int]]:
        """What was found, by kind."""
        return [(kind.label, row.counts[kind.value]) for kind in CaseKind if row.counts.get(kind.value)]

    notices = staticmethod(services.notices_of)


class GroupActsView(PageView):
    """Acts on groups and members."""

    @expose("/", methods=BOTH)
    @needs(P.GROUP_EDIT)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.GROUP_ACTS, P.GROUP_EDIT)


class CaseActsView(PageView):
    """Acts on chat records and cases."""

    @expose("/", methods=BOTH)
    @needs(P.CASE_EDIT)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.CASE_ACTS, P.CASE_EDIT)


class NoticeActsView(PageView):
    """Acts on notices, problems, bulletins and duty."""

    @expose("/", methods=BOTH)
    @needs(P.NOTICE_EDIT)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.NOTICE_ACTS, P.NOTICE_EDIT)


class RuleActsView(PageView):
    """Acts on word lists."""

    @expose("/", methods=BOTH)
    @needs(P.RULE_EDIT, whole=True)
    def index(self) -> Any:
        """One act."""
        return respond(self, acts.RULE_ACTS, P.RULE_EDIT)


class FiguresView(PageView):
    """How it is going, by month (s1-12-r11)."""

    menu = Menu(section=SECTION, label=_l("Figures"), order=80)

    @expose("/")
    @needs(P.CASE_VIEW, whole=True)
    def index(self) -> Any:
        """Cases by unit, receipts given."""
        first = _month(request.args.get("month", ""))
        institution = asking().institution
        lines = by_unit(institution, first)
        asked, given = answered(institution, first)
        return self.render(
            "groupchat/figures.html",
            first=first,
            before=(first - timedelta(days=1)).replace(day=1),
            after=(first + timedelta(days=32)).replace(day=1),
            lines=lines,
            asked=asked,
            given=given,
            kinds={kind.value: kind.label for kind in CaseKind},
        )


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return today().replace(day=1)


class AnswerView(PageView):
    """The personal receipt link."""

    @expose("/", methods=BOTH)
    @public("whoever holds the key in the link answers one notice, and sees no more than it")
    def index(self) -> Any:
        """The notice, and a button that answers it."""
        key = request.values.get("key", "")
        receipt = services.by_key(key)
        if "groupchat" not in switched_on(receipt.institution):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        if request.method == "POST":
            services.answer_by_link(receipt)
        return self.render("groupchat/answer.html", receipt=receipt, notice=receipt.notice, key=key)
