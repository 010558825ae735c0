"""A clerk is reminded, renews with the paper attached, and finds next year in calendar and feed; the lead hears of the
one left undone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.school import PASSWORD

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


@pytest.fixture
def school(chromium: str) -> Iterator[Served]:
    """A running panel with the school in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.school"], env=environ, check=True, timeout=240)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def log_in(browser: Browser, address: str, username: str) -> Page:
    page = browser.new_context(base_url=address, locale="zh-CN").new_page()
    page.goto("/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")
    return page


def wait_for_inbox(page: Page, text: str) -> None:
    """The first look comes with the scheduler's first tick, by the latest at the next minute."""
    for _second in range(90):
        page.goto("/notify/inbox/")
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(1000)
    raise AssertionError(page.content())


def test_from_the_reminder_to_next_year(school: Served, browser: Browser, tmp_path: Path) -> None:
    address = re.match(r"http://[^/]+", school.address())
    assert address
    clerk = log_in(browser, address[0], "clerk")
    wait_for_inbox(clerk, "教务处公众号")

    until = TODAY + timedelta(days=374)
    paper = tmp_path / "通知书.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    clerk.get_by_role("link", name=re.compile("认证续期 · 教务处公众号")).click()
    clerk.fill("[name=until]", until.isoformat())
    clerk.set_input_files("[name=file]", paper)
    clerk.get_by_role("button", name="办结").click()
    expect(clerk.get_by_role("status").first).to_contain_text("已办结")

    clerk.goto(f"/obligations/calendar/?month={until:%Y-%m}")
    expect(clerk.get_by_role("cell", name=f"{until.day} 教务处公众号").first).to_be_visible()
    clerk.get_by_role("button", name="生成链接").click()
    link = clerk.locator("code").inner_text()
    with urllib.request.urlopen(link) as answer:
        feed = answer.read().decode()
    assert f"DTSTART;VALUE=DATE:{_day(until)}" in feed

    lead = log_in(browser, address[0], "lead")
    wait_for_inbox(lead, "招生公众号")
    expect(lead.get_by_text(re.compile("招生公众号.*逾期 10 天.*部门负责人"))).to_be_visible()


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")
