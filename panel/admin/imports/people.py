"""Names of people, as they are strung together in one cell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import groupby

from panel.admin.imports.errors import BadValue
from panel.i18n import _

SEPARATORS = re.compile(r"[、,;/|\\\n\t&+]+| {2}(?=\S{2})")
NUMBERING = re.compile(r"(?:(?<=[\s,;、/])|^)\d{1,2} ?[.、)](?!\d)\s*")
CIRCLED = re.compile(r"[①-⑳㊀-㊉❶-❿]|(?<!\d)\(\d{1,2}\)|[⑴-⒇]")
BRACKETED = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|<([^<>]*)>")
HELD = re.compile(r"[\ue000-\uf8ff]")
PHONE = re.compile(r"(?<![\d\-])(?:\+?86[\- ]?)?(?:1[3-9]\d[\- ]?\d{4}[\- ]?\d{4}|0\d{2,3}-?\d{7,8}|\d{7,8})(?![\d\-])")
AND = re.compile(r"(?<=[\u3400-\u9fff]{2})(?:和|与|及)(?=[\u3400-\u9fff]{2})")
TITLE = re.compile(
    r"(?:副?(?:教授|主任|书记|院长|部长|处长|科长|馆长|会长|校长|所长|站长|组长|队长)|老师|同学|辅导员|干事|讲师|干部|先生|女士)$"
)
HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff〇]"
LATIN = r"[A-Za-z\u00c0-\u04ff]"
NAME = re.compile(rf"{HAN}{{2,6}}|{HAN}{{1,12}}(?:·{HAN}{{1,12}}){{1,3}}|{LATIN}{{2,}}(?:[ .'\-]+{LATIN}+)*\.?")
COMPOUND = re.compile(
    r"欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|"
    r"钟离|长孙|宇文|司徒|鲜于|司空|闾丘|令狐|呼延|第五|东郭|南门|西门|百里"
)
NOBODY = frozenset(
    [
        "待定",
        "待补",
        "待补充",
        "待确认",
        "未定",
        "空缺",
        "暂缺",
        "暂无",
        "无",
        "没有",
        "无人",
        "tbd",
        "n/a",
        "na",
        "none",
        "空",
    ]
)


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a sheet names them; `note` is what stood in brackets or as a title."""

    name: str
    phone: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        return self.name


def read_person(text: str) -> Named | None:
    """One person, or None when the text says there is nobody. Raises `BadValue`, also for several people."""
    found = read_people(text)
    if len(found) > 1:
        raise BadValue(
            _(
                "%(count)s people are named here (%(names)s); only one may be.",
                count=len(found),
                names="、".join(p.name for p in found),
            )
        )
    return found[0] if found else None


def read_people(text: str) -> list[Named]:
    """The people a cell names, in order, each once. Raises `BadValue` where a piece is no name."""
    text, held = _hold_brackets(_normalise(text))
    people: dict[str, Named] = {}
    last: str | None = None
    for piece in _pieces(text):
        named = _read_piece(piece, held)
        if named is None:
            continue
        if not named.name:  # a phone or a bracket on its own belongs to the person before it
            if last is None:
                raise BadValue(_("“%(text)s” is not the name of a person.", text=_show(piece, held)))
            known = people[last]
            people[last] = replace(known, phone=known.phone or named.phone, note=known.note or named.note)
            continue
        last = named.name
        people.setdefault(last, named)
    return list(people.values())


def _normalise(text: str) -> str:
    text = CIRCLED.sub("、", HELD.sub("", text))
    text = re.sub(r"[•‧・∙⋅]", "·", unicodedata.normalize("NFKC", text).replace("\r", "\n"))
    text = re.sub(r"[\u200b-\u200f\u2060\ufeff\x00-\x08\x0b-\x1f\x7f]", "", text)
    text = re.sub(r" {3,}", "  ", NUMBERING.sub("、", CIRCLED.sub("、", text)))
    return text.strip(" 、,;/|。.")


