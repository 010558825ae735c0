"""The pictures of the README and the guides: `python3 -m tests.e2e.screenshots`, from a fresh sample university."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.conftest import Served
from tests.services import BROWSER_FLAGS

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
REGISTER = Path(__file__).parents[1] / "data" / "register.xlsx"
LARGEST = 300_000  # bytes
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def main() -> None:
    """Take every picture in both languages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhangyin-pictures-") as folder:
        panel = Served(Path(folder), "demo")
        try:
            address = panel.address()
            login = json.loads((panel.instance / "demo-login.json").read_text("utf-8"))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=_chromium(), args=BROWSER_FLAGS)
                for code, locale in LANGUAGES.items():
                    context = browser.new_context(
                        locale=locale, viewport={"width": 1440, "height": 1000}, timezone_id="Asia/Shanghai"
                    )
                    _take(context.new_page(), address, login, code)
                    context.close()
                browser.close()
        finally:
            panel.stop()


def _take(page: Page, address: str, login: dict[str, str], code: str) -> None:
    page.goto(f"{address}login")
    page.locator("[name=username]").fill(login["username"])
    page.locator("[name=password]").fill(login["password"])
    page.locator("form.login-form button[type=submit]").click()
    expect(page.locator("nav.side")).to_be_visible()
    if code == "en":  # the user's own language is kept: choose it, and go back at the end
        _speak(page, "en")
    page.goto(f"{address}accounts/account/?sort=certified_until")
    _save(page, f"register.{code}")
    page.locator("[name=q]").last.fill("团委")
    page.goto(f"{address}accounts/custodian/?sort=-since")
    page.locator("tbody th a").first.click()
    _save(page, f"account.{code}")
    page.goto(f"{address}admin/import/new/?target=accounts.account")
    page.locator("[type=file]").set_input_files(REGISTER)
    page.locator(".savebar button[type=submit]").click()
    page.locator("a", has_text=re.compile("^(拒绝|Refused)")).first.click()
    _save(page, f"import.{code}")
    if code == "en":
        _speak(page, "zh_Hans_CN")


def _speak(page: Page, locale: str) -> None:
    page.locator(f"button[name=locale][value={locale}]").first.evaluate("b => b.form.requestSubmit(b)")
    page.wait_for_load_state()


def _save(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < LARGEST, f"{path.name} has {path.stat().st_size:,} bytes"


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or os.environ["CHROMIUM"]


if __name__ == "__main__":
    main()
