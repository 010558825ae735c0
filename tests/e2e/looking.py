"""A browser that looks at what it walks through: pictures of each step, wide and narrow, and no complaint unheard."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page

SHOTS = Path(__file__).with_name("shots")
WIDE, NARROW = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
# A page that refuses what was typed comes back as 422 or 409, which Chromium notes as an error of loading.
ANSWERS = ("status of 422", "status of 409")

HEARD = "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"


class Looking:
    """One page of a Chinese browser, with the complaints it makes."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(locale="zh-CN", viewport=WIDE, timezone_id="Asia/Shanghai")
        self.context.add_init_script(HEARD)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._console)
        self.count = 0
        SHOTS.mkdir(exist_ok=True)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(answer in message.text for answer in ANSWERS):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def look(self, name: str) -> None:
        """Take the page's picture at both widths; it must not be wider than a phone."""
        self.count += 1
        self.page.screenshot(path=SHOTS / f"{self.count:02}-{name}.png")
        self.page.set_viewport_size(NARROW)
        self.page.screenshot(path=SHOTS / f"{self.count:02}-{name}-m.png", full_page=True)
        wide = self.page.evaluate("document.scrollingElement.scrollWidth")
        if wide > NARROW["width"]:
            self.complaints.append(f"{self.page.url} ({name}) is {wide} pixels wide on a phone")
        self.page.set_viewport_size(WIDE)

    def close(self) -> None:
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)


def from_menu(page: Page, name: str) -> None:
    """Follow a link of the side menu, unfolding its section."""
    menu = page.get_by_role("navigation", name="主菜单")
    folded = menu.locator("details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    menu.get_by_role("link", name=name, exact=True).click()
