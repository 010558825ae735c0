"""Keeping obligations in step with their subjects: open, move, count as done, cancel. Safe to repeat at any time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from peewee import fn

from panel.database import Touch, db, transaction, utcnow
from panel.notify import outbox
from panel.obligations import steps, workdays
from panel.obligations.kinds import Due, Kind, Terms, all_kinds, on_here, terms_of
from panel.obligations.models import Obligation, State
from panel.org.models import Institution
from panel.runtime import runtime

BATCH = 400
AT_MOST = 2000  # subjects settled inside the transaction that changed them; more is a background run


def clock_of(institution: Institution) -> steps.Clock:
    """The institution's days. One query."""
    return steps.Clock(ZoneInfo(institution.time_zone), workdays.load())


class Settling:
    """Settles the kinds of one institution, with what it read once: terms, calendar, time."""

    def __init__(self, institution: Institution, now: datetime | None = None) -> None:
        self.institution = institution
        self.now = now or utcnow()
        self.terms = terms_of(institution)
        self.clock = clock_of(institution)
        self.counts: Counter[str] = Counter()

    def all(self, kinds: Iterable[Kind] | None = None) -> Counter[str]:
        """Every subject of every kind that is on; gives how many were opened, moved, done and cancelled."""
        for kind in on_here(self.institution) if kinds is None else kinds:
            seen: set[int] = set()
            key = kind.model.id
            query: Any = kind.select(self.institution)
            last = 0
            while rows := list(query.clone().where(key > last).order_by(key).limit(BATCH)):
                last = rows[-1].id
                seen |= {row.id for row in rows}
                self.rows(kind, rows)
            self._cancel_orphans(kind, seen)
        return self.counts

    def subjects(self, kind: Kind, ids: Sequence[int]) -> None:
        """Some subjects of a kind, by id; those that are gone owe nothing any more."""
        for start in range(0, len(ids), BATCH):
            part = list(ids[start : start + BATCH])
            query: Any = kind.select(self.institution)
            rows = list(query.where(kind.model.id.in_(part)))
            self.rows(kind, rows)
            gone = set(part) - {row.id for row in rows}
            if gone:
                self._end(kind, list(_open_of(self.institution, kind, gone)))

    def rows(self, kind: Kind, rows: Sequence[Any]) -> None:
        """Rows of the kind's model: compare what they owe with what is open."""
        terms = self.terms[kind.name]
        with transaction():
            ids = [row.id for row in rows]
            there = {o.subject_id: o for o in _open_of(self.institution, kind, ids)}
            before = _last_closed(self.institution, kind, ids)
            fresh: list[dict[str, Any]] = []
            over: list[Obligation] = []
            for row in rows:
                wanted = kind.due(row, terms) if terms.active else None
                wanted = wanted and _next_round(wanted, before.get(row.id), terms)
                found = there.get(row.id)
                if found is not None and wanted is not None and found.anchor != str(wanted.anchor):
                    self._close([found], State.DONE, done_on=_day(wanted.anchor) or self.clock.today(self.now))
                    found = None
                if wanted is None:
                    over += [found] if found else []
                elif found is None:
                    fresh.append(self._values(kind, row, wanted, terms))
                else:
                    self._follow(found, row, wanted, terms)
            self._end(kind, over)
            for start in range(0, len(fresh), 200):
                Obligation.insert_many(fresh[start : start + 200]).on_conflict_ignore().execute()
            self.counts["opened"] += len(fresh)

    # ── one obligation ────────────────────────────────────────────────────────────────────────

    def next_at(self, terms: Terms, due: date, reached: int | None, snoozed: date | None = None) -> datetime | None:
        """When an obligation is to be looked at: now if a step is owed, else at its next step."""
        if snoozed is not None and (wake := self.clock.moment(snoozed, terms.plan.hour)) > self.now:
            return wake
        step = steps.latest(terms.plan, due, self.now, self.clock)
        if step is not None and (reached is None or step.day > reached):
            return self.now
        return steps.following(terms.plan, due, self.now, self.clock)

    def _values(self, kind: Kind, row: Any, due: Due, terms: Terms) -> dict[str, Any]:
        return {
            "institution": self.institution.id,
            "kind": kind.name,
            "subject_type": kind.subject_type,
            "subject_id": row.id,
            "assigned": False,
            **_owed(row, due),
            "next_at": self.next_at(terms, due.on, None),
            "created_at": self.now,
            "updated_at": self.now,
        }

    def _follow(self, found: Obligation, row: Any, due: Due, terms: Terms) -> None:
        """Move what is open to where its subject is now. A new date begins the ladder anew."""
        wanted = _owed(row, due)
        if found.assigned:
            wanted.pop("person")
        if due.fixed:
            wanted.pop("due_on")
        changed = {name: value for name, value in wanted.items() if found.__data__.get(name) != value}
        if not changed:
            return
        if "due_on" in changed:
            changed |= {"reached": None, "snoozed_until": None, "snoozes": 0}
            withdraw([found.id])
        elif "person" in changed:
            withdraw([found.id], capacity="owner")
        if changed.keys() & {"due_on", "person", "role", "unit"}:
            reached = None  # a new owner is told where it stands; nobody is told twice
            changed |= {"reached": None, "next_at": self.next_at(terms, due.on, reached, found.snoozed_until)}
        changed |= {"updated_at": self.now, "version": Obligation.version + 1}
        Obligation.update(**changed).where(Obligation.id == found.id, Obligation.state == State.OPEN).execute()
        self.counts["moved"] += 1

    def _close(self, found: Iterable[Obligation], state: State, done_on: date | None = None) -> None:
        ids = [o.id for o in found]
        if not ids:
            return
        Obligation.update(
            state=state, closed_at=self.now, done_on=done_on, next_at=None, version=Obligation.version + 1
        ).where(Obligation.id.in_(ids), Obligation.state == State.OPEN).execute()
        withdraw(ids)
        self.counts[state.value] += len(ids)

    def _end(self, kind: Kind, found: Sequence[Obligation]) -> None:
        """Close what its subject owes no more: as done where its own page did it, else as no longer due."""
        done: dict[int, date] = {}
        if found and kind.met is not None:
            for row in kind.model.select().where(kind.model.id.in_([o.subject_id for o in found])):
                if (on := kind.met(row)) is not None:
                    done[row.id] = self.clock.today(on) if isinstance(on, datetime) else on
        for day in set(done.values()):
            self._close([o for o in found if done.get(o.subject_id) == day], State.DONE, done_on=day)
        self._close([o for o in found if o.subject_id not in done], State.CANCELLED)

    def _cancel_orphans(self, kind: Kind, seen: set[int]) -> None:
        """Cancel what is open for subjects that no longer come up: deleted, or of an institution's own past."""
        for found in _chunks(_open_of(self.institution, kind, None)):
            self._end(kind, [o for o in found if o.subject_id not in seen])


