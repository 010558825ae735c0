"""Rate limits: a token bucket for each channel, in the database, so that all senders share it."""

from __future__ import annotations

from datetime import datetime

from panel import records
from panel.notify.models import Channel
from panel.notify.senders import Limit

TRIES = 5


def level(tokens: float, at: datetime | None, limit: Limit, now: datetime) -> float:
    """How many letters may leave now."""
    if at is None:
        return float(limit.burst)
    passed = max(0.0, (now - at).total_seconds())
    return min(float(limit.burst), tokens + passed * limit.per_minute / 60)


def take(channel_id: int, limit: Limit | None, now: datetime) -> float:
    """Take a token; gives 0, or the seconds to wait until there is one (and takes none)."""
    if limit is None:
        return 0.0
    for _try in range(TRIES):
        row = Channel.select(Channel.tokens, Channel.tokens_at).where(Channel.id == channel_id).get()
        there = level(row.tokens, row.tokens_at, limit, now)
        if there < 1:
            return (1 - there) * 60 / limit.per_minute
        unchanged = Channel.tokens_at.is_null() if row.tokens_at is None else Channel.tokens_at == row.tokens_at
        mine = (Channel.id == channel_id) & unchanged & (Channel.tokens == row.tokens)
        if records.derive(Channel, mine, tokens=there - 1, tokens_at=now):
            return 0.0
    return 1.0  # others take at this very moment


def forbid(channel_id: int, limit: Limit | None, now: datetime) -> None:
    """Empty the bucket: the channel said that it has had enough."""
    if limit is not None:
        records.derive(Channel, Channel.id == channel_id, tokens=0.0, tokens_at=now)
