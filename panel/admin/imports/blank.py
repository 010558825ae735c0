"""An empty workbook to fill in: the headings of a target, how to write each column, and the choices to pick from."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from panel.admin.imports.columns import Column, Kind
from panel.admin.imports.target import Target
from panel.i18n import _

ROWS = 2_000  # prepared with choices and formats
REQUIRED = PatternFill("solid", fgColor="FFFBE9E5")
FORMATS = {Kind.DATE: "yyyy-mm-dd", Kind.IDENTIFIER: "@", Kind.PHONE: "@"}


def blank(target: Target) -> bytes:
    """The workbook as a file."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = _("Fill in here")
    notes = book.create_sheet(_("How to fill in"))
    lists = book.create_sheet(_("Choices"))
    lists.sheet_state = "hidden"
    page.freeze_panes = "A2"
    notes.append([_("Column"), _("Required"), _("How to write it")])
    for number, column in enumerate(target.columns, start=1):
        _add_column(page, number, column)
        notes.append([str(column.label), _("Yes") if column.required else "", how(column, target)])
        if column.choices:
            _add_choices(page, lists, number, column)
    for letter, width in (("A", 24), ("B", 8), ("C", 90)):
        notes.column_dimensions[letter].width = width
    for cell in notes[1]:
        cell.font = Font(bold=True)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def how(column: Column, target: Target) -> str:
    """How the cells of a column are written, in one sentence."""
    if column.name in target.units:
        return _("The name of a unit of the roster.")
    if column.choices:
        return _("One of: %(choices)s", choices="、".join(list(dict.fromkeys(_spellings(column)))[:12]))
    words = {
        Kind.PERSON: _("One name; of two people of the same name, the phone or number in brackets."),
        Kind.PEOPLE: _("Names, with 、 between them."),
        Kind.DATE: _("A date, like 2019-03-12."),
        Kind.PHONE: _("A phone number."),
        Kind.INTEGER: _("A whole number."),
        Kind.DECIMAL: _("A number."),
        Kind.BOOLEAN: _("Yes or no (是 or 否)."),
        Kind.IDENTIFIER: _("Letters and digits, without spaces."),
    }
    return words.get(column.kind) or _("Text of at most %(count)s characters.", count=column.max_length)


def _spellings(column: Column) -> list[str]:
    """The first spelling of each choice."""
    first: dict[object, str] = {}
    for spelling, value in column.choices.items():
        first.setdefault(value, spelling)
    return list(first.values())


def _add_column(page: Worksheet, number: int, column: Column) -> None:
    heading = page.cell(1, number, str(column.label))
    heading.font = Font(bold=True)
    heading.alignment = Alignment(vertical="center")
    if column.required:
        heading.fill = REQUIRED
        heading.comment = Comment(_("Required"), _("Import"), width=120, height=40)
    letter = get_column_letter(number)
    page.column_dimensions[letter].width = max(12, 2 * len(str(column.label)) + 4)
    if column.kind in FORMATS:
        page.column_dimensions[letter].number_format = FORMATS[column.kind]


def _add_choices(page: Worksheet, lists: Worksheet, number: int, column: Column) -> None:
    letter = get_column_letter(number)
    spellings = _spellings(column)
    for row, spelling in enumerate(spellings, start=1):
        lists.cell(row, number, spelling).data_type = "s"
    source = f"{quote_sheetname(lists.title)}!${letter}$1:${letter}${len(spellings)}"
    choice = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
    choice.add(f"{letter}2:{letter}{ROWS + 1}")
    page.add_data_validation(choice)
