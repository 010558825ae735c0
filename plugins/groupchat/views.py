"""The pages of work groups; those of what is posted stand in pages.py."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from wtforms import PasswordField, SelectField

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
    expose,
    files,
    find,
    needs,
    public,
    switched_on,
    today,
)
from plugins.groupchat import acts, services
from plugins.groupchat.choices import CaseKind, GroupState, MemberState, SourceKind, SourceState
from plugins.groupchat.groups import Alias, Attestation, Group, Member, OwnerTerm, Reach, RequiredGroup, Source, Term
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
from plugins.groupchat.policy import QuietHours, SanctionRule, WecomLink, Word, WordList
from plugins.groupchat.ruling import change_quiet, change_wecom, connect_wecom, lay_quiet

__all__ = [
    "AliasView",
    "AnswerView",
    "BulletinView",
    "CaseActsView",
    "CaseView",
    "DutyDayView",
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
RULES = _l("Rules of groups")
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
        Section(_l("Group"), ("name", "kind", "app", "unit", "purpose")),
        Section(_l("Who and until when"), ("owner", "term", "opened_on", "ends_on", "attest_days")),
        Section(
            _l("Opening"),
            ("state", "overlap"),
            help=_l("“Asked for” sends the group through the institution's approval first."),
        ),
        Section(_l("Connection"), ("channel", "external_id"), help=_l("A robot posts notices in the group.")),
    )
    rules: ClassVar[Any] = {
        "kind": ("s1-13-r01",),
        "unit": ("s1-14-r11",),
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


class QuietHoursView(RecordView):
    """When nobody posts."""

    model = QuietHours
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Quiet hours"), order=10)
    columns = ("starts", "ends", "days", "group", "valid_from", "valid_until")
    search = ("group",)
    filters = ("days", "group")
    sort = ("starts",)
    default_sort = "starts"
    sections = (
        Section(
            _l("Quiet hours"),
            ("starts", "ends", "days", "group", "valid_from", "valid_until"),
            help=_l("The first minute is inside, the end is not: 12:40–14:20 leaves 12:39 and 14:20 free."),
        ),
    )
    rules: ClassVar[Any] = {"starts": ("s1-23-r21", "s1-14-r10", "s1-01-r06")}
    help: ClassVar[Any] = {
        "ends": _l("24:00 is the end of the day; an end before the beginning lies on the next day."),
        "days": _l("The day on which a post falls decides; holidays and make-up workdays count."),
    }
    new = _l("Lay down quiet hours")
    create_with = staticmethod(lay_quiet)
    update_with = staticmethod(change_quiet)


class WordListView(RecordView):
    """Word lists."""

    model = WordList
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Word lists"), order=20)
    columns = ("name", "kind", "needed", "group", "active", "valid_from", "valid_until")
    search = ("name",)
    filters = ("kind", "active")
    default_sort = "name"
    sections = (
        Section(
            _l("Word list"),
            ("name", "kind", "needed", "group", "active", "valid_from", "valid_until"),
            help=_l("A hit is a case for a person to judge, with the words around it; nothing follows by itself."),
        ),
    )
    details = "groupchat/word_list.html"


class WordView(RecordView):
    """Words."""

    model = Word
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    columns = ("word", "list", "allowed")
    search = ("word",)
    filters = ("list", "allowed")
    sort = ("word",)
    default_sort = "word"
    sections = (Section(_l("Word"), ("list", "word", "allowed")),)


class SanctionRuleView(RecordView):
    """What may follow a case."""

    model = SanctionRule
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("What follows cases"), order=30)
    columns = ("kind", "sanction")
    filters = ("kind", "sanction")
    default_sort = "kind"
    sections = (Section(_l("What follows a case"), ("kind", "sanction"), help=_l("Kinds without an entry: anything.")),)
    rules: ClassVar[Any] = {"sanction": ("s1-14-r14", "s1-14-r15", "s1-15-r05")}


class TermView(RecordView):
    """Terms."""

    model = Term
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Terms"), order=40)
    columns = ("name", "starts_on", "ends_on")
    search = ("name",)
    sort = ("starts_on",)
    default_sort = "-starts_on"
    sections = (Section(_l("Term"), ("name", "starts_on", "ends_on")),)
    rules: ClassVar[Any] = {"starts_on": ("s1-23-r08",)}


class RequiredGroupView(RecordView):
    """Groups that must be there."""

    model = RequiredGroup
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Required groups"), order=50)
    columns = ("unit_kind", "kind", "days")
    filters = ("unit_kind", "kind")
    default_sort = "unit_kind"
    sections = (Section(_l("Required group"), ("unit_kind", "kind", "days")),)
    rules: ClassVar[Any] = {"days": ("s1-23-r08",)}


class AliasView(RecordView):
    """Nicknames and whose they are."""

    model = Alias
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Aliases"), order=60)
    columns = ("text", "person")
    search = ("text", "person")
    default_sort = "text"
    sections = (Section(_l("Alias"), ("text", "person")),)
    create_with = staticmethod(lambda values: services.learn(values["institution"], values["text"], values["person"]))


class WecomLinkView(RecordView):
    """The connection to WeCom."""

    model = WecomLink
    may = Crud(view=P.RULE_VIEW, create=P.RULE_EDIT, edit=P.RULE_EDIT, delete=P.RULE_EDIT)
    menu = Menu(section=RULES, label=_l("Connection to WeCom"), order=70)
    columns = ("corporation", "unit", "base", "active")
    form_extra_fields: ClassVar[Any] = {
        "new_secret": PasswordField(_l("Secret"), description=_l("Never shown again; empty leaves it as it is."))
    }
    sections = (Section(_l("Connection to WeCom"), ("corporation", "new_secret", "unit", "base", "active")),)
    create_with = staticmethod(connect_wecom)
    update_with = staticmethod(change_wecom)


class GroupActsView(PageView):
    """Acts on groups and members."""

    @expose("/", methods=BOTH)
    @needs(P.GROUP_EDIT)
    def index(self) -> Any:
        """One act."""
        return acts.respond(self, acts.GROUP_ACTS, P.GROUP_EDIT)


class CaseActsView(PageView):
    """Acts on chat records and cases."""

    @expose("/", methods=BOTH)
    @needs(P.CASE_EDIT)
    def index(self) -> Any:
        """One act."""
        return acts.respond(self, acts.CASE_ACTS, P.CASE_EDIT)


class NoticeActsView(PageView):
    """Acts on notices, problems, bulletins and duty."""

    @expose("/", methods=BOTH)
    @needs(P.NOTICE_EDIT)
    def index(self) -> Any:
        """One act."""
        return acts.respond(self, acts.NOTICE_ACTS, P.NOTICE_EDIT)


class RuleActsView(PageView):
    """Acts on word lists."""

    @expose("/", methods=BOTH)
    @needs(P.RULE_EDIT, whole=True)
    def index(self) -> Any:
        """One act."""
        return acts.respond(self, acts.RULE_ACTS, P.RULE_EDIT)


class AnswerView(PageView):
    """The personal receipt link."""

    @expose("/<key>", methods=BOTH)
    @public("whoever holds the key in the link answers one notice, and sees no more than it")
    def index(self, key: str) -> Any:
        """The notice, and a button that answers it."""
        receipt = services.by_key(key)
        if "groupchat" not in switched_on(receipt.institution):
            raise NotFound(_("This page does not exist, or is not yours to see."))
        if request.method == "POST":
            services.answer_by_link(receipt)
        return self.render("groupchat/answer.html", receipt=receipt, notice=receipt.notice, key=key)
