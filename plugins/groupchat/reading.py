"""Reading chat records: as copied from an app, as a table, as a WeCom archive. Nothing is held but the current line.

Every reader yields `Post`s in the order of the file; whatever it cannot place is counted in `skipped`.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from panel.api import Refused, _

BLOCK = 1 << 20
LONGEST_LINE = 200_000  # characters; a file of one endless line is no chat record


class Post(NamedTuple):
    """One message: the day, the minute of the day, who, what."""

    day: date
    minute: int
    sender: str
    text: str
    kind: str = "text"  # text, image, file, link, system


class Reader:
    """Posts of a chat record. `skipped` counts the lines before the first message and what is broken."""

    def __init__(self, path: Path, zone: ZoneInfo) -> None:
        self.path, self.zone = path, zone
        self.skipped = 0
        self.read = 0  # bytes, for the progress
        self.size = path.stat().st_size
        self.encoding = encoding_of(path)

    def __iter__(self) -> Iterator[Post]:
        head = self._head()
        if head.startswith(("{", "[")) and self._is_json(head):
            return self._json(head)
        if (columns := self._columns(head)) is not None:
            return self._table(*columns)
        return self._copied()

    # ── what kind of file ───────────────────────────────────────────────────────────────────────

    def _lines(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        rest = ""
        with self.path.open("rb") as stream:
            while block := stream.read(BLOCK):
                self.read += len(block)
                lines = (rest + decoder.decode(block)).split("\n")
                rest = lines.pop()
                if len(rest) > LONGEST_LINE:
                    raise Refused(_("This is no chat record: one of its lines does not end."))
                yield from lines
        rest += decoder.decode(b"", final=True)
        if rest:
            yield rest

    def _head(self) -> str:
        with self.path.open("rb") as stream:
            data = stream.read(65536)
        return codecs.getincrementaldecoder(self.encoding)("replace").decode(data).lstrip("\ufeff \r\n\t")

    def _is_json(self, head: str) -> bool:
        return bool(re.match(r'\[\s*\{|\{\s*"', head))

    def _columns(self, head: str) -> tuple[str, dict[str, int]] | None:
        """The delimiter and the places of the columns, where the first line is a heading."""
        first = head.split("\n", 1)[0].strip()
        for mark in ("\t", ",", ";", "，"):
            names = [name.strip().strip('"').casefold() for name in first.split(mark)]
            found = {key: i for key, words in HEADINGS.items() for i, name in enumerate(names) if name in words}
            if {"sender", "text"} <= found.keys() and ("time" in found or {"date", "clock"} <= found.keys()):
                return mark, found
        return None

    # ── copied from an app ──────────────────────────────────────────────────────────────────────

    def _copied(self) -> Iterator[Post]:
        day: date | None = None
        head: tuple[date, int, str] | None = None
        body: list[str] = []
        known: set[str] = set()  # who has posted before
        blank = True
        lines = iter(_ahead(self._lines()))
        for raw, following in lines:
            line = raw.strip("\r\ufeff \t")
            if not line:
                blank = True
                body.append("")
                continue
            if found := _one_line(line, day):
                if head:
                    yield _post(head, body)
                yield Post(found[0], found[1], found[2], found[3], _kind(found[3]))
                day, head, body, blank = found[0], None, [], False
                continue
            if line[0] in BEFORE_DAY and (new_day := _separator(line)):
                if head:
                    yield _post(head, body)
                day, head, body, blank = new_day, None, [], True
                continue
            new = _header(line, day, head, blank, following, known) if _may_head(line) else None
            if new:
                if head:
                    yield _post(head, body)
                day, head, body = new[0], new, []
                known.add(new[2])
            elif head and blank and any(body) and SYSTEM.fullmatch(line):
                pass  # said by the app between two messages
            elif head:
                body.append(line)
            elif not _is_notice(line):
                self.skipped += 1
            blank = False
        if head:
            yield _post(head, body)

    # ── a table ─────────────────────────────────────────────────────────────────────────────────

    def _table(self, mark: str, columns: dict[str, int]) -> Iterator[Post]:
        text = (line.replace("\0", "") + "\n" for line in self._lines())
        rows = csv.reader(text, delimiter=mark)
        next(rows, None)
        try:
            for row in rows:
                get = lambda key, row=row: row[columns[key]].strip() if columns.get(key, 999) < len(row) else ""  # noqa: E731
                when = _moment(get("time") or f"{get('date')} {get('clock')}", None)
                if when is None or not get("sender"):
                    self.skipped += bool(any(cell.strip() for cell in row))
                    continue
                yield Post(when[0], when[1], get("sender"), get("text"), _kind(get("text"), get("kind")))
        except csv.Error as error:
            raise Refused(_("The table cannot be read: %(why)s", why=error)) from error

    # ── the archive of WeCom ────────────────────────────────────────────────────────────────────

    def _json(self, head: str) -> Iterator[Post]:
        for entry in _entries(self._lines(), whole=head.startswith("[")):
            post = self._archived(entry) if isinstance(entry, dict) else None
            if post is None:
                self.skipped += 1
            else:
                yield post

    def _archived(self, entry: dict[str, Any]) -> Post | None:
        """A message of the archive: msgtime in milliseconds, `from`, msgtype and a part of that name."""
        try:
            moment = datetime.fromtimestamp(int(entry["msgtime"]) / 1000, UTC).astimezone(self.zone)
            sender, kind = str(entry["from"]), str(entry.get("msgtype", "text"))
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            return None
        if entry.get("action", "send") != "send":
            kind = "revoke"
        part = entry.get(kind)
        part = part if isinstance(part, dict) else {}
        text = str(part.get("content") or part.get("title") or part.get("filename") or f"[{kind}]")
        if part.get("link_url"):
            text = f"{text} {part['link_url']}"
        known = {"text": "text", "image": "image", "file": "file", "link": "link", "revoke": "system"}
        return Post(moment.date(), moment.hour * 60 + moment.minute, sender, text, known.get(kind, "image"))


HEADINGS = {
    "time": {"时间", "日期时间", "发送时间", "消息时间", "time", "datetime", "date time", "timestamp", "strtime"},
    "date": {"日期", "date", "发送日期"},
    "clock": {"时刻", "时分", "clock", "发送时刻", "时间"},
    "sender": {"发送人", "发言人", "发送者", "昵称", "姓名", "群昵称", "sender", "from", "nickname", "name", "talker"},
    "text": {"内容", "消息", "消息内容", "聊天内容", "文本", "content", "text", "message", "msg", "strcontent"},
    "kind": {"类型", "消息类型", "type", "msgtype", "kind"},
}
DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
WEEKDAY = r"(?:\s*(?:星期|周|礼拜)[一二三四五六日天])?"
CLOCK = r"(上午|下午|早上|凌晨|中午|晚上|AM|PM)?\s*(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?\s*(AM|PM)?"
IGNORE = re.IGNORECASE
BEFORE_DAY = frozenset("—–-=*_·~0123456789星 ")
AFTER_TIME = frozenset("0123456789Mm")
SEPARATOR = re.compile(rf"[\s—–\-=*_·~]*(?:星期.\s*)?{DAY}{WEEKDAY}[\s—–\-=*_·~]*")
MOMENT = re.compile(rf"{DAY}{WEEKDAY}[\sT]*{CLOCK}", IGNORE)
# Columns of a table may hold a time alone, or a day alone.
AT_END = re.compile(rf"(.{{1,120}}?)(?:\s{{1,}}|\t)({DAY}{WEEKDAY}\s*{CLOCK})", IGNORE)
AT_START = re.compile(rf"[\[【(]?({DAY}{WEEKDAY}[\sT]*{CLOCK})[\]】)]?\s+(.{{1,120}})", IGNORE)
SHORT = re.compile(rf"(.{{1,120}}?)(?:\s{{2,}}|\t|[:：]\s+|\s){CLOCK}", IGNORE)
ONE_LINE = re.compile(rf"[\[【(]?{DAY}{WEEKDAY}[\sT]*{CLOCK}[\]】)]?[\s,，]*([^:：]{{1,60}})[:：]\s?(.+)", IGNORE)
ONE_SHORT = re.compile(rf"[\[【(]{CLOCK}[\]】)]\s*([^:：]{{1,60}})[:：]\s?(.+)", IGNORE)
SYSTEM = re.compile(  # what the app itself says, of somebody in quotation marks or of “you”
    r"(?:你|You|[\"“].{1,40}[\"”])\s*"
    r"(?:撤回了?一条(?:成员)?消息|邀请.{1,80}加入了?群聊|通过扫描.{0,80}加入了?群聊|将.{1,60}移出了?群聊|修改群名为.{1,80}"
    r"|拍了拍.{0,60}|加入了?群聊|退出了?群聊|成为新群主|已成为新群主"
    r"|recalled a message|joined the group.*|left the group)[。.]?",
    re.IGNORECASE,
)
QQ = re.compile(r"[(（<]\s*\d{5,12}\s*[)）>]$|<[^<>@\s]+@[^<>\s]+>$")
FILE = re.compile(r"^\[(文件|File)\]", IGNORE)
PICTURE = re.compile(r"^\[(图片|动画表情|表情|视频|语音|Photo|Image|Video|Sticker)\]\s*$", IGNORE)
LINK = re.compile(r"https?://|^\[链接\]|^\[Link\]", IGNORE)


def encoding_of(path: Path) -> str:
    """UTF-8 or UTF-16 where it is one, else GB18030, which reads every other Chinese file."""
    with path.open("rb") as stream:
        head = stream.read(4)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := stream.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8"


def _ahead(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each line with the one after it."""
    before: str | None = None
    for line in lines:
        if before is not None:
            yield before, line
        before = line
    if before is not None:
        yield before, ""


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _minute(half: str | None, hour: str, minute: str, after: str | None) -> int | None:
    hours, minutes = int(hour), int(minute)
    word = (half or after or "").upper()
    if word in ("下午", "晚上", "PM") and hours < 12:
        hours += 12
    elif word in ("上午", "凌晨", "早上", "AM") and hours == 12:
        hours = 0
    elif word == "中午" and hours < 3:
        hours += 12
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None


