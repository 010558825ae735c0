"""The rules over a stream of posts: quiet hours, length, flooding, words, links and files. One pass, in batches.

Words are looked for with one automaton over a whole batch at once, whatever their number; everything else is a look
into a table a post. A hit is a hint for a person: nothing follows from it by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from ahocorasick_rs import BytesAhoCorasick, MatchKind

from plugins.groupchat.choices import CaseKind, DayKind
from plugins.groupchat.reading import Post

BATCH = 4096
DAY = 1440  # minutes
SENDERS = 20_000  # whose last posts are remembered before the quiet ones are forgotten
CONTEXT = 30  # characters on each side of a hit
NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
APART = re.compile(r"[ \t.*_\-·•|/\\+~^]{1,3}(?=[一-鿿])")
PART = "\x1e"  # between two texts that are looked through as one
SEPARATOR = PART.encode()

# What follows speaks of UTF-8: passes over bytes take a tenth of the time of those over letters.
HAN = range(0xE4, 0xEA)  # how a Chinese letter begins
UNCASED = bytes({*range(256)} - {*range(0xC3, 0xD6), 0xE1, 0xEA})  # these begin no letter that has a case, or few
CASED = (  # those few, and figures and letters of full width; each begins with one byte, which makes it quick
    re.compile(rb"\xe2[\x84-\x86\x92\x93\xb0-\xb3]"),  # Ⅷ, Ⓥ
    re.compile(rb"\xf0[\x90\x91\x96\x9e]"),
    re.compile(rb"\xef(?:\xbc[\x90-\x99\xa1-\xba]|\xbd[\x81-\x9a])"),
)
SIGNS_AS_NUL = bytes(0 if code in b" \t.*_-|/\\+~^" else code for code in range(256))
WIDE_SIGNS = ("·".encode(), "•".encode())
PARTED = re.compile(rb"\x00\x00*(?=[\xe4-\xe9])")


class Hit(NamedTuple):
    """A post that a rule speaks about. `key` names the message: the same in whatever file it comes."""

    kind: CaseKind
    post: Post
    key: str
    word: str = ""
    context: str = ""
    posts: int = 1
    minutes: int = 0


@dataclass(frozen=True)
class Window:
    """Quiet from one minute of the day up to another, which is outside; over midnight where that comes before it."""

    starts: int
    ends: int
    days: DayKind = DayKind.ALL
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, day: date, workday: bool) -> bool:
        """Whether it is in force on a day."""
        if self.days != DayKind.ALL and (self.days == DayKind.WORKDAYS) != workday:
            return False
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_until is None or day <= self.valid_until)

    def covers(self, minute: int) -> bool:
        """Whether a minute of the day lies in it."""
        if self.starts < self.ends:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends


def minutes_of(text: str) -> int:
    """12:40 as minutes after midnight."""
    hours, _colon, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


class QuietTimes:
    """All windows of a group; the day on which a post falls decides whether it is a workday."""

    def __init__(self, windows: Sequence[Window], is_workday: Callable[[date], bool]) -> None:
        self.windows, self.is_workday = list(windows), is_workday
        self._days: dict[date, bytes] = {}
        self._tables: dict[tuple[Window, ...], bytes] = {}

    def table(self, day: date) -> bytes:
        """For each minute of a day: 1 where it is quiet."""
        found = self._days.get(day)
        if found is None:
            workday = self.is_workday(day)
            holding = tuple(w for w in self.windows if w.holds(day, workday))
            found = self._tables.get(holding)
            if found is None:
                found = bytes(any(w.covers(minute) for w in holding) for minute in range(DAY))
                self._tables[holding] = found
            self._days[day] = found
        return found

    def quiet(self, day: date, minute: int) -> bool:
        return bool(self.table(day)[minute])


@dataclass(frozen=True)
class WordSet:
    """A list as it is looked for."""

    kind: CaseKind
    words: Sequence[str]
    allowed: Sequence[str] = ()
    needed: int = 1
    valid_from: date | None = None
    valid_until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        began = self.valid_from is None or self.valid_from <= day
        return began and (self.valid_until is None or day <= self.valid_until)


def flat(text: str) -> str:
    """Case and width no longer differ; the places of the letters stay what they were."""
    return text.replace("\u0130", "i").lower().translate(NARROW)


def _raw(texts: Sequence[str]) -> bytes:
    """The flat texts, joined. Only where letters need it are they looked at one by one, which takes longest."""
    joined = PART.join(texts)
    if joined.count(PART) >= len(texts):
        joined = PART.join(text.replace(PART, " ") for text in texts)
    raw = joined.encode("utf-8", "replace")
    if raw.translate(None, UNCASED) or any(letters.search(raw) for letters in CASED):
        return flat(joined).encode("utf-8", "replace")
    return raw.lower()


def _placed(raw: bytes, starts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """For places in the joined texts, in their order: which text, and where it begins."""
    place = seen = 0
    for start in starts:
        place += raw.count(SEPARATOR, seen, start)
        seen = start
        yield place, raw.rfind(SEPARATOR, 0, start) + 1


class Finder:
    """Many words of several lists, looked for in many texts at once."""

    def __init__(
        self, lists: Sequence[WordSet], variants: Callable[[str], Iterable[str]] = lambda word: (word,)
    ) -> None:
        """`variants` gives the other ways to write a word, such as in traditional characters."""
        self.lists = list(lists)
        meanings: dict[str, set[tuple[int, str, bool]]] = defaultdict(set)
        for place, one in enumerate(self.lists):
            for allowed, words in ((False, one.words), (True, one.allowed)):
                for word in words:
                    for variant in {word, *variants(word)}:
                        if pattern := flat(variant).strip():
                            meanings[pattern].add((place, word, allowed))
        self._meanings = [(len(pattern), tuple(meanings[pattern])) for pattern in meanings]
        patterns = [pattern.encode() for pattern in meanings]
        self._automaton = BytesAhoCorasick(patterns, matchkind=MatchKind.Standard) if meanings else None

    def find(self, texts: Sequence[str]) -> dict[tuple[int, int], list[tuple[int, int, str]]]:
        """{(place of the text, place of the list): [(start, end, word)]}; what is allowed is left out."""
        if self._automaton is None:
            return {}
        raw = _raw(texts)
        found = self._spans(raw)
        if apart := _apart(raw):
            closed = [APART.sub(_close, flat(texts[i])) for i in apart]
            for (place, one), spans in self._spans(_raw(closed)).items():
                known = found.setdefault((apart[place], one), [])
                words = {word for _s, _e, word in known}
                known += [(0, 0, word) for _s, _e, word in spans if word not in words]
        return {key: spans for key, spans in found.items() if spans}

    def _spans(self, raw: bytes) -> dict[tuple[int, int], list[tuple[int, int, str]]]:
        assert self._automaton is not None
        found: dict[tuple[int, int], list[tuple[int, int, str]]] = defaultdict(list)
        shields: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        matches = sorted(self._automaton.find_matches_as_indexes(raw, overlapping=True), key=itemgetter(1, 2))
        placed = _placed(raw, (start for _pattern, start, _end in matches))
        for (pattern, at, _end), (place, began) in zip(matches, placed, strict=True):
            length, meanings = self._meanings[pattern]
            start = len(raw[began:at].decode())
            for one, word, allowed in meanings:
                if allowed:
                    shields[place, one].append((start, start + length))
                else:
                    found[place, one].append((start, start + length, word))
        for key, spans in shields.items():
            found[key] = [s for s in found[key] if not any(a <= s[0] and s[1] <= b for a, b in spans)]
        return found


def _apart(raw: bytes) -> list[int]:
    """The texts in which signs may part two Chinese letters."""
    parted = raw.translate(SIGNS_AS_NUL)
    for sign in WIDE_SIGNS:
        parted = parted.replace(sign, bytes(len(sign)))
    starts = (at for m in PARTED.finditer(parted) if (at := m.start()) > 2 and raw[at - 3] in HAN)
    return list(dict.fromkeys(place for place, _began in _placed(raw, starts)))


def _han(text: str, at: int) -> bool:
    return at > 0 and "一" <= text[at - 1] <= "鿿"


def _close(found: re.Match[str]) -> str:
    return "" if _han(found.string, found.start()) else found.group()


@dataclass
class Rules:
    """What holds in a group."""

    quiet: QuietTimes
    finder: Finder = field(default_factory=lambda: Finder(()))
    max_length: int | None = None
    flood_posts: int | None = None
    flood_minutes: int = 5
    links: bool = False
    files: bool = False


class Judge:
    """Judges a stream of posts; `messages` counts them. `count`, `first` and `last` are what has gone by."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.messages = 0
        self.first: Post | None = None
        self.last: Post | None = None
        self._same: Counter[tuple[str, CaseKind]] = Counter()
        self._minute: tuple[date, int] | None = None
        self._recent: dict[str, deque[int]] = {}
        self._bursts: dict[str, list[Any]] = {}

    def run(self, posts: Iterable[Post]) -> Iterator[tuple[list[Post], list[Hit]]]:
        """Batches of posts with their hits, in the order of the posts."""
        stream = iter(posts)
        while batch := list(islice(stream, BATCH)):
            if self.first is None:
                self.first = batch[0]
            self.last = batch[-1]
            self.messages += len(batch)
            yield batch, self.judge(batch)
        if rest := [self._burst(sender) for sender in list(self._bursts)]:
            yield [], rest

    def judge(self, batch: Sequence[Post]) -> list[Hit]:
        """The hits of one batch."""
        rules, found = self.rules, []
        table, day, base = b"", None, 0
        longest = rules.max_length if rules.max_length is not None else 1 << 60
        most, within, recent = rules.flood_posts or 0, rules.flood_minutes, self._recent
        for place, post in enumerate(batch):
            when, minute, sender, text, kind = post
            if kind == "system":
                continue
            if when is not day and when != day:
                table, day, base = rules.quiet.table(when), when, when.toordinal() * DAY
            if table[minute]:
                found.append((place, CaseKind.QUIET_HOURS, "", ""))
            if kind == "text":
                if len(text) > longest:
                    found.append((place, CaseKind.TOO_LONG, str(len(text)), ""))
            elif kind == "link":
                if rules.links:
                    found.append((place, CaseKind.LINK, "", text[:200]))
            elif kind == "file" and rules.files:
                found.append((place, CaseKind.FILE, "", text[:200]))
            if most:
                now = base + minute
                times = recent.get(sender)
                if times is None:
                    times = recent[sender] = deque(maxlen=most)
                times.append(now)
                if len(times) == most and times[0] > now - within:
                    self._flooded(post, times[0], now)
        found += self._words(batch)
        found.sort(key=lambda one: one[0])
        hits = [Hit(kind, batch[i], self._key(batch[i], kind), word, context) for i, kind, word, context in found]
        hits += [self._burst(sender) for sender in self._over(batch[-1])]
        return hits

    def _words(self, batch: Sequence[Post]) -> list[tuple[int, CaseKind, str, str]]:
        found = []
        for (place, one), spans in self.rules.finder.find([post.text for post in batch]).items():
            listed, post = self.rules.finder.lists[one], batch[place]
            words = list(dict.fromkeys(word for _s, _e, word in spans))
            if len(words) >= listed.needed and post.kind != "system" and listed.holds(post.day):
                start, end = spans[0][0], spans[0][1]
                context = post.text[max(0, start - CONTEXT) : end + CONTEXT]
                found.append((place, listed.kind, "、".join(words)[:200], context))
        return found

    def _key(self, post: Post, kind: CaseKind) -> str:
        """The message by its content; the second of two equal ones in a minute is told apart by its number."""
        if (post.day, post.minute) != self._minute:
            self._minute = (post.day, post.minute)
            self._same.clear()
        base = hashlib.sha256(f"{post.day}\0{post.minute}\0{post.sender}\0{post.text}".encode()).hexdigest()[:40]
        self._same[base, kind] += 1
        number = self._same[base, kind]
        return base if number == 1 else f"{base}-{number}"

    # ── flooding: so many posts of one person within so many minutes ─────────────────────────────

    def _flooded(self, post: Post, began: int, now: int) -> None:
        """One more post of somebody whose last ones all lie within the minutes."""
        burst = self._bursts.get(post.sender)
        if burst is None:
            self._bursts[post.sender] = [post, self.rules.flood_posts or 0, began, now]
        else:
            burst[1] += 1
            burst[3] = now

    def _over(self, last: Post) -> list[str]:
        """Whose flood has ended by the time of a post."""
        since = last.day.toordinal() * DAY + last.minute - self.rules.flood_minutes
        if len(self._recent) > SENDERS:
            self._recent = {sender: times for sender, times in self._recent.items() if times[-1] > since}
        return [sender for sender, burst in self._bursts.items() if burst[3] <= since]

    def _burst(self, sender: str) -> Hit:
        post, posts, began, ended = self._bursts.pop(sender)
        day = f"{post.day}\0{post.minute // 60}\0{sender}"
        key = hashlib.sha256(f"flood\0{day}".encode()).hexdigest()[:40]
        return Hit(CaseKind.FLOODING, post, key, posts=posts, minutes=ended - began + 1)
