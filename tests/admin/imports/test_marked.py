"""The user's own workbook with what was refused marked in it."""

import io

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from panel.admin.imports.marked import FILL, mark
from panel.admin.imports.sheet import CellError, Flaw, parse
from tests.admin.imports.registers import COLUMNS, DATA, HEADINGS, ROWS, as_csv, as_xlsx, cells

FIELDS = list(HEADINGS)


def opened(data):
    return load_workbook(io.BytesIO(data))


def test_the_register_comes_back_with_its_errors_marked():
    path = DATA / "register.xlsx"
    sheet = parse(path, path.name, COLUMNS)
    repeated = CellError(219, "E", "账号ID", "ddemo_182", "same as row 189", "identifier", Flaw.UNREADABLE)
    page = opened(mark(path, sheet, [*sheet.errors, repeated]))[sheet.name]
    assert {
        c.coordinate for row in page.iter_rows(min_row=4) for c in row if c.fill.fgColor.rgb == FILL.fgColor.rgb
    } == {f"{e.column}{e.row}" for e in [*sheet.errors, repeated]}
    assert page["N3"].value
    assert "13" in page["N10"].value
    assert "same as row 189" in page["E219"].comment.text
    assert page["N4"].value is None
    assert page["J5"].value.year == 2019, "the rest is as it was"


def test_formats_formulas_merges_comments_and_other_sheets_are_kept():
    def prepare(book, page):
        page["C2"].font = Font(bold=True)
        page["L2"] = "=1+1"
        page["I2"].comment = Comment("mine", "me")
        page.column_dimensions["C"].width = 33
        book.create_sheet("other")["A1"] = "kept"

    lines = [
        [HEADINGS[k] for k in FIELDS],
        *(cells(r, FIELDS) for r in [ROWS[0] | {"opened_on": "2019年13月"}, ROWS[1]]),
    ]
    lines[2][0] = None
    data = as_xlsx(lines, ["A2:A3"], prepare=prepare)
    sheet = parse(data, "x", COLUMNS)
    error = CellError(3, "A", "主办单位", "教务处", "unknown", "unit", Flaw.UNREADABLE)
    book = opened(mark(data, sheet, [*sheet.errors, error]))
    page = book["Sheet1"]
    assert page["C2"].font.bold
    assert page["L2"].value == "=1+1"
    assert page["I2"].comment.text.startswith("mine\n")
    assert page.column_dimensions["C"].width == 33
    assert page["A2"].fill.fgColor.rgb == FILL.fgColor.rgb, "the first cell of a merged range stands for it"
    assert book["other"]["A1"].value == "kept"


def test_a_text_file_comes_back_as_a_workbook_in_which_nothing_is_a_formula():
    lines = [
        ["部门", "平台", "账号名称", "账号ID", "责任人", "=备注"],
        ["教务处", "抖音", "=HYPERLINK(1)", "+jw", None, "@SUM(A1)"],
    ]
    data = as_csv(lines, "gb18030")
    sheet = parse(data, "x.csv", COLUMNS)
    page = opened(mark(data, sheet, sheet.errors)).worksheets[0]
    assert page["C2"].value == "=HYPERLINK(1)"
    assert {c.data_type for row in page.iter_rows() for c in row if c.value is not None} == {"s"}
    assert page["C2"].quotePrefix
    assert "E" in page["G2"].value


def test_our_own_text_is_never_a_formula():
    data = as_xlsx([["部门", "平台", "账号名称", "账号ID", "责任人"], ["教务处", "抖音", "名", "jw", "何静"]])
    sheet = parse(data, "x", COLUMNS)
    error = CellError(2, "A", "", "", "=cmd|' /C calc'!A0\x01", "unit", Flaw.UNREADABLE)
    cell = opened(mark(data, sheet, [error])).worksheets[0]["F2"]
    assert cell.value == "'=cmd|' /C calc'!A0"
    assert cell.data_type == "s"


@pytest.mark.parametrize("reason", ["broken", "huge"])
def test_a_workbook_openpyxl_cannot_open_still_comes_back(monkeypatch, reason):
    def fail(*_args, **_options):
        raise ValueError("styles")

    if reason == "broken":
        monkeypatch.setattr("panel.admin.imports.marked.load_workbook", fail)
    else:
        monkeypatch.setattr("panel.admin.imports.marked.LOADED_CELLS", 9)
    data = as_xlsx([["部门", "平台", "账号名称", "账号ID", "责任人"], ["教务处", "抖音", "名", "jw", "无"]])
    sheet = parse(data, "x", COLUMNS)
    page = opened(mark(data, sheet, sheet.errors))["Sheet1"]
    assert [c.value for c in page[2]][:5] == ["教务处", "抖音", "名", "jw", "无"]
    assert page["E2"].fill.fgColor.rgb == FILL.fgColor.rgb


def test_the_reasons_stand_beyond_merged_headings_and_formatted_cells():
    def prepare(book, page):
        page.merge_cells("E1:G1")
        page["XFD9"].font = Font(bold=True)

    lines = [["部门", "平台", "账号名称", "账号ID", "责任人"], ["教务处", "抖音", "名", "jw", "无"]]
    data = as_xlsx(lines, prepare=prepare)
    sheet = parse(data, "x", COLUMNS)
    page = opened(mark(data, sheet, sheet.errors)).worksheets[0]
    assert page["H1"].value
    assert "E" in page["H2"].value
