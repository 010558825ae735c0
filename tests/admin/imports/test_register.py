"""The office's own register, row by row."""

import json

import pytest

from panel.admin.imports.mapping import Confidence
from panel.admin.imports.sheet import Flaw, Skip, parse
from tests.admin.imports.registers import COLUMNS, DATA, plain

EXPECTED = json.loads((DATA / "register.expected.json").read_text(encoding="utf-8"))
PROBLEMS = {
    ("responsible", Flaw.MISSING): "responsible person missing",
    ("opened_on", Flaw.UNREADABLE): "opening date cannot be read",
}


@pytest.fixture(scope="module")
def sheet():
    return parse(DATA / "register.xlsx", "register.xlsx", COLUMNS)


def test_the_header_and_the_rows_that_are_no_data(sheet):
    assert (sheet.name, sheet.names) == ("新媒体账号备案表", ("新媒体账号备案表", "填表说明"))
    assert (sheet.header_row, sheet.header_depth) == (EXPECTED["header_row"], 1)
    assert sheet.skipped == {Skip.TITLE: 2, Skip.BLANK: 4, Skip.TOTAL: 1}


def test_every_heading_is_mapped_and_the_numbering_is_not(sheet):
    found = {m.heading: (m.column, m.confidence) for m in sheet.mapping.matches}
    assert found.pop("序号") == (None, None)
    assert {name for name, _confidence in found.values()} == {c.name for c in COLUMNS}
    assert {confidence for _name, confidence in found.values()} == {Confidence.EXACT}
    assert sheet.missing == ()


def test_rows_are_exactly_those_a_careful_clerk_reads(sheet):
    fields = [key for key in EXPECTED["rows"][0] if key != "sheet_row"]
    read = []
    for row in sheet.rows:
        values = plain(row.values)
        dates = {key: value.isoformat() for key, value in values.items() if hasattr(value, "isoformat")}
        read.append({"sheet_row": row.row_number} | {key: (values | dates)[key] for key in fields})
    # Lines that repeat an account are told apart only by the accounts, so they are read like all others.
    repeated = {p["sheet_row"] for p in EXPECTED["problems"] if p["problem"].startswith("same platform")}
    wanted = {row["sheet_row"]: row for row in EXPECTED["rows"]}
    assert [row for row in read if row["sheet_row"] not in repeated] == [
        row for number, row in wanted.items() if number not in repeated
    ]
    assert {row["sheet_row"] for row in read} == set(wanted) | repeated


def test_problems_are_exactly_those_of_the_cells(sheet):
    found = [{"sheet_row": e.row, "problem": PROBLEMS[e.field, e.flaw]} for e in sheet.errors]
    assert found == [p for p in EXPECTED["problems"] if not p["problem"].startswith("same platform")]
    month = next(e for e in sheet.errors if e.row == 10)
    assert (month.column, month.heading, month.value) == ("J", "开通时间", "2019年13月")
    assert "13" in month.message


def test_a_unit_whose_merged_cell_was_emptied_is_marked_as_read_from_the_names(sheet):
    guessed = [row for row in sheet.rows if "unit" in row.remarks]
    assert {row.values["unit"] for row in guessed} == {"校团委", "后勤管理处", "信息工程学院", "体育部"}
    assert [row.row_number for row in guessed if row.values["unit"] == "校团委"] == list(range(35, 47))


def test_followers_are_numbers(sheet):
    by_row = {row.row_number: row.values["followers"] for row in sheet.rows}
    assert (by_row[5], by_row[9], by_row[220]) == (273_000, 3_100, 100_000)
