"""The first morning of an office: from the terminal to a register, a handover and the file for the leader."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.looking import Looking, from_menu

DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "register.expected.json").read_text("utf-8"))
PASSWORD = "correct horse 7"
ACCOUNT = "示范大学宣传部之声1"  # the first of the register
TODAY = datetime.now(ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def looking(browser: Browser) -> Looking:
    return Looking(browser)


def test_the_first_morning(served: Served, looking: Looking, tmp_path: Path) -> None:
    page = looking.page
    set_up(page, looking, served.address())
    log_in(page, looking)
    switch_plugins(page, looking)
    import_register(page, looking, tmp_path)
    correct_a_row(page, looking, tmp_path)
    import_another_kind(page, looking, tmp_path)
    open_account(page, looking)
    hand_over(page, looking)
    history_shows_it(page, looking)
    export(page, looking, tmp_path)
    looking.close()


def set_up(page: Page, looking: Looking, address: str) -> None:
    """The first visit leads to the set-up page; its token stands in the terminal."""
    bare, _sep, token = address.partition("setup?token=")
    page.goto(bare)
    expect(page).to_have_url(re.compile(r"/setup$"))
    page.get_by_label("口令").fill(token)
    page.get_by_label("名称").fill("示范大学")
    page.get_by_label("类型").select_option(label="高等学校")
    page.get_by_label("用户名").fill("zhouyaqin")
    page.get_by_label("您的姓名").fill("周雅琴")
    page.get_by_label(re.compile("^密码")).fill(PASSWORD)
    page.get_by_label("再输入一次").fill(PASSWORD)
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    looking.look("setup")
    page.get_by_role("button", name="完成设置").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    looking.look("home-empty")


def log_in(page: Page, looking: Looking) -> None:
    """Out and in again."""
    page.locator("header").get_by_text("周雅琴").click()
    page.get_by_role("button", name="退出登录").first.click()
    looking.look("login")
    page.get_by_label("用户名").fill("zhouyaqin")
    page.get_by_label(re.compile("^密码")).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def switch_plugins(page: Page, looking: Looking) -> None:
    """The register appears in the menu as soon as it is on."""
    expect(page.locator("#menu a", has_text="账号台账")).to_have_count(0)
    from_menu(page, "插件")
    page.get_by_role("link", name="启用：账号").click()
    looking.look("switch")
    page.get_by_role("button", name="启用").click()
    looking.look("plugins")
    from_menu(page, "账号台账")
    looking.look("register-empty")


def import_register(page: Page, looking: Looking, folder: Path) -> None:
    """The office's own sheet: what is wrong with it is shown row by row, and left out for now."""
    refused, wanted = len(EXPECTED["problems"]), EXPECTED["accounts"]
    upload(page, DATA / "register.xlsx", looking)
    expect(outcome(page, "新增")).to_have_text(str(wanted + 3 - refused))
    expect(outcome(page, "拒绝")).to_have_text(str(refused))
    page.get_by_role("link", name="拒绝").first.click()
    bad = page.get_by_role("row").filter(has_text="2019年13月").first
    expect(bad).to_contain_text("没有 13 月")
    looking.look("refused")
    page.get_by_label(re.compile("不导入被拒绝的")).check()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("导入完成。")).to_be_visible()
    looking.look("imported")


def upload(page: Page, file: Path, looking: Looking | None = None) -> None:
    """From the register to the dry run of a file."""
    from_menu(page, "账号台账")
    page.get_by_role("link", name="导入 Excel").first.click()
    if looking:
        looking.look("upload")
    page.get_by_label("Excel").set_input_files(file)
    page.get_by_role("button", name="上传并预检").click()
    expect(page.get_by_role("heading", name="列对应")).to_be_visible()
    if looking:
        looking.look("plan")


def outcome(page: Page, label: str) -> Locator:
    """The figure of the dry run under a label."""
    return page.get_by_role("group", name="预检结果").get_by_role("link", name=label).locator("b")


