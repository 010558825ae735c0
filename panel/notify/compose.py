"""Wording a delivery: what is still due of its parts, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from panel.access.models import User
from panel.i18n import DEFAULT_LOCALE, LOCALES, _, ngettext, speaking
from panel.notify.models import Delivery, Message, Part, Preference
from panel.notify.senders import SENDERS, Letter
from panel.org.models import Institution, Person
from panel.runtime import runtime

LINES = 40  # of one message; what is more is counted and read in the panel


@dataclass(frozen=True)
class Line:
    """One thing somebody is told, worded."""

    text: str
    due_on: date | None
    overdue: int  # days
    person: Person | None


class Composer:
    """Words the deliveries of one institution; `today` is its calendar day."""

    def __init__(self, institution: Institution, today: date) -> None:
        self.institution = institution
        self.today = today

    def letters(self, deliveries: Sequence[Delivery], kind: str) -> dict[int, Letter | None]:
        """A letter for each delivery; None where all it was to tell has been taken back. Four queries."""
        parts = self._messages(deliveries)
        people = {
            p.id: p for p in Person.select().where(Person.id.in_({m.person_id for ms in parts.values() for m in ms}))
        }
        locales = self._locales(people)
        group = SENDERS[kind].group
        letters: dict[int, Letter | None] = {}
        for delivery in deliveries:
            messages = parts.get(delivery.id, [])
            person = people.get(delivery.person_id) if delivery.person_id else None
            with speaking(locales.get(delivery.person_id, DEFAULT_LOCALE)):
                letters[delivery.id] = self._letter(delivery, messages, person, people, group) if messages else None
        return letters

    def _messages(self, deliveries: Sequence[Delivery]) -> dict[int, list[Message]]:
        rows = (
            Part.select(Part, Message)
            .join(Message)
            .where(Part.delivery.in_([d.id for d in deliveries]), Message.withdrawn_at.is_null())
            .order_by(Message.due_on, Message.id)
        )
        found: dict[int, list[Message]] = {}
        for part in rows:
            found.setdefault(part.delivery_id, []).append(part.message)
        return found

    def _locales(self, people: dict[int, Person]) -> dict[int | None, str]:
        """The language of each person: their preference, else their user's, else Chinese."""
        ids = list(people)
        found: dict[int | None, str] = {}
        rows: Any = User.select(User.person, User.locale).where(User.person.in_(ids)).tuples()
        found |= dict(rows)
        wishes = Preference.select(Preference.person, Preference.locale).where(Preference.person.in_(ids))
        wished: Any = wishes.tuples()
        found |= {person: locale for person, locale in wished if locale}
        return {person: locale if locale in LOCALES else DEFAULT_LOCALE for person, locale in found.items()}

    def _letter(
        self,
        delivery: Delivery,
        messages: Sequence[Message],
        person: Person | None,
        people: dict[int, Person],
        group: bool,
    ) -> Letter:
        lines = [self.line(m, people.get(m.person_id) if group else None) for m in messages]
        text = "\n".join([line.text for line in lines[:LINES]] + self._tail(len(lines)))
        return Letter(
            number=delivery.id,
            subject=self._subject(lines),
            text=text,
            to=person,
            mobiles=tuple(dict.fromkeys(p.phone for m in messages if (p := people.get(m.person_id)) and p.phone)),
            items=tuple(self._item(m, line) for m, line in zip(messages, lines, strict=True)),
        )

    def line(self, message: Message, person: Person | None = None) -> Line:
        """One message as a line; with `person`, it begins with their name."""
        from panel.obligations.kinds import title_of

        overdue = (self.today - message.due_on).days if message.due_on else 0
        text = " · ".join(part for part in (str(title_of(message.what)), message.text) if part)
        text = f"{text} {self._when(message.due_on, overdue)}".rstrip()
        if lost := message.details.get("lost"):
            text += _(" If it lapses: %(lost)s", lost=lost)
        if message.capacity == "lead":
            text += _(" (told to you as unit lead)")
        elif message.capacity == "office":
            text += _(" (told to you as publicity office)")
        return Line(f"{person.name}：{text}" if person else text, message.due_on, max(0, overdue), person)

    def _when(self, due_on: date | None, overdue: int) -> str:
        if due_on is None:
            return ""
        if overdue > 0:
            late = ngettext("%(num)s day overdue", "%(num)s days overdue", overdue)
            return _("– %(late)s (due %(day)s)", late=late, day=due_on)
        if overdue == 0:
            return _("– due today")
        left = ngettext("in %(num)s day", "in %(num)s days", -overdue)
        return _("– due %(day)s, %(left)s", day=due_on, left=left)

    def _subject(self, lines: Sequence[Line]) -> str:
        late = sum(1 for line in lines if line.overdue)
        if len(lines) == 1:
            return _("[Zhangyin] %(text)s", text=lines[0].text[:60])
        if late:
            return _("[Zhangyin] %(count)s things are due, %(late)s of them late", count=len(lines), late=late)
        return _("[Zhangyin] %(count)s things are due", count=len(lines))

    def _tail(self, count: int) -> list[str]:
        address = runtime().settings.address.rstrip("/")
        tail = [_("… and %(count)s more", count=count - LINES)] if count > LINES else []
        where = _("Tick them off in the panel: %(address)s", address=address) if address else _("Tick them off there.")
        return [*tail, "", f"{self.institution.name} · {where}"]

    def _item(self, message: Message, line: Line) -> dict[str, Any]:
        return {
            "what": message.what,
            "text": line.text,
            "due_on": message.due_on.isoformat() if message.due_on else None,
            "overdue_days": line.overdue,
            "subject": f"{message.subject_type}:{message.subject_id}",
        }
