"""The secrets of channels: sealed when they are entered, read only while a letter is sent, never shown again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from panel import vault
from panel.notify.models import Channel


def sealed(values: Mapping[str, str], institution_id: int) -> str:
    """The secrets as they are stored."""
    return vault.seal(json.dumps(dict(values), ensure_ascii=False), _purpose(institution_id))


def unsealed(channel: Channel) -> dict[str, str]:
    """The secrets of a channel. Raises Refused where they cannot be read."""
    if not channel.secret:
        return {}
    found: dict[str, str] = json.loads(vault.reveal(channel.secret, _purpose(channel.__data__["institution"])))
    return found


def _purpose(institution_id: int) -> str:
    return f"notify.channel:{institution_id}"
