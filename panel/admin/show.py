"""Values as people read them: in a list, on a page, in an export."""

from __future__ import annotations

import functools
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from peewee import Field, JSONField, Model

from panel.audit.log import REDACTED
from panel.database import MoneyField, PersonalText, SecretText, UtcDateTimeField
from panel.i18n import plain, show_money, show_time, spoken, zone
from panel.personal import masked

Cell = str | int | float | bool | date | datetime | Decimal | None


def text(field: Field | None, value: Any) -> str:
    """A value as plain text."""
    if value is None or value == "":
        return ""
    if isinstance(field, SecretText):
        return REDACTED
    if isinstance(field, PersonalText):
        return masked(str(value))
    if field is not None and field.choices:
        return str(dict(field.choices).get(value, value))
    if isinstance(field, MoneyField):
        return show_money(value)
    if isinstance(value, bool) or not isinstance(value, (int, list, tuple, Model)):
        return plain(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10000 else str(value)
    return "、".join(text(None, v) for v in value) if isinstance(value, (list, tuple)) else str(value)


def html(field: Field | None, value: Any) -> str | Markup:
    """A value in a page; text is escaped by the template."""
    if value is None or value == "" or isinstance(field, SecretText):
        return text(field, value)
    if field is not None and field.choices:
        return _choice(field, value, spoken())
    if isinstance(value, (date, datetime)):
        return Markup(f'<time datetime="{value.isoformat()}">{text(field, value)}</time>')  # noqa: S704  (figures only)
    return text(field, value)


@functools.lru_cache(maxsize=4000)
def _choice(field: Field, value: Any, _locale: str) -> str | Markup:
    """A choice with its dot or badge; there are few, and lists show them again and again."""
    style = getattr(getattr(field.choices, "choice", None), "styles", dict)().get(value)
    if not style:
        return text(field, value)
    kind = "badge" if style.startswith("badge") else "state"
    return Markup('<span class="{} {}">{}</span>').format(kind, style, text(field, value))


def cell(field: Field | None, value: Any) -> Cell:
    """A value in an export: dates, numbers and truth values stay what they are."""
    if value is None or isinstance(field, (SecretText, JSONField)) or (field is not None and field.choices):
        return text(field, value)
    if isinstance(field, MoneyField):
        return Decimal(value).scaleb(-2)
    if isinstance(value, datetime):
        return value.astimezone(zone()).replace(tzinfo=None, microsecond=0)
    if isinstance(value, bool):
        return text(field, value)
    if isinstance(value, (date, int, float, Decimal)):
        return value
    return text(field, value)


def stored(field: Field | None, value: Any) -> str:
    """A value as the audit keeps it, in words."""
    if isinstance(value, dict) and set(value) == {"id", "text"}:
        return str(value["text"] or f"#{value['id']}")
    if isinstance(field, UtcDateTimeField) and isinstance(value, str):
        return show_time(datetime.fromisoformat(value))
    if isinstance(value, (list, tuple)):
        return "、".join(stored(None, v) for v in value)
    if isinstance(value, dict):
        return "；".join(f"{k}：{stored(None, v)}" for k, v in value.items())
    return text(field, value)


def dimmed(value: Any) -> Markup:
    return Markup('<span class="dim">{}</span>').format(value)
