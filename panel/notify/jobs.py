"""Sending what waits in the outbox, each channel by itself: one that hangs keeps no other from sending."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from panel.database import utcnow
from panel.i18n import _l
from panel.jobs.queue import enqueue
from panel.jobs.registry import scheduled, task
from panel.notify import deliver
from panel.notify.models import Channel, Delivery, DeliveryState, Message, Part
from panel.org.models import Institution

KEEP = timedelta(days=400)


@task(
    "notify.deliver", queue="urgent", timeout=330, attempts=5, keep_days=3, title=_l("Send the messages of a channel")
)
def deliver_channel(run: Any, channel: int) -> dict[str, Any]:
    """Empty the outbox of one channel; what it leaves, the next minute takes up."""
    return dict(deliver.drain(channel, sender=f"run-{run.id}", attempt=run.attempts))


@scheduled(
    "notify.look",
    cron="* * * * *",
    system=True,
    queue="urgent",
    timeout=60,
    attempts=1,
    keep_days=1,
    title=_l("Look for messages that are due"),
)
def look(run: Any) -> dict[str, Any]:
    """Start a sender for each channel with something due, or with something a dead sender left behind."""
    return {"channels": send_due()}


def send_due(occasion: str = "") -> int:
    """Ask for the sending of all that is due, once for each occasion (default: this minute)."""
    channels = due_channels()
    for channel in channels:
        key = f"{channel.id}-{occasion or format(utcnow(), '%Y%m%dT%H%M')}"
        enqueue("notify.deliver", institution=channel.institution, args={"channel": channel.id}, key=key)
    return len(channels)


def due_channels() -> list[Channel]:
    """Active channels with something to do now."""
    now = utcnow()
    waiting = Delivery.select(Delivery.channel).where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= now)
    lost = Delivery.select(Delivery.channel).where(
        Delivery.state == DeliveryState.CLAIMED, Delivery.claimed_until < now
    )
    return list(Channel.select().where(Channel.active, Channel.id.in_(waiting) | Channel.id.in_(lost)))


@scheduled("notify.prune", cron="50 3 * * *", title=_l("Clear old messages"))
def prune(run: Any) -> dict[str, Any]:
    """Forget what was told more than a year ago; for each institution."""
    return {"messages": forget(run.institution)}


def forget(institution: Institution) -> int:
    """Delete messages and deliveries older than KEEP; gives how many messages."""
    before = utcnow() - KEEP
    old = Message.select(Message.id).where(Message.institution == institution, Message.created_at < before)
    Part.delete().where(Part.message.in_(old)).execute()
    gone = Message.delete().where(Message.institution == institution, Message.created_at < before).execute()
    empty: Iterable[Any] = Part.select(Part.delivery)
    Delivery.delete().where(
        Delivery.institution == institution, Delivery.created_at < before, Delivery.id.not_in(empty)
    ).execute()
    return int(gone)
