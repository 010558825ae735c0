"""The paper form: filled, checked by its code; hostile and mistaken Word files refused in words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document

from panel.approvals import paper, sheet
from panel.approvals.models import Decision, Template
from panel.approvals.wordfile import check
from panel.audit.models import Entry
from panel.errors import Refused
from tests.approvals.conftest import Hall

pytestmark = pytest.mark.one_database


def word(*texts: str, table: list[list[str]] | None = None, header: str = "") -> bytes:
    """A Word file with these paragraphs."""
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    if table:
        made = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                cell.text = text
    if header:
        document.sections[0].header.paragraphs[0].text = header
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def with_part(name: str, content: bytes, data: bytes | None = None) -> bytes:
    """A Word file with a part added or replaced."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or word("x"))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry.filename, old.read(entry))
        new.writestr(name, content)
    return target.getvalue()


def text_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_the_form_holds_what_was_asked_and_every_signature(hall: Hall, line: Callable[..., Any]) -> None:
    request = hall.submit(hall.paper("<b>{{ code }}</b> & 公众号\x0b"), note="{{ institution }}")
    hall.decide(request, "bob", opinion="同意\n请尽快办理")
    text = text_of(paper.filled(request))
    assert "示例大学开设申请审批表" in text
    assert paper.code_of(request) in text
    assert "<b>{{ code }}</b> & 公众号" in text  # text stays text
    assert "{{ institution }}" in text
    assert "同意\n请尽快办理" in text
    assert "签字：Bob" in text
    assert text.count("签字：") == 3  # the two to come are there to be signed


def test_an_institution_has_its_own(hall: Hall, line: Callable[..., Any]) -> None:
    own = word(
        "{{ institution }}备案表（{{ number }}）",
        "负责人：{{ step['第1步'].signer }}，{{ fact['名称'] }}",
        table=[
            ["{%tr for s in steps %}", ""],
            ["{{ s.name }}", "{{ s.opinion|default('无') }}"],
            ["{%tr endfor %}", ""],
        ],
        header="核验码 {{ code }}",
    )
    paper.save_template(hall.world.uni, "papers.opening", own, "我们的表.docx")
    request = hall.submit(hall.paper("甲"))
    hall.decide(request, "bob", opinion="可以")
    made = paper.filled(request)
    assert "负责人：Bob，甲" in text_of(made)
    assert "可以" in text_of(made)
    assert paper.code_of(request) in Document(io.BytesIO(made)).sections[0].header.paragraphs[0].text
    paper.save_template(hall.world.uni, "papers.opening", sheet.default(), "b.docx")
    assert Template.select().count() == 1
    paper.drop_template(Template.get())
    assert "审批表" in text_of(paper.filled(request))


def test_unknown_placeholders_are_named_with_their_places(hall: Hall) -> None:
    wrong = word(
        "好：{{ code }}", "{{ sinature }}", table=[["{{ unit }}", "{% if monney %}x{% endif %}"]], header="{{ logo }}"
    )
    with pytest.raises(Refused) as refusal:
        paper.save_template(hall.world.uni, "papers.opening", wrong, "x.docx")
    message = str(refusal.value)
    for part in ("paragraph 2：sinature", "table 1 row 1, column 2：monney", "header paragraph 1：logo"):
        assert part in message
    assert "code" not in message
    loop = word("{% for s in steps %}{{ s.singer }}{% endfor %}")
    with pytest.raises(Refused, match=r"s\.singer"):
        paper.save_template(hall.world.uni, "papers.opening", loop, "x.docx")


BOX = (
    b'<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:r><w:t>'
    b"{{ 'a' * 1000000000 }}</w:t></w:r></w:p>"
)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "Choose a Word file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "Choose a Word file"),
        (b"PK\x03\x04broken", "cannot be read"),
        (b"PK\x03\x04" + b"0" * (6 * 2**20), "larger than"),
        (lambda: with_part("word/vbaProject.bin", b"x"), "macros"),
        (lambda: with_part("word/embeddings/oleObject1.bin", b"x"), "macros"),
        (lambda: with_part("word/bomb.xml", b"0" * (41 * 2**20)), "unpacks to more"),
        (lambda: with_part("../evil.xml", b"x"), "cannot be read"),
        (lambda: with_part("word/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "cannot be read"),
        (
            lambda: with_part(
                "word/_rels/settings.xml.rels",
                b'<Relationships><Relationship Id="r" Type="http://x/attachedTemplate" '
                b'Target="http://evil/t.dotm" TargetMode="External"/></Relationships>',
            ),
            "from elsewhere",
        ),
        (lambda: with_part("word/footnotes.xml", BOX), "nothing a form may say"),
        (lambda: word("{{ ''.__class__.__mro__ }}"), "nothing a form may say|cannot be read"),
        (lambda: word("{{ code.__class__ }}"), "nothing a form may say"),
        (lambda: word("{{ range(9) }}"), "nothing a form may say"),
        (lambda: word("{{ 9 ** 9 ** 9 }}"), "nothing a form may say"),
        (lambda: word("{{ code|center(999999999) }}"), "nothing a form may say|cannot be read"),
        (lambda: word("{% set x = 1 %}"), "nothing a form may say"),
        (lambda: word("{% include 'x' %}"), "nothing a form may say"),
        (
            lambda: word("{% for a in steps %}{% for b in steps %}{% for c in steps %}x" + "{% endfor %}" * 3),
            "two deep",
        ),
        (lambda: word("{{ code "), "not closed|cannot be read"),
        (lambda: word("{% if code %}x"), "cannot be read"),
    ],
)
def test_what_is_no_harmless_form_is_refused(data: Any, wrong: str) -> None:
    with pytest.raises(Refused, match=wrong):
        check(data() if callable(data) else data, paper.NAMES, paper.PARTS)


def test_a_signature_that_differs_from_the_history_is_seen(hall: Hall, line: Callable[..., Any]) -> None:
    request = hall.submit()
    hall.decide(request, "bob", opinion="同意")
    decision = Decision.get(Decision.request == request)
    assert paper.matches_audit(decision)
    decision.opinion = "不同意"
    assert not paper.matches_audit(decision)
    assert Entry.select().where(Entry.subject_type == "approvals.decision").count() == 1
