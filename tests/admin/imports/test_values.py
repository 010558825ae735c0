"""Cells to values."""

import contextlib
from datetime import date, datetime, time
from decimal import Decimal
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.admin.imports.columns import Column, Kind
from panel.admin.imports.errors import BadValue
from panel.admin.imports.grid import Fault
from panel.admin.imports.values import clean, read
from tests.admin.imports.registers import PLATFORMS

TEXT = Column("name", "Name", max_length=10)
CODE = Column("identifier", "ID", Kind.IDENTIFIER)
PHONE = Column("phone", "Phone", Kind.PHONE)
WHOLE = Column("followers", "Followers", Kind.INTEGER)
DECIMAL = Column("rate", "Rate", Kind.DECIMAL, minimum=None)
FLAG = Column("sealed", "Sealed", Kind.BOOLEAN)
PLATFORM = Column("platform", "Platform", Kind.CHOICE, choices=PLATFORMS)
DAY = Column("opened_on", "Opened", Kind.DATE)
CELLS = st.one_of(
    st.none(),
    st.text(),
    st.text("０１２345年月日.-/、, 张三李四()（）:：万亿+\n", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.times(),
    st.just(Fault("#REF!", "broken")),
)


def value(cell, column, **options):
    return read(cell, column, **options)[0]


@pytest.mark.parametrize("column", [Column("x", "X", kind) for kind in Kind], ids=lambda c: c.kind)
@given(cell=CELLS)
def test_every_cell_is_read_or_refused(column, cell):
    with contextlib.suppress(BadValue):
        read(cell, column)


@pytest.mark.parametrize(
    "cell", [None, "", "  ", "\u3000", "无", "—", "－", "-", "--", "/", "／", "N/A", "暂无", "空", "\\", "……", "\ufeff"]
)
@pytest.mark.parametrize("column", [TEXT, CODE, PHONE, WHOLE, PLATFORM, DAY])
def test_what_means_nothing_is_empty(cell, column):
    assert read(cell, column) == (None, None)


def test_words_that_mean_nothing_in_one_column_only():
    assert value("长期", Column("until", "Until", Kind.DATE, empties=frozenset(["长期"]))) is None
    assert value("无", FLAG) is False
    assert value("待定", Column("who", "Who", Kind.PERSON)) is None
    assert value("待定", TEXT) == "待定"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (" ＡＢ１２ \u200b官微", "AB12 官微"),
        ("示大（青年）", "示大（青年）"),
        ("教 务 处", "教务处"),
        ("示大 青年", "示大 青年"),
        (2019, "2019"),
        (12.50, "12.5"),
        (datetime(2019, 3, 12), "2019-03-12"),
    ],
)
def test_text(cell, text):
    assert value(cell, TEXT) == text


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean(clean(text)) == clean(text)


def test_too_long_a_text_says_how_long():
    with pytest.raises(BadValue, match="11"):
        read("一" * 11, TEXT)


@pytest.mark.parametrize(("cell", "code"), [("ｇｈ＿01 23", "gh_0123"), (10086, "10086"), (10086.0, "10086")])
def test_identifiers(cell, code):
    assert value(cell, CODE) == code


@pytest.mark.parametrize("cell", [datetime(2026, 1, 2), 1234567890123456])
def test_identifiers_that_excel_spoilt_are_refused(cell):
    with pytest.raises(BadValue, match="Excel"):
        read(cell, CODE)


@pytest.mark.parametrize(
    "cell",
    [
        13299615329,
        13299615329.0,
        "132-9961-5329",
        "１３２９９６１５３２９",
        "+86 132 9961 5329",
        "008613299615329",
        "1.3299615329E+10",
        " 132 9961 5329 ",
        "13299615329.0",
        "手机：13299615329",
        "13299615329/132-9961-5329",
    ],
)
def test_one_mobile_number_however_it_is_written(cell):
    assert value(cell, PHONE) == "13299615329"


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("010-62751234", "010-62751234"),
        ("01062751234", "010-62751234"),
        ("（0755）1234567", "0755-1234567"),
        ("+86-10-62751234", "010-62751234"),
        ("0755-12345678转801", "0755-12345678-801"),
        ("62751234", "62751234"),
        (8621, "8621"),
        ("400-800-1234", "4008001234"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_other_numbers(cell, phone):
    assert value(cell, PHONE) == phone


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1329961532", "11 digits"),
        ("1.33E+10", "shortened"),
        ("138****1234", "not a phone"),
        ("12345678901", "not a phone"),
        ("找张三", "not a phone"),
        ("13299615329、13299615328", "2 numbers"),
        ("000", "not a phone"),
    ],
)
def test_numbers_that_cannot_be_dialled(cell, reason):
    with pytest.raises(BadValue, match=reason):
        read(cell, PHONE)


def test_several_numbers_where_they_are_wanted():
    column = Column("phones", "Phones", Kind.PHONE, multiple=True)
    assert value("13299615329 13299615328", column) == ["13299615329", "13299615328"]


@given(st.integers(13_000_000_000, 19_999_999_999), st.sampled_from(["{}", "+86{}", "86 {}", "{}.0", "＋８６-{}"]))
def test_any_mobile_number_survives(number, form):
    assert value(form.format(number), PHONE) == str(number)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (7317, 7317),
        ("12,740", 12_740),
        ("１２，７４０", 12_740),
        ("27.3万", 273_000),
        ("1.5亿", 150_000_000),
        ("10.0万", 100_000),
        ("3,100人", 3100),
        ("约1.2w+", 12_000),
        ("3 千", 3000),
        ("0", 0),
        (0, 0),
        ("1.2E4", 12_000),
        (99.0, 99),
    ],
)
def test_whole_numbers(cell, number):
    found = value(cell, WHOLE)
    assert found == number
    assert type(found) is int


