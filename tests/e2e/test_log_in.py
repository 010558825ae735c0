"""A second factor in a browser: set up from the QR page, asked for at log-in, lost and replaced by a recovery code."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Served
from tests.e2e.looking import Looking
from tests.e2e.test_first_morning import PASSWORD, set_up


@pytest.fixture
def looking(browser: Browser) -> Looking:
    return Looking(browser)


def test_a_second_factor(served: Served, looking: Looking) -> None:
    page = looking.page
    set_up(page, looking, served.address())
    app, recovery = enrol(page, looking)
    log_out(page)
    password(page)
    expect(page).to_have_url(re.compile("/login/code"))
    page.get_by_label("验证码").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不对")
    looking.look("code")
    page.get_by_label("验证码").fill(new_code(app))
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("还差一步")
    log_out(page)
    password(page)
    page.get_by_label("验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    my_account(page)
    expect(page.get_by_text("本设备")).to_be_visible()
    looking.look("account")
    looking.close()


def enrol(page: Page, looking: Looking) -> tuple[pyotp.TOTP, str]:
    """Set the factor up; gives the app and a recovery code."""
    my_account(page)
    page.get_by_role("link", name="开始设置").click()
    page.get_by_role("button", name="开始设置").click()
    picture = page.get_by_alt_text("供身份验证器扫描的二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    looking.look("second factor")
    app = pyotp.TOTP(page.locator("ol code").inner_text().replace(" ", ""))
    page.get_by_label("验证码").fill(app.now())
    page.get_by_role("button", name="确认").click()
    looking.look("recovery codes")
    recovery = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="已妥善保存").click()
    return app, recovery


def my_account(page: Page) -> None:
    page.locator(".top details").last.locator("summary").click()
    page.get_by_role("link", name="个人设置").click()


def new_code(app: pyotp.TOTP) -> str:
    """A code that was not taken before: the next one, which the panel takes from a clock that is a little fast."""
    return app.at(time.time() + 30)


def log_out(page: Page) -> None:
    page.locator(".top details").last.locator("summary").click()
    page.get_by_role("button", name="退出登录").click()


def password(page: Page) -> None:
    page.get_by_label("用户名").fill("zhouyaqin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
