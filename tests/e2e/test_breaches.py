"""A teacher reports; the office investigates, follows the proposal, carries it out; the second case climbs a step."""

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

from tests.e2e.breaches import PASSWORD
from tests.e2e.conftest import Served
from tests.e2e.looking import Looking, from_menu

SHOT = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def college(chromium: str) -> Iterator[Served]:
    """A running panel with the college in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.breaches"], env=environ, check=True, timeout=60)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def log_in(page: Page, address: str, username: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("首页")


def act(page: Page, link: str, button: str, **fields: str) -> None:
    """Open one of a case's acts, fill it in, send it."""
    page.get_by_role("link", name=link, exact=True).first.click()
    for name, value in fields.items():
        box = page.locator(f"[name={name}]")
        if box.evaluate("one => one.tagName") == "SELECT":
            box.select_option(label=value)
        else:
            box.fill(value)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已办理")


def decided(page: Page) -> None:
    """A case on its page: investigated and found to be one."""
    act(page, "受理", "开始调查")
    act(page, "调查结果", "保存", findings="经查，该推广由本人私自接单发布。", severity="轻微")
    act(page, "作出决定", "作出决定", verdict="属实", reasons="事实清楚，本人无异议。")


def test_from_a_report_to_the_next_step_of_the_ladder(college: Served, browser: Browser, tmp_path: Path) -> None:
    found = re.match(r"http://[^/]+", college.address())
    assert found
    address = found[0]
    paper = tmp_path / "截图.png"
    paper.write_bytes(SHOT)

    teacher = Looking(browser)
    page = teacher.page
    log_in(page, address, "teacher")
    from_menu(page, "违规举报")
    page.fill("[name=text]", "贾广告在学院公众号里插播培训广告。")
    page.fill("[name=about]", "学院公众号")
    page.set_input_files("[name=file]", paper)
    page.get_by_role("button", name="举报", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("已通知承办部门")
    expect(page.get_by_text("已收到")).to_be_visible()
    teacher.look("breach-report")
    assert page.goto(f"{address}/violations/case/").status == 403  # type: ignore[union-attr]

    office = Looking(browser)
    desk = office.page
    log_in(desk, address, "office")
    from_menu(desk, "违规案件")
    desk.get_by_role("link", name="其他违规", exact=True).click()
    expect(desk.get_by_text("贾广告在学院公众号里插播培训广告。").first).to_be_visible()
    expect(desk.get_by_text("林老师")).to_have_count(0)  # nobody is named who reported
    desk.get_by_role("link", name="编辑", exact=True).click()
    desk.fill("[name=person]", "贾广告")
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_text("贾广告").first).to_be_visible()
    decided(desk)
    desk.get_by_role("link", name="作出处理").click()
    expect(desk.get_by_text("此前属实的案件 0 件，按处理阶梯建议“批评教育”")).to_be_visible()
    office.look("breach-sanction")
    desk.get_by_role("button", name="作出决定").click()
    expect(desk.get_by_text("待执行")).to_be_visible()
    act(desk, "办结", "办结", note="已当面批评教育")
    expect(desk.get_by_text("已当面批评教育").first).to_be_visible()
    act(desk, "结案", "结案", answer="已查实处理，谢谢。")
    office.look("breach-closed")

    page.goto(f"{address}/violations/reporting/")
    expect(page.get_by_text("答复：已查实处理，谢谢。")).to_be_visible()

    from_menu(desk, "违规案件")
    desk.get_by_role("link", name="立案", exact=True).click()
    desk.fill("[name=kind]", "发布广告")
    desk.fill("[name=facts]", "再次插播广告。")
    desk.fill("[name=person]", "贾广告")
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("发布广告")
    decided(desk)
    desk.get_by_role("link", name="作出处理").click()
    expect(desk.get_by_text("此前属实的案件 1 件，按处理阶梯建议“通报批评”")).to_be_visible()
    desk.locator("[name=name]").select_option(label="批评教育")
    desk.get_by_role("button", name="作出决定").click()
    expect(desk.get_by_role("alert").first).to_contain_text("处理阶梯建议“通报批评”")
    desk.locator("[name=name]").select_option(label="通报批评")
    desk.get_by_role("button", name="作出决定").click()
    expect(desk.get_by_text("建议：通报批评（此前 1 件）")).to_be_visible()
    office.look("breach-second")
    office.close()
    teacher.complaints = [one for one in teacher.complaints if "status of 403" not in one]
    teacher.close()
