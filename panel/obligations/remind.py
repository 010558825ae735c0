"""The scan: whoever is due a step gets the latest one, once. It touches only what is due, whatever the table holds."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from panel.checks.registry import checks
from panel.checks.saving import leave
from panel.database import is_postgres, transaction, utcnow
from panel.notify.outbox import Notice, Post
from panel.notify.rules import UNREACHABLE
from panel.obligations import steps
from panel.obligations.kinds import Terms, on_here, terms_of
from panel.obligations.models import Audience, Obligation, State
from panel.obligations.owners import Directory
from panel.obligations.settle import clock_of
from panel.org.models import Institution, Person

log = logging.getLogger(__name__)

BATCH = 200
PUT_OFF = timedelta(hours=1)  # an obligation that cannot be judged: it must neither loop nor block the rest
FAR = timedelta(days=365)  # one of a plugin that is off


class Scan:
    """One look at the obligations of an institution, with what it read once."""

    def __init__(self, institution: Institution, now: datetime | None = None) -> None:
        self.institution = institution
        self.now = now or utcnow()
        self.clock = clock_of(institution)
        self.today: date = self.clock.today(self.now)
        self.terms = terms_of(institution)
        self.on = {kind.name for kind in on_here(institution)}
        self.directory = Directory(institution, self.today)
        self.post = Post(institution, self.now)
        self.counts: Counter[str] = Counter()
        self.lost: set[int] = set()  # people nothing reached: a finding, as soon as the checks look

    def run(self, tell: Callable[[int], None] = lambda done: None) -> Counter[str]:
        """Remind of everything due; gives how many obligations were looked at and messages written."""
        while self._batch():
            tell(self.counts["looked at"])
        return self.counts

    def _batch(self) -> int:
        """The next few, in one transaction: steps sent and next steps set, or neither."""
        with transaction():
            query = (
                Obligation.select()
                .where(
                    Obligation.institution == self.institution,
                    Obligation.state == State.OPEN,
                    Obligation.next_at <= self.now,
                )
                .order_by(Obligation.next_at)
                .limit(BATCH)
            )
            due = list(query.for_update(skip_locked=True) if is_postgres() else query)
            self.post.know_users(self.directory.load(o.person_id for o in due))
            notices: list[Notice] = []
            after: defaultdict[tuple[datetime | None, int | None], list[int]] = defaultdict(list)
            for obligation in due:
                next_at, reached, told = self._judge(obligation)
                notices += told
                after[next_at, reached].append(obligation.id)
            self.post.know_users(n.person for n in notices)
            self.counts["messages"] += self.post.tell(notices)
            for (next_at, reached), ids in after.items():
                Obligation.update(next_at=next_at, reached=reached).where(Obligation.id.in_(ids)).execute()
            if self.lost:
                leave([(checks[UNREACHABLE], sorted(self.lost))], self.institution)
                self.lost.clear()
        self.counts["looked at"] += len(due)
        return len(due)

    def _judge(self, obligation: Obligation) -> tuple[datetime | None, int | None, list[Notice]]:
        """When to look at it next, the step it has reached, and whom to tell what."""
        if obligation.kind not in self.on:
            return self.now + FAR, obligation.reached, []  # looked at again when its plugin is switched on
        try:
            terms = self.terms[obligation.kind]
            return self._step(obligation, terms)
        except Exception:
            log.exception("obligation %s cannot be judged", obligation.id)
            self.counts["failed"] += 1
            return self.now + PUT_OFF, obligation.reached, []

    def _step(self, obligation: Obligation, terms: Terms) -> tuple[datetime | None, int | None, list[Notice]]:
        if obligation.snoozed_until is not None:
            wake = self.clock.moment(obligation.snoozed_until, terms.plan.hour)
            if wake > self.now:
                return wake, obligation.reached, []
        step = steps.latest(terms.plan, obligation.due_on, self.now, self.clock)
        next_at = steps.following(terms.plan, obligation.due_on, self.now, self.clock)
        if step is None or (obligation.reached is not None and step.day <= obligation.reached):
            return next_at, obligation.reached, []
        return next_at, step.day, self._notices(obligation, step)

    def _notices(self, obligation: Obligation, step: steps.Step) -> list[Notice]:
        told = self.directory.told(obligation, step.audience)
        people = self._reachable([person for person, _capacity in told.values()], obligation)
        for person in people:
            told.setdefault(person.id, (person, Audience.LEAD))
        if not told:
            self.counts["nobody"] += 1
        return [self._notice(obligation, step, person, capacity) for person, capacity in told.values()]

    def _reachable(self, people: Sequence[Person], obligation: Obligation) -> list[Person]:
        """Who is told in place of those that nothing reaches: the unit lead, else the publicity office."""
        if all(self.post.reachable(p, obligation.unit_id) for p in people):
            return []
        self.counts["unreachable"] += 1
        self.lost |= {person.id for person in people if not self.post.reachable(person, obligation.unit_id)}
        leads = self.directory.holders("lead", obligation.unit_id)
        reached = [p for p in leads if self.post.reachable(p, obligation.unit_id)]
        return reached or self.directory.office(obligation.unit_id)

    def _notice(self, obligation: Obligation, step: steps.Step, person: Person, capacity: Audience) -> Notice:
        return Notice(
            person=person,
            key=f"obligation:{obligation.id}:{obligation.due_on}:{step.day}",
            subject_type="obligations.obligation",
            subject_id=obligation.id,
            unit_id=obligation.unit_id,
            what=obligation.kind,
            text=obligation.subject_text,
            due_on=obligation.due_on,
            capacity=capacity.value,
            details=obligation.details,
            urgent=obligation.urgent,
        )


def institutions_due(now: datetime) -> list[Institution]:
    """The institutions with something to look at; one step through the index for each."""
    found = []
    for institution in Institution.select():
        due = Obligation.select(Obligation.id).where(
            Obligation.institution == institution, Obligation.state == State.OPEN, Obligation.next_at <= now
        )
        if due.limit(1).exists():
            found.append(institution)
    return found


def wake_everywhere() -> None:
    """Look again at everything open: the calendar has changed."""
    Obligation.update(next_at=utcnow()).where(Obligation.state == State.OPEN).execute()


def wake_all(institution: Institution, kinds: Sequence[str] | None = None) -> int:
    """Look again at every open obligation (of some kinds): a ladder, the calendar or a plugin switch has changed."""
    here = (Obligation.institution == institution) & (Obligation.state == State.OPEN)
    if kinds is not None:
        here &= Obligation.kind.in_(list(kinds))
    count: Any = Obligation.update(next_at=utcnow()).where(here).execute()
    return int(count)
