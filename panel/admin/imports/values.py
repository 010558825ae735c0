"""Cells to values. Pure: each reader gives a value or raises `BadValue`."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from panel.admin.imports.columns import Column, Kind, fold
from panel.admin.imports.dates import read_date
from panel.admin.imports.errors import BadValue
from panel.admin.imports.grid import Cell, Fault
from panel.admin.imports.people import NOBODY, read_people, read_person
from panel.i18n import _

STROKES = re.compile(r"[-—–―－ー_/／\\~～.。·…*]+")
NOTHING = frozenset(["无", "暂无", "没有", "空", "空白", "n/a", "na", "none", "null", "nil", "未填", "未填写", "无。"])
NOT_YET = NOBODY | {"不详", "未知", "不清楚"}
TRUE = frozenset(["是", "有", "对", "已", "√", "✓", "✔", "☑", "●", "y", "yes", "true", "t", "1", "on"])
FALSE = frozenset(
    ["否", "无", "没有", "不", "未", "不是", "×", "✗", "✘", "☐", "□", "○", "x", "n", "no", "false", "f", "0", "off"]
)
WIDE = {
    **{c: c - 0xFEE0 for c in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    0x3000: 0x20,
}
INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MULTIPLIERS = {
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "万": 10**4,
    "w": 10**4,
    "千": 1000,
    "k": 1000,
    "百": 100,
}
NUMBER = re.compile(
    r"(?:约|近|超|超过|共|¥|￥)?([+-]?)(\d+(?:,\d{3})*|\d{1,3}(?:,\d{3})+)?(\.\d+)?"
    r"(亿|千万|百万|十万|万|千|百|w|k)?(?:多|余|\+)?(?:人|个|次|名|位|条|篇|份|元|粉丝|人次|粉)?(?:左右|以上)?"
)
LONGEST_NUMBER = 500  # characters; beyond that no number follows
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"\(?(010|02\d|0[3-9]\d{2})\)?-?(\d{7,8})(?:(?:转|-|ext\.?|x|#)(\d{1,6}))?")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d+")


def clean(text: str, lines: bool = False) -> str:
    """The text as it should be stored: no invisible characters, ordinary spaces, full-width letters and digits made
    plain. Chinese punctuation stays. A title spaced out to fill its cell (教 务 处) is closed up."""
    text = INVISIBLE.sub("", text.translate(WIDE).replace("\r\n", "\n").replace("\r", "\n"))
    if lines:
        return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
    words = text.split()
    return ("" if len(words) > 1 and all(re.fullmatch(r"[\u3400-\u9fff]", w) for w in words) else " ").join(words)


def as_text(cell: Cell) -> str:
    """Any cell as its user sees it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    return cell.text if isinstance(cell, Fault) else str(cell)


def is_empty(cell: Cell, column: Column) -> bool:
    """Whether the cell says that nothing is entered: a blank, a dash, 无 and the like."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return False
    text = "".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", cell)).casefold().split())
    if not text or STROKES.fullmatch(text) or text in column.empties:
        return True
    if column.kind == Kind.BOOLEAN:
        return False
    if column.kind in (Kind.PERSON, Kind.PEOPLE, Kind.PHONE) and text in NOT_YET:
        return True
    return text in NOTHING and fold(text) not in column.folded_choices


def read(cell: Cell, column: Column, date1904: bool = False, factor: int = 1) -> tuple[Any, str | None]:
    """(value, remark) of a cell; (None, None) when it is empty. `factor` is the heading's unit (万: 10000).

    A remark tells what was assumed. Raises `BadValue`.
    """
    if is_empty(cell, column):
        return None, None
    if isinstance(cell, Fault):
        raise BadValue(cell.message)
    if column.parser:
        return column.parser(clean(as_text(cell))), None
    if column.kind == Kind.DATE:
        return _read_day(cell, column, date1904)
    if column.kind in (Kind.INTEGER, Kind.DECIMAL):
        return read_number(cell, column, factor), None
    return READERS[column.kind](cell, column), None


def _read_day(cell: Cell, column: Column, date1904: bool) -> tuple[date, str | None]:
    day, full = read_date(cell, date1904)
    if not column.earliest <= day <= column.latest:
        raise BadValue(_("The year %(year)s cannot be right. Write the date like 2019-03-12.", year=day.year))
    return day, None if full else _("No day is given; the first of the month is taken.")


def read_text(cell: Cell, column: Column) -> str:
    text = clean(as_text(cell), lines=column.max_length > 500)
    if len(text) > column.max_length:
        raise BadValue(
            _("The text has %(length)s characters; at most %(limit)s fit.", length=len(text), limit=column.max_length)
        )
    return text


def read_identifier(cell: Cell, column: Column) -> str:
    if isinstance(cell, (datetime, time)):
        raise BadValue(_("Excel has turned this into a date. Format the cell as text and enter it again."))
    if isinstance(cell, (int, float)) and abs(cell) >= 10**15:
        raise BadValue(_("Excel keeps only 15 digits of a number. Format the cell as text and enter it again."))
    return read_text("".join(unicodedata.normalize("NFKC", as_text(cell)).split()), column)


def read_phone(cell: Cell, column: Column) -> str | list[str]:
    """A phone number; a list of them where the column takes several."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = unicodedata.normalize("NFKC", as_text(cell))[:LONGEST_NUMBER]
    pieces = [p for p in re.split(r"[、,;/|\n]+", text) if p.strip()]
    if len(pieces) == 1 and len(pieces[0].split()) > 1 and all(MOBILE.fullmatch(p) for p in pieces[0].split()):
        pieces = pieces[0].split()
    phones = list(dict.fromkeys(_phone(piece) for piece in pieces or [""]))
    if column.multiple:
        return phones
    if len(phones) > 1:
        raise BadValue(_("There are %(count)s numbers here; only one may be.", count=len(phones)))
    return phones[0]


