"""The forms of a page, read as a browser would send them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

Values = dict[str, list[str]]


@dataclass
class Form:
    """A form: where it goes and what it would send if nothing were changed in it."""

    action: str
    method: str
    values: Values = field(default_factory=dict)
    lookups: dict[str, str] = field(default_factory=dict)  # name of the control → key of the model it refers to
    offered: set[str] = field(default_factory=set)  # the controls in which nothing is typed: lists, ticks, hidden ones


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.here: Form | None = None
        self.select: tuple[Form | None, str, list[str], list[str]] | None = None
        self.area: tuple[Form | None, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        form = self.by_id.get(given.get("form", "")) or self.here
        if tag == "form":
            self.here = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self.here)
            self.by_id[given.get("id", "")] = self.here
        elif tag == "input" and "name" in given and "disabled" not in given:
            kind = given.get("type", "text")
            if (kind in ("checkbox", "radio") and "checked" not in given) or kind in ("submit", "file", "image"):
                return
            self._add(form, given["name"], given.get("value", "on" if kind == "checkbox" else ""))
            if form is not None and kind in ("checkbox", "radio", "hidden", "date", "number"):
                form.offered.add(given["name"])
            if form is not None and "data-lookup" in given:
                form.lookups[given["name"]] = given["data-lookup"].partition("?")[0].rpartition("/")[2]
        elif tag == "select" and "name" in given:
            self.select = (form, given["name"], [], [])
        elif tag == "option" and self.select:
            self.select[2].append(given.get("value", ""))
            if "selected" in given:
                self.select[3].append(given.get("value", ""))
        elif tag == "textarea" and "name" in given:
            self.area = (form, given["name"], [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.here = None
        elif tag == "select" and self.select:
            form, name, offered, chosen = self.select
            if form is not None:
                form.offered.add(name)
            for value in chosen or offered[:1]:
                self._add(form, name, value)
            self.select = None
        elif tag == "textarea" and self.area:
            self._add(self.area[0], self.area[1], "".join(self.area[2]))
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[2].append(data)

    @staticmethod
    def _add(form: Form | None, name: str, value: str) -> None:
        if form is not None:
            form.values.setdefault(name, []).append(value)


def forms(html: str) -> list[Form]:
    """The forms of the page proper, without those of the frame around it."""
    reader = _Reader()
    reader.feed(html[html.find("<main") :])
    return reader.forms


def main_form(html: str) -> Form:
    """The form that changes something; a page has one."""
    found = [form for form in forms(html) if form.method == "post"]
    assert found, "the page has no form that changes anything"
    return found[0]


class _Suspect(HTMLParser):
    """Collects whatever in a page would run, were it not for the policy that forbids it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip().lower() for name, value in attributes}
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append("<script> in the page")
        if tag in ("iframe", "object", "embed", "base"):
            self.found.append(f"<{tag}>")
        if tag == "img" and not given.get("src", "").startswith("/"):
            self.found.append(f"<img src={given.get('src')}>")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.found.append(f"{name}= in <{tag}>")
            if name in ("href", "src", "action", "formaction") and re.match("(javascript|data|vbscript):", value):
                self.found.append(f"{name}={value[:30]} in <{tag}>")


def active_content(html: str) -> list[str]:
    """What in a page would run, load or lead elsewhere though it came from a value. Empty for a clean page."""
    reader = _Suspect()
    reader.feed(html)
    return reader.found
