"""Finding the headings, matching them, and registers arranged in every other way."""

import json
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.admin.imports.columns import Column, Kind
from panel.admin.imports.mapping import Confidence, Mapping, score_heading
from panel.admin.imports.sheet import Flaw, Skip, parse
from panel.admin.imports.spans import common_text
from panel.errors import Refused
from tests.admin.imports.registers import COLUMNS, HEADINGS, ROWS, as_csv, as_xlsx, cells, expected, plain

FIELDS = list(HEADINGS)
TITLES = [["示范大学账号备案汇总表"], ["填报单位：党委宣传部", None, None, "截至2026年11月1日"]]


def lines(order=FIELDS, rows=ROWS, separator="、"):
    return [[HEADINGS[key] for key in order], *(cells(row, order, separator) for row in rows)]


def values(sheet):
    return [{key: value for key, value in plain(row.values).items() if key != "note"} for row in sheet.rows]


def read(data, **options):
    return parse(data, "register", COLUMNS, **options)


@settings(max_examples=25, deadline=None)
@given(
    st.permutations(FIELDS),
    st.integers(0, 2),
    st.sampled_from("、,/;\n"),
    st.sampled_from(["xlsx", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(",\t;|"),
    st.booleans(),
)
def test_any_arrangement_gives_the_same_rows(order, titles, separator, form, delimiter, total):
    content = [*TITLES[:titles], *lines(order, separator=separator)]
    if total:
        content += [[], ["合计", None, "共3个账号"], ["填表说明：责任人须为在职教职工"]]
    sheet = read(as_xlsx(content) if form == "xlsx" else as_csv(content, form, delimiter))
    assert sheet.errors == []
    assert values(sheet) == expected()
    assert sheet.header_row == titles + 1
    assert sheet.skipped[Skip.TITLE] == titles


GROUPED = [
    ["序号", "主办单位", "账号信息", None, None, "责任人", None, "管理员", "密码保管人"],
    [None, None, "平台类型", "账号名称", "账号ID", "姓名", "电话", None, None],
    [1, "教务处", "订阅号", "示大教务", "jw_001", "何静", "13800138000", "王伟、李娜", "王伟"],
    [2, None, "抖音", "示大教务处抖音", "jw_002", "杨军", "010-62751234", "赵敏", "赵敏，李娜"],
]


@pytest.mark.parametrize("merged", [True, False])
def test_two_heading_rows_under_group_titles(merged):
    merges = ["A1:A2", "B1:B2", "C1:E1", "F1:G1", "H1:H2", "I1:I2", "B3:B4"] if merged else []
    sheet = read(as_xlsx(GROUPED, merges) if merged else as_csv(GROUPED))
    assert (sheet.header_row, sheet.header_depth) == (1, 2)
    assert sheet.headings["F"] == "责任人姓名"
    wanted = {key: ROWS[1][key] for key in ("unit", "responsible", "phone", "operators", "custodians")}
    assert {key: values(sheet)[1][key] for key in wanted} == wanted
    assert sheet.errors == []


def test_a_title_merged_over_the_whole_sheet_is_no_heading():
    sheet = read(as_xlsx([["账号名称平台责任人汇总表"], *lines()], ["A1:K1"]))
    assert sheet.header_row == 2
    assert values(sheet) == expected()


def test_merged_cells_show_their_first_value():
    content = lines()
    content[2][0] = None
    sheet = read(as_xlsx(content, ["A2:A3"]))
    assert [row["unit"] for row in values(sheet)] == ["教务处", "教务处", "校团委"]
    assert sheet.rows[1].remarks == {}


def test_people_on_rows_of_their_own_belong_to_the_merged_account():
    content = [
        ["部门", "平台", "账号名称", "账号ID", "责任人", "运营人"],
        ["教务处", "订阅号", "示大教务", "jw_001", "何静", "王伟"],
        [None, None, None, None, None, "李娜"],
        ["教务处", "抖音", "教务抖音", "jw_002", "何静", "赵敏"],
    ]
    sheet = read(as_xlsx(content, [f"{letter}2:{letter}3" for letter in "ABCDE"]))
    assert [row["operators"] for row in values(sheet)] == [["王伟", "李娜"], ["赵敏"]]
    assert sheet.rows[0].rows == [2, 3]


def test_a_column_filled_in_only_where_it_changes_is_carried_down_and_says_so():
    content = lines(rows=[*ROWS[:2], ROWS[0] | {"identifier": "jw_003"}, ROWS[2]])
    content[2][0] = content[3][0] = None
    sheet = read(as_csv(content))
    assert [row["unit"] for row in values(sheet)] == ["教务处", "教务处", "教务处", "校团委"]
    assert ["unit" in row.remarks for row in sheet.rows] == [False, True, True, False]


def test_a_single_missing_value_is_not_carried_down():
    rows = [ROWS[0] | {"identifier": f"jw_{i}"} for i in range(8)]
    content = lines(rows=rows)
    content[4][0] = None
    sheet = read(as_xlsx(content))
    assert [(e.row, e.column, e.field, e.flaw) for e in sheet.errors] == [(5, "A", "unit", Flaw.MISSING)]


def test_ditto_marks_stand_for_the_value_above():
    content = lines(rows=[ROWS[0], ROWS[1]])
    content[2][0] = "同上"
    assert [row["unit"] for row in values(read(as_xlsx(content)))] == ["教务处", "教务处"]


def test_rows_that_are_no_data_are_counted_not_read():
    heading, *rows = lines()
    content = [
        *TITLES,
        heading,
        ["一、机关部门"],
        rows[0],
        [],
        ["小计", None, "1个"],
        TITLES[0],
        heading,
        rows[1],
        rows[2],
        [None] * 11 + [9],
        ["总计：", None, 3],
        ["说明：1. 责任人须为在职教职工"],
        ["填表人：张三", None, None, "审核人：李四", None, None, "日期：2026.11.1"],
    ]
    sheet = read(as_xlsx(content, ["A4:K4"]))
    assert [row.row_number for row in sheet.rows] == [5, 10, 11]
    assert sheet.skipped == {Skip.TITLE: 3, Skip.BLANK: 2, Skip.TOTAL: 2, Skip.HEADING: 1, Skip.NOTE: 3}


def test_an_incomplete_row_is_refused_not_skipped():
    content = lines()
    content.append([None, None, "只有名称"])
    sheet = read(as_xlsx(content))
    assert {e.field for e in sheet.rows[-1].errors} == {"unit", "platform", "identifier", "responsible"}


def test_an_account_may_be_called_like_a_total():
    assert values(read(as_xlsx(lines(rows=[ROWS[0] | {"name": "合计"}]))))[0]["name"] == "合计"


def test_repeated_headings_gather_people_and_ignore_the_rest():
    content = [
        ["部门", "平台", "账号名称", "账号ID", "责任人", "责任人", "运营人员1", "运营人员2", "颜色"],
        ["教务处", "抖音", "示大教务", "jw", "何静", "别人", "王伟", "李娜、王伟", "红"],
    ]
    sheet = read(as_xlsx(content))
    assert values(sheet)[0]["responsible"] == "何静"
    assert values(sheet)[0]["operators"] == ["王伟", "李娜"]
    assert [(m.letter, m.heading) for m in sheet.mapping.ignored] == [("F", "责任人"), ("I", "颜色")]


def test_headings_are_matched_by_their_head_noun():
    phone, responsible = (next(c for c in COLUMNS if c.name == name) for name in ("phone", "responsible"))
    assert score_heading("责任人电话", phone) > score_heading("责任人电话", responsible) > 0
    assert score_heading("联系电话（必填）", phone) > score_heading("联系电话号码", phone) > 0
    assert score_heading("颜色", phone) == 0


def test_columns_without_a_telling_heading_are_guessed_by_contents():
    columns = [c for c in COLUMNS if c.name in ("name", "identifier", "phone", "platform")]
    content = [
        ["账号名称", "账号ID", "怎么找", "哪里"],
        *([f"示大{i}", f"id{i}", 13800138000 + i, "抖音" if i % 2 else "B站"] for i in range(5)),
    ]
    sheet = parse(as_xlsx(content), "x", columns)
    guessed = {m.column: m.letter for m in sheet.mapping.matches if m.confidence == Confidence.GUESSED}
    assert guessed == {"phone": "C", "platform": "D"}


def test_no_guess_where_contents_do_not_fit_throughout():
    columns = [c for c in COLUMNS if c.name in ("name", "identifier", "phone")]
    content = [
        ["账号名称", "账号ID", "其他"],
        *([f"示大{i}", f"id{i}", "13800138000" if i % 2 else "无此人"] for i in range(6)),
    ]
    assert parse(as_xlsx(content), "x", columns).mapping.letters("phone") == []


def test_the_user_may_map_otherwise():
    content = [
        ["部门", "平台", "旧名", "账号名称", "账号ID", "责任人"],
        ["教务处", "抖音", "老教务", "新教务", "jw", "何静"],
    ]
    sheet = read(as_xlsx(content), mapping={"C": "name", "D": None})
    assert values(sheet)[0]["name"] == "老教务"
    assert {m.letter: m.confidence for m in sheet.mapping.matches}["C"] == Confidence.CHOSEN
    assert sheet.mapping.letters("name") == ["C"]


@pytest.mark.parametrize("wrong", [{"ZZ": "name"}, {"A": "nothing"}, {"A": "name", "B": "name"}])
def test_a_mapping_that_cannot_be_is_refused(wrong):
    with pytest.raises(Refused):
        read(as_xlsx(lines()), mapping=wrong)


def test_a_saved_mapping_fits_a_sheet_arranged_alike():
    odd = {**HEADINGS, "name": "甲", "identifier": "乙", "unit": "丙", "responsible": "丁"}
    content = [[odd[key] for key in FIELDS], *(cells(row, FIELDS) for row in ROWS)]
    letters = {key: "ABCDEFGHIJK"[i] for i, key in enumerate(FIELDS)}
    chosen = {letters[key]: key for key in ("name", "identifier", "unit", "responsible")}
    first = read(as_xlsx(content), mapping=chosen)
    assert values(first) == expected()

    saved = json.loads(json.dumps(first.mapping.as_json()))
    order = list(reversed(FIELDS))
    again = read(
        as_csv([[odd[key] for key in order], *(cells(row, order) for row in ROWS)]), mapping=Mapping.from_json(saved)
    )
    assert values(again) == expected()
    assert {m.confidence for m in again.mapping.matches} == {Confidence.SAVED}


@pytest.mark.parametrize(
    "saved", [{}, {"version": 2, "columns": []}, {"version": 1, "columns": [{}]}, {"version": 1, "columns": 3}]
)
def test_a_saved_mapping_that_is_none_is_refused(saved):
    with pytest.raises(Refused):
        Mapping.from_json(saved)


def test_a_required_column_that_is_nowhere_is_told_once():
    columns = [*COLUMNS, Column("legal", "Legal entity", required=True)]
    sheet = parse(as_xlsx(lines()), "x", columns)
    assert [c.name for c in sheet.missing] == ["legal"]
    assert sheet.errors == []


@pytest.mark.parametrize("content", [[["a", "b"], [1, 2]], [[""]] * 31 + lines(), [["账号名称汇总"]]])
def test_a_sheet_without_headings_is_refused(content):
    with pytest.raises(Refused, match=r"headings|no rows|empty"):
        read(as_xlsx(content))


def test_headings_without_rows_are_refused():
    with pytest.raises(Refused, match="row 1"):
        read(as_xlsx(lines(rows=[])))


def test_dates_of_both_calendars():
    def use_1904(book, page):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
        page["I2"].value = 42074

    for prepare, day in ((None, date(2019, 3, 12)), (use_1904, date(2019, 3, 12))):
        sheet = read(as_xlsx(lines(rows=[ROWS[0] | {"opened_on": datetime(2019, 3, 12)}]), prepare=prepare))
        assert values(sheet)[0]["opened_on"] == day


def test_the_unit_of_a_heading_multiplies():
    columns = [Column("name", "名称"), Column("followers", "粉丝数", Kind.INTEGER)]
    sheet = parse(
        as_csv([["名称", "粉丝数（万）"], ["甲号", "1.2"], ["乙号", "3,100人"], ["丙号", "5千"]]), "x", columns
    )
    assert [row.values["followers"] for row in sheet.rows] == [12_000, 31_000_000, 5000]


@pytest.mark.parametrize(
    ("names", "common"),
    [
        (["校团委之声1", "示大校团委在线", "示范大学校团委"], "校团委"),
        (["示范大学校团委1", "示范大学校团委2"], "校团委"),
        (["甲", "乙"], ""),
        (["教务处"], ""),
        (["长" * 10_000 + "一", "长" * 10_000 + "二"], ""),
    ],
)
def test_what_names_have_in_common(names, common):
    others = [{f"示范大学{unit}官微", f"{unit}之声"} for unit in ("教务处", "图书馆", "医学院")]
    assert common_text(names, others) == common
