"""Dates as people write them in a register."""

from __future__ import annotations

import calendar
import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from panel.admin.imports.errors import BadValue
from panel.i18n import _

SERIALS = range(10_000, 73_051)  # 1927 to 2100: no plain number in this range is written as a date otherwise
LONGEST = 60
EPOCH = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)

PARTED = re.compile(r"(\d{4}) ?[年\-./] ?(\d{1,2})(?: ?[月\-./] ?(?:(\d{1,2}) ?[日号]?)?)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
TIME = re.compile(
    r"(?:T| ?)(?:上午|下午|早上|晚上)? ?\d{1,2} ?(?::|时|点)[\d:.分秒半 ]*(?:Z|[AP]M|[+-]\d\d:?\d\d)?$", re.IGNORECASE
)
WEEKDAY = re.compile(r" ?\(?(?:星期|周)[一二三四五六日天]\)?")
AROUND = re.compile(r"^(?:有效期?)?(?:截至|截止|至|到)\s*|\s*(?:止|到期|起)$")
HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
HAN_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)


def read_date(cell: Any, date1904: bool = False) -> tuple[date, bool]:
    """(the day, whether the sheet names it fully). A month without a day is its first day.

    `cell` is a text, a number (a serial date) or a datetime. Raises `BadValue` naming what is wrong.
    """
    if isinstance(cell, datetime):
        return cell.date(), True
    if isinstance(cell, date):
        return cell, True
    if isinstance(cell, (time, bool)):
        raise BadValue(_("This is not a date. Write it like 2019-03-12."))
    if isinstance(cell, (int, float)) and math.isfinite(cell):
        return _from_number(cell, date1904)
    return _from_text(str(cell), date1904)


def _from_number(number: float, date1904: bool) -> tuple[date, bool]:
    if int(number) in SERIALS:
        return (EPOCH_1904 if date1904 else EPOCH) + timedelta(days=int(number)), True
    if number != int(number) and 1900 <= number < 2101:
        written = f"{number:.15g}"
        if written.endswith(".1"):  # 2019.10 typed into Excel is the number 2019.1
            raise BadValue(_("This can be January or October. Write it like 2019-10-01."))
        return _from_text(written, date1904)
    return _from_text(str(int(number)) if number == int(number) else str(number), date1904)


def _from_text(text: str, date1904: bool) -> tuple[date, bool]:
    if len(text) > LONGEST:
        raise BadValue(_explain(""))
    text = " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").replace("—", "-").split())
    text = HAN_DATE.sub(_plain_digits, text)
    text = AROUND.sub("", WEEKDAY.sub("", TIME.sub("", text))).strip()
    if text.isascii() and text.isdigit() and len(text) == 5:
        if int(text) not in SERIALS:
            raise BadValue(_("This is not a date. Write it like 2019-03-12."))
        return _from_number(int(text), date1904)
    match = PARTED.fullmatch(text) or COMPACT.fullmatch(text[:8] if len(text) == 14 and text.isdigit() else text)
    if match:
        year, month, day = match.groups()
        return _day(int(year), int(month), int(day) if day else None), day is not None
    raise BadValue(_explain(text))


def _day(year: int, month: int, day: int | None) -> date:
    if not 1 <= month <= 12:
        raise BadValue(_("There is no month %(month)s. Write the date like 2019-03-12.", month=month))
    if not 1 <= year <= 9998:
        raise BadValue(_("There is no year %(year)s. Write the date like 2019-03-12.", year=year))
    days = calendar.monthrange(year, month)[1]
    if day is not None and not 1 <= day <= days:
        raise BadValue(
            _(
                "%(year)s-%(month)s has %(days)s days, there is no day %(day)s.",
                year=year,
                month=f"{month:02d}",
                days=days,
                day=day,
            )
        )
    return date(year, month, day or 1)


def _explain(text: str) -> str:
    if len(PARTED.findall(text)) > 1:
        return _("These are two dates. Write only one, like 2019-03-12.")
    if re.fullmatch(r"\d{4} ?年?", text):
        return _("The month is missing. Write the date like 2019-03-12.")
    if re.fullmatch(r"\d{1,2} ?[年\-./] ?\d{1,2} ?[月\-./] ?\d{1,4} ?[日号]?", text):
        return _("Write the year with four digits and first, like 2019-03-12.")
    return _("This cannot be read as a date. Write it like 2019-03-12.")


def _plain_digits(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    text = f"{year.translate(HAN_DIGITS)}年"
    if month:
        text += f"{_small(month)}月"
    if day:
        text += f"{_small(day)}日"
    return text


def _small(han: str) -> int:
    """十二 -> 12, 二十 -> 20, 三十一 -> 31; anything out of order becomes a number no calendar has."""
    tens, ten, ones = han.partition("十")
    parts = (tens or "一" if ten else "〇", ones or "〇") if ten else ("〇", han)
    return int("".join(p.translate(HAN_DIGITS) for p in parts).replace("十", "99"))
