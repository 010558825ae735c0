"""The archive: what was released, by year, as a register and a Word file for each piece (s1-23-r34)."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from docx import Document
from docx.shared import Cm
from openpyxl import Workbook
from peewee import SQL, fn
from PIL import Image

from panel.api import Decision, Institution, Refused, _, approval_of, audit, files, show_time
from plugins.content import texts
from plugins.content.choices import Class, Media, Part, ReleaseState, Source
from plugins.content.models import Attachment, Contribution, Release, Submission
from plugins.content.submissions import SUBJECT

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST = 2_000  # pieces of one file
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
IN_WORD = ("JPEG", "PNG", "GIF")


def years(rows: Any) -> list[tuple[int, int]]:
    """The years in which these pieces were released first, the latest first, with their numbers."""
    year = fn.SUBSTR(Submission.released_on.cast("TEXT"), 1, 4)
    found = rows.clone()
    found._returning = (year, fn.COUNT(Submission.id))
    first = SQL("1")  # by its place: the same words with other parameters are another expression to PostgreSQL
    counted = found.where(Submission.released_on.is_null(False)).group_by(first).order_by(first.desc()).tuples()
    return [(int(y), int(n)) for y, n in counted]


def file_name(row: Submission) -> str:
    """A name for the piece's file that every system takes."""
    day = row.released_on.isoformat() if row.released_on else "draft"
    title = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", row.headline)[:60].strip(" .") or str(row.id)
    return f"{day}-{row.id}-{title}"


def _text(value: Any) -> str:
    return ILLEGAL.sub("", str(value or ""))


# ── one piece ──────────────────────────────────────────────────────────────────────────────────


def word_of(row: Submission) -> IO[bytes]:
    """The piece as a Word file: title, who and when, where it went out, the text, the pictures, who signed it."""
    made = Document()
    made.add_heading(_text(row.headline), 0)
    table = made.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for label, value in facts(row):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = _text(label), _text(value)
    for kind, text in _blocks(row.body):
        if kind == "h":
            made.add_heading(_text(text), 2)
        else:
            made.add_paragraph(_text(text), style={"li": "List Bullet", "q": "Intense Quote"}.get(kind))
    for one in Attachment.select().where(Attachment.submission == row).order_by(Attachment.position):
        _add_file(made, one)
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    return out


def _add_file(made: Any, one: Attachment) -> None:
    if one.media == Media.IMAGE and one.format in IN_WORD:
        try:
            with Image.open(io.BytesIO(files.read_paper(one.file, one.institution_id))) as picture:
                small = io.BytesIO()
                picture.convert("RGB").save(small, "JPEG", quality=85)
            small.seek(0)
            made.add_picture(small, width=Cm(14))
        except (OSError, ValueError, Refused):
            made.add_paragraph(f"[{_text(one.file_name)}]")
    else:
        made.add_paragraph(f"[{Media(one.media).label}] {_text(one.file_name)}")
    if one.caption:
        made.add_paragraph(_text(one.caption), style="Caption")


def _blocks(body: str) -> Iterator[tuple[str, str]]:
    """The paragraphs of a text with what they are."""
    shown = str(texts.html(body))
    for tag, inner in re.findall(r"<(h\d|p|li|td|th|blockquote|pre)>(.*?)</\1>", shown, re.S):
        words = texts.words_of(inner)
        if words:
            yield {"li": "li", "blockquote": "q"}.get(tag, "h" if tag[0] == "h" and tag != "th" else "p"), words


def facts(row: Submission) -> list[tuple[Any, Any]]:
    """What the archive says of a piece beside its text."""
    people: dict[str, list[str]] = {}
    for one in Contribution.select().where(Contribution.submission == row).order_by(Contribution.position):
        unit = one.person.unit if one.person_id else one.unit_name
        people.setdefault(one.part, []).append(f"{one}（{unit}）" if unit else str(one))
    outs = [
        f"{r.released_on} {r.account or r.medium} {r.link}".strip()
        + ("" if r.state == ReleaseState.OUT else f"（{ReleaseState(r.state).label} {r.withdrawn_on}）")
        for r in Release.select().where(Release.submission == row).order_by(Release.released_on, Release.id)
    ]
    return [
        (_("Unit"), row.unit),
        *((Part(part).label, "、".join(names)) for part, names in people.items()),
        (_("Content class"), Class(row.class_).label),
        (_("Content column"), row.column or ""),
        (_("Source of the text"), f"{Source(row.source).label if row.source else ''} {row.source_name}".strip()),
        (_("Approved"), f"{show_time(row.approved_at)} {'、'.join(signers(row))}".strip()),
        (_("Released"), "\n".join(outs)),
    ]


def signers(row: Submission) -> list[str]:
    """Who signed the piece in the round that was approved, in order."""
    request = approval_of(row, SUBJECT)
    if request is None:
        return []
    return [d.signer for d in Decision.select().where(Decision.request == request).order_by(Decision.id)]


# ── a year ─────────────────────────────────────────────────────────────────────────────────────


def packed(rows: Any, year: int, institution: Institution) -> IO[bytes]:
    """The pieces of a year in one zip: a numbered register, and a Word file each. Raises Refused beyond MOST."""
    chosen = rows.where(Submission.released_on.between(date(year, 1, 1), date(year, 12, 31)))
    pieces = list(chosen.order_by(Submission.released_on, Submission.id).limit(MOST + 1))
    if len(pieces) > MOST:
        raise Refused(_("An archive file holds at most %(most)s pieces.", most=f"{MOST:,}"))
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the response)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(f"{_('Register')}-{year}.xlsx", _register(pieces))
        for row in pieces:
            parts.writestr(f"{file_name(row)}.docx", word_of(row).read())
    audit.note("export", institution, {"list": _("Archive of pieces"), "year": year, "rows": len(pieces)})
    out.seek(0)
    return out


def _register(pieces: list[Submission]) -> bytes:
    """Numbered rows: title, authors, unit, day, where, who approved."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Register"))
    heads = (
        _("No."),
        _("Title"),
        _("Authors"),
        _("Unit"),
        _("Released on"),
        _("Where"),
        _("Approved by"),
        _("Content class"),
    )
    sheet.append([str(h) for h in heads])
    for number, row in enumerate(pieces, 1):
        authors = Contribution.select().where(Contribution.submission == row, Contribution.part == Part.AUTHOR.value)
        outs = Release.select().where(Release.submission == row).order_by(Release.id)
        cells = (
            row.headline,
            "、".join(str(a) for a in authors.order_by(Contribution.position)),
            row.unit,
            str(row.released_on),
            "、".join(str(r.account or r.medium) for r in outs),
            "、".join(signers(row)),
            Class(row.class_).label,
        )
        sheet.append([number, *(_harmless(_text(c)) for c in cells)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(text: str) -> str:
    """Nothing that a spreadsheet would run."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
