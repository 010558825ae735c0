"""The secrets of channels: sealed when they are entered, read only while a letter is sent, never shown again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from panel import vault
from panel.notify.models import Channel


def seal(channel: Channel, values: Mapping[str, str]) -> None:
    """Keep the secrets of a stored channel."""
    vault.put(channel, "secret", json.dumps(dict(values), ensure_ascii=False))


def unsealed(channel: Channel) -> dict[str, str]:
    """The secrets of a channel. Raises Refused where they cannot be read."""
    written = vault.read(channel, "secret")
    found: dict[str, str] = json.loads(written) if written else {}
    return found