def _moment(text: str, day: date | None) -> tuple[date, int] | None:
    found = MOMENT.match(text.strip())
    if found:
        when, minute = _day(*found.groups()[:3]), _minute(*found.groups()[3:7])
        return (when, minute) if when is not None and minute is not None else None
    if text.strip().isdecimal() and len(text.strip()) in (10, 13):
        seconds = int(text.strip()[:10])
        moment = datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo("Asia/Shanghai"))
        return moment.date(), moment.hour * 60 + moment.minute
    return None


def _may_head(line: str) -> bool:
    """A quick look: the head of a message ends with figures, or begins with them or what stands around them."""
    return line[-1] in AFTER_TIME or (line[0] in "0123456789[【(" and len(line) < 180)


def _separator(line: str) -> date | None:
    found = SEPARATOR.fullmatch(line) if len(line) < 60 else None
    return _day(*found.groups()) if found else None


def _one_line(line: str, day: date | None) -> tuple[date, int, str, str] | None:
    """A message on one line: `[2026-09-14 10:00] name: text`; `[10:00] name: text` below a line with the day."""
    if line[:1] not in "0123456789[【(":
        return None
    if found := ONE_LINE.fullmatch(line):
        parts = found.groups()
        when, minute = _day(*parts[:3]), _minute(*parts[3:7])
        if when is not None and minute is not None and not re.fullmatch(r"[\d:：\s]*", parts[7]):
            return when, minute, _name(parts[7]), parts[8]
    if day is not None and (found := ONE_SHORT.fullmatch(line)):
        parts = found.groups()
        minute = _minute(*parts[:4])
        if minute is not None:
            return day, minute, _name(parts[4]), parts[5]
    return None


