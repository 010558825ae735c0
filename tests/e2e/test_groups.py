"""A teacher leaves and the group finds its next owner, who cleans up; a notice goes out, one stays silent, explains."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.test_renewal import TODAY, log_in


@pytest.fixture
def school(chromium: str) -> Iterator[Served]:
    """A running panel with the school and its group in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.groups"], env=environ, check=True, timeout=120)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def test_from_leaving_to_the_clean_list_and_from_notice_to_explanation(school: Served, browser: Browser) -> None:
    address = re.match(r"http://[^/]+", school.address())
    assert address
    admin = log_in(browser, address[0], "admin")
    leave(admin, "马老师", "赵接任")
    lead = log_in(browser, address[0], "lead")
    lead.goto("/groupchat/group/")
    lead.get_by_role("link", name="德育群", exact=True).click()
    expect(lead.get_by_text("尚未清理名单")).to_be_visible()
    clean_up(lead)
    answer_a_notice(lead)


def leave(page: Page, name: str, successor: str) -> None:
    """Through the wizard: nobody leaves before the group has its next owner."""
    page.goto("/org/person/")
    page.get_by_role("link", name=name, exact=True).first.click()
    page.goto(f"/org/person/leave/?{page.url.partition('?')[2]}")
    expect(page.get_by_text("德育群").first).to_be_visible()
    page.fill("[name=to-0]", successor)
    page.fill("[name=last_day]", (TODAY - timedelta(days=1)).isoformat())
    page.locator(".savebar button.btn-primary, .savebar button[type=submit]").first.click()
    expect(page.get_by_role("status").first).to_be_visible()


def clean_up(page: Page) -> None:
    """Removes who has left, and ticks the clean-up off."""
    row = page.locator("#members tr", has_text="马老师")
    expect(row).to_contain_text("离任")
    row.get_by_role("link", name="已移出").click()
    page.locator(".savebar button").click()
    page.get_by_role("link", name="德育群", exact=True).first.click()
    page.get_by_role("link", name="名单已清理", exact=True).click()
    page.locator(".savebar button").click()
    expect(page.locator("#owners")).to_contain_text("已清理名单")
    expect(page.locator("#members tr", has_text="马老师")).to_have_count(0)


def answer_a_notice(page: Page) -> None:
    """Writes a notice whose time is over at once, reminds by name, enters the explanation."""
    page.goto("/groupchat/notice/new/")
    page.fill("[name=group]", "德育群")
    page.select_option("[name=kind]", "assignment")
    page.fill("[name=subject]", "安全检查")
    page.fill("[name=text]", "请检查本班教室。")
    page.check("[name=needs_receipt]")
    page.fill("[name=complete_by]", f"{TODAY - timedelta(days=1)} 10:00")
    page.locator(".savebar button, button[type=submit].btn-primary").first.click()
    expect(page.get_by_text("收到请回复：收到")).to_be_visible()
    page.get_by_role("link", name="发布通知", exact=True).click()
    page.locator(".savebar button").click()
    page.get_by_role("link", name="返回通知").click()  # from the receipt links, which are shown once
    expect(page.get_by_text(re.compile("未回复："))).to_contain_text("未回复")
    expect(page.get_by_text(re.compile("【提醒】.*冯老师"))).to_be_visible()
    page.get_by_role("link", name="点名提醒").click()
    page.locator(".savebar button").click()
    page.get_by_role("link", name="登记说明").first.click()
    page.fill("[name=text]", "当天外出教研，未看到通知。")
    page.locator(".savebar button").click()
    expect(page.locator("#receipts")).to_contain_text("当天外出教研，未看到通知。")
