"""A clerk writes a piece with a picture, is sent back once, hands it in again; two sign, it goes out and is paid."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.content.conftest import jpeg
from tests.e2e import paying
from tests.e2e.conftest import Served
from tests.e2e.looking import Looking
from tests.e2e.school import PASSWORD


@pytest.fixture
def press(chromium: str) -> Iterator[Served]:
    """A running panel with the school in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.press"], env=environ, check=True, timeout=90)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def log_in(looking: Looking, address: str, username: str) -> Page:
    page = looking.page
    page.goto(f"{address}/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
    return page


def decide(page: Page, address: str, verb: str, opinion: str = "") -> None:
    page.goto(f"{address}/approvals/decide/")
    page.get_by_role("link", name=re.compile("开放日")).first.click()
    page.fill("[name=opinion]", opinion)
    page.locator(f"button[value={verb}]").click()
    expect(page.get_by_role("status").first).to_be_visible()


def test_from_draft_to_release(press: Served, browser: Browser) -> None:
    found = re.match(r"http://[^/]+", press.address())
    assert found
    address, seats = found[0], [Looking(browser) for _seat in range(5)]
    names = ("clerk", "lead", "chief", "editor", "finance")
    clerk, lead, chief, editor, finance = (log_in(seat, address, name) for seat, name in zip(seats, names, strict=True))
    clerk.goto(f"{address}/content/submission/new/")
    clerk.fill("[name=headline]", "校园开放日侧记")
    clerk.fill("[name=body]", "## 开放日\n\n今天上午，**三百名**家长走进校园，参观课堂和社团。")
    clerk.get_by_role("button", name="预览").click()
    expect(clerk.locator(".writing-shown strong")).to_have_text("三百名")
    clerk.fill("[name=unit]", "教务处")
    clerk.fill("[name=authors]", "马秀英")
    clerk.select_option("[name=class_]", "important")
    clerk.select_option("[name=source]", "original")
    clerk.fill("[name=accounts]", "示范中学")
    clerk.check("[name=proofread]")
    seats[0].look("writing")
    clerk.get_by_role("button", name="保存", exact=True).click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("校园开放日侧记")
    piece = clerk.url
    clerk.get_by_role("link", name="添加图片、视频或附件").click()
    clerk.set_input_files("[name=file]", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    clerk.fill("[name=caption]", "家长走进课堂")
    clerk.get_by_role("button", name="添加").click()
    expect(clerk.get_by_role("img", name="家长走进课堂")).to_be_visible()
    clerk.get_by_role("link", name="提交审核").click()
    clerk.get_by_role("button", name="提交审核").click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("审核中")

    decide(lead, address, "return", "请写明参加活动的年级")
    clerk.goto(piece)
    expect(clerk.get_by_text("请写明参加活动的年级").first).to_be_visible()
    clerk.get_by_role("link", name="编辑").first.click()
    clerk.fill("[name=body]", "## 开放日\n\n今天上午，**三百名**高一家长走进校园，参观课堂和社团。")
    clerk.get_by_role("button", name="保存", exact=True).click()
    clerk.get_by_role("link", name="提交审核").click()
    clerk.get_by_role("button", name="提交审核").click()
    clerk.get_by_role("link", name="对比修改").click()
    expect(clerk.locator("ins")).to_have_text("高一")
    seats[0].look("compared")

    decide(lead, address, "approve", "同意")
    decide(chief, address, "approve", "同意发布")
    chief.goto(piece)
    expect(chief.get_by_role("heading", level=1)).to_contain_text("已通过")
    chief.locator("#releases").get_by_role("link", name="登记发布").click()
    chief.fill("[name=link]", "https://mp.weixin.qq.com/s/open-day")
    chief.get_by_role("button", name="登记").click()
    expect(chief.get_by_role("heading", level=1)).to_contain_text("已发布")
    seats[2].look("released")
    chief.goto(f"{address}/content/archive/")
    with chief.expect_download() as kept:
        chief.get_by_role("link", name="登记册与 Word 文件").click()
    assert kept.value.suggested_filename.endswith(".zip")

    paying.propose(editor, address, "校园开放日侧记")
    paying.confirm(chief, address)
    paying.settle(chief, address)
    seats[2].look("settled")
    rows = paying.pay(finance, address)
    assert rows[0][1:3] == ("马秀英", "教务处")
    assert (rows[0][6], rows[0][8], rows[0][10]) == (50, 50, "6216610012345678")
    paying.see_mine(clerk, address)
    seats[0].look("mine")
    for seat in seats:
        seat.close()
