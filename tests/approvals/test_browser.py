"""In a real browser: a chain is written and played, a request signed by keyboard and on a phone, its form checked."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from panel import records
from panel.approvals.models import Chain, Request
from tests.approvals.conftest import Hall

SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of every step, to be looked at
NAMES = {"alice": "梁志远", "bob": "韩梅", "carol": "周雅琴", "dave": "冯静", "erin": "何静"}
POLICY = "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"


class Visit:
    """Somebody's browser, and what it complains of."""

    def __init__(self, browser: Browser, address: str, cookie: str) -> None:
        self.context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
        self.context.add_init_script(POLICY)
        self.context.add_cookies([{"name": "zhangyin", "value": cookie, "url": address}])
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda m: self.problems.append(m.text) if "policy" in m.text else None)

    def look(self, name: str) -> None:
        """Nothing is wider than a phone; a picture of both widths where somebody wants to look."""
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
        self.page.set_viewport_size({"width": 390, "height": 844})
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}-m.png", full_page=True)
        assert self.page.evaluate("document.scrollingElement.scrollWidth") <= 390, name
        self.page.set_viewport_size({"width": 1440, "height": 1000})


@pytest.fixture
def visit(hall: Hall, app: Any, client_of: Any, browser: Browser) -> Iterator[Callable[[str, str], Visit]]:
    """Opens somebody's browser on a page."""
    for name, chinese in NAMES.items():
        records.update(hall.person(name), name=chinese)
        records.update(hall.world.user(name), display_name=chinese)
    for role, title in (("lead", "部门负责人"), ("publicity", "宣传部"), ("clerk", "信息员"), ("finance", "财务")):
        records.update(hall.roles[role], name=title)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    visits: list[Visit] = []

    def open_(name: str, path: str) -> Visit:
        cookie = client_of(hall.world.user(name)).get_cookie("zhangyin")
        visits.append(Visit(browser, address, cookie.value))
        visits[-1].page.goto(f"{address}{path}")
        return visits[-1]

    yield open_
    for one in visits:
        one.context.close()
    server.shutdown()
    thread.join()
    assert not [problem for one in visits for problem in one.problems]


@pytest.mark.one_database
def test_from_the_chain_to_the_checked_paper(hall: Hall, visit: Callable[[str, str], Visit]) -> None:
    _chain_is_written(visit("alice", "/approvals/chain/"))
    request = hall.submit(hall.paper(kind="virtual"), note="因教学科研宣传需要，申请开设。")
    bob = visit("bob", "/approvals/decide/")
    expect(bob.page.locator(".tally-seal")).to_contain_text("1")
    bob.look("list")
    bob.page.keyboard.press("j")
    bob.page.keyboard.press("Enter")
    bob.page.wait_for_url("**/decide/task/**")
    bob.look("decide")
    bob.page.keyboard.press("r")
    bob.page.keyboard.press("Escape")
    bob.page.get_by_role("button", name="不同意").click()
    expect(bob.page.locator(".invalid-feedback")).to_contain_text("请说明理由")
    bob.page.get_by_role("button", name="同意，请按要求办理。").click()
    bob.page.keyboard.press("Escape")
    bob.page.keyboard.press("a")
    bob.page.keyboard.press("Enter")
    expect(bob.page.get_by_text("没有待您审批的申请")).to_be_visible()
    _phone_signs(visit("carol", "/approvals/decide/"))
    erin = visit("erin", "/approvals/mine/")
    erin.page.get_by_role("link", name="物理实验室公众号").click()
    expect(erin.page.locator(".seal").first).to_have_text("韩梅之印")
    erin.look("request")
    with erin.page.expect_download() as download:
        erin.page.get_by_role("link", name="Word 审批表").click()
    assert download.value.suggested_filename == f"开设申请审批表-物理实验室公众号-SP-2026-{request.id:05}.docx".replace(
        "2026", str(request.submitted_at.year)
    )
    table = Document(io.BytesIO(Path(download.value.path()).read_bytes())).tables[0]
    text = "\n".join(cell.text for row in table.rows for cell in row.cells)
    assert "同意，请按要求办理。" in text
    for name in ("韩梅", "周雅琴", "物理实验室公众号", "因教学科研宣传需要"):
        assert name in text
    alice = visit("alice", f"/approvals/mine/verify/?code={Request.get_by_id(request.id).code.lower()}")
    expect(alice.page.get_by_text("该申请真实有效")).to_be_visible()
    alice.look("verify")
    alice.page.goto(alice.page.url.partition("/approvals")[0] + f"/papers/paper/details/?id={request.subject_id}")
    expect(alice.page.locator("#approval")).to_contain_text("周雅琴")
    alice.look("subject")
    for path in ("delegation", "template", "request"):
        alice.page.goto(alice.page.url.partition("/papers")[0].partition("/approvals")[0] + f"/approvals/{path}/")
        alice.look(path)


def _chain_is_written(alice: Visit) -> None:
    page = alice.page
    page.get_by_role("link", name="添加审批链").click()
    page.get_by_label("名称").first.fill("虚体机构开设审批")
    page.locator("[name='when-0-field']").select_option("kind")
    page.locator("[name='when-0-value']").fill("虚体")
    page.locator("[name='step-0-name']").fill("主办部门负责人")
    page.locator("[name='step-0-role']").select_option(label="部门负责人")
    page.get_by_role("button", name="添加步骤").click()
    page.locator("[name='step-1-name']").fill("党委宣传部")
    page.locator("[name='step-1-role']").select_option(label="宣传部")
    page.locator("[name='step-1-days']").fill("3")
    page.get_by_role("button", name="上移第 2 步").click()
    expect(page.locator("[name='step-0-name']")).to_have_value("党委宣传部")
    page.get_by_role("button", name="下移第 1 步").click()
    page.locator("[name='play-unit']").fill("物理实验室")
    page.locator("[name='value-kind']").select_option("virtual")
    page.get_by_role("button", name="推演").click()
    expect(page.locator("#play .steps")).to_contain_text("韩梅")
    expect(page.locator("#play .steps")).to_contain_text("周雅琴")
    alice.look("chain")
    page.get_by_role("button", name="保存", exact=True).last.click()
    page.wait_for_url("**/approvals/chain/")
    alice.look("chains")
    assert Chain.get().when == [{"field": "kind", "is": ["virtual"]}]


def _phone_signs(carol: Visit) -> None:
    carol.page.set_viewport_size({"width": 390, "height": 844})
    carol.page.get_by_role("link", name="物理实验室公众号").click()
    button = carol.page.get_by_role("button", name="同意并签章")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(carol.page.get_by_text("没有待您审批的申请")).to_be_visible()
