"""A company takes the Chongqing preset. A clerk writes an important piece with a picture, is sent back once, hands it
in again; its chain signs on several logins, the piece goes out and is paid."""

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
    """A running panel with the company in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.chongqing"], env=environ, check=True, timeout=90)
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


def take_preset(admin: Page, address: str) -> None:
    """The administrator puts the preset in force, as it is ticked, and gives the role it asks for to somebody."""
    admin.goto(f"{address}/policies/presets/preset/?code=chongqing-company")
    admin.select_option("[name='role:分管领导']", "new")
    admin.get_by_role("button", name="施行所选项").click()
    expect(admin.get_by_role("status").first).to_contain_text("已施行")
    admin.goto(f"{address}/access/user/?q=director")
    admin.get_by_role("link", name=re.compile("director|顾明")).first.click()
    admin.get_by_role("link", name="授予角色").click()
    admin.select_option("[name=role]", label="分管领导")
    admin.fill("[name=unit]", "示范公司")
    admin.get_by_role("button", name="授权", exact=True).click()
    expect(admin.get_by_role("status").first).to_contain_text("分管领导")


def waits(page: Page, address: str) -> bool:
    """Whether the piece waits for the signature of whoever is logged in."""
    page.goto(f"{address}/approvals/decide/")
    return page.get_by_role("link", name=re.compile("开放日")).count() > 0


def decide(page: Page, address: str, verb: str, opinion: str = "") -> None:
    assert waits(page, address)
    page.get_by_role("link", name=re.compile("开放日")).first.click()
    page.fill("[name=opinion]", opinion)
    if page.locator("[name=proof]").count():
        page.fill("[name=proof]", PASSWORD)
    page.locator(f"button[value={verb}]").click()
    expect(page.get_by_role("status").first).to_be_visible()


def test_from_draft_to_release(press: Served, browser: Browser) -> None:
    found = re.match(r"http://[^/]+", press.address())
    assert found
    address, seats = found[0], [Looking(browser) for _seat in range(8)]
    take_preset(log_in(seats[7], address, "admin"), address)
    names = ("clerk", "lead", "above", "director", "chief", "editor", "finance")
    pages = [log_in(seat, address, name) for seat, name in zip(seats, names, strict=False)]
    clerk, lead, above, director, chief, editor, finance = pages
    clerk.goto(f"{address}/content/submission/new/")
    clerk.fill("[name=headline]", "职工家属开放日侧记")
    clerk.fill("[name=body]", "## 开放日\n\n今天上午，**三百名**家属走进车间，参观总装线和党员示范岗。")
    clerk.get_by_role("button", name="预览").click()
    expect(clerk.locator(".writing-shown strong")).to_have_text("三百名")
    clerk.fill("[name=unit]", "总装车间")
    clerk.fill("[name=authors]", "马秀英")
    clerk.select_option("[name=class_]", "important")
    clerk.select_option("[name=source]", "original")
    clerk.fill("[name=topic]", "企业形象、文化和公益")
    clerk.fill("[name=accounts]", "示范公司")
    clerk.check("[name=proofread]")
    seats[0].look("writing")
    clerk.get_by_role("button", name="保存", exact=True).click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("职工家属开放日侧记")
    piece = clerk.url
    clerk.get_by_role("link", name="添加图片、视频或附件").click()
    clerk.set_input_files("[name=file]", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    clerk.fill("[name=caption]", "家属参观总装线")
    clerk.get_by_role("button", name="添加").click()
    expect(clerk.get_by_role("img", name="家属参观总装线")).to_be_visible()
    clerk.get_by_role("link", name="提交审核").click()
    clerk.get_by_role("button", name="提交审核").click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("审核中")

    decide(lead, address, "return", "请写明参加活动的人员")
    clerk.goto(piece)
    expect(clerk.get_by_text("请写明参加活动的人员").first).to_be_visible()
    clerk.get_by_role("link", name="编辑").first.click()
    clerk.fill("[name=body]", "## 开放日\n\n今天上午，**三百名**青年职工家属走进车间，参观总装线和党员示范岗。")
    clerk.get_by_role("button", name="保存", exact=True).click()
    clerk.get_by_role("link", name="提交审核").click()
    clerk.get_by_role("button", name="提交审核").click()
    clerk.get_by_role("link", name="对比修改").click()
    expect(clerk.locator("ins")).to_have_text("青年职工")
    seats[0].look("compared")

    for signer, verb in ((lead, "approve"), (above, "approve"), (director, "approve"), (editor, "done")):
        later = pages[pages.index(signer) + 1 : 4]
        assert not [page for page in later if waits(page, address)]
        decide(signer, address, verb, "同意")
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

    paying.propose(editor, address, "职工家属开放日侧记")
    paying.confirm(chief, address)
    paying.settle(chief, address)
    seats[2].look("settled")
    rows = paying.pay(finance, address)
    assert rows[0][1:3] == ("马秀英", "总装车间")
    assert (rows[0][6], rows[0][8], rows[0][10]) == (50, 50, "6216610012345678")
    paying.see_mine(clerk, address)
    seats[0].look("mine")
    for seat in seats:
        seat.close()
