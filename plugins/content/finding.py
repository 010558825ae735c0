"""What is found in texts and files and needs a decision: words of the list, phone and ID numbers, places, rights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from panel.api import Words
from plugins.content.choices import Effect, HitKind, WordPlace
from plugins.content.policy import ContentWord

PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d{4}){2})(?!\d)")
ID_CARD = re.compile(r"(?<![\dA-Za-z])(\d{6})[ -]?(\d{8})[ -]?(\d{3}[\dXx])(?![\dA-Za-z])")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－", "0123456789Xx-")


@dataclass(frozen=True)
class Found:
    """One thing: its kind, the text, where, and for a word its row. `refused`: may not be handed in at all."""

    kind: HitKind
    text: str
    place: str = ""
    word: int | None = None
    category: str = ""
    refused: bool = False


def id_card_holds(number: str) -> bool:
    """Whether an 18-digit number is an ID number: a day that exists and the right check digit (GB 11643)."""
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if not (1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def numbers_in(text: str, place: str = "") -> list[Found]:
    """Mobile numbers and ID numbers, each once. An ID number is none of a phone's."""
    text = text.translate(WIDE)
    cards = {"".join(m.groups()).upper(): m.span() for m in ID_CARD.finditer(text)}
    cards = {number: span for number, span in cards.items() if id_card_holds(number)}
    phones = {
        re.sub(r"\D", "", m.group(1))
        for m in PHONE.finditer(text)
        if not any(a <= m.start() < b for a, b in cards.values())
    }
    found = [Found(HitKind.ID_CARD, number, place) for number in cards]
    return [*found, *(Found(HitKind.PHONE, number, place) for number in sorted(phones))]


class Lists:
    """An institution's words, made ready to be looked for; `stamp` changes with them."""

    def __init__(self, rows: Iterable[ContentWord]) -> None:
        self.rows = {row.id: row for row in rows}
        plain = [(r.id, r.word, r.exceptions.split("、")) for r in self.rows.values()]
        self._everywhere = Words(p for p in plain if self.rows[p[0]].place == WordPlace.ANY)
        self._titles = Words(p for p in plain if self.rows[p[0]].place == WordPlace.TITLE)
        told = [(r.id, r.word, r.exceptions, r.place, r.effect, r.category) for r in self.rows.values()]
        self.stamp = hashlib.sha256(repr(told).encode()).hexdigest()

    def words_in(self, headline: str, text: str) -> list[Found]:
        """The words a piece contains."""
        ids = self._everywhere.found_in(headline) | self._everywhere.found_in(text) | self._titles.found_in(headline)
        return [self._found(self.rows[key]) for key in sorted(ids)]

    @staticmethod
    def _found(row: ContentWord) -> Found:
        return Found(HitKind.WORD, row.word, "", row.id, row.category, row.effect == Effect.FORBID)
