"""Opening what people, and people of ill will, upload."""

import io
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from panel.admin.imports.grid import Fault, Limits, Merge
from panel.admin.imports.reading import open_upload
from panel.admin.imports.sheet import parse
from panel.errors import Refused
from tests.admin.imports.registers import COLUMNS, DATA, ROWS, as_csv, as_xlsx, cells

LINES = [["甲", "乙"], ["1", "2"]]
TINY = as_xlsx(LINES)


def table(data, **limits):
    upload = open_upload(data, Limits(**limits))
    return upload.table(upload.names[0])


def repack(data, change=None, add=None, **options):
    """The archive with members changed (name -> function of bytes) or added."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, **options) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, (change or {}).get(name, lambda c: c)(content))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return output.getvalue()


SHARED = repack(
    TINY,
    {
        "xl/worksheets/sheet1.xml": lambda _c: (
            b'<worksheet><sheetData><row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row></sheetData></worksheet>'
        ),
        "xl/_rels/workbook.xml.rels": lambda c: c.replace(
            b"</Relationships>",
            b'<Relationship Id="rIdS" Target="/xl/sharedStrings.xml" '
            b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
        ),
    },
    {
        "xl/sharedStrings.xml": "<sst><si><t>甲_x0041__x0000_</t></si>"
        "<si><r><t>乙</t></r><r><t> 丙</t></r><rPh><t>bing</t></rPh></si></sst>"
    },
)


def with_sheet(xml, **parts):
    """A workbook whose sheet is this XML between <worksheet> tags."""
    whole = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{xml}</worksheet>'
    return repack(TINY, {"xl/worksheets/sheet1.xml": lambda _old: whole.encode(), **parts})


def test_cells_are_what_openpyxl_reads():
    """The same cells, read by another library."""
    mine = table((DATA / "register.xlsx").read_bytes())
    page = load_workbook(DATA / "register.xlsx").worksheets[0]
    theirs = {(c.row, c.column): c.value for row in page.iter_rows() for c in row if c.value is not None}
    assert {(row, column): cell for row in mine.rows for column, cell in mine.entries(row)} == theirs
    assert {tuple(m) for m in mine.merges} == {
        (r.min_row, r.min_col, r.max_row, r.max_col) for r in page.merged_cells.ranges
    }


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.text(
                    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
                    min_size=1,
                    max_size=9,
                ),
                st.integers(-(10**12), 10**12),
                st.floats(-1e9, 1e9),
                st.booleans(),
                st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0)),
            ),
            max_size=6,
        ),
        max_size=6,
    )
)
def test_what_is_written_is_read(lines):
    lines = [
        [None if isinstance(v, str) and (not v.strip() or v[0] == "=" or "_x" in v) else v for v in line]
        for line in lines
    ]
    data = as_xlsx(lines)
    read = table(data)
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            found = read.own(number, column)
            assert found == (pytest.approx(value) if isinstance(value, float) else value)


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"%PDF", b"a,b\n"]),
)
def test_rubbish_is_read_or_refused(rubbish, start):
    with suppress(Refused):
        table(start + rubbish)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TINY) - 1), st.integers(0, 255))
def test_a_damaged_workbook_is_read_or_refused(position, byte):
    data = bytearray(TINY)
    data[position] = byte
    with suppress(Refused):
        table(bytes(data))


def test_a_cut_off_workbook_is_refused():
    with pytest.raises(Refused, match="damaged"):
        open_upload(TINY[: len(TINY) // 2])


def test_the_name_does_not_matter_and_streams_are_read(tmp_path: Path):
    path = tmp_path / "list.csv"
    path.write_bytes(TINY)
    assert open_upload(path).names == ("Sheet1",)
    assert open_upload(io.BytesIO(TINY)).names == ("Sheet1",)


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "password"),
        (COMPOUND + "Workbook".encode("utf-16-le"), r"\.xls"),
        (COMPOUND + "Book".encode("utf-16-le"), r"\.xls"),
        (COMPOUND + "WordDocument".encode("utf-16-le"), "not a spreadsheet"),
        (b"%PDF-1.7 ...", "not a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n", "not a spreadsheet"),
        (b"a\x01b,c\n", "cannot be read"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b'<?xml version="1.0"?><Workbook/>', "web page"),
        (b"\xff\xff\xff,\xff", "cannot be read"),
        (repack(TINY, add={"xl/vbaProject.bin": b"x"}), "macros"),
        (
            repack(
                TINY, {"[Content_Types].xml": lambda c: c.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")}
            ),
            "macros",
        ),
        (repack(TINY, {"_rels/.rels": lambda c: c.replace(b"workbook.xml", b"workbook.bin")}), "xlsb"),
        (repack(TINY, {"xl/workbook.xml": lambda _c: b"<document/>"}), "not a spreadsheet"),
        (repack(TINY, {"xl/workbook.xml": lambda c: c.replace(b'state="visible"', b'state="hidden"')}), "hidden"),
        (repack(TINY, {"xl/worksheets/sheet1.xml": lambda c: c[:-30]}), "damaged"),
    ],
)
def test_what_is_no_readable_workbook_is_refused_with_the_reason(data, reason):
    with pytest.raises(Refused, match=reason):
        table(data)


def test_an_archive_of_something_else_is_refused():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(Refused, match="no Excel workbook"):
        open_upload(output.getvalue())


def test_an_encrypted_member_is_refused():
    data = bytearray(TINY)
    start = data.index(b"PK\x01\x02")
    data[start + 8] |= 1
    with pytest.raises(Refused, match="password"):
        open_upload(bytes(data))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "name",
    ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml", "xl/sharedStrings.xml"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_documents_that_define_entities_are_refused(name, encoding):
    def attack(content):
        text = content.decode().removeprefix("<?xml version='1.0' encoding='UTF-8'?>")
        return f"<?xml version='1.0' encoding='{encoding}'?>{BOMB}{text}".encode(encoding)

    with pytest.raises(Refused, match="entities"):
        table(repack(SHARED, {name: attack}))


def test_bombs_are_refused_before_they_go_off():
    flood = b" " * (40 * 2**20)
    with pytest.raises(Refused, match="unpacks"):
        open_upload(repack(TINY, add={"xl/media/image1.png": flood}))
    with pytest.raises(Refused, match="unpacks"):
        open_upload(
            repack(TINY, {"xl/worksheets/sheet1.xml": lambda c: c.replace(b"<sheetData>", b"<sheetData>" + flood)})
        )
    with pytest.raises(Refused, match="unpacks"):
        open_upload(repack(TINY, add={f"xl/{i}": b"" for i in range(2_000)}))


def test_a_bomb_that_lies_about_its_size_is_refused():
    data = bytearray(repack(TINY, {"xl/worksheets/sheet1.xml": lambda c: c + b" " * (8 * 2**20)}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        real = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    honest, lie = real.to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert data.count(honest) >= 2
    with pytest.raises(Refused, match="damaged"):
        table(bytes(data.replace(honest, lie)))


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"size": 100}, "larger than"),
        ({"rows": 1}, "more than 1 rows"),
        ({"columns": 1}, "B1"),
        ({"cells": 3}, "more than 3 filled"),
        ({"cell_length": 0}, "A1"),
        ({"inflated": 1_000}, "unpacks"),
        ({"part": 100}, "styles"),
    ],
)
def test_more_than_allowed_is_refused(limits, reason):
    with pytest.raises(Refused, match=reason):
        table(TINY, **limits)


@pytest.mark.parametrize("limits", [{"size": 1}, {"rows": 1}, {"columns": 1}, {"cells": 3}, {"cell_length": 0}])
def test_limits_hold_for_texts_too(limits):
    with pytest.raises(Refused):
        table(as_csv(LINES), **limits)


def test_a_cell_at_the_edge_of_the_sheet_is_refused_by_its_name():
    with pytest.raises(Refused, match="XFD1"):
        table(with_sheet('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>'))
    with pytest.raises(Refused, match="rows"):
        table(with_sheet('<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'))


def test_empty_formatted_cells_at_the_edge_are_ignored():
    read = table(
        with_sheet(
            '<sheetData><row r="1"><c><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        )
    )
    assert read.rows == {1: [1]}


def test_overlapping_merges_cannot_exhaust_the_memory():
    merges = '<mergeCell ref="A1:CV20000"/>' * 300
    data = with_sheet(
        f'<sheetData><row r="20000"><c r="CV20000"><v>1</v></c></row></sheetData><mergeCells>{merges}</mergeCells>'
    )
    with pytest.raises(Refused, match="overlap"):
        _ = table(data).origin


@pytest.mark.parametrize(
    "bad",
    [
        '<c r="A0x"/>',
        '<c t="s"><v>99</v></c>',
        '<c t="s"><v>-1</v></c>',
        "<c><v>one</v></c>",
        "<c><v>nan</v></c>",
        '<c s="x"><v>1.5</v></c>',
    ],
)
def test_cells_no_program_writes_are_refused(bad):
    with pytest.raises(Refused, match="damaged"):
        table(with_sheet(f'<sheetData><row r="1">{bad}</row></sheetData>'))


def test_kinds_of_cells():
    read = table(
        with_sheet(
            '<sheetData><row><c t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r><rPh><t>jia</t></rPh></is></c>'
            '<c t="b"><v>1</v></c><c t="str"><f>A1</f><v>结果</v></c><c><f>1+1</f><v>2</v></c>'
            '<c t="e"><f>B9</f><v>#REF!</v></c><c><f>SUM(A:A)</f></c><c t="d"><v>2019-03-12</v></c>'
            '<c t="inlineStr"><is><t>a_x000D_b</t></is></c><c><v>1.3299615329E10</v></c><c t="str"><f>B1</f><v></v></c>'
            '</row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
        )
    )
    *values, last = read.rows[1][:4], read.rows[1][6:]
    assert values == [["甲乙", True, "结果", 2]]
    assert last == ["2019-03-12", "a\rb", 13299615329]
    assert [type(cell) for cell in read.rows[1][4:6]] == [Fault, Fault]
    assert read.merges == [Merge(1, 1, 2, 2)]


def test_shared_texts():
    assert table(SHARED).rows == {1: ["乙 丙", "甲A"]}


def test_date_formats_of_chinese_excel_have_no_code():
    def number_31(content):
        return content.replace(b'<xf numFmtId="0"', b'<xf numFmtId="31"')

    data = repack(as_xlsx([[43536]]), {"xl/styles.xml": number_31})
    assert table(data).own(1, 1) == datetime(2019, 3, 12)


def test_prefixed_xml_is_read():
    whole = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    assert table(repack(TINY, {"xl/worksheets/sheet1.xml": lambda _c: whole.encode()})).rows == {1: [7]}


def book_of_sheets():
    book = Workbook()
    notes = book.active
    notes.title = "填表说明"
    notes.append(["账号名称要写全称"])
    for title in ("账号", "往年"):
        page = book.create_sheet(title)
        for line in [
            ["部门", "平台", "账号名称", "账号ID", "责任人"],
            *(cells(row, ["unit", "platform", "name", "identifier", "responsible"]) for row in ROWS),
        ]:
            page.append(line)
    book["往年"].sheet_state = "hidden"
    book["账号"].row_dimensions[2].hidden = True
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_the_sheet_with_the_best_headings_is_taken_and_hidden_sheets_are_not():
    sheet = parse(book_of_sheets(), "x", COLUMNS)
    assert (sheet.name, sheet.names) == ("账号", ("填表说明", "账号"))
    assert len(sheet.rows) == 3, "hidden rows are rows"


def test_a_sheet_can_be_chosen_by_name():
    with pytest.raises(Refused, match="headings"):
        parse(book_of_sheets(), "x", COLUMNS, sheet="填表说明")
    with pytest.raises(Refused, match="填表说明、账号"):
        parse(book_of_sheets(), "x", COLUMNS, sheet="往年")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", list(",\t;|，"))
def test_texts_of_every_encoding_and_separator(encoding, delimiter):
    lines = [["账号名称", "粉丝", "备注"], ["示大，官微", "1", "两\n行"], ["龘", "2", 'a"b']]
    assert list(table(as_csv(lines, encoding, delimiter)).rows.values()) == lines


def test_a_text_keeps_its_row_numbers_and_odd_cells():
    read = table(b'sep=;\na;b\n\n="007";\'=1+1\n;\n" ";')
    assert read.rows == {1: ["a", "b"], 3: ["007", "=1+1"]}


def test_an_open_quotation_mark_does_not_swallow_the_file():
    with pytest.raises(Refused):
        table(b'a,b\n"' + b"c,d\n" * 40_000)
