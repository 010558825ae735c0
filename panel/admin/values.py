"""What people type into a form field or a condition, as values. Each raises Refused, worded for them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from panel.admin.imports.dates import read_date
from panel.admin.imports.errors import BadValue
from panel.errors import Refused
from panel.i18n import _, zone

LARGEST = 2**31 - 1  # what an integer column of either database holds


def read_day(typed: str) -> date:
    """A day in any usual writing: 2019-03-12, 2019.3.12, 2019年3月12日, 20190312."""
    if not typed.isprintable() or len(typed) > 40:
        raise Refused(_("This is not a date. Write it like 2019-03-12."))
    try:
        day, full = read_date(typed)
    except BadValue as error:
        raise Refused(str(error)) from error
    if not full:
        raise Refused(_("The day is missing. Write the date like 2019-03-12."))
    if not 1900 <= day.year <= 2200:
        raise Refused(_("The year %(year)s cannot be right. Write the date like 2019-03-12.", year=day.year))
    return day


def read_moment(typed: str) -> datetime:
    """A day and a time in the institution's zone, `2026-11-20 17:05`, as a UTC moment."""
    text = _plain(typed).replace("T", " ")
    day, _space, clock = text.rpartition(" ")
    try:
        hour, minute = (int(part) for part in clock.split(":")[:2])
        at = datetime.combine(read_day(day), datetime.min.time().replace(hour=hour, minute=minute), zone())
    except ValueError as error:
        raise Refused(_("Write day and time like 2026-11-20 17:05.")) from error
    return at.astimezone(UTC)


def read_whole(typed: str) -> int:
    """A whole number; full-width digits and thousands separators are understood."""
    text = _plain(typed).replace(",", "").replace(" ", "")
    if not text.lstrip("+-").isdecimal() or len(text) > 20:
        raise Refused(_("This is not a whole number."))
    number = int(text)
    if abs(number) > LARGEST:
        raise Refused(_("The number is larger than %(limit)s.", limit=f"{LARGEST:,}"))
    return number


def read_fen(typed: str) -> int:
    """An amount in yuan, at most two decimals, as whole fen: `1,234.5` is 123450."""
    text = _plain(typed).replace(",", "").replace(" ", "").lstrip("¥￥").removesuffix("元")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Refused(_("This is not an amount. Write yuan like 300 or 300.50.")) from error
    if not amount.is_finite() or abs(amount) > LARGEST // 100:
        raise Refused(_("The amount is too large."))
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise Refused(_("An amount has at most two decimals."))
    return int(fen)


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).strip().replace("−", "-")
