"""The pages of manuscripts."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, send_file, url_for
from wtforms import StringField, TextAreaField

from panel.api import (
    Crud,
    Menu,
    Person,
    RecordView,
    RefListField,
    Section,
    _,
    _l,
    asking,
    expose,
    files,
    find,
    needs,
    respond,
    scope,
    show_time,
    utcnow,
)
from plugins.accounts.services import Account
from plugins.content import acts, archive, reviewing, services, texts
from plugins.content.choices import (
    EDITABLE,
    HitKind,
    HitState,
    Mending,
    Origin,
    ReleaseState,
    RoundState,
    State,
    Task,
)
from plugins.content.models import (
    Attachment,
    Comment,
    Round,
    Submission,
    Target,
)
from plugins.content.parts import given, hang, page_of
from plugins.content.permissions import ContentPermission as P
from plugins.content.policy import Column, Topic

CONTENT = _l("Content")
BOTH = ("GET", "POST")


class SubmissionView(RecordView):
    """Manuscripts, from draft to archive."""

    model = Submission
    # What the page of a piece words its parts with.
    states, state_styles = dict(State.pairs()), State.styles()
    round_states, round_styles = dict(RoundState.pairs()), RoundState.styles()
    hit_states, hit_styles, hit_kinds = dict(HitState.pairs()), HitState.styles(), dict(HitKind.pairs())
    release_states, release_styles = dict(ReleaseState.pairs()), ReleaseState.styles()
    origins, tasks, mendings = dict(Origin.pairs()), dict(Task.pairs()), dict(Mending.pairs())
    may = Crud(
        view=P.SUBMISSION_VIEW,
        create=P.SUBMISSION_EDIT,
        edit=P.SUBMISSION_EDIT,
        delete=P.SUBMISSION_EDIT,
        export=P.SUBMISSION_EXPORT,
    )
    menu = Menu(section=CONTENT, label=_l("Submissions"), order=10)
    columns = ("headline", "unit", "authors", "class_", "state", "round", "submitted_at", "planned_at")
    more_columns = (
        "column",
        "topic",
        "kind",
        "source",
        "words",
        "photos",
        "videos",
        "photographers",
        "released_on",
        "approved_at",
        "submitter",
    )
    labels = {"authors": _l("Authors"), "photographers": _l("Photos by")}
    search = ("headline", "body", "unit")
    filters = (
        "state",
        "unit",
        "class_",
        "kind",
        "column",
        "topic",
        "source",
        "planned_at",
        "submitted_at",
        "released_on",
    )
    sort = ("headline", "state", "submitted_at", "planned_at", "released_on", "words")
    default_sort = "-id"
    sections = (
        Section(
            _l("Text"),
            ("headline", "body", "note"),
            help=_l("Markdown: # heading, **bold**, - list. What you type is kept while you write."),
        ),
        Section(
            _l("By whom"),
            ("unit", "authors", "outsiders", "shares", "photographers", "filmers"),
            help=_l("Fees follow from this. People of the roster are chosen, others written out with their unit."),
        ),
        Section(_l("What it is"), ("kind", "class_", "column", "topic", "theme", "activity", "speaker", "leader")),
        Section(
            _l("Source and rights"),
            ("source", "source_name", "source_link", "consent", "consent_note", "quotes", "quote_source"),
        ),
        Section(_l("Where and when"), ("accounts", "planned_at", "joint")),
        Section(_l("Statements"), ("vouched", "proofread")),
    )
    form_extra_fields = {
        "body": TextAreaField(
            _l("Text"),
            filters=[lambda typed: (typed or "").replace("\r\n", "\n").strip()],
            render_kw={
                "data-writing": "",
                "data-preview": _l("Show as it will look"),
                "data-kept": _l("Kept at {}; not saved yet"),
                "data-words": _l("{} characters"),
            },
        ),
        "authors": RefListField(_l("Authors"), Person),
        "outsiders": TextAreaField(
            _l("Authors from outside"), description=_l("One on each line: name, then the unit, with a space between.")
        ),
        "shares": StringField(
            _l("Shares of the authors"),
            description=_l("In percent and in their order, for example 60, 40. Empty: equal shares."),
        ),
        "photographers": RefListField(_l("Photos by"), Person),
        "filmers": RefListField(_l("Video by"), Person),
        "accounts": RefListField(_l("For the accounts"), Account),
    }
    formats = {
        "authors": lambda row: "、".join(row.author_names),
        "outsiders": lambda row: row.outsiders,
        "shares": lambda row: row.shares,
        "photographers": lambda row: "、".join(str(p) for p in row.photographers),
        "filmers": lambda row: "、".join(str(p) for p in row.filmers),
        "accounts": lambda row: "、".join(str(a) for a in row.accounts),
        "body": lambda row: texts.plain(row.body)[:200],
    }
    help = {
        "class_": _l("Which chain reviews it depends on the class."),
        "planned_at": _l("Year-month-day hour:minute."),
        "consent_note": _l("The paper itself is added on the page of the piece."),
        "joint": _l("Once it is out, each medium that publishes alongside gets a task."),
    }
    rules = {
        "headline": ("s1-04-r06", "s4-01-r17"),
        "body": ("s2-09-r14",),
        "authors": ("s2-01-r13",),
        "outsiders": ("s2-01-r13",),
        "class_": ("s2-02-r15",),
        "column": ("s0-10-r01", "s0-08-r04"),
        "topic": ("s0-05-r07", "s0-11-r05"),
        "source": ("s2-07-r03",),
        "source_name": ("s0-05-r10", "s2-09-r12"),
        "consent": ("s0-04-r05", "s4-01-r12"),
        "quote_source": ("s1-10-r06",),
        "speaker": ("s1-22-r09",),
        "vouched": ("s0-02-r04",),
        "proofread": ("s0-02-r05",),
        "planned_at": ("s2-04-r06", "s2-04-r05"),
        "joint": ("s0-10-r07",),
    }
    wide = ("headline", "body", "accounts")
    new = _l("Write a piece")
    scripts = ("writing.js",)
    details = "content/piece.html"
    create_with = staticmethod(lambda values: services.begin(given(values)))
    update_with = staticmethod(lambda row, version, values: services.change(row, version, given(values)))
    delete_with = staticmethod(services.discard)

    def load(self, rows: list[Any]) -> None:
        hang(rows)

    def fixed(self, row: Submission) -> bool:
        return row.state not in EDITABLE

    def stays(self, row: Submission) -> bool:
        return bool(row.round)

    def offer(self, name: str, permission: Any) -> Any:
        """A unit may aim a piece at any account in use: which there are is public, whoever runs them."""
        if name == "accounts":
            return Account.select().where(Account.institution == asking().institution, Account.status != "closed")
        return super().offer(name, permission)

    def choose_from(self, name: str, rows: Any) -> Any:
        kinds = {"topic": "range", "theme": "theme", "activity": "level"}
        if name in kinds:
            return rows.where(Topic.kind == kinds[name], Topic.active)
        if name == "column":
            return rows.where(Column.active)
        return rows

    def page_of(self, row: Submission) -> Any:
        """All parts of the piece, for its page."""
        return page_of(row)

    def seen(self, row: Submission) -> bool:
        """Whether another piece is in sight of whoever asks."""
        return scope(Submission.select().where(Submission.id == row.id), P.SUBMISSION_VIEW).exists()

    def shown_hit(self, hit: Any) -> str:
        """What was found, numbers of people masked for whoever does not decide on them."""
        if hit.kind in (HitKind.PHONE, HitKind.ID_CARD):
            return f"{hit.text[:3]}{'*' * (len(hit.text) - 7)}{hit.text[-4:]}"
        return str(hit.text)

    def request_address(self, made: Any) -> str:
        """The page of the signatures."""
        return url_for("approvals_request.details_view", id=made.id)

    @expose("/act/", methods=BOTH)
    @needs(P.SUBMISSION_EDIT)
    def write(self) -> Any:
        """An act of whoever writes: hand in, take back, files, consent."""
        return respond(self, acts.WRITE, P.SUBMISSION_EDIT)

    @expose("/judge/", methods=BOTH)
    @needs(P.SUBMISSION_REVIEW)
    def judge(self) -> Any:
        """An act of a reviewer: a comment, a decision on something found."""
        return respond(self, acts.JUDGE, P.SUBMISSION_REVIEW)

    @expose("/out/", methods=BOTH)
    @needs(P.RELEASE_EDIT)
    def task(self) -> Any:
        """An act on what went out: release, correct, withdraw, reads, reposts."""
        if "act" not in request.args:  # where the list of what is due leads
            target = find(Target, request.args.get("id"), P.RELEASE_EDIT)
            return redirect(url_for(".task", act="task", id=target.id))
        return respond(self, acts.RELEASE, P.RELEASE_EDIT)

    @expose("/checklist/", methods=("POST",))
    @needs(P.SUBMISSION_REVIEW)
    def checklist(self) -> Any:
        """The answers to the checklist of this round."""
        row = find(Submission, request.values.get("id"), P.SUBMISSION_REVIEW)
        services.answer(row, {int(i) for i in request.form.getlist("item") if i.isdecimal() and len(i) < 19})
        flash(_("The checklist is answered."), "success")
        return redirect(url_for(".details_view", id=row.id, _anchor="checklist"))

    @expose("/resolved/", methods=("POST",))
    @needs(P.SUBMISSION_EDIT)
    def resolved(self) -> Any:
        """Tick a comment off."""
        remark = find(Comment, request.values.get("id"), P.SUBMISSION_EDIT)
        services.resolve(remark)
        return redirect(url_for(".details_view", id=remark.__data__["submission"], _anchor="comments"))

    @expose("/compare/")
    @needs(P.SUBMISSION_VIEW)
    def compare(self) -> Any:
        """Two rounds side by side; `a` and `b` are their numbers, `b` empty for the text as it is now."""
        row = find(Submission, request.args.get("id"), P.SUBMISSION_VIEW)
        rounds = {r.number: r for r in Round.select().where(Round.submission == row)}
        last = max(rounds, default=0)
        numbers = [request.args.get(name, "") for name in ("a", "b")]
        first, second = (int(n) if n.isdecimal() and int(n[:6]) in rounds else 0 for n in numbers)
        first = first or (last - 1 if row.state not in EDITABLE else last)
        newer = rounds.get(second, row)
        lines = reviewing.compared(rounds.get(first), newer)
        context = {"row": row, "rounds": rounds, "first": first, "second": second, "lines": lines}
        return self.render("content/compare.html", **context)

    @expose("/file/")
    @needs(P.SUBMISSION_VIEW)
    def file(self) -> Any:
        """A file of a piece; with `download`, under its name."""
        one = find(Attachment, request.args.get("id"), P.SUBMISSION_VIEW)
        name = one.file_name if "download" in request.args else ""
        return files.send_media(one.file, one.institution_id, name)

    @expose("/consent/")
    @needs(P.SUBMISSION_VIEW)
    def consent(self) -> Any:
        """The paper of a consent."""
        row = find(Submission, request.args.get("id"), P.SUBMISSION_VIEW)
        return files.send_paper(row.consent_file, row.institution_id, row.consent_file_name)

    @expose("/word/")
    @needs(P.SUBMISSION_EXPORT)
    def word(self) -> Any:
        """The piece as a Word file."""
        row = find(Submission, request.args.get("id"), P.SUBMISSION_EXPORT)
        name = f"{archive.file_name(row)}.docx"
        return send_file(archive.word_of(row), mimetype=archive.DOCX, as_attachment=True, download_name=name)

    @expose("/preview/", methods=("POST",))
    @needs(P.SUBMISSION_EDIT)
    def preview(self) -> Any:
        """The text as it will look, for the script of the form."""
        body = texts.kept(request.form.get("body", ""))
        return jsonify(html=texts.html(body), words=texts.count_words(body))

    @expose("/scratch/", methods=("POST",))
    @needs(P.SUBMISSION_EDIT)
    def scratch(self) -> Any:
        """Keep what is being written, for the script of the form."""
        row = find(Submission, request.args.get("id"), P.SUBMISSION_EDIT)
        services.keep_scratch(row, request.form.get("headline", ""), request.form.get("body", ""))
        return jsonify(kept=show_time(utcnow())[-5:])

    @expose("/restore/", methods=("POST",))
    @needs(P.SUBMISSION_EDIT)
    def restore(self) -> Any:
        """Take over what was written last and not saved, or throw it away."""
        row = find(Submission, request.values.get("id"), P.SUBMISSION_EDIT)
        services.take_scratch(row, keep=request.form.get("keep") == "1")
        flash(_("Done."), "success")
        return redirect(url_for(".details_view", id=row.id))
