"""What the script adds, in a real browser: type-ahead, ticked rows, values edited in place, unsaved changes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from areas.samples.models import Item
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from panel import records
from panel.org.models import Person


@pytest.fixture
def address(app: Any) -> Iterator[str]:
    """The running app."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def alice(items: Any, world: Any, client_of: Any, address: str, page: Page) -> Page:
    """Alice's browser; fails the test on any error of script or policy."""
    cookie = client_of(world.user("alice")).get_cookie("zhangyin")
    page.context.add_cookies([{"name": "zhangyin", "value": cookie.value, "url": address}])
    page.set_default_timeout(10000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/samples/item/?sort=name")
    yield page
    assert not [p for p in problems if "422" not in p and "409" not in p]


def test_a_person_is_found_by_initials_with_the_keyboard_alone(alice: Page, world: Any, items: Any) -> None:
    person = records.create(Person, institution=world.uni, unit=world.lab, name="孙雨桐", initials="syt")
    alice.goto(alice.url.split("?")[0] + f"edit/?id={items[0].id}")
    owner = alice.get_by_label("责任人")
    owner.fill("")
    owner.press_sequentially("syt")
    expect(alice.locator(".options [role=option]")).to_have_text([re.compile("孙雨桐.*物理实验室")])
    owner.press("ArrowDown")
    owner.press("Enter")
    expect(owner).to_have_value("孙雨桐")
    helpers = alice.get_by_label("协助人")
    helpers.press_sequentially("bob")
    alice.locator(".options:visible [role=option]").first.click()
    expect(alice.locator("[data-people] .chip")).to_have_count(1)
    expect(alice.locator("[data-unsaved]")).to_contain_text("2 处改动未保存")
    alice.keyboard.press("Control+s")
    alice.wait_for_url("**/details/**")
    assert Item.get_by_id(items[0].id).owner_id == person.id


LATE = """() => {
  const ask = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await ask(address, options);
    if (new URL(address).searchParams.get("q") !== "") return answer;
    return { ok: true, json: async () => { await new Promise((go) => setTimeout(go, 2500)); return answer.json(); } };
  };
}"""


def test_an_answer_to_what_was_typed_before_comes_too_late(alice: Page, world: Any, items: Any) -> None:
    records.create(Person, institution=world.uni, unit=world.lab, name="孙雨桐", initials="syt")
    alice.goto(alice.url.split("?")[0] + f"edit/?id={items[0].id}")
    alice.evaluate(LATE)
    owner, options = alice.get_by_label("责任人"), alice.locator(".options [role=option]")
    with alice.expect_response(lambda answer: answer.url.endswith("q=")):
        owner.fill("")
    owner.press_sequentially("syt")
    expect(options).to_have_text([re.compile("孙雨桐")])
    alice.wait_for_timeout(3000)
    expect(options).to_have_count(1)


def test_ticked_rows_are_counted_and_acted_on(alice: Page, items: Any) -> None:
    bar = alice.get_by_role("region", name="批量操作")
    expect(bar).to_be_hidden()
    alice.get_by_label("选择 物品01", exact=True).check()
    alice.keyboard.press("j")
    alice.keyboard.press("j")
    alice.keyboard.press("j")
    alice.keyboard.press("x")
    expect(bar).to_contain_text("已选 2 条")
    bar.get_by_role("button", name="停用").click()
    expect(alice.locator("main")).to_contain_text("停用这 2 件物品？")
    alice.get_by_role("button", name="停用").click()
    expect(alice.locator(".alert-success")).to_contain_text("停用：已处理 2 条")
    assert [i.name for i in Item.select().where(~Item.active).order_by(Item.name)] == ["物品01", "物品02"]


def test_a_value_is_edited_in_its_cell_and_a_clash_asked_about(alice: Page, items: Any) -> None:
    cell = alice.locator("tr", has_text="物品03").locator('td[data-label="状态"]')
    cell.get_by_role("link").click()
    cell.get_by_role("combobox").select_option("lost")
    cell.get_by_role("button", name="保存").click()
    expect(cell).to_have_text("丢失的")
    assert Item.get_by_id(items[3].id).kind == "lost"
    cell.get_by_role("link").click()
    cell.get_by_role("combobox").select_option("new")
    records.update(Item.get_by_id(items[3].id), kind="used")
    cell.get_by_role("button", name="保存").click()
    expect(cell).to_contain_text("在用的")
    expect(cell.get_by_role("radio", name="新的")).to_be_checked()
    cell.get_by_role("button", name="保存").click()
    expect(cell).to_have_text("新的")
    assert Item.get_by_id(items[3].id).kind == "new"


def test_a_value_typed_wrong_stays_in_its_cell(alice: Page) -> None:
    cell = alice.locator("tr", has_text="物品03").locator('td[data-label="启用日期"]')
    cell.get_by_role("link").click()
    cell.get_by_role("textbox").fill("2019.13.1")
    cell.get_by_role("textbox").press("Enter")
    expect(cell).to_contain_text("13")
    expect(cell.get_by_role("textbox")).to_have_value("2019.13.1")
    cell.get_by_role("textbox").press("Escape")
    expect(cell).to_have_text("—")


def test_the_pages_fit_a_phone(alice: Page, items: Any) -> None:
    alice.set_viewport_size({"width": 390, "height": 844})
    base = alice.url.split("?")[0]
    for part in ("", f"details/?id={items[0].id}", f"edit/?id={items[0].id}", "#conditions"):
        alice.goto(base + part)
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), part
    alice.get_by_label("打开菜单").click()
    expect(alice.get_by_role("navigation", name="主菜单")).to_be_visible()


def test_everything_works_without_a_script(items: Any, world: Any, client_of: Any, address: str, browser: Any) -> None:
    cookie = client_of(world.user("alice")).get_cookie("zhangyin")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "zhangyin", "value": cookie.value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/samples/item/?sort=name")
    page.get_by_label("选择 物品01", exact=True).check()
    page.get_by_role("button", name="停用").click()
    expect(page.locator("main")).to_contain_text("停用这 1 件物品？")
    page.goto(f"{address}/samples/item/edit/?id={items[0].id}")
    page.get_by_label("责任人").fill("Carol")
    page.get_by_label("协助人").fill("Bob、Alice")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".alert-success")).to_be_visible()
    assert Item.get_by_id(items[0].id).owner_id == world.people["carol"].id
    page.goto(f"{address}/samples/item/#conditions")
    page.locator("#conditions").get_by_label("丢失的").check()
    page.locator("#conditions").get_by_label("部门", exact=True).fill("党委宣传部")
    page.locator("#conditions").get_by_role("button", name="应用").click()
    expect(page.locator(".chip", has_text="党委宣传部及下属")).to_be_visible()
    context.close()
