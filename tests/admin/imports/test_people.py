"""Names in one cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.admin.imports.errors import BadValue
from panel.admin.imports.people import Named, read_people, read_person

NAMES = st.builds(
    lambda surname, given_name: surname + given_name,
    st.sampled_from("王李张刘陈杨赵黄周吴"),
    st.sampled_from(["伟", "芳", "娜", "晓东", "雨桐", "建国", "秀英"]),
)


def names(text):
    return [person.name for person in read_people(text)]


@given(
    st.lists(NAMES, min_size=1, max_size=6, unique=True),
    st.sampled_from(
        ["、", ",", "，", "/", "／", ";", "；", "\n", "\r\n", " ", "\u3000", "  ", "|", "&", "\t", " 、 ", "，\n"]
    ),
)
def test_any_separator(people, separator):
    assert names(separator.join(people)) == people


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.sampled_from("、,/;\n"))
def test_two_character_names_padded_with_a_space(people, separator):
    padded = [f"{n[0]} {n[1]}" if len(n) == 2 else n for n in people]
    assert names(separator.join(padded)) == people
    assert names(separator.join(p.replace(" ", "\u3000") for p in padded)) == people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("董雨桐 韩子涵 谢军", ["董雨桐", "韩子涵", "谢军"]),
        ("杨 军", ["杨军"]),
        ("杨  军", ["杨军"]),
        (" 林秀英 ", ["林秀英"]),
        ("杨 军 董雨桐", ["杨军", "董雨桐"]),
        ("董雨桐 杨 军", ["董雨桐", "杨军"]),
        ("杨 军 李 明", ["杨军", "李明"]),
        ("王 小 明", ["王小明"]),
        ("王 小明", ["王小明"]),
        ("欧阳 军", ["欧阳军"]),
        ("欧阳 修、李和平", ["欧阳修", "李和平"]),
        ("张三和李四", ["张三", "李四"]),
        ("张三与王小明及李四", ["张三", "王小明", "李四"]),
        ("1.张三 2.李四", ["张三", "李四"]),
        ("①张三②李四", ["张三", "李四"]),
        ("买买提•艾力、张三", ["买买提·艾力", "张三"]),
        ("John Smith, 张三", ["John Smith", "张三"]),
        ("张三、张三", ["张三"]),
        ("张三、待定", ["张三"]),
        ("待定", []),
        ("、", []),
    ],
)
def test_lists(text, people):
    assert names(text) == people


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("张三（13800138000）", Named("张三", "13800138000")),
        ("张三13800138000", Named("张三", "13800138000")),
        ("张三 138-0013-8000", Named("张三", "138-0013-8000".replace("-", ""))),
        ("张三：13800138000", Named("张三", "13800138000")),
        ("张三/13800138000", Named("张三", "13800138000")),
        ("张三(010-62751234)", Named("张三", "010-62751234")),
        ("张三（学生，2023级）", Named("张三", None, "学生,2023级")),
        ("张三【教师 13800138000】", Named("张三", "13800138000", "教师")),
        ("张三老师", Named("张三", None, "老师")),
        ("张三 副教授", Named("张三", None, "副教授")),
        ("组长：张三", Named("张三", None, "组长")),
    ],
)
def test_a_phone_or_note_beside_the_name(text, person):
    assert read_people(text) == [person]


def test_each_has_their_own_phone():
    assert read_people("张三(13800138000)、李四 13900139000") == [
        Named("张三", "13800138000"),
        Named("李四", "13900139000"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "张三等3人",
        "张三、李四等",
        "张主任",
        "李",
        "13800138000",
        "张三?",
        "宣传部办公室综合科",
        "小明 李",
        "甲 乙 丙 丁 戊",
    ],
)
def test_what_is_no_name_is_refused(text):
    with pytest.raises(BadValue):
        read_people(text)


def test_one_person_is_asked_for():
    assert read_person("杨 军") == Named("杨军")
    assert read_person("无") is None
    with pytest.raises(BadValue, match="2 people"):
        read_person("张三、李四")


@given(st.text())
def test_anything_is_read_or_refused(text):
    try:
        people = read_people(text)
    except BadValue:
        return
    assert all(len(person.name) > 1 for person in people)
