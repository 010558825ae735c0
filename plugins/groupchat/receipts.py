"""Notices that ask for an answer, and the answers to them, in a stream of posts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from plugins.groupchat.reading import Post

ASKED = re.compile(
    r"(?:收到|看到|阅后|知悉后?)(?:后)?请?(?:及时|立即)?回复\s*(?:[:：]\s*(?P<words>[^\n]{1,120}))?\s*[!！。.]*\s*$"
)
NOT_ASKED = re.compile(r"(不必|无需|不用|勿)回复")
ANSWERS = ("收到", "知晓", "知道了", "明白", "好的", "已阅", "已悉", "ok", "照办", "了解")
KEEP = re.compile(r"[^\w]+", re.UNICODE)
ADDED = re.compile(r"[(（][^()（）]*[)）]")


def bare(text: str) -> str:
    """Words without punctuation, spaces, emoji, case and width."""
    return KEEP.sub("", unicodedata.normalize("NFKC", text)).replace("_", "").casefold()


def asked_for(text: str) -> str | None:
    """The words a post asks to be answered with; empty where it asks for any answer, None where it asks for none."""
    last = text.strip().rpartition("\n")[2] if "\n" in text.strip() else text.strip()
    found = ASKED.search(last)
    if found is None or NOT_ASKED.search(last):
        return None
    return (found.group("words") or "").strip()


def fits(text: str, wording: str) -> bool:
    """Whether an answer has the words asked for; what stands in brackets there may be given or left out."""
    said = bare(text)
    return bool(said) and said in {bare(wording), bare(ADDED.sub("", wording))}


def is_answer(text: str) -> bool:
    """Whether a post is an answer at all: short, and says that it was read."""
    said = bare(text)
    return len(said) <= 30 and any(word in said for word in ANSWERS)


@dataclass
class Asked:
    """A notice that is answered: since when, in which words, and by whom it was."""

    day: date
    minute: int
    sender: str
    wording: str = ""
    exact: bool = True
    number: int | None = None  # of the notice in the register
    answers: dict[str, tuple[Post, bool]] = field(default_factory=dict)  # sender → (post, in the words asked for)

    @property
    def at(self) -> tuple[date, int]:
        return self.day, self.minute

    @property
    def words(self) -> set[str]:
        return {bare(self.wording), bare(ADDED.sub("", self.wording))} - {""}


class Watch:
    """Follows posts: those that ask for an answer, and who gave it."""

    def __init__(self, known: Iterable[Asked] = (), exact: bool = True) -> None:
        """`known` are notices of the register. `exact`: only the words asked for count."""
        self.known = sorted(known, key=lambda one: one.at)
        self.exact = exact
        self.asked: list[Asked] = []

    def follow(self, posts: Iterable[Post]) -> None:
        """Take in the next posts."""
        for post in posts:
            text = post.text
            if "回复" in text and (words := asked_for(text)) is not None and post.kind == "text":
                self._open(post, words)
            elif (self.asked or self.known) and len(text) <= 160 and post.kind == "text":
                self._answer(post)

    def _open(self, post: Post, words: str) -> None:
        """A notice of the register that stands in the record is that one, from the minute it was posted."""
        for one in self.known:
            if one.wording and bare(one.wording) == bare(words) and abs(_distance(one, post)) <= 1440:
                self.known.remove(one)
                one.day, one.minute, one.sender = post.day, post.minute, post.sender
                self.asked.append(one)
                return
        self.asked.append(Asked(post.day, post.minute, post.sender, words, self.exact and bool(words)))

    def _answer(self, post: Post) -> None:
        for one in [k for k in self.known if k.at <= (post.day, post.minute)]:
            self.known.remove(one)
            self.asked.append(one)
        said = bare(post.text)
        if not said:
            return
        open_ones = [one for one in reversed(self.asked) if not _has(one, post.sender)]
        for one in open_ones:
            if said in one.words:
                one.answers[post.sender] = (post, True)
                return
        if open_ones and is_answer(post.text):
            one = open_ones[0]
            one.answers.setdefault(post.sender, (post, not one.exact))


def _has(one: Asked, sender: str) -> bool:
    """Whether somebody has answered as asked; an answer in other words may still be made good."""
    return sender in one.answers and one.answers[sender][1]


def _distance(one: Asked, post: Post) -> int:
    return (post.day - one.day).days * 1440 + post.minute - one.minute


def outcome(one: Asked, people: dict[str, Any]) -> dict[Any, tuple[Post, bool]]:
    """The answers by person; `people` maps senders to people."""
    found: dict[Any, tuple[Post, bool]] = {}
    for sender, (post, good) in one.answers.items():
        person = people.get(sender)
        if person is not None and (person not in found or good):
            found[person] = (post, good)
    return found
