"""The paper form of a request: the institution's own Word file, or the panel's, filled with what is stored."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from docxtpl import DocxTemplate
from flask import Response, send_file

from panel import files, records
from panel.approvals import sheet
from panel.approvals.declare import all_subjects, subject_of, title_of
from panel.approvals.models import Decision, Request, State, Task, Template, Verdict
from panel.approvals.wordfile import check, environment
from panel.audit.models import Entry
from panel.errors import NotFound, Refused
from panel.i18n import DEFAULT_LOCALE, _, _l, speaking, today, zone
from panel.org.models import Institution

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

NAMES = {
    "institution": _l("Name of the institution"),
    "title": _l("What is decided about"),
    "number": _l("Number of the request"),
    "code": _l("Verification code"),
    "subject": _l("What it is about"),
    "unit": _l("Applicant's unit"),
    "applicant": _l("Applicant"),
    "submitted_on": _l("Day it was submitted"),
    "note": _l("Note of the applicant"),
    "state": _l("Where it stands"),
    "ended_on": _l("Day it ended"),
    "chain": _l("Name of the chain"),
    "printed_on": _l("Day it was printed"),
    "facts": _l("List of what signers read; each has label, value"),
    "fact": _l("The same by label: fact['…']"),
    "steps": _l("List of steps; each has name, signer, post, opinion, verdict, date, on_behalf"),
    "step": _l("The same by name: step['…'].signer"),
}
PARTS = {"facts": ("label", "value"), "steps": ("name", "signer", "post", "opinion", "verdict", "date", "on_behalf")}


def placeholders() -> dict[str, Any]:
    """What a form may name, and what stands there."""
    return NAMES


def number_of(request: Request) -> str:
    """The number of a request as papers cite it."""
    return f"SP-{request.submitted_at.astimezone(zone()):%Y}-{request.id:05}"


def code_of(request: Request) -> str:
    """The verification code in groups of four."""
    return "-".join(request.code[i : i + 4] for i in (0, 4, 8))


def send(request: Request) -> Response:
    """The filled form as a download under a Chinese name."""
    with speaking(DEFAULT_LOCALE):
        name = f"{title_of(request.subject)}审批表-{request.subject_text}-{number_of(request)}.docx"
    return _download(filled(request), name)


def filled(request: Request) -> bytes:
    """The form of the request's subject with everything in its place."""
    own = Template.get_or_none(Template.institution == request.institution, Template.subject == request.subject)
    data = files.read_paper(own.file, request.institution_id) if own else sheet.default()
    with speaking(DEFAULT_LOCALE):
        return _rendered(data, context_of(request))


def _rendered(data: bytes, context: Mapping[str, Any]) -> bytes:
    document = DocxTemplate(io.BytesIO(data))
    document.render(dict(context), jinja_env=environment(), autoescape=True)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def context_of(request: Request) -> dict[str, Any]:
    """What the placeholders stand for, as plain text, lists and mappings: nothing a form could call."""
    facts = [{"label": _clean(label), "value": _clean(value)} for label, value in request.facts]
    steps = _steps(request)
    return {
        "institution": _clean(request.institution.name),
        "title": _clean(str(title_of(request.subject))),
        "number": number_of(request),
        "code": code_of(request),
        "subject": _clean(request.subject_text),
        "unit": _clean(str(request.unit)),
        "applicant": _clean(request.applicant_name),
        "submitted_on": _day(request.submitted_at),
        "note": _clean(request.note),
        "state": str(State(request.state).label),
        "ended_on": _day(request.ended_at),
        "chain": _clean(request.chain_name),
        "printed_on": f"{today():%Y}年{today().month}月{today().day}日",
        "facts": facts,
        "fact": {fact["label"]: fact["value"] for fact in facts},
        "steps": steps,
        "step": {step["name"]: step for step in steps},
    }


