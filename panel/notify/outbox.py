"""Telling people: the message goes to the inbox and, folded with the others of the day, into the outbox.

Only rows are written here, in the transaction of whatever is told; nothing is sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from panel.access.models import User
from panel.database import is_postgres, transaction, utcnow
from panel.notify.models import Channel, Delivery, DeliveryState, Message, Part, Preference
from panel.notify.senders import SENDERS
from panel.org.models import Institution, Person, Unit

BATCH = 200
MORNING = 8  # o'clock: when what came too late for a digest leaves the day after
NOBODY = Preference(without=[], digest=True)  # where neither the person nor the institution has said anything


@dataclass(frozen=True)
class Notice:
    """What one person is to be told. The same `key` is told to the same person once, whatever happens."""

    person: Person
    key: str
    subject_type: str
    subject_id: int
    unit_id: int | None = None
    what: str = ""
    text: str = ""
    due_on: date | None = None
    capacity: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    urgent: bool = False


class Post:
    """The institution's channels and everybody's preferences, read once for many notices (three queries)."""

    def __init__(self, institution: Institution, now: datetime | None = None) -> None:
        self.institution = institution
        self.zone = ZoneInfo(institution.time_zone)
        self.now = now or utcnow()
        self.channels = list(Channel.select().where(Channel.institution == institution, Channel.active))
        rows = Preference.select().where(Preference.institution == institution)
        self._preferences: dict[int | None, Preference] = {row.person_id: row for row in rows}
        self._paths: dict[int, str] = {}
        if any(c.unit_id for c in self.channels):
            units: Any = Unit.select(Unit.id, Unit.path).where(Unit.institution == institution).tuples()
            self._paths = dict(units)
        self._users: dict[int, bool] = {}

    # ── who is reached by what ────────────────────────────────────────────────────────────────

    def preference(self, person_id: int | None) -> Preference:
        return self._preferences.get(person_id) or self._preferences.get(None) or NOBODY

    def ways(self, person: Person, unit_id: int | None) -> list[Channel]:
        """The channels by which a person is told something that concerns a unit."""
        unwanted = set(self.preference(person.id).without)
        return [c for c in self.channels if c.id not in unwanted and self._reaches(c, person, unit_id)]

    def _reaches(self, channel: Channel, person: Person, unit_id: int | None) -> bool:
        if channel.person_id is not None and channel.person_id != person.id:
            return False
        if channel.unit_id is not None:
            path = self._paths.get(unit_id or 0, "")
            if not path.startswith(self._paths.get(channel.unit_id, "?")):
                return False
        return SENDERS[channel.kind].reaches(channel, person)

    def know_users(self, people: Iterable[Person]) -> None:
        """Find out in one query which of them log in and so read their inbox."""
        missing = {p.id for p in people if p.id not in self._users}
        if missing:
            self._users |= dict.fromkeys(missing, False)
            rows: Any = User.select(User.person).where(User.person.in_(list(missing)), User.active).tuples()
            self._users |= {person: True for (person,) in rows}

    def reachable(self, person: Person, unit_id: int | None = None) -> bool:
        """Whether anything of what is told to a person alone arrives: an inbox they read, or a way of their own."""
        self.know_users([person])
        return self._users[person.id] or any(not SENDERS[c.kind].group for c in self.ways(person, unit_id))

    # ── telling ───────────────────────────────────────────────────────────────────────────────

    def tell(self, notices: Sequence[Notice]) -> int:
        """Put notices into inbox and outbox; gives how many are new. Repeating it changes nothing."""
        fresh = 0
        with transaction():
            for start in range(0, len(notices), BATCH):
                part = notices[start : start + BATCH]
                told = self._inbox(part)
                fresh += len(told)
                self._outbox([(told[n.person.id, n.key], n) for n in part if (n.person.id, n.key) in told])
        return fresh

    def _inbox(self, notices: Sequence[Notice]) -> dict[tuple[int, str], int]:
        """Ids of the messages that were not there before, by person and key."""
        rows = [
            {
                "institution": self.institution.id,
                "created_at": self.now,
                **{name: value for name, value in vars(n).items() if name not in ("person", "unit_id")},
                "person": n.person.id,
                "unit": n.unit_id,
            }
            for n in notices
        ]
        if not rows:
            return {}
        written = (
            Message.insert_many(rows)
            .on_conflict_ignore()
            .returning(Message.id, Message.person, Message.key)
            .tuples()
            .execute()
        )
        return {(person, key): row_id for row_id, person, key in written}

    def _outbox(self, told: Sequence[tuple[int, Notice]]) -> None:
        wanted: dict[tuple[int, str], tuple[Channel, int | None, datetime]] = {}
        parts: list[tuple[int, int, str]] = []
        for message_id, notice in told:
            for channel in self.ways(notice.person, notice.unit_id):
                person_id = None if SENDERS[channel.kind].group else notice.person.id
                key = self._key(message_id, notice, person_id)
                due = self.allowed(self.now, person_id)
                wanted[channel.id, key] = (channel, person_id, due)
                parts.append((message_id, channel.id, key))
        if not parts:
            return
        ids = self._deliveries(wanted)
        rows = [{"message": m, "channel": c, "delivery": ids[c, key]} for m, c, key in parts]
        for start in range(0, len(rows), BATCH):
            Part.insert_many(rows[start : start + BATCH]).on_conflict_ignore().execute()

    def _key(self, message_id: int, notice: Notice, person_id: int | None) -> str:
        if notice.urgent or not self.preference(person_id).digest:
            return f"message:{message_id}"
        return f"{person_id or 'group'}:{self.now.astimezone(self.zone):%Y-%m-%d}"

    def _deliveries(
        self, wanted: dict[tuple[int, str], tuple[Channel, int | None, datetime]]
    ) -> dict[tuple[int, str], int]:
        """Ids of the deliveries for these (channel, key); what has left already is followed by tomorrow's."""
        ids = self._ensure(wanted)
        late = {at: found for at, found in ids.items() if found is None}
        if late:
            moved = {at: self._day_after(at[1], wanted[at][1]) for at in late}
            tomorrow = {(c, moved[c, key][0]): (*wanted[c, key][:2], moved[c, key][1]) for c, key in late}
            later = self._deliveries(tomorrow)
            ids |= {(c, key): later[c, moved[c, key][0]] for c, key in late}
        return {at: found for at, found in ids.items() if found is not None}

    def _ensure(
        self, wanted: dict[tuple[int, str], tuple[Channel, int | None, datetime]]
    ) -> dict[tuple[int, str], int | None]:
        """Insert what is missing; a delivery that is no longer waiting takes nothing more: None."""
        rows = [
            {
                "institution": self.institution.id,
                "channel": channel.id,
                "person": person_id,
                "key": key,
                "due_at": due,
                "created_at": self.now,
            }
            for (_c, key), (channel, person_id, due) in wanted.items()
        ]
        found: dict[tuple[int, str], int | None] = {}
        for start in range(0, len(rows), BATCH):
            Delivery.insert_many(rows[start : start + BATCH]).on_conflict_ignore().execute()
        by_channel: defaultdict[int, list[str]] = defaultdict(list)
        for channel_id, key in wanted:
            by_channel[channel_id].append(key)
        for channel_id, keys in by_channel.items():
            for start in range(0, len(keys), BATCH):
                query: Any = Delivery.select(Delivery.id, Delivery.key, Delivery.state).where(
                    Delivery.channel == channel_id, Delivery.key.in_(keys[start : start + BATCH])
                )
                if is_postgres():
                    query = query.for_update()  # a sender that claims it now waits, and then sees all its parts
                for row_id, key, state in query.tuples():
                    found[channel_id, key] = row_id if state == DeliveryState.WAITING else None
        return found

    # ── when ──────────────────────────────────────────────────────────────────────────────────

    def allowed(self, moment: datetime, person_id: int | None) -> datetime:
        """The moment, or the end of the quiet hours it falls into."""
        wish = self.preference(person_id)
        if wish.quiet_from is None or wish.quiet_until is None or wish.quiet_from == wish.quiet_until:
            return moment
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        begins, ends = wish.quiet_from, wish.quiet_until
        inside = begins <= minute < ends if begins < ends else minute >= begins or minute < ends
        if not inside:
            return moment
        day = local.date() + timedelta(days=1 if minute >= ends else 0)
        return datetime.combine(day, time(*divmod(ends, 60)), self.zone).astimezone(moment.tzinfo)

    def _day_after(self, key: str, person_id: int | None) -> tuple[str, datetime]:
        """The key and the time of the digest that follows the one with this key."""
        to, _colon, day = key.rpartition(":")
        next_day = date.fromisoformat(day) + timedelta(days=1)
        morning = datetime.combine(next_day, time(MORNING), self.zone).astimezone(self.now.tzinfo)
        return f"{to}:{next_day}", self.allowed(morning, person_id)


def withdraw(subject_type: str, ids: Sequence[int], capacity: str = "") -> None:
    """Take back what was told of these subjects (only to those told in a capacity, where one is given).

    It vanishes from the inbox and from what has not left yet.
    """
    for start in range(0, len(ids), BATCH):
        told = (
            (Message.subject_type == subject_type)
            & Message.subject_id.in_(list(ids[start : start + BATCH]))
            & Message.withdrawn_at.is_null()
        )
        if capacity:
            told &= Message.capacity == capacity
        Message.update(withdrawn_at=utcnow()).where(told).execute()
