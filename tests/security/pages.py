"""The forms of a page, read as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Values = dict[str, list[str]]


@dataclass
class Form:
    """A form: where it goes and what it would send if nothing were changed in it."""

    action: str
    method: str
    values: Values = field(default_factory=dict)

    def references(self) -> list[str]:
        """The names of the controls that carry ids of other rows."""
        return [name for name in self.values if name.endswith("-id")]


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