def correct_a_row(page: Page, looking: Looking, folder: Path) -> None:
    """The sheet with a refused row mended: that row is new, the others are as they were."""
    book = load_workbook(DATA / "register.xlsx")
    sheet = book.worksheets[0]
    assert sheet["F9"].value is None
    sheet["F9"] = "梁杰"
    book.save(folder / "corrected.xlsx")
    upload(page, folder / "corrected.xlsx")
    expect(outcome(page, "新增")).to_have_text("1")
    expect(outcome(page, "改动")).to_have_text("0")
    expect(outcome(page, "拒绝")).to_have_text(str(len(EXPECTED["problems"]) - 1))
    looking.look("corrected")
    page.get_by_label(re.compile("不导入被拒绝的")).check()
    page.get_by_role("button", name="确认导入 1 行").click()
    expect(page.get_by_text("导入完成。")).to_be_visible()


def import_another_kind(page: Page, looking: Looking, folder: Path) -> None:
    """A register with columns in another order and under other words: mapped in the page, and the mapping kept."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["新媒体统计"])
    sheet.append(["平台", "叫什么", "管事的人", "归哪儿管", "编号", "责任人电话", "什么时候开的"])
    sheet.append(["微博", "示范大学图书馆", "梁杰", "图书馆", "sfdx_lib", "13900000001", "2020.5.6"])
    sheet.append(["抖音", "示范大学校史馆", "梁杰", "档案馆", "sfdx_history", "13900000002", "2021年3月"])
    book.save(folder / "another.xlsx")
    upload(page, folder / "another.xlsx")
    looking.look("unmapped")
    for letter, field in {"B": "账号名称", "C": "责任人", "D": "部门", "E": "账号 ID", "G": "开通日期"}.items():
        column = page.get_by_label(f"{letter} 列读作")
        if column.evaluate("s => s.selectedOptions[0].label") != field:
            with page.expect_navigation():
                column.select_option(label=field)
    page.get_by_text("保存或套用列对应").click()
    page.get_by_label("把这个列对应存为").fill("馆藏统计表")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("馆藏统计表").first).to_be_visible()
    looking.look("mapped")
    page.get_by_role("button", name="确认导入 2 行").click()
    expect(page.get_by_text("导入完成。")).to_be_visible()


def open_account(page: Page, looking: Looking) -> None:
    """Found by name in the register."""
    page.get_by_role("link", name="账号台账").first.click()
    looking.look("register")
    page.get_by_role("searchbox", name="账号台账").fill(ACCOUNT)
    page.keyboard.press("Enter")
    page.get_by_role("link", name=ACCOUNT, exact=True).click()
    looking.look("account")


def hand_over(page: Page, looking: Looking) -> None:
    """董杰 leaves, 梁杰 takes over before 刘明, with a new password: all by keyboard."""
    page.get_by_role("link", name="交接密码").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="交接密码")).to_be_visible()
    for name, person in (("taking", "梁杰"), ("witness", "刘明")):
        tab_to(page, name)
        page.keyboard.type(person)
        expect(page.locator("[role=option]:visible").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    tab_to(page, "password_changed_on")
    page.keyboard.type(f"{TODAY:%Y.%m.%d}")
    looking.look("handover")
    tab_to(page, "note")
    page.keyboard.type("岗位调整")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("交接")
    looking.look("handed-over")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _press in range(80):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name}")


def history_shows_it(page: Page, looking: Looking) -> None:
    log = page.locator("#log")
    expect(log).to_contain_text("周雅琴")
    expect(log).to_contain_text("交接")
    custody = page.locator("#custody")
    expect(custody).to_contain_text("梁杰")
    expect(custody).to_contain_text("刘明")


def export(page: Page, looking: Looking, folder: Path) -> None:
    """The file for the leader: what the list shows, with today's custodian."""
    page.get_by_role("link", name="账号台账").first.click()
    page.get_by_role("group").filter(has_text="导出").locator("summary").first.click()
    looking.look("export")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel，当前各列").click()
    download.value.save_as(folder / "export.xlsx")
    head, *rows = load_workbook(folder / "export.xlsx").worksheets[0].iter_rows(values_only=True)
    found = [dict(zip(head, row, strict=True)) for row in rows]
    (account,) = [row for row in found if row["账号名称"] == ACCOUNT]
    assert account["密码保管人"] == "梁杰"
    assert account["部门"] == "党委宣传部"
    assert {"示范大学图书馆", "示范大学校史馆"} <= {row["账号名称"] for row in found}
    assert len(found) == EXPECTED["accounts"] + 3 - len(EXPECTED["problems"]) + 1 + 2
