"""In a real browser: a finding is read, followed to the account, mended and gone; another waived, and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from panel import database, records
from panel.access.identity import acting_as
from panel.checks.engine import today_in
from panel.checks.saving import recording
from panel.database import utcnow
from plugins.accounts.models import Account, Platform
from tests.cast import World
from tests.e2e.looking import from_menu


@pytest.fixture
def alice(world: World, app: Any, client_of: Any, page: Page) -> Iterator[Page]:
    """Alice's browser on the running app; fails the test on any error of script or policy."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.port}"
    cookie = client_of(world.user("alice")).get_cookie("zhangyin")
    page.context.add_cookies([{"name": "zhangyin", "value": cookie.value, "url": address}])
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/")
    yield page
    server.shutdown()
    thread.join()
    assert not problems


def test_a_finding_is_mended_and_another_waived_and_back(alice: Page, world: World, monkeypatch: Any) -> None:
    with acting_as(world.identity("alice")), recording():
        platform = Platform.get(Platform.institution == world.uni, Platform.code == "website")
        site = records.create(
            Account,
            institution=world.uni,
            name="理学院官网",
            platform=platform,
            unit=world.faculty,
            status="active",
            responsible=world.people["carol"],
        )
    from_menu(alice, "问题项")
    row = alice.get_by_role("row").filter(has_text="网站没有 ICP 备案号")
    expect(row).to_contain_text("严重")
    row.get_by_role("link", name="编辑账号").click()  # followed to where it is mended
    alice.get_by_label("备案号").fill("京ICP备05012345号")
    alice.get_by_role("button", name="保存", exact=True).click()
    alice.wait_for_url("**/details/**")
    findings = alice.locator("#findings")
    expect(findings).not_to_contain_text("网站没有 ICP 备案号")
    expect(findings).to_contain_text("缺少运营人")

    today = today_in(world.uni)
    findings.locator("article").filter(has_text="缺少运营人").get_by_role("link", name="豁免").click()
    alice.get_by_label("原因").fill("新人下周到岗")
    alice.get_by_label("豁免截止日").fill((today + timedelta(days=7)).isoformat())
    alice.get_by_role("button", name="豁免").click()
    alice.wait_for_url(f"**/accounts/account/details/?id={site.id}*")
    expect(alice.locator("#findings article").filter(has_text="缺少运营人")).to_contain_text("豁免至")
    from_menu(alice, "问题项")
    expect(alice.locator("main")).not_to_contain_text("缺少运营人")

    later = utcnow() + timedelta(days=8)
    monkeypatch.setattr(database, "utcnow", lambda: later)
    alice.reload()
    expect(alice.locator("main")).to_contain_text("缺少运营人")
    expect(alice.locator("main")).not_to_contain_text("网站没有 ICP 备案号")
