"""Emptying the outbox of one channel: claim, send, note down; whoever dies leaves behind what another takes up.

A delivery is claimed by compare-and-set, and noted as begun just before the sending itself. So after a crash it is
known which letters may have left twice: those begun and not noted as sent, at most one for each sender.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel import records
from panel.database import transaction, utcnow
from panel.errors import Refused
from panel.i18n import _
from panel.notify import buckets, secrets
from panel.notify.compose import Composer
from panel.notify.models import Channel, Delivery, DeliveryState
from panel.notify.outbox import Post
from panel.notify.senders import SENDERS, Letter, SendFailed
from panel.notify.senders.base import Session

log = logging.getLogger(__name__)

BATCH = 50  # deliveries claimed at once
LEASE = timedelta(seconds=90)  # how long a claim holds; renewed with each letter, and longer than one may take
ATTEMPTS = 7
PATIENCE = 5.0  # seconds waited here for the rate limit; for longer the delivery goes back
GIVE_UP_AFTER = 3  # failures in a row, after which the channel is left alone until the next run
LONGEST_WAIT = timedelta(hours=6)


def drain(channel_id: int, seconds: float = 240, sender: str = "", attempt: int = 1) -> Counter[str]:
    """Send what is due by a channel, for at most so many seconds; gives how many were sent, put off, parked …

    `sender` names who does it: at a later `attempt`, what the earlier ones left behind is taken up at once.
    """
    channel = Channel.get_by_id(channel_id)
    counts: Counter[str] = Counter()
    sender = sender or uuid.uuid4().hex
    counts["recovered"] = recover(channel_id, f"{sender}/" if attempt > 1 else "")
    if not channel.active:
        return counts
    with ExitStack() as stack:
        return _Run(channel, stack, counts, f"{sender}/{attempt}").go(time.monotonic() + seconds)


def recover(channel_id: int, dead: str = "") -> int:
    """Take back what a sender claimed and left behind: when its claim has run out, at once from those known `dead`.

    What it had begun may arrive twice, and is counted so.
    """
    gone = Delivery.claimed_until < utcnow()
    if dead:
        gone |= Delivery.claim.startswith(dead)
    lost = (Delivery.channel == channel_id) & (Delivery.state == DeliveryState.CLAIMED) & gone
    free = {"state": DeliveryState.WAITING, "claim": "", "claimed_until": None, "started_at": None}
    with transaction():
        begun = Delivery.update(**free, doubtful=Delivery.doubtful + 1).where(lost, Delivery.started_at.is_null(False))
        return int(begun.execute() + Delivery.update(**free).where(lost).execute())


def retry_delay(attempts: int) -> timedelta:
    """The wait after so many failed attempts: 1 min, 4 min, 16 min, … at most 6 h."""
    return min(LONGEST_WAIT, timedelta(minutes=4 ** (attempts - 1)))


class _Run:
    """One sender at work on one channel."""

    def __init__(self, channel: Channel, stack: ExitStack, counts: Counter[str], claim: str) -> None:
        self.channel, self.counts = channel, counts
        self.sender = SENDERS[channel.kind]
        self.stack = stack
        self.session: Session | None = None
        self.claim = claim
        self.failures = 0
        self.sent_before: int | None = None  # sent, and to be noted with the beginning of the next
        self.post = Post(channel.institution)

    def go(self, deadline: float) -> Counter[str]:
        today = utcnow().astimezone(ZoneInfo(self.channel.institution.time_zone)).date()
        composer = Composer(self.channel.institution, today)
        try:
            while time.monotonic() < deadline and (batch := self._claim()):
                letters = composer.letters(batch, self.channel.kind)
                for place, delivery in enumerate(batch):
                    letter = letters[delivery.id]
                    if letter is None:
                        self._note(delivery.id, "dropped", state=DeliveryState.DROPPED)
                    elif not self._deliver(delivery, letter):
                        self._release(batch[place:])
                        return self.counts
        finally:
            self._note_sent()
        return self.counts

    # ── claiming ──────────────────────────────────────────────────────────────────────────────

    def _claim(self) -> list[Delivery]:
        now = utcnow()
        waiting = (
            (Delivery.channel == self.channel.id) & (Delivery.state == DeliveryState.WAITING) & (Delivery.due_at <= now)
        )
        first: Any = Delivery.select(Delivery.id).where(waiting).order_by(Delivery.due_at).limit(BATCH).tuples()
        ids = [i for (i,) in first]
        if not ids:
            return []
        Delivery.update(state=DeliveryState.CLAIMED, claim=self.claim, claimed_until=now + LEASE).where(
            waiting, Delivery.id.in_(ids)
        ).execute()
        mine = Delivery.select().where(Delivery.id.in_(ids), self._mine()).order_by(Delivery.due_at, Delivery.id)
        found = list(mine)
        return found or self._claim()  # another was faster with all of them: there may be more

    def _mine(self) -> Any:
        return (Delivery.claim == self.claim) & (Delivery.state == DeliveryState.CLAIMED)

    def _release(self, rest: list[Delivery], wait: float = 60) -> None:
        """Give back what was claimed and not begun."""
        ids = [d.id for d in rest]
        Delivery.update(
            state=DeliveryState.WAITING,
            claim="",
            claimed_until=None,
            due_at=utcnow() + timedelta(seconds=max(1.0, self.wait or wait)),
        ).where(Delivery.id.in_(ids), self._mine(), Delivery.started_at.is_null()).execute()

    wait: float = 0.0  # what the rate limit or the channel asked for

    # ── one letter ────────────────────────────────────────────────────────────────────────────

    def _deliver(self, delivery: Delivery, letter: Letter) -> bool:
        """Send one letter; False: nothing more goes by this channel for now."""
        if not self._token():
            return False
        if not self._begin(delivery):
            return True  # taken over by another, who held us for dead
        try:
            if self.session is None:
                secret = secrets.unsealed(self.channel)
                self.session = self.stack.enter_context(self.sender.open(self.channel, secret))
            self.session.send(letter)
        except SendFailed as failure:
            return self._failed(delivery, failure)
        except Refused as refusal:
            return self._failed(delivery, SendFailed(str(refusal)))
        except Exception as error:  # a fault of ours must neither block the rest nor loop
            log.exception("delivery %s failed", delivery.id)
            return self._failed(delivery, SendFailed(f"{type(error).__name__}: {error}"))
        self.sent_before, self.failures = delivery.id, 0
        self.counts["sent"] += 1
        return True

    def _token(self) -> bool:
        self.wait = buckets.take(self.channel.id, self.sender.limit, utcnow())
        if not self.wait:
            return True
        if self.wait > PATIENCE:
            return False
        self._note_sent()
        time.sleep(self.wait)
        return self._token()

    def _begin(self, delivery: Delivery) -> bool:
        """Note the last letter as sent and this one as begun, in one transaction."""
        now = utcnow()
        with transaction():
            self._note_sent()
            begun = (
                Delivery.update(started_at=now, attempts=Delivery.attempts + 1, claimed_until=now + LEASE)
                .where(Delivery.id == delivery.id, self._mine())
                .execute()
            )
        delivery.attempts += 1
        return bool(begun)

    def _note_sent(self) -> None:
        if self.sent_before is not None:
            done, self.sent_before = self.sent_before, None
            now = utcnow()
            Delivery.update(state=DeliveryState.SENT, sent_at=now, claim="", error="").where(
                Delivery.id == done, self._mine()
            ).execute()
            if self.counts["sent"] % BATCH == 1:
                records.derive(Channel, Channel.id == self.channel.id, last_sent_at=now, failures=0, last_error="")

    def _note(self, delivery_id: int, count: str, **values: Any) -> None:
        self.counts[count] += 1
        Delivery.update(claim="", claimed_until=None, started_at=None, **values).where(
            Delivery.id == delivery_id, self._mine()
        ).execute()

    def _failed(self, delivery: Delivery, failure: SendFailed) -> bool:
        """Put it off or park it; False where the channel itself seems to be down."""
        self.failures += 1
        error = str(failure) or _("No reason was given.")
        if failure.for_good or delivery.attempts >= ATTEMPTS:
            self._note(delivery.id, "parked", state=DeliveryState.PARKED, error=error)
        else:
            delay = timedelta(seconds=failure.wait) if failure.wait else retry_delay(delivery.attempts)
            due = self.post.allowed(utcnow() + delay, delivery.person_id)
            self._note(delivery.id, "put off", state=DeliveryState.WAITING, error=error, due_at=due)
        records.derive(Channel, Channel.id == self.channel.id, failures=Channel.failures + 1, last_error=error[:300])
        if failure.wait:
            buckets.forbid(self.channel.id, self.sender.limit, utcnow() + timedelta(seconds=failure.wait))
            self.wait = failure.wait
            return False
        if not failure.for_good:
            self._hang_up()
        return self.failures < GIVE_UP_AFTER or failure.for_good

    def _hang_up(self) -> None:
        self.stack.close()
        self.session = None