def _phone(text: str) -> str:
    text = "".join(text.casefold().split()).replace("—", "-").replace("–", "-").replace("−", "-")
    text = re.sub(r"^(?:手机|电话|tel|办公|:|：)+", "", text)
    if SCIENTIFIC.fullmatch(text):
        number = Decimal(text)
        if number != number.to_integral_value() or len(str(int(number))) != len(number.as_tuple().digits):
            raise BadValue(_("Excel has shortened this number. Format the cell as text and enter it again."))
        text = str(int(number))
    text = text.removesuffix(".0")
    digits = re.sub(r"[-().]", "", text)
    mainland = re.sub(r"^(?:\+|00)?86(?=1\d{10}$)", "", digits)
    if MOBILE.fullmatch(mainland):
        return mainland
    landline = LANDLINE.fullmatch(re.sub(r"^(?:\+|00)86-?0?(?=\d)", "0", text))
    if landline:
        return "-".join(part for part in landline.groups() if part)
    if re.fullmatch(r"\+\d{7,15}|[48]00\d{7}|\d{3,8}", digits) and digits.strip("0"):
        return digits
    if re.fullmatch(r"1\d{8,12}", mainland) and len(mainland) != 11:
        raise BadValue(_("A mobile number has 11 digits, this has %(count)s.", count=len(mainland)))
    raise BadValue(_("This is not a phone number."))


def read_number(cell: Cell, column: Column, factor: int = 1) -> int | Decimal:
    """A whole or decimal number; 万, 亿 and thousands separators are understood."""
    number = _number(cell, factor)
    if column.kind == Kind.INTEGER and number != number.to_integral_value():
        raise BadValue(_("This is not a whole number."))
    if column.minimum is not None and number < column.minimum:
        raise BadValue(_("The number is smaller than %(limit)s.", limit=column.minimum))
    if column.maximum is not None and number > column.maximum:
        raise BadValue(_("The number is larger than %(limit)s.", limit=f"{column.maximum:,}"))
    return int(number) if column.kind == Kind.INTEGER else number.normalize() + 0


def _number(cell: Cell, factor: int) -> Decimal:
    if isinstance(cell, (datetime, time, bool)) or (isinstance(cell, float) and not math.isfinite(cell)):
        raise BadValue(_("This is not a number."))
    if isinstance(cell, (int, float)):
        return Decimal(f"{cell:.15g}") * factor if isinstance(cell, float) else Decimal(cell) * factor
    text = "".join(unicodedata.normalize("NFKC", cell[:LONGEST_NUMBER]).casefold().split())
    if SCIENTIFIC.fullmatch(text) and len(text) < 25:
        try:
            return Decimal(text) * factor
        except InvalidOperation:
            raise BadValue(_("This is not a number.")) from None
    match = NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        raise BadValue(_("This is not a number. Write digits, like 12740 or 1.2万."))
    if match[2] and "," in match[2] and not re.fullmatch(r"\d{1,3}(?:,\d{3})+", match[2]):
        raise BadValue(_("The commas in this number are not every three digits. Check it and leave them out."))
    number = Decimal(f"{match[1]}{(match[2] or '0').replace(',', '')}{match[3] or ''}")
    return number * (MULTIPLIERS[match[4]] if match[4] else factor)


def read_boolean(cell: Cell, column: Column) -> bool:
    if isinstance(cell, bool):
        return cell
    text = "".join(unicodedata.normalize("NFKC", as_text(cell)).casefold().split())
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise BadValue(_("Write yes or no (是 or 否)."))


def read_choice(cell: Cell, column: Column) -> Any:
    text = clean(as_text(cell))
    bare = re.sub(r"\([^()]*\)|（[^（）]*）", "", text)
    for spelling in (fold(text), fold(bare)):
        if spelling in column.folded_choices:
            return column.folded_choices[spelling]
    text, bare = text[:40], bare[:40]
    near = difflib.get_close_matches(bare, column.choices, n=1, cutoff=0.5)
    if near:
        raise BadValue(_("“%(text)s” is not known here. Is it “%(near)s”?", text=text, near=near[0]))
    first: dict[Any, str] = {}
    for spelling, value in column.choices.items():
        first.setdefault(value, spelling)
    raise BadValue(
        _("“%(text)s” is not known here. Known are: %(choices)s.", text=text, choices="、".join([*first.values()][:12]))
    )


def _read_person(cell: Cell, column: Column) -> Any:
    return read_person(as_text(cell))


def _read_people(cell: Cell, column: Column) -> Any:
    return read_people(as_text(cell)) or None


READERS: dict[Kind, Callable[[Cell, Column], Any]] = {
    Kind.TEXT: read_text,
    Kind.IDENTIFIER: read_identifier,
    Kind.PERSON: _read_person,
    Kind.PEOPLE: _read_people,
    Kind.PHONE: read_phone,
    Kind.BOOLEAN: read_boolean,
    Kind.CHOICE: read_choice,
}
