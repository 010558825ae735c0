"""Pinyin initials of names, by which people are looked up."""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin

# As surnames these characters are read otherwise than in words; only where the first letter differs.
SURNAMES = {
    "单": "s",
    "解": "x",
    "仇": "q",
    "曾": "z",
    "查": "z",
    "乐": "y",
    "区": "o",
    "翟": "z",
    "覃": "q",
    "种": "c",
    "黑": "h",
    "朴": "p",
    "阚": "k",
    "秘": "b",
    "折": "s",
    "祭": "z",
    "隗": "w",
    "盖": "g",
    "尉迟": "yc",
    "澹台": "tt",
    "长孙": "zs",
    "万俟": "mq",
}


def initials(name: str) -> str:
    """张三丰 gives zsf, 尉迟恭 ycg, John Smith js."""
    words = [w for w in re.split(r"[\W_]+", name) if w]
    whole = "".join(words)
    for length in (2, 1):
        if whole[:length] in SURNAMES and len(whole) > length:
            return (SURNAMES[whole[:length]] + _letters(whole[length:]))[:60]
    return "".join(_letters(word) for word in words)[:60]


def _letters(word: str) -> str:
    parts = lazy_pinyin(word, style=Style.FIRST_LETTER)
    return "".join(part[0] for part in parts if part).casefold()
