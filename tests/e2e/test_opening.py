"""A department applies for an account; the chain of the Peking University preset signs it on several logins; the paper
form bears every signature; the account is filed, and owes what accounts owe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.school import PASSWORD
from tests.e2e.test_renewal import log_in

# Who signs, in the order of the chain, and with what words.
SIGNERS = (
    ("secretary", "陈国华", "同意开设，意识形态责任由本系承担。"),
    ("dean", "赵文远", "同意。"),
    ("secrecy", "冯静", "保密责任书已签。"),
    ("head", "韩梅", "名称规范，同意开设。"),
    ("publicity", "周雅琴", "已备案。"),
)


@pytest.fixture
def university(chromium: str) -> Iterator[Served]:
    """A running panel with the university in it."""
    with tempfile.TemporaryDirectory(prefix="zhangyin-e2e-") as folder:
        environ = {**os.environ, "PANEL_INSTANCE": f"{folder}/instance", "PANEL_ENVIRONMENT": "testing"}
        (Path(folder) / "instance").mkdir()
        subprocess.run([sys.executable, "-m", "tests.e2e.peking"], env=environ, check=True, timeout=90)
        panel = Served(Path(folder))
        yield panel
        panel.stop()


def choose(page: Page, field: str, name: str) -> None:
    """Type a name into a look-up; without picking, it is found by name when the form is sent."""
    page.fill(f"[name={field}]", name)


def write(page: Page, tmp_path: Path) -> None:
    """The clerk applies: the register leads to the application, which shows what is still wrong."""
    page.goto("/accounts/account/new/")
    expect(page.get_by_role("heading", level=1)).to_have_text("申请开设账号")
    page.fill("[name=name]", "历史学系读书会")
    choose(page, "unit", "历史学系")
    choose(page, "platform", "公众号（原订阅号）")
    choose(page, "responsible", "赵文远")
    choose(page, "operators", "林敏")
    page.fill("[name=publishing_scope]", "全系师生")
    page.fill("[name=entity]", "示范大学")
    page.fill("[name=reason]", "读书会每周一期，需要独立栏目。")
    page.get_by_role("button", name="保存并核对").click()
    paper = tmp_path / "审批表.pdf"
    paper.write_bytes(b"%PDF-1.7\n")
    page.set_input_files("[name=file]", paper)
    page.get_by_role("button", name="附上").click()
    expect(page.get_by_role("link", name="审批表.pdf")).to_be_visible()
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("alert").first).to_contain_text("请勾选声明")
    page.check("[name=declared]")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("status").first).to_contain_text("已提交")


def sign(page: Page, opinion: str) -> None:
    """Decide the one request that waits."""
    page.goto("/approvals/decide/")
    page.get_by_role("link", name=re.compile("历史学系读书会")).first.click()
    page.fill("[name=opinion]", opinion)
    if page.locator("[name=proof]").count():
        page.fill("[name=proof]", PASSWORD)
    page.locator("[data-agree]").click()
    expect(page.get_by_role("status").first).to_contain_text("历史学系读书会")


def test_from_the_application_to_the_filed_account(university: Served, browser: Browser, tmp_path: Path) -> None:
    address = re.match(r"http://[^/]+", university.address())
    assert address
    clerk = log_in(browser, address[0], "clerk")
    write(clerk, tmp_path)
    for username, _name, opinion in SIGNERS:
        clerk.goto("/accounts/account/?q=历史学系读书会")
        expect(clerk.get_by_role("link", name="历史学系读书会")).to_have_count(0)
        signer = log_in(browser, address[0], username)
        sign(signer, opinion)
        signer.context.close()

    clerk.goto("/accounts/application/")
    clerk.get_by_role("link", name=re.compile("历史学系读书会")).click()
    expect(clerk.locator("h1")).to_contain_text("已办理")
    clerk.locator("#approval").get_by_role("link").last.click()
    with clerk.expect_download() as download:
        clerk.get_by_role("link", name=re.compile("Word")).click()
    form = tmp_path / "form.docx"
    download.value.save_as(form)
    text = words_of(form)
    for _username, name, opinion in SIGNERS:
        assert name in text, text
        assert opinion in text, text
    assert "历史学系读书会" in text

    clerk.goto("/accounts/account/?q=历史学系读书会")
    clerk.get_by_role("link", name="历史学系读书会").first.click()
    expect(clerk.locator("header.subject")).to_contain_text(re.compile(r"备案号 \d{4}-001"))
    publicity = log_in(browser, address[0], "publicity")
    publicity.goto("/obligations/obligation/?q=历史学系读书会")
    expect(publicity.get_by_text("在平台开通账号并登记账号 ID").first).to_be_visible()
    expect(publicity.get_by_text("核对台账").or_(publicity.get_by_text("检查安全设置")).first).to_be_visible()


def words_of(form: Path) -> str:
    """Everything a Word file says, tables too."""
    document = Document(str(form))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])
