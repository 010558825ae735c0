"""The form that comes with the panel, drawn as an office draws one: A4, a ruled table, a row for each signature."""

from __future__ import annotations

import functools
import io
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

SONG, HEI = "宋体", "黑体"
WIDTHS = (3.2, 12.8)  # cm


@functools.cache
def default() -> bytes:
    """The form as a Word file."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
    _font(document.styles["Normal"], SONG, 11)
    _line(document, "{{ institution }}{{ title }}审批表", HEI, 20, WD_ALIGN_PARAGRAPH.CENTER, after=10)
    _line(document, "编号：{{ number }}　　　核验码：{{ code }}", SONG, 10, WD_ALIGN_PARAGRAPH.RIGHT, after=4)
    table = document.add_table(rows=0, cols=2)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    _row(table, "申请部门", "{{ unit }}")
    _row(table, "申请人", "{{ applicant }}　　{{ submitted_on }}")
    _row(table, "{%tr for one in facts %}", "")
    _row(table, "{{ one.label }}", "{{ one.value }}")
    _row(table, "{%tr endfor %}", "")
    _row(table, "申请说明", "{{ note }}", height=1.6)
    _row(table, "{%tr for step in steps %}", "")
    _signature(table)
    _row(table, "{%tr endfor %}", "")
    _row(table, "办理结果", "{{ state }}　{{ ended_on }}")
    note = "本表由掌印按已保存的审批记录生成于 {{ printed_on }}。凭核验码可在系统“核验审批表”页核对每一项签字。"
    _line(document, note, SONG, 9, WD_ALIGN_PARAGRAPH.LEFT, before=6)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _signature(table: Any) -> None:
    """A step: the opinion above, signer and day at the bottom right."""
    cells = _row(table, "{{ step.name }}", "{{ step.opinion }}", height=2.4)
    signed = "签字：{{ step.signer }}{% if step.on_behalf %}（代 {{ step.on_behalf }}）{% endif %}　　{{ step.date }}"
    line = cells[1].add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    line.paragraph_format.space_before = Pt(14)
    _run(line, signed, SONG, 11)


def _row(table: Any, label: str, value: str, height: float = 0.95) -> Any:
    row = table.add_row()
    row.height = Cm(height)
    for cell, width, text, bold in zip(row.cells, WIDTHS, (label, value), (True, False), strict=True):
        cell.width, cell.vertical_alignment = Cm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if bold else WD_ALIGN_PARAGRAPH.LEFT
        _run(paragraph, text, SONG, 11, bold)
    _keep_whole(row)
    return row.cells


def _keep_whole(row: Any) -> None:
    """A row is not torn apart between two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _line(document: Any, text: str, font: str, size: float, align: Any, before: float = 0, after: float = 0) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(after)
    _run(paragraph, text, font, size)


def _run(paragraph: Any, text: str, font: str, size: float, bold: bool = False) -> None:
    run = paragraph.add_run(text)
    run.bold = bold
    _font(run, font, size)


def _font(owner: Any, name: str, size: float) -> None:
    owner.font.name, owner.font.size = name, Pt(size)
    owner.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