@given(st.integers(0, 2**31 - 1))
def test_any_whole_number_survives(number):
    assert value(f"{number:,}", WHOLE) == value(number, WHOLE) == value(f" {number}个", WHOLE) == number


@pytest.mark.parametrize(
    "cell", ["很多", "1,27,40", "12,74", "1.5", "-3", "99亿", True, datetime(2020, 1, 1), "1.2.3", "万", "1e99"]
)
def test_what_is_no_whole_number(cell):
    with pytest.raises(BadValue):
        read(cell, WHOLE)


def test_decimals_and_the_unit_of_the_heading():
    assert value("-1,234.50", DECIMAL) == Decimal("-1234.5")
    assert value(0.1 + 0.2, DECIMAL) == Decimal("0.3")
    assert value(1.2, WHOLE, factor=10_000) == value("1.2", WHOLE, factor=10_000) == 12_000
    assert value("3千", WHOLE, factor=10_000) == 3000


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("是", True),
        ("√", True),
        ("有", True),
        ("Ｙ", True),
        (True, True),
        (1, True),
        ("否", False),
        ("×", False),
        ("N", False),
        ("x", False),
        (0, False),
    ],
)
def test_yes_and_no(cell, flag):
    assert value(cell, FLAG) is flag


def test_neither_yes_nor_no():
    with pytest.raises(BadValue):
        read("也许", FLAG)


@pytest.mark.parametrize(("cell", "choice"), [("B站", "bilibili"), ("ｂ 站", "bilibili"), ("订阅号（认证）", "wechat")])
def test_choices(cell, choice):
    assert value(cell, PLATFORM) == choice


def test_unknown_choices_name_the_nearest_or_the_known_ones():
    with pytest.raises(BadValue, match="微信订阅号"):
        read("微信订阅", PLATFORM)
    with pytest.raises(BadValue, match="哔哩哔哩、微信视频号"):
        read("快手", PLATFORM)


def test_faults_are_refused_with_their_own_reason():
    with pytest.raises(BadValue, match="broken"):
        read(Fault("#REF!", "broken"), TEXT)


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2019, 3, 12, 8, 30),
        43536,
        "43536",
        20190312,
        "20190312",
        "20190312083000",
        "2019年3月12日",
        "２０１９年０３月１２日",
        "2019 年 3 月 12 号",
        "2019.3.12",
        "2019.03.12",
        "2019-3-12",
        "２０１９-０３-１２",
        "2019/03/12",
        "2019年3月12",
        "2019-03-12 08:30:00",
        "2019-03-12T08:30:00+08:00",
        "2019-03-12T08:30:00Z",
        "2019年3月12日 上午8:30",
        "2019年3月12日8时30分",
        "2019年3月12日（星期二）",
        "二〇一九年三月十二日",
        "二○一九年三月十二日",
        "有效期至2019.3.12",
        "2019年3月12日止",
        " 2019—03—12 ",
    ],
)
def test_one_day_however_it_is_written(cell):
    assert read(cell, DAY) == (date(2019, 3, 12), None)


@pytest.mark.parametrize("cell", ["2019年3月", "2019.3", "2019-03", "201903", "二〇一九年三月", 2019.3])
def test_a_month_is_its_first_day_and_says_so(cell):
    day, remark = read(cell, DAY)
    assert day == date(2019, 3, 1)
    assert remark


def test_dates_of_old_mac_workbooks():
    assert value(42074, DAY, date1904=True) == date(2019, 3, 12)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2019年13月", "no month 13"),
        ("2019-00-10", "no month 0"),
        ("20190231", "28 days.*day 31"),
        ("2019年2月30日", "28 days.*day 30"),
        ("2019.4.31", "30 days"),
        ("二〇一九年二月三十日", "day 30"),
        ("2019", "month is missing"),
        (2019, "month is missing"),
        ("2019年", "month is missing"),
        ("19.3.12", "four digits"),
        ("3/12/2019", "four digits"),
        ("2019.3.1-2020.3.1", "two dates"),
        ("不详?", "cannot be read"),
        ("约三月", "cannot be read"),
        (True, "not a date"),
        (time(8, 30), "not a date"),
        (2019.1, "January or October"),
        ("0019-03-12", "cannot be right"),
        ("9999-01-01", "no year|cannot be right"),
        (-5, "cannot be read"),
        (float("1e300"), "cannot be read"),
    ],
)
def test_impossible_dates_say_what_is_wrong(cell, reason):
    with pytest.raises(BadValue, match=reason):
        read(cell, DAY)


@given(
    st.dates(date(1928, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M"]),
)
def test_any_day_survives_any_form(day, form):
    assert value(day.strftime(form), DAY) == day
    assert value((day - date(1899, 12, 30)).days, DAY) == day


@pytest.mark.parametrize(
    "piece", ["1:1", "1,1", "(", " ", "张 ", "　张", "12:", "2019-", "[(<【", "张三", "1e", "a-", "、1.", "万"]
)
@pytest.mark.parametrize("column", [Column("x", "X", kind, choices=PLATFORMS) for kind in Kind], ids=lambda c: c.kind)
def test_a_cell_made_to_be_slow_is_not(piece, column):
    started = monotonic()
    with contextlib.suppress(BadValue):
        read("甲" + piece * 5_000 + "乙", column)
    assert monotonic() - started < 0.5
