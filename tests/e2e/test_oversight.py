"""New rules take the place of the old; an inspection finds something, the unit answers, the answer is accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.test_renewal import log_in

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture
def school(chromium: str) -> Iterator[Served]:
    """A running panel with the school in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.oversight"], env=environ, check=True, timeout=60)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def save(page: Page, button: str, said: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(said)


def pick(page: Page, name: str, text: str) -> None:
    page.fill(f"[name={name}]", text)
    page.press(f"[name={name}]", "Tab")


def test_from_new_rules_to_an_accepted_answer(school: Served, browser: Browser, tmp_path: Path) -> None:
    address = re.match(r"http://[^/]+", school.address())
    assert address
    admin = log_in(browser, address[0], "admin")
    admin.goto("/oversight/rule_document/new/")
    admin.fill("[name=name]", "公众号管理办法（修订）")
    for name, text in (("kind", "管理办法"), ("unit", "宣传处"), ("supersedes", "公众号管理办法")):
        pick(admin, name, text)
    admin.fill("[name=interpreter]", "宣传处")
    admin.get_by_role("button", name="保存", exact=True).first.click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text("草稿")

    admin.get_by_role("link", name="印发", exact=True).click()
    admin.get_by_role("button", name="印发", exact=True).click()
    expect(admin.get_by_role("alert").first).to_contain_text("事先告知")
    admin.get_by_role("link", name="取消", exact=True).click()
    admin.get_by_role("link", name="事先告知").first.click()
    admin.select_option("[name=way]", "meeting")
    admin.fill("[name=on]", "2026-01-05")
    admin.fill("[name=evidence]", "教代会纪要")
    save(admin, "登记", "已登记")
    admin.get_by_role("link", name="印发", exact=True).click()
    save(admin, "印发", "制度已印发")
    expect(admin.get_by_role("heading", level=1)).to_contain_text("现行有效")
    expect(admin.locator("ul.due").first).to_contain_text("已失效")

    admin.goto("/oversight/inspection/new/")
    pick(admin, "unit", "教务处")
    pick(admin, "by_unit", "宣传处")
    admin.fill("[name=planned_on]", TODAY.isoformat())
    admin.get_by_role("button", name="保存", exact=True).first.click()
    admin.get_by_role("link", name="登记检查结果").click()
    admin.fill("[name=result]", "总体规范")
    admin.fill("[name=finding]", "推文没有审核记录")
    save(admin, "登记", "已登记")

    lead = log_in(browser, address[0], "lead")
    lead.goto("/oversight/rules/")
    expect(lead.locator("tbody tr")).to_have_count(1)
    save(lead, "我已阅读", "您已阅读")
    lead.goto("/oversight/item/")
    lead.get_by_role("link", name=re.compile("推文没有审核记录")).click()
    lead.locator(".page-acts").get_by_role("link", name="答复", exact=True).click()
    lead.fill("[name=answer]", "已补办审核单")
    paper = tmp_path / "审核单.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    lead.set_input_files("[name=file]", paper)
    save(lead, "答复", "答复已提交")

    admin.get_by_role("link", name=re.compile("推文没有审核记录")).click()
    with admin.expect_download() as download:
        admin.get_by_role("link", name="审核单.pdf").click()
    assert download.value.suggested_filename == "审核单.pdf"
    admin.get_by_role("link", name="通过并销号").click()
    save(admin, "通过并销号", "已销号")
    expect(admin.get_by_role("heading", level=1)).to_contain_text("已销号")
