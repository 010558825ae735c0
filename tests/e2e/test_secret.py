"""A sealed password is opened in a real browser: it stands there for a minute, then nowhere, whatever is clicked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from panel import records
from panel.access.identity import acting_as
from panel.org.models import Person
from plugins.accounts import services as accounts
from plugins.accounts.models import Account, Platform
from plugins.accounts.secrets import services
from tests.access.test_log_in import PASSWORD, STORED
from tests.cast import World

SECRET = "Kestrel-7-under-the-eaves"


@pytest.fixture
def account(world: World, app: Flask) -> Iterator[Account]:
    """An account whose password alice sealed."""
    records.update(world.users["alice"], password_hash=STORED)
    with app.app_context(), acting_as(world.identity("alice")):
        made = accounts.register_account(
            {
                "name": "理学院之声",
                "platform": Platform.get(Platform.institution == world.uni),
                "unit": world.faculty,
                "responsible": records.create(Person, institution=world.uni, unit=world.faculty, name="高院长"),
            }
        )
        services.seal_secret(made, "password", SECRET)
        yield made


@pytest.fixture
def page(app: Flask, account: Account, world: World, client_of: Callable[..., FlaskClient], browser: Browser) -> Any:
    """Alice's browser, before the panel."""
    cookie = client_of(world.user("alice")).get_cookie("zhangyin")
    assert cookie is not None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}", locale="zh-CN")
    context.add_cookies([{"name": "zhangyin", "value": cookie.value, "url": f"http://127.0.0.1:{server.server_port}"}])
    yield context.new_page()
    context.close()
    server.shutdown()
    thread.join()


@pytest.mark.one_database
def test_it_stands_there_for_a_minute_and_nowhere_afterwards(page: Page, account: Account) -> None:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.clock.install()
    page.goto(f"/accounts/account/details/?id={account.id}#secrets")
    page.get_by_role("link", name="启封密码").click()
    page.fill("[name=reason]", "值班人员失联，需发布停水通知")
    page.fill("[name=proof]", PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_role("button", name="显示 60 秒").click()
    secret = page.locator("[data-secret]")
    expect(secret).to_have_text(SECRET)
    page.clock.run_for(20_000)
    expect(page.locator("[data-clock]")).to_have_text("40")
    expect(secret).to_have_text(SECRET)
    page.clock.run_for(41_000)
    expect(page.get_by_text("已显示过，只显示一次")).to_be_visible()
    assert SECRET not in page.content()
    page.go_back()
    page.wait_for_load_state()
    assert SECRET not in page.content()
    page.reload()
    assert SECRET not in page.content()
    assert not wrong
