"""An account register's columns, and registers of the same content arranged differently."""

import csv
import io
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from panel.admin.imports.columns import Column, Kind

DATA = Path(__file__).parents[2] / "data"

PLATFORMS = {
    "哔哩哔哩": "bilibili",
    "B站": "bilibili",
    "微信视频号": "channels",
    "视频号": "channels",
    "抖音": "douyin",
    "抖音号": "douyin",
    "微博": "weibo",
    "新浪微博": "weibo",
    "网站": "site",
    "二级网站": "site",
    **dict.fromkeys(["微信公众号", "微信订阅号", "微信服务号", "订阅号", "服务号", "公众号"], "wechat"),
}

COLUMNS = (
    Column("unit", "主办部门", synonyms=("所属部门", "部门", "单位"), required=True, spans=True, infer_from="name"),
    Column("platform", "平台", Kind.CHOICE, ("平台类型", "账号类型"), required=True, choices=PLATFORMS),
    Column("name", "账号名称", synonyms=("名称", "公众号名称"), required=True, max_length=100),
    Column("identifier", "账号 ID", Kind.IDENTIFIER, ("账号ID", "ID", "微信号"), required=True, max_length=100),
    Column("responsible", "责任人", Kind.PERSON, ("负责人", "分管领导"), required=True),
    Column("phone", "联系电话", Kind.PHONE, ("电话", "手机", "手机号")),
    Column("operators", "运营人", Kind.PEOPLE, ("运营人员", "管理员", "运维人员")),
    Column("custodians", "密码保管人", Kind.PEOPLE, ("密码保管", "保管人")),
    Column("opened_on", "开通时间", Kind.DATE, ("开通日期", "注册时间")),
    Column("certified_until", "认证到期", Kind.DATE, ("认证到期日", "认证有效期")),
    Column("followers", "粉丝数", Kind.INTEGER, ("关注人数", "粉丝")),
    Column("note", "备注", max_length=1000),
)

HEADINGS = {
    "unit": "主办单位",
    "platform": "账号类型",
    "name": "公众号名称*",
    "identifier": "微信号/ID",
    "responsible": "分管领导（责任人）",
    "phone": "手机号码",
    "operators": "日常管理员",
    "custodians": "密码保管",
    "opened_on": "账号注册时间",
    "certified_until": "认证有效期至",
    "followers": "关注人数（万）",
}

ROWS = [
    {
        "unit": "教务处",
        "platform": "订阅号",
        "name": "示大教务",
        "identifier": "jw_001",
        "responsible": "何静",
        "phone": "13800138000",
        "operators": ["王伟", "李娜"],
        "custodians": ["王伟"],
        "opened_on": date(2019, 3, 12),
        "certified_until": date(2027, 1, 15),
        "followers": 12000,
    },
    {
        "unit": "教务处",
        "platform": "抖音",
        "name": "示大教务处抖音",
        "identifier": "jw_002",
        "responsible": "杨军",
        "phone": "010-62751234",
        "operators": ["赵敏"],
        "custodians": ["赵敏", "李娜"],
        "opened_on": date(2020, 12, 1),
        "certified_until": None,
        "followers": 3000,
    },
    {
        "unit": "校团委",
        "platform": "微博",
        "name": "青春示大",
        "identifier": "tw_001",
        "responsible": "周洋",
        "phone": "13911112222",
        "operators": ["钱伟", "孙丽", "欧阳修"],
        "custodians": ["钱伟"],
        "opened_on": date(2016, 2, 29),
        "certified_until": None,
        "followers": 25000,
    },
]


def expected(rows=ROWS):
    """ROWS as `parse` should give them, people by name."""
    return [row | {"platform": PLATFORMS[row["platform"]]} for row in rows]


def plain(values):
    """Parsed values with people as names, for comparison."""

    def show(value):
        if isinstance(value, list):
            return [getattr(v, "name", v) for v in value]
        return getattr(value, "name", value)

    return {key: show(value) for key, value in values.items()}


def cells(row, order, separator="、"):
    """One row as it would be typed."""

    def show(key):
        value = row[key]
        if value is None:
            return "—"
        if isinstance(value, list):
            return separator.join(value)
        if key == "followers":
            return value / 10000
        return value

    return [show(key) for key in order]


def as_xlsx(lines, merges=(), name="Sheet1", prepare=None):
    book = Workbook()
    page = book.active
    page.title = name
    for line in lines:
        page.append(line)
    for merge in merges:
        page.merge_cells(merge)
    if prepare:
        prepare(book, page)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def as_csv(lines, encoding="utf-8-sig", delimiter=","):
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=delimiter).writerows(lines)
    return output.getvalue().encode(encoding)