def _owed(row: Any, due: Due) -> dict[str, Any]:
    return {
        "subject_text": (due.text or str(row))[:200],
        "unit": _id(due.unit),
        "person": _id(due.person),
        "role": due.role.value,
        "due_on": due.on,
        "anchor": str(due.anchor),
        "urgent": due.urgent,
        "details": due.details,
    }


def _id(value: Any) -> int | None:
    return value if value is None or isinstance(value, int) else value.id


def _day(anchor: date | str) -> date | None:
    return anchor if isinstance(anchor, date) else None


def _next_round(due: Due, last: Obligation | None, terms: Terms) -> Due | None:
    """What is owed after a round that the subject itself does not count: one interval later, or nothing."""
    if last is None or last.anchor != str(due.anchor) or (due.on > last.due_on and not due.fixed):
        return due
    every = due.recurs if due.recurs is not None else terms.every
    if not every:
        return None
    counted = last.done_on if last.state == State.DONE and last.done_on else last.due_on
    return Due(**{**vars(due), "on": every.after(counted)})


def _open_of(institution: Institution, kind: Kind, ids: Iterable[int] | None) -> Any:
    query = Obligation.select().where(
        Obligation.institution == institution, Obligation.kind == kind.name, Obligation.state == State.OPEN
    )
    return query if ids is None else query.where(Obligation.subject_id.in_(list(ids)))


def _last_closed(institution: Institution, kind: Kind, ids: list[int]) -> dict[int, Obligation]:
    """The latest round of each subject that somebody ticked off or waived."""
    newest = (
        Obligation.select(fn.MAX(Obligation.id))
        .where(
            Obligation.subject_type == kind.subject_type,
            Obligation.subject_id.in_(ids),
            Obligation.institution == institution,
            Obligation.kind == kind.name,
            Obligation.state.in_([State.DONE, State.WAIVED]),
        )
        .group_by(Obligation.subject_id)
    )
    return {o.subject_id: o for o in Obligation.select().where(Obligation.id.in_(newest))}


def _chunks(query: Any) -> Iterable[list[Obligation]]:
    rows = list(query)
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def withdraw(ids: Sequence[int], capacity: str = "") -> None:
    """Take back what was told of obligations: from inboxes, and from what has not left the house yet."""
    outbox.withdraw("obligations.obligation", ids, capacity)


# ── following what is written ──────────────────────────────────────────────────────────────────


def observe(touches: list[Touch]) -> None:
    """Settle the subjects among the rows that a transaction wrote, before it commits."""
    from flask import has_app_context

    if not has_app_context() or not touches:
        return
    wanted: defaultdict[int, defaultdict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for touch in touches:
        institution_id = touch.row.__data__.get("institution")
        if institution_id is None:
            continue
        for kind in _kinds_of(type(touch.row)):
            wanted[institution_id][kind.name].update(_subjects(kind, touch.row))
    for institution_id, kinds in wanted.items():
        _settle(Institution.get_by_id(institution_id), kinds)


def settle_obligations(model: Any, ids: Sequence[int]) -> None:
    """Settle rows whose dates a machine read in: such columns have no verb that would be followed."""
    for row in model.select().where(model.id.in_(list(ids))):
        observe([Touch("update", row)])


def _settle(institution: Institution, wanted: dict[str, set[int]]) -> None:
    kinds = {k.name: k for k in on_here(institution)}
    wanted = {name: ids for name, ids in wanted.items() if name in kinds}
    if not wanted:
        return
    if sum(map(len, wanted.values())) > AT_MOST:
        db.after_commit(lambda: _later(institution))
        return
    settling = Settling(institution)
    for name, ids in wanted.items():
        settling.subjects(kinds[name], sorted(ids))


def _later(institution: Institution) -> None:
    from panel.jobs.queue import enqueue

    enqueue("obligations.settle", institution=institution)


def _kinds_of(model: type) -> list[Kind]:
    known: dict[type, list[Kind]] = runtime().kinds_by_model
    if model not in known:
        known[model] = [k for k in all_kinds().values() if model is k.model or _leads_to(model, k) or model in k.also]
    return known[model]


def _leads_to(model: Any, kind: Kind) -> bool:
    parent = getattr(model, "scope_parent", None)
    return bool(parent) and model._meta.fields[parent].rel_model is kind.model


def _subjects(kind: Kind, row: Any) -> Iterable[int]:
    if isinstance(row, kind.model):
        return [row.id]
    if type(row) in kind.also and kind.ids is not None:
        return kind.ids(row)
    return [row.__data__[type(row).scope_parent]]
