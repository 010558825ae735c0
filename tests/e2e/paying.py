"""From a released piece to the payment list: an editor proposes a factor, the chief settles, finance pays."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from panel.i18n import today


def propose(editor: Page, address: str, headline: str) -> None:
    editor.goto(f"{address}/stipend/factor/new/")
    editor.fill("[name=submission]", headline)
    editor.fill("[name=value]", "2.5")
    editor.fill("[name=reason]", "选题好、现场图片质量高")
    editor.get_by_role("button", name="保存", exact=True).click()
    expect(editor.get_by_role("heading", level=1)).to_contain_text("2.50")


def confirm(chief: Page, address: str) -> None:
    chief.goto(f"{address}/stipend/factor/")
    chief.locator("tbody input[type=checkbox]").first.check()
    chief.locator("button[value=confirm]").click()
    chief.locator(".sheet-foot button").click()
    expect(chief.locator("tbody .state-ok")).to_be_visible()


def settle(chief: Page, address: str) -> None:
    chief.goto(f"{address}/stipend/settlement/new/")
    chief.fill("[name=month]", today().isoformat())
    chief.get_by_role("button", name="保存", exact=True).click()
    for _second in range(40):
        chief.wait_for_timeout(1000)
        chief.goto(f"{address}/stipend/settlement/details/?id=1")
        if "待提交" in chief.get_by_role("heading", level=1).inner_text():
            break
    expect(chief.locator("#entries tbody")).to_contain_text("20.00 × 2.50 = 50.00")
    chief.get_by_role("link", name="提交审批").click()
    chief.get_by_role("button", name="提交审核").click()
    expect(chief.get_by_role("heading", level=1)).to_contain_text("审批中")


def pay(finance: Page, address: str) -> list[Any]:
    """The rows of the payment list as the finance office gets it."""
    finance.goto(f"{address}/stipend/payee/account/?id=1")
    finance.fill("[name=bank]", "中国银行示例支行")
    finance.fill("[name=account]", "6216 6100 1234 5678")
    finance.get_by_role("button", name="保存").click()
    expect(finance.locator("main")).to_contain_text("**** 5678")
    finance.goto(f"{address}/approvals/decide/")
    finance.locator("main a[href*='/approvals/']").filter(has_text=f"{today():%Y-%m}").first.click()
    finance.fill("[name=opinion]", "同意发放")
    finance.locator("button[value=approve]").click()
    finance.goto(f"{address}/stipend/settlement/details/?id=1")
    expect(finance.get_by_role("heading", level=1)).to_contain_text("已审批锁定")
    with finance.expect_download() as kept:
        finance.get_by_role("link", name="稿费发放表").click()
    rows = list(load_workbook(io.BytesIO(kept.value.path().read_bytes())).active.iter_rows(min_row=4, values_only=True))
    finance.get_by_role("link", name="登记发放").click()
    finance.get_by_role("button", name="保存").click()
    expect(finance.get_by_role("heading", level=1)).to_contain_text("已发放")
    return rows


def see_mine(clerk: Page, address: str) -> None:
    clerk.goto(f"{address}/stipend/mine/")
    expect(clerk.locator("main")).to_contain_text("50.00")
