"""In a real browser, with hostile names in every row: nothing runs, and the policy has nothing to report."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from panel.admin.view import RecordView
from tests.security.conftest import Stage
from tests.security.test_hostile import MARKUP

LISTEN = """
window.reported = [];
document.addEventListener("securitypolicyviolation", e => reported.push(`${e.violatedDirective} ${e.blockedURI}`));
window.a = () => window.reported.push("a script of a name ran");
"""
DOORS = ("index_view", "details_view", "edit_view", "delete_view")


@pytest.mark.one_database
class TestBrowser:
    @pytest.fixture
    def word(self) -> str:
        return MARKUP

    def test_no_name_runs_on_any_page(self, stage: Stage, page: Page) -> None:
        server = make_server("127.0.0.1", 0, stage.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.port}"
        page.context.add_cookies([{"name": "zhangyin", "value": stage.cookies["alice"], "url": address}])
        page.add_init_script(LISTEN)
        problems: list[str] = []
        page.on("dialog", lambda dialog: (problems.append("dialog"), dialog.dismiss()))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: request.url.startswith(address) or problems.append(request.url))
        try:
            seen = 0
            for path in self.paths(stage):
                answer = page.goto(address + path, wait_until="load")
                assert answer is not None
                assert answer.status == 200, path
                assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
                seen += "onerror=a()" in page.inner_text("main")
                problems += [f"{path}: {one}" for one in page.evaluate("window.reported")]
                assert page.evaluate("document.querySelectorAll('img[onerror], [onload], main script').length") == 0
            assert problems == []
            assert seen >= 5, "the names were on the pages"
            # and the policy would have reported it: the listener works
            page.evaluate("document.querySelector('main').innerHTML += '<img src=x onerror=a()>'")
            page.wait_for_function("window.reported.length > 0")
            assert "script-src" in page.evaluate("window.reported[0]")
        finally:
            server.shutdown()
            thread.join()

    @staticmethod
    def paths(stage: Stage) -> list[str]:
        """The pages of alice's rows, of a few kinds."""
        names = {p.endpoint for p in stage.runtime.pages if isinstance(p, RecordView)}
        wanted: Any = [c for c in stage.cases if c.place in ("", "near") and "GET" in stage.methods(c)]
        wanted = [c for c in wanted if c.endpoint.partition(".")[0] in names and c.endpoint.partition(".")[2] in DOORS]
        return ["/", *(stage.address(case) for case in wanted[::3])]
