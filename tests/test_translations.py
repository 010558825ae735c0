"""The Chinese catalogue is complete: every message is translated, placeholders agree, nothing is stale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

ROOT = Path(__file__).parent.parent
LOCALE = "zh_Hans_CN"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def _messages(folder: Path) -> dict[str, str]:
    """msgid → where, of every message in the sources below a folder."""
    found: dict[str, str] = {}
    for name, line, message, _comments, _context in extract_from_dir(
        str(folder), METHODS, keywords=KEYWORDS, options_map={"**.html": {"trimmed": "true"}}
    ):
        found[message if isinstance(message, str) else message[0]] = f"{folder.name}/{name}:{line}"
    return found


def _translations(folder: Path) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for path in sorted((folder / "translations" / LOCALE).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=LOCALE):
                if message.id:
                    found[message.id if isinstance(message.id, str) else message.id[0]] = message
    return found


def _folders() -> list[Path]:
    return [ROOT / "panel", *sorted(p.parent for p in (ROOT / "plugins").glob("*/plugin.py"))]


@pytest.mark.parametrize("folder", _folders(), ids=lambda p: p.name)
def test_every_message_has_a_chinese_translation(folder: Path) -> None:
    wanted, have = _messages(folder), {**_translations(ROOT / "panel"), **_translations(folder)}
    missing = {text: where for text, where in wanted.items() if text not in have or not have[text].string}
    assert not missing


@pytest.mark.parametrize("folder", _folders(), ids=lambda p: p.name)
def test_no_translation_is_stale_or_fuzzy(folder: Path) -> None:
    wanted = _messages(folder)
    assert not [text for text, message in _translations(folder).items() if text not in wanted or message.fuzzy]


@pytest.mark.parametrize("folder", _folders(), ids=lambda p: p.name)
def test_placeholders_agree(folder: Path) -> None:
    wrong = []
    for text, message in _translations(folder).items():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        names = set().union(*(PLACEHOLDER.findall(t) for t in originals))
        for string in strings:
            if not set(PLACEHOLDER.findall(string)) <= names:
                wrong.append(text)
    assert not wrong


def test_the_same_word_may_be_another_in_another_area(panel_app: Flask) -> None:
    """English has one word where Chinese has two: the area that speaks is asked first, then the core."""
    from panel import i18n

    i18n.use_catalogues([area.folder / "translations" for area in panel_app.extensions["zhangyin"].registry])
    catalogue = i18n._catalogue(LOCALE, i18n._folders)
    assert catalogue.of("plugins.accounts.choices").ugettext("In use") == "在用"
    assert catalogue.of("plugins.groupchat.views").ugettext("QR code") == "群二维码"
    assert catalogue.of("accounts/account.html").ugettext("QR code") == "二维码"
    assert catalogue.of("plugins.accounts.views").ugettext("Save") == "保存"  # the core's
    assert catalogue.of("nowhere").ugettext("Save") == "保存"
    with i18n.speaking(LOCALE):
        assert catalogue.of("panel.admin.view").ungettext("%(num)s entry", "%(num)s entries", 1) != "%(num)s entry"