def _steps(request: Request) -> list[dict[str, str]]:
    signed: dict[int, list[Decision]] = {}
    for decision in Decision.select().where(Decision.request == request).order_by(Decision.id):
        signed.setdefault(decision.task_id, []).append(decision)
    found = []
    for task in Task.select().where(Task.request == request).order_by(Task.stage, Task.position):
        there = signed.get(task.id)
        found += [_signature(task, decision) for decision in there] if there else [_unsigned(task)]
    return found


def _unsigned(task: Task) -> dict[str, str]:
    return dict.fromkeys(PARTS["steps"], "") | {"name": _clean(task.name)}


def _signature(task: Task, decision: Decision) -> dict[str, str]:
    return {
        "name": _clean(task.name),
        "signer": _clean(decision.signer),
        "post": _clean(decision.post),
        "opinion": _clean(decision.opinion) or str(Verdict(decision.verdict).label),
        "verdict": str(Verdict(decision.verdict).label),
        "date": _day(decision.decided_at),
        "on_behalf": _clean(decision.on_behalf),
    }


def _day(moment: datetime | None) -> str:
    if moment is None:
        return ""
    day = moment.astimezone(zone())
    return f"{day.year}年{day.month}月{day.day}日"


def _clean(text: str) -> str:
    return CONTROL.sub("", text)


# ── the forms ──────────────────────────────────────────────────────────────────────────────────


def save_template(institution: Institution, subject: str, data: bytes, file_name: str) -> Template:
    """Take over an institution's own form. Raises Refused for what is no harmless Word file, and with each unknown
    placeholder by name and position."""
    subject_of(subject)
    check(data, NAMES, PARTS)
    with speaking(DEFAULT_LOCALE):
        _try(data)
    values: dict[str, Any] = {
        "file": files.save_paper(data, institution.id, "file"),
        "file_name": _plain_name(file_name),
    }
    row = Template.get_or_none(Template.institution == institution, Template.subject == subject)
    if row is not None:
        records.update(row, **values)
        return row
    return records.create(Template, institution=institution, subject=subject, **values)


def _try(data: bytes) -> None:
    """Fill it once with made-up values: what cannot be filled is refused now, not when somebody needs it."""
    blank: dict[str, Any] = dict.fromkeys(NAMES, "样")
    blank |= {"facts": [dict.fromkeys(PARTS["facts"], "样")], "steps": [dict.fromkeys(PARTS["steps"], "样")]}
    blank |= {"fact": {}, "step": {}}
    try:
        _rendered(data, blank)
    except Exception as error:  # whatever the libraries make of a broken file
        raise Refused(_("The form cannot be filled in: %(why)s", why=str(error)[:200]), "file") from error


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2][-200:] or "form.docx"


def drop_template(row: Template) -> None:
    """Back to the panel's form."""
    records.delete(row)


def send_template(institution: Institution, subject: str) -> Response:
    """The form of a subject as it is, to write one's own from."""
    own = Template.get_or_none(Template.institution == institution, Template.subject == subject)
    if own is not None:
        return files.send_paper(own.file, institution.id, own.file_name)
    if subject not in all_subjects():
        raise NotFound(_("This page does not exist, or is not yours to see."))
    return _download(sheet.default(), f"{title_of(subject)}审批表.docx")


def _download(data: bytes, name: str) -> Response:
    safe = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    response = send_file(io.BytesIO(data), mimetype=DOCX, as_attachment=True, download_name=safe)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# ── whether a paper is one of ours ─────────────────────────────────────────────────────────────


def matches_audit(decision: Decision) -> bool:
    """Whether the history has this signature as it is stored."""
    entry = Entry.get_or_none(
        Entry.institution_id == decision.__data__["institution"],
        Entry.subject_type == "approvals.decision",
        Entry.subject_id == decision.id,
        Entry.action == "approvals.decision.create",
    )
    written = (entry.after or {}) if entry is not None else {}
    names = ("seat", "verdict", "opinion", "signer", "post", "on_behalf", "proof")
    return bool(written) and all(written.get(name) == getattr(decision, name) for name in names)
