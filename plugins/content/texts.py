"""Texts: Markdown as it is kept, clean HTML as it is shown, and what is read from them.

What people write or upload becomes Markdown without HTML in it; HTML is made from that and cleaned once more.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from html import unescape
from typing import Any

import mammoth  # type: ignore[import-untyped]
import nh3
from markdown_it import MarkdownIt
from markdownify import markdownify
from markupsafe import Markup

from panel.api import Refused, _

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "strong", "em", "s", "ul", "ol", "li", "blockquote", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "code", "pre"),
}
MOST = 200_000  # characters of a text
UNPACKED = 100 * 2**20  # bytes of an unpacked Word file
PICTURES = 30  # of a Word file
MEANT = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
ADDRESS = re.compile(r"https?://[^\s<>\"'()（）［］\[\]，。；、]+")


@functools.cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").enable("strikethrough")


def html(text: str) -> Markup:
    """The text as clean HTML. Raw HTML in it is shown as it was typed."""
    return Markup(_clean(_markdown().render(text)))  # noqa: S704 (cleaned)


def plain(text: str) -> str:
    """The words of the text, without marks of any kind."""
    return words_of(re.sub(r"(</(?:p|h\d|li|tr|td|th|blockquote)>|<br>)", r"\1 ", str(html(text))))


def words_of(shown: str) -> str:
    """The words of clean HTML."""
    return " ".join(unescape(nh3.clean(shown, tags=set())).split())


def lines(text: str) -> list[str]:
    """The paragraphs of the text, as they are compared between rounds."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def count_words(text: str) -> int:
    """Chinese characters, and words or figures of other scripts, as word processors count them (s2-09-r14)."""
    return sum(1 for _found in MEANT.finditer(plain(text)))


def addresses(text: str) -> list[str]:
    """The web addresses the text names or leads to, each once, at most 50."""
    shown = str(html(text))
    linked = [unescape(a) for a in re.findall(r'href="(https?://[^"]+)"', shown)]
    return list(dict.fromkeys([*linked, *ADDRESS.findall(plain(text))]))[:50]


def print_of(*parts: str) -> str:
    """What tells whether anything of a piece was changed: a hash over its parts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _clean(source: str) -> str:
    return nh3.clean(source, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


# ── uploads ────────────────────────────────────────────────────────────────────────────────────


def from_word(data: bytes) -> tuple[str, list[bytes]]:
    """The text of a .docx file and the pictures in it. Raises Refused where it cannot be read."""
    pictures: list[bytes] = []

    def picture(image: Any) -> dict[str, str]:
        if len(pictures) < PICTURES:
            with image.open() as source:
                pictures.append(source.read())
        return {"src": ""}

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(entry.file_size for entry in parts.infolist()) > UNPACKED:
                raise Refused(_("This Word file is too large once unpacked. Split it."), "file")
            if "word/document.xml" not in parts.namelist():
                raise Refused(_("This is no Word document (.docx)."), "file")
        shown = mammoth.convert_to_html(io.BytesIO(data), convert_image=mammoth.images.img_element(picture)).value
    except Refused:
        raise
    except Exception:  # whatever a broken or hostile file makes the readers raise
        raise Refused(_("This Word file cannot be read. Save it as .docx anew, or paste the text."), "file") from None
    return from_html(shown), pictures


def from_markdown(data: bytes) -> str:
    """The text of an uploaded Markdown or plain text file. Raises Refused where it is no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return kept(text)
    raise Refused(_("This is no text file. Upload a Word document (.docx), Markdown or plain text."), "file")


def from_html(source: str) -> str:
    """Markdown of HTML, cleaned."""
    return kept(markdownify(_clean(source), heading_style="ATX", bullets="-"))


def kept(text: str) -> str:
    """A text as it is stored. Raises Refused where it is too long to be one."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    if len(text) > MOST:
        raise Refused(_("This text has more than %(most)s characters. Split it.", most=f"{MOST:,}"), "body")
    return text


# ── likeness ───────────────────────────────────────────────────────────────────────────────────

HASHES, BANDS = 60, 20  # 20 bands of 3: texts that share half their shingles meet in some band 9 times out of 10
_SEEDS = [(0x9E3779B1 * (n + 1) | 1, 0x85EBCA6B * (n + 7)) for n in range(HASHES)]
_PRIME = (1 << 61) - 1


def squeezed(text: str) -> str:
    """The beginning of the text without anything but letters and figures: what likeness is judged by."""
    return "".join(MEANT.findall(plain(text))).casefold()[:20_000]


def bands(text: str) -> list[int]:
    """The slices of a min-hash of the text; nearly equal texts have one in common. Empty for very short texts."""
    letters = squeezed(text)
    if len(letters) < 20:
        return []
    shingles = {zlib.crc32(letters[i : i + 4].encode()) for i in range(len(letters) - 3)}
    signature = [min((a * s + b) % _PRIME for s in shingles) for a, b in _SEEDS]
    size = HASHES // BANDS
    return [_slice(n, signature[n * size : (n + 1) * size]) for n in range(BANDS)]


def _slice(number: int, part: Iterable[int]) -> int:
    digest = hashlib.blake2b(repr((number, tuple(part))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
