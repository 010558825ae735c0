"""Words in names, found whatever the width, case, spacing, script or look of their letters."""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import opencc

# Letters of other scripts that look like Latin ones, and figures and signs that are read as letters. Word and text are
# folded alike, so all that matters is that what looks alike becomes one.
_GREEK = dict(zip("αβεηικνορτυχωμ", "abenikvoptuxwu", strict=True))
_CYRILLIC = dict(zip("авеікмнорстухѕјԁһԛԝцпв", "abeikmhopctyxsjdhqwunb", strict=True))
_READ_AS = dict(zip("013457$@!|lıɑɡ", "oieastsaiiiiag", strict=True))
_LOOKS = {ord(letter): seen for letter, seen in {**_GREEK, **_CYRILLIC, **_READ_AS}.items()}


class Folded(NamedTuple):
    """A text reduced to what it looks like; `gaps` are the places where something stood between two letters."""

    text: str
    gaps: frozenset[int]


@functools.cache
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> Folded:
    """Width, case, traditional characters, look-alikes, accents, spaces and punctuation no longer differ."""
    plain = _simplified().convert(unicodedata.normalize("NFKC", text))
    kept: list[str] = []
    gaps: set[int] = set()
    for letter in unicodedata.normalize("NFKD", plain).casefold():
        seen = _LOOKS.get(ord(letter), letter)
        if seen.isalnum():
            kept.append(seen)
        elif unicodedata.category(letter) not in ("Mn", "Cf"):  # accents and invisible signs part nothing
            gaps.add(len(kept))
    return Folded("".join(kept), frozenset(gaps))


class Words:
    """Many words, looked for in one text at once. A word may name texts in which it is not meant (东北大学 for 北大).

    Each text costs as much as its length times the number of different word lengths, however many words there are.
    """

    def __init__(self, words: Iterable[tuple[int, str, Iterable[str]]]) -> None:
        """`words` are (id, word, exceptions)."""
        self._by_length: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._exceptions: dict[int, list[str]] = {}
        for key, word, exceptions in words:
            if folded := fold(word).text:
                self._by_length[len(folded)][folded].append(key)
                self._exceptions[key] = [text for e in exceptions if (text := fold(e).text)]

    def found_in(self, text: str) -> set[int]:
        """The ids of the words that the text contains."""
        folded = fold(text)
        return {
            key
            for length, words in self._by_length.items()
            for start in range(len(folded.text) - length + 1)
            for key in words.get(folded.text[start : start + length], ())
            if _meant(folded, start, start + length) and not self._excepted(key, folded.text, start)
        }

    def _excepted(self, key: int, text: str, start: int) -> bool:
        return any(place <= start < place + len(e) for e in self._exceptions[key] for place in _places(e, text))


def _meant(folded: Folded, start: int, end: int) -> bool:
    """Latin letters spread over words are no word, unless they stand by themselves: P.K.U., not “stop kung fu”."""
    word = folded.text[start:end]
    if not word.isascii() or not any(start < gap < end for gap in folded.gaps):
        return True
    alone = (start == 0 or start in folded.gaps) and (end == len(folded.text) or end in folded.gaps)
    return alone or not _latin_beside(folded.text, start, end)


def _latin_beside(text: str, start: int, end: int) -> bool:
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(letter.isascii() for letter in beside)


def _places(part: str, text: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)
