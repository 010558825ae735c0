"""Who is behind a line of a member list: by the real name, or by a nickname learned before. Never by guessing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from panel.api import Person, Refused, _, fold, read_table
from plugins.groupchat.choices import Match

NICKNAME = {
    "群昵称",
    "群名片",
    "本群昵称",
    "我在本群的昵称",
    "群内昵称",
    "昵称",
    "姓名",
    "名称",
    "成员",
    "nickname",
    "name",
}
ALIAS = {"微信昵称", "微信名", "微信号昵称", "企业微信账号", "账号", "qq", "qq昵称", "wechat", "alias", "userid"}
BETWEEN = re.compile(r"[\s\-—–_·.、,，/|｜()（）\[\]【】<>《》:：+＋\d]+")
TITLES = re.compile(
    r"(老师|教师|主任|副主任|校长|副校长|书记|组长|经理|总监|同学|妈妈|爸爸|家长|母亲|父亲|爷爷|奶奶|医生|护士长|处长|科长|院长)+$"
)


@dataclass
class Line:
    """A line of a member list: the nickname in the group, and that in the app."""

    nickname: str
    alias: str = ""
    person: Any = None
    match: Match = Match.NONE
    named: bool = False
    others: list[Any] = field(default_factory=list)  # people it could mean just as well

    @property
    def shown(self) -> str:
        return self.nickname or self.alias


def read_members(data: bytes) -> list[Line]:
    """The lines of a CSV or XLSX list, or of pasted text, one member each. Raises Refused where there is none."""
    rows = read_table(data)
    head = [fold(str(cell)) for cell in rows[0]] if rows else []
    nickname, alias = _place(head, NICKNAME), _place(head, ALIAS)
    if nickname is None and alias is None:
        found = [Line(_cell(row, 0), _cell(row, 1)) for row in rows]
    else:
        found = [Line(_cell(row, nickname), _cell(row, alias)) for row in rows[1:]]
    lines = [line for line in found if line.shown]
    if not lines:
        raise Refused(_("There is no member in this list."), "file")
    return lines


def _place(head: list[str], words: set[str]) -> int | None:
    known = {fold(word) for word in words}
    return next((i for i, name in enumerate(head) if name in known), None)


def _cell(row: list[str], place: int | None) -> str:
    if place is None or place >= len(row):
        return ""
    return str(row[place] or "").strip()[:120]


class Roster:
    """The people of an institution and the nicknames learned of them, ready to be looked up."""

    def __init__(self, people: Iterable[Person], aliases: dict[str, Any], units: Iterable[str], day: date) -> None:
        """`aliases` maps folded nicknames to people; `units` are names that may stand before a person's."""
        self.day = day
        self.by_name: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self.by_name[fold(person.name)].append(person)
        self.aliases = aliases
        self.units = sorted({fold(name) for name in units if name}, key=len, reverse=True)

    def match(self, line: Line) -> Line:
        """Fill in who the line is. Two people who fit equally well are nobody: they are `others`."""
        for text in (line.nickname, line.alias):
            known = self.aliases.get(fold(text)) if text else None
            if known is not None:
                line.person, line.match = known, Match.ALIAS
                line.named = self._names(line.nickname, known)
                return line
        found = self._named(line.nickname)
        if len(found) == 1:
            line.person, line.match, line.named = found[0], Match.REAL_NAME, True
        else:
            line.others = found
        return line

    def person(self, sender: str) -> Any:
        """Who posts under this name, or None."""
        line = self.match(Line(sender))
        return line.person

    def _named(self, nickname: str) -> list[Person]:
        """The people whose name the nickname is or holds; those in service before those who left."""
        found: list[Person] = []
        for part in self._parts(nickname):
            if part in self.by_name:
                found = self.by_name[part]
                break
        if len(found) < 2:
            return found
        here = [person for person in found if person.in_service(self.day)]
        found = here or found
        said = fold(nickname)
        nearer = [p for p in found if (p.post and fold(p.post) in said) or fold(str(p.unit)) in said]
        return nearer if len(nearer) == 1 else found

    def _names(self, nickname: str, person: Person) -> bool:
        return any(part == fold(person.name) for part in self._parts(nickname))

    def _parts(self, nickname: str) -> list[str]:
        whole = fold(nickname)
        parts = [whole, *(fold(part) for part in BETWEEN.split(nickname))]
        found: list[str] = []
        for part in parts:
            bare = TITLES.sub("", part)
            found += [part, bare]
            for unit in self.units:
                if bare.startswith(unit) and len(bare) > len(unit):
                    found.append(TITLES.sub("", bare[len(unit) :]))
                    break
        return [part for part in dict.fromkeys(found) if part]
