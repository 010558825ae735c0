"""Makes the pictures of the README: starts a sample panel in a temporary folder and looks at it in Chromium.

Run it with `.venv/bin/python docs/screenshots.py`; needs the packages of the test suite.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "PANEL_INSTANCE": folder, "PANEL_ENVIRONMENT": "development"}
        panel = subprocess.Popen([sys.executable, "-m", "panel", "demo", "--port", str(port)], cwd=ROOT, env=environ)
        try:
            _wait(f"http://127.0.0.1:{port}")
            _take(f"http://127.0.0.1:{port}", json.loads((Path(folder) / "demo-login.json").read_text("utf-8")))
        finally:
            panel.send_signal(signal.SIGINT)
            panel.wait(30)


def _wait(address: str) -> None:
    for _attempt in range(240):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2)  # noqa: S310  (our own address)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the panel does not answer")


def _take(address: str, who: dict[str, str]) -> None:
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 760}).new_page()
        page.goto(f"{address}/login")
        page.fill("[name=username]", who["username"])
        page.fill("[name=password]", who["password"])
        page.click("button[type=submit]")
        page.goto(f"{address}/accounts/account/")
        page.screenshot(path=PICTURES / "register.png")
        page.goto(f"{address}/accounts/account/details/?id=3")
        page.screenshot(path=PICTURES / "account.png")
        browser.close()


if __name__ == "__main__":
    main()
