"""The verbs on what an institution lays down for groups: quiet hours as people type them, the connection to WeCom."""

from __future__ import annotations

import re
from typing import Any

from panel.api import Refused, SendFailed, _, records, split_address, transaction, vault
from plugins.groupchat.policy import QuietHours, WecomLink

TIME = re.compile(r"(\d{1,2})[:：.点时](\d{2})?分?")


def time_of(text: str, field: str) -> str:
    """A time of day as 06:30, whatever way it is typed. Raises Refused naming the field."""
    found = TIME.fullmatch(str(text or "").strip())
    hours, minutes = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if minutes > 59 or hours * 60 + minutes > 1440:
        raise Refused(_("Enter a time of day, such as 06:30."), field)
    return f"{hours:02}:{minutes:02}"


def _quiet(values: dict[str, Any]) -> dict[str, Any]:
    for name in ("starts", "ends"):
        if name in values:
            values = {**values, name: time_of(values[name], name)}
    if values.get("starts") == "24:00":
        values["starts"] = "00:00"
    return values


def lay_quiet(values: dict[str, Any]) -> QuietHours:
    """Lay quiet hours down."""
    return records.create(QuietHours, **_quiet(values))


def change_quiet(row: QuietHours, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change quiet hours."""
    records.update(row, expected_version, **_quiet(values))


def connect_wecom(values: dict[str, Any]) -> WecomLink:
    """Connect WeCom. The secret is sealed at once. Raises Refused without one, and for an address that is none."""
    values = dict(values)
    secret = str(values.pop("new_secret", "") or "").strip()
    if not secret:
        raise Refused(_("Enter the secret of the application."), "new_secret")
    _address(values)
    with transaction():
        link = records.create(WecomLink, **values)
        vault.put(link, "secret", secret)
    return link


def change_wecom(row: WecomLink, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change the connection; an empty secret leaves the one that is there."""
    values = dict(values)
    secret = str(values.pop("new_secret", "") or "").strip()
    _address(values)
    with transaction():
        records.update(row, expected_version, **values)
        if secret:
            vault.put(row, "secret", secret)


def _address(values: dict[str, Any]) -> None:
    try:
        split_address(str(values.get("base") or ""))
    except SendFailed as failure:
        raise Refused(str(failure), "base") from failure
