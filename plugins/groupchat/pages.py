"""The lists and forms of what is posted: cases, notices, receipts, problems, bulletins, duty, the log."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request, url_for
from markupsafe import Markup
from wtforms import SelectField, StringField, TextAreaField

from panel.api import (
    Crud,
    Menu,
    Person,
    RecordView,
    Section,
    _,
    _l,
    current,
    expose,
    files,
    find,
    needs,
    show_time,
    today,
)
from plugins.groupchat import rectification, services
from plugins.groupchat.choices import NoticeState, Sanction
from plugins.groupchat.notices import PAPER_REASONS, missing, overdue
from plugins.groupchat.permissions import GroupchatPermission as P
from plugins.groupchat.policy import ACKNOWLEDGED
from plugins.groupchat.posts import Bulletin, Case, DutyDay, LogEntry, Notice, Problem, Receipt, Result

SECTION = _l("Work groups")


def masked(text: str) -> str:
    """A name or words as somebody sees them who need not know: the first letter."""
    identity = current()
    if not text or (identity is not None and identity.may(P.CASE_READ)):
        return text
    return f"{text[0]}{'＊' * min(3, max(1, len(text) - 1))}"


class CaseView(RecordView):
    """Posts that may break a rule."""

    model = Case
    may = Crud(view=P.CASE_VIEW, create=P.CASE_EDIT)
    menu = Menu(section=SECTION, label=_l("Cases"), order=30)
    columns = ("kind", "group", "at", "sender", "word", "state", "sanction")
    more_columns = ("decided_by", "decided_at", "serious")
    formats: ClassVar[Any] = {
        "sender": lambda row: masked(row.sender),
        "target": lambda row: masked(row.target),
        "person": lambda row: masked(str(row.person or "")),
        "text": lambda row: masked(row.text),
        "context": lambda row: masked(row.context),
        "word": lambda row: masked(row.word),
        "sanction": lambda row: "" if row.state == "open" else Sanction(row.sanction).label,
    }
    labels: ClassVar[Any] = {"at": _l("Posted at")}
    search = ("group",)
    filters = ("state", "kind", "group", "at", "serious")
    sort = ("at",)
    default_sort = "-id"
    form_extra_fields: ClassVar[Any] = {
        "sender": StringField(_l("Posted by")),
        "target": StringField(_l("Against whom")),
        "text": TextAreaField(_l("Text")),
    }
    sections = (
        Section(_l("Case"), ("group", "kind", "at", "person", "sender", "target")),
        Section(_l("What was posted"), ("text", "posts", "minutes")),
    )
    rules: ClassVar[Any] = {
        "kind": ("s1-23-r04", "s1-14-r06", "s1-14-r08", "s1-15-r04", "s1-01-r04"),
        "posts": ("s1-14-r07",),
    }
    new = _l("Report a post")
    empty_text = _l("No case yet. Read a chat record on a group's page, or report a post.")
    details = "groupchat/case.html"
    create_with = staticmethod(services.report_case)

    def open(self, row: Case) -> bool:
        return bool(row.state == "open")


class NoticeView(RecordView):
    """Notices and who answered."""

    model = Notice
    may = Crud(view=P.NOTICE_VIEW, create=P.NOTICE_EDIT, edit=P.NOTICE_EDIT)
    menu = Menu(section=SECTION, label=_l("Group notices"), order=40)
    columns = ("subject", "group", "kind", "state", "needs_receipt", "complete_by", "sent_at")
    more_columns = ("author", "planned_at", "urgent", "post_error")
    search = ("subject", "group")
    filters = ("state", "kind", "group", "needs_receipt", "sent_at")
    sort = ("sent_at", "complete_by")
    default_sort = "-id"
    form_extra_fields: ClassVar[Any] = {
        "paper_reason": SelectField(_l("Why on paper"), choices=[("", "—"), *((r, r) for r in PAPER_REASONS)])
    }
    sections = (
        Section(_l("Group notice"), ("group", "kind", "subject", "text", "link")),
        Section(
            _l("Answer"),
            ("needs_receipt", "wording", "exact", "complete_by"),
            help=_l("The last line is added by itself."),
        ),
        Section(_l("How"), ("planned_at", "urgent", "paper", "paper_reason")),
    )
    help: ClassVar[Any] = {
        "wording": _l("What the policy lays down, if left empty."),
        "planned_at": _l("Not in the group's quiet hours."),
        "urgent": _l("In quiet hours you get a list of people to call instead."),
        "link": _l("For what is longer than a post may be."),
    }
    rules: ClassVar[Any] = {
        "kind": ("s1-23-r01", "s1-23-r09"),
        "text": ("s1-14-r05",),
        "needs_receipt": ("s1-23-r15", "s1-23-r17"),
        "wording": ("s1-23-r18",),
        "planned_at": ("s1-23-r21", "s1-14-r10"),
        "urgent": ("s1-23-r22",),
        "paper": ("s1-23-r14",),
    }
    new = _l("Write a notice")
    details = "groupchat/notice.html"
    create_with = staticmethod(services.prepare)
    update_with = staticmethod(services.change_notice)

    def fixed(self, row: Notice) -> bool:
        return bool(row.state != NoticeState.DRAFT)

    def page_of(self, row: Notice) -> dict[str, Any]:
        """What the page of a notice shows beside its facts."""
        receipts = list(
            Receipt.select(Receipt, Person).join(Person).where(Receipt.notice == row).order_by(Person.name, Receipt.id)
        )
        for receipt in receipts:
            receipt.notice = row
        return {
            "text": services.compose(row),
            "receipts": receipts,
            "given": sum(receipt.fits for receipt in receipts),
            "reminder": services.reminder(row),
            "missing": [receipt.person for receipt in missing(row)],
            "overdue": {receipt.id for receipt in overdue(receipts)},
            "calls": services.to_call(row),
        }


class ReceiptView(RecordView):
    """Answers to notices."""

    model = Receipt
    may = Crud(view=P.NOTICE_VIEW)
    columns = ("person", "notice", "given_at", "text", "fits", "via")
    more_columns = ("reminded_at", "explanation", "explained_at")
    search = ("person",)
    filters = ("fits", "via")
    sort = ("given_at",)
    sections = (
        Section(
            _l("Receipt"),
            ("notice", "person", "given_at", "text", "fits", "via", "reminded_at", "explanation", "explained_at"),
        ),
    )
    details = "groupchat/receipt.html"


class ProblemView(RecordView):
    """Problems people were named for."""

    model = Problem
    may = Crud(view=P.NOTICE_VIEW, create=P.NOTICE_EDIT)
    menu = Menu(section=SECTION, label=_l("Named problems"), order=50)
    columns = ("fact", "person", "group", "due_at", "acknowledged_at", "corrected_at", "summoned_at")
    more_columns = ("inspector", "named_at", "outcome")
    search = ("fact", "person")
    filters = ("group", "due_at", "corrected_at")
    sort = ("due_at", "named_at")
    default_sort = "-id"
    sections = (Section(_l("Problem"), ("group", "person", "fact", "due_at", "inspector")),)
    help: ClassVar[Any] = {"inspector": _l("Whoever is overdue is summoned by them; you, if left empty.")}
    rules: ClassVar[Any] = {"fact": ("s1-23-r24", "s1-23-r25"), "due_at": ("s1-23-r26",)}
    new = _l("Name a problem")
    details = "groupchat/problem.html"
    create_with = staticmethod(services.name_problem)
    late = staticmethod(rectification.overdue)
    wording = ACKNOWLEDGED

    @expose("/picture/")
    @needs(P.NOTICE_VIEW)
    def picture(self) -> Any:
        """The picture that proves a correction."""
        row = find(Problem, request.args.get("id"), P.NOTICE_VIEW)
        return files.send_image(row.file, row.institution_id)


class BulletinView(RecordView):
    """Published results."""

    model = Bulletin
    may = Crud(view=P.NOTICE_VIEW, create=P.NOTICE_EDIT)
    menu = Menu(section=SECTION, label=_l("Bulletins"), order=60)
    columns = ("subject", "group", "on", "measure", "published_at")
    search = ("subject", "group")
    filters = ("group", "on", "measure")
    sort = ("on",)
    default_sort = "-id"
    sections = (Section(_l("Bulletin"), ("group", "subject", "on", "measure")),)
    rules: ClassVar[Any] = {"measure": ("s1-23-r24",)}
    new = _l("Begin a bulletin")
    details = "groupchat/bulletin.html"

    def page_of(self, row: Bulletin) -> dict[str, Any]:
        """The lines, ranked where that is allowed."""
        query = Result.select(Result, Person).join(Person, "LEFT JOIN").where(Result.bulletin == row)
        rows = list(query.order_by(Result.id))
        allowed, why = rectification.may_rank(row)
        placed = {result.id: rank for rank, result in rectification.ranked(rows)}
        if allowed:
            rows.sort(key=lambda result: (placed.get(result.id, 1 << 30), result.id))
        return {"rows": rows, "ranks": placed if allowed else {}, "why": why, "text": rectification.text_of(row)}


class ResultView(RecordView):
    """Lines of bulletins."""

    model = Result
    may = Crud(view=P.NOTICE_VIEW, create=P.NOTICE_EDIT)
    columns = ("fact", "person", "bulletin", "score")
    search = ("fact", "person")
    sections = (Section(_l("Result"), ("bulletin", "person", "fact", "score")),)
    rules: ClassVar[Any] = {"score": ("s1-23-r24",)}
    new = _l("Add a line")
    create_with = staticmethod(services.add_result)


class DutyDayView(RecordView):
    """Who inspects when, and what they found."""

    model = DutyDay
    may = Crud(view=P.NOTICE_VIEW, create=P.NOTICE_EDIT, edit=P.NOTICE_EDIT, delete=P.NOTICE_EDIT)
    menu = Menu(section=SECTION, label=_l("Duty"), order=70)
    columns = ("on", "person", "unit", "recorded_at", "record")
    labels: ClassVar[Any] = {"record": _l("What was found")}
    formats: ClassVar[Any] = {"recorded_at": lambda row: show_time(row.recorded_at) or _late(row)}
    search = ("person", "unit")
    filters = ("on", "unit", "recorded_at")
    sort = ("on",)
    default_sort = "-on"
    sections = (Section(_l("Day of duty"), ("unit", "on", "person")),)
    rules: ClassVar[Any] = {"on": ("s1-23-r23",)}
    details = "groupchat/duty.html"


def _late(row: DutyDay) -> str:
    return _("missing") if row.on < today() else ""


def _paper_of(row: LogEntry) -> Any:
    address = url_for("groupchat_log_entry.paper", id=row.id)
    return Markup('<a href="{}">{}</a>').format(address, row.file_name) if row.file else ""


class LogEntryView(RecordView):
    """What managers noted."""

    model = LogEntry
    may = Crud(view=P.GROUP_VIEW)
    columns = ("text", "kind", "group", "person", "at", "printed", "file_name")
    labels: ClassVar[Any] = {"file_name": _l("File")}
    formats: ClassVar[Any] = {"file_name": _paper_of}
    search = ("text", "group")
    filters = ("kind", "group", "at", "printed")
    sort = ("at",)
    default_sort = "-id"
    sections = (Section(_l("Entry"), ("group", "kind", "text", "person", "at", "printed", "file_name")),)

    @expose("/paper/")
    @needs(P.GROUP_VIEW)
    def paper(self) -> Any:
        """The file that was kept with an entry."""
        row = find(LogEntry, request.args.get("id"), P.GROUP_VIEW)
        return files.send_paper(row.file, row.institution_id, row.file_name)