def _header(
    line: str, day: date | None, last: tuple[date, int, str] | None, blank: bool, following: str, known: set[str]
) -> tuple[date, int, str] | None:
    """Who and when, where the line is the head of a message.

    A time without a day could as well stand in a message: it counts where the line stands alone, and time does not run
    backwards, unless somebody who has posted before is named.
    """
    if len(line) > 180:
        return None
    if (found := AT_END.fullmatch(line)) or (found := AT_START.fullmatch(line)):
        name = found.group(1) if found.re is AT_END else found.groups()[-1]
        when = _moment(found.group(2) if found.re is AT_END else found.group(1), day)
        return (when[0], when[1], _name(name)) if when else None
    if day is None or not blank or following.strip():
        return None
    found = SHORT.fullmatch(line)
    minute = _minute(*found.groups()[1:5]) if found else None
    if found is None or minute is None:
        return None
    name = _name(found.group(1))
    backwards = last is not None and last[0] == day and minute < last[1]
    return None if backwards and name not in known else (day, minute, name)


def _name(text: str) -> str:
    return QQ.sub("", text.strip().strip("[]【】")).strip() or text.strip()


def _is_notice(line: str) -> bool:
    return bool(SYSTEM.fullmatch(line)) or line.endswith(("聊天记录如下：", "聊天记录如下:"))


def _post(head: tuple[date, int, str], body: list[str]) -> Post:
    while body and not body[-1]:
        body.pop()
    start = next((i for i, line in enumerate(body) if line), len(body))
    text = "\n".join(body[start:])
    return Post(head[0], head[1], head[2], text, _kind(text))


def _kind(text: str, given: str = "") -> str:
    if given in ("系统", "系统消息", "system", "10000") or (len(text) < 200 and SYSTEM.fullmatch(text)):
        return "system"
    if text[:1] == "[":
        if FILE.match(text):
            return "file"
        if PICTURE.match(text):
            return "image"
    return "link" if ("http" in text or text[:4] == "[链接]") and LINK.search(text) else "text"


def _entries(lines: Iterable[str], whole: bool) -> Iterator[Any]:
    """JSON values one a line, or the members of one array however it is laid out."""
    if not whole:
        for line in lines:
            if line.strip():
                try:
                    yield json.loads(line.lstrip("\ufeff"))
                except (ValueError, RecursionError):
                    yield None
        return
    decoder, text = json.JSONDecoder(), ""
    for line in lines:
        text += line + "\n"
        text = text.lstrip("\ufeff \r\n\t,[")
        while text.startswith("{"):
            try:
                value, end = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                break
            yield value
            text = text[end:].lstrip(" \r\n\t,[")
        if len(text) > LONGEST_LINE:
            raise Refused(_("This is no chat record: one of its lines does not end."))


def text_of(data: bytes) -> io.StringIO:
    """A small text, decoded as `encoding_of` would."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return io.StringIO(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return io.StringIO(data.decode("gb18030", "replace"))