def _hold_brackets(text: str) -> tuple[str, list[str]]:
    """Put each bracket's content aside, so that separators in it cut nothing; one private character stands for it."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(next(g for g in match.groups() if g is not None).strip())
        return chr(0xE000 + len(held) - 1) if len(held) <= 6400 else ""

    return BRACKETED.sub(hold, text), held


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for part in SEPARATORS.split(_close_spaced_names(text)):
        compact = part.strip()
        if len(compact) >= 5 and " " not in compact:
            pieces += AND.split(compact)
        else:
            pieces += _split_spaces(compact)
    return [p for p in pieces if p]


def _close_spaced_names(text: str) -> str:
    """Wide gaps inside padded two-character names (杨  军) are no separators."""
    return re.sub(rf"(?<!{HAN})({HAN}) {{2}}({HAN})(?!{HAN})", r"\1 \2", text)


def _split_spaces(text: str) -> list[str]:
    """Cut at spaces, but keep 杨 军, 王 小明, 欧阳 军 and John Smith whole."""
    tokens = re.sub(r" ?([:·]) ?", r"\1", text).split()
    joined: list[str] = []
    for kind, group in groupby(tokens, key=_token_kind):
        run = list(group)
        if kind == "latin":
            joined.append(" ".join(run))
        elif kind == "single":
            joined += _join_singles(run)
        else:
            joined += run
    return _join_surnames(joined)


def _token_kind(token: str) -> str:
    bare = HELD.sub("", token)
    if re.fullmatch(HAN, bare):
        return "single"
    return (
        "latin"
        if bare and re.fullmatch(r"[^\W\d_\u3400-\u9fff.'\-]+[.'\-\w]*", bare) and not _has_han(bare)
        else "other"
    )


def _has_han(text: str) -> bool:
    return re.search(HAN, text) is not None


def _join_singles(run: list[str]) -> list[str]:
    """杨 军 -> 杨军; 王 小 明 -> 王小明; 杨 军 李 明 -> 杨军, 李明; one left over is joined later."""
    if len(run) == 3:
        return ["".join(run)]
    if len(run) == 1:
        return run
    if len(run) % 2:
        raise BadValue(_("“%(text)s”: where does one name end? Put 、 between the names.", text=" ".join(run)))
    return [a + b for a, b in zip(run[::2], run[1::2], strict=True)]


def _join_surnames(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    surname = ""
    for token in tokens:
        bare = HELD.sub("", token)
        if surname:
            joined.append(surname + token)
            surname = ""
        elif re.fullmatch(HAN, bare) and joined and COMPOUND.fullmatch(joined[-1]):
            joined[-1] += token
        elif re.fullmatch(HAN, token):
            surname = token
        elif TITLE.fullmatch(bare) and joined:
            joined[-1] += token
        else:
            joined.append(token)
    return joined + ([surname] if surname else [])


def _read_piece(piece: str, held: list[str]) -> Named | None:
    """None when the piece says that there is nobody."""
    notes = [held[ord(mark) - 0xE000] for mark in HELD.findall(piece)]
    rest = HELD.sub("", piece).strip(" -—.。")
    phones = [m for text in (rest, *notes) for m in PHONE.findall(text)]
    rest = PHONE.sub("", rest).strip(" :")
    notes = [n for n in (PHONE.sub("", note).strip(" :,、;") for note in notes) if n]
    role, colon, after = rest.rpartition(":")
    if colon:
        rest, notes = after.strip(), [role.strip(), *notes]
    if not rest and not phones and not notes:
        return None
    if rest.casefold() in NOBODY:
        return None
    rest, title = _cut_title(rest)
    if rest and (not NAME.fullmatch(rest) or rest.endswith("等")):
        raise BadValue(_complaint(_show(piece, held), rest))
    return Named(rest, _plain_phone(phones), "，".join([*title, *notes]) or None)


def _cut_title(name: str) -> tuple[str, list[str]]:
    match = TITLE.search(name)
    if not match or not match.start():
        return name, []
    return name[: match.start()].strip(), [match[0]]


def _complaint(shown: str, rest: str) -> str:
    if re.search(r"等(?:\d*人)?$", rest):
        return _("“%(text)s” leaves people unnamed. Write down every name.", text=shown)
    if re.fullmatch(HAN, rest):
        return _("“%(text)s” is not a full name.", text=shown)
    return _("“%(text)s” is not the name of a person.", text=shown)


def _plain_phone(phones: list[str]) -> str | None:
    if not phones:
        return None
    digits = re.sub(r"\D", "", phones[0])
    if digits[0] == "0":
        return phones[0]
    return digits[2:] if len(digits) == 13 else digits


def _show(piece: str, held: list[str]) -> str:
    shown = HELD.sub(lambda m: f"({held[ord(m[0]) - 0xE000]})", piece)
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
