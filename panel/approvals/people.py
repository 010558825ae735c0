"""Who may sign: roles and persons as they are today, found when somebody asks, never copied into a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from panel.access.models import Grant, Role, User
from panel.approvals.models import Delegation, Task, Who
from panel.org.models import Institution, Person, Unit

LEAD = "lead"


class People:
    """The institution's signers by role and unit, read once for many steps (four queries). Only who can log in."""

    def __init__(self, institution: Institution | int, today: date) -> None:
        self.institution = institution
        self.today = today
        units: Any = Unit.select(Unit.id, Unit.parent).where(Unit.institution == institution).tuples()
        self._parents: dict[int, int | None] = dict(units)
        self._codes: dict[int, str] = {}
        self._people: dict[int, Person] = {}
        self._granted: defaultdict[tuple[int, int], list[int]] = defaultdict(list)  # (role, unit) → persons
        self._heads: defaultdict[int, list[int]] = defaultdict(list)
        self._read()

    def _read(self) -> None:
        people = (
            Person.select()
            .join(User, on=(User.person == Person.id))
            .where(Person.institution == self.institution, User.active)
            .order_by(Person.id)
        )
        self._people = {p.id: p for p in people if p.in_service(self.today)}
        for person in self._people.values():
            if person.leads_unit:
                self._heads[person.unit_id].append(person.id)
        grants: Any = (
            Grant.select(Grant.role, Grant.unit, User.person)
            .join(User)
            .where(Grant.institution == self.institution, User.person.is_null(False))
            .order_by(User.person)
            .tuples()
        )
        for role, unit, person_id in grants:
            self._granted[role, unit].append(person_id)
        roles: Any = Role.select(Role.id, Role.code).where(Role.institution == self.institution).tuples()
        self._codes = dict(roles)

    # ── who signs a step ──────────────────────────────────────────────────────────────────────

    def holders(
        self, who: str, role: int | None, unit: int | None, person: int | None, without: Collection[int] = ()
    ) -> list[Person]:
        """Who may sign: `unit` is where the role is looked for. Those in `without` are passed over."""
        if who == Who.PERSON:
            return self._known([person] if person else [], without)
        if role is None or unit is None:
            return []
        if who == Who.OFFICE:
            return self._in_office(role, unit, without)
        for place in self._line(unit):
            if found := self._in(role, place, without):
                return found
        return []

    def of_task(self, task: Task, without: Collection[int] = ()) -> list[Person]:
        """Who may sign a step of a request today."""
        return self.holders(task.who, task.__data__["role"], task.unit_id, task.person_id, without)

    def known(self, person_id: int | None) -> Person | None:
        """Somebody in service who can log in, or None."""
        return self._people.get(person_id) if person_id else None

    def parent(self, unit_id: int) -> int:
        """The unit above; the root is above itself."""
        return self._parents.get(unit_id) or unit_id

    def places(self, person_id: int) -> set[int] | None:
        """The units whose steps somebody may have to sign: theirs and all below; None: anywhere."""
        held = {unit for (_role, unit), people in self._granted.items() if person_id in people}
        held |= {unit for unit, people in self._heads.items() if person_id in people}
        if any(self._parents.get(unit) is None for unit in held):
            return None
        return {unit for unit in self._parents if held.intersection(self._line(unit))}

    def _in(self, role: int, unit: int, without: Collection[int]) -> list[Person]:
        """A unit is led by whoever heads it, else by who was given the role."""
        if self._codes.get(role) == LEAD and (heads := self._known(self._heads.get(unit, ()), without)):
            return heads
        return self._known(self._granted.get((role, unit), ()), without)

    def _in_office(self, role: int, office: int, without: Collection[int]) -> list[Person]:
        """Who has the role in the office; else members of the office who have it in a unit above."""
        if found := self._in(role, office, without):
            return found
        above = set(self._line(office))
        ids = {p for (r, unit), people in self._granted.items() if r == role and unit in above for p in people}
        members = [i for i in sorted(ids) if i in self._people and office in self._line(self._people[i].unit_id)]
        return self._known(members, without)

    def _known(self, ids: Collection[int], without: Collection[int]) -> list[Person]:
        return [self._people[i] for i in dict.fromkeys(ids) if i in self._people and i not in without]

    def _line(self, unit_id: int) -> Iterator[int]:
        unit: int | None = unit_id
        while unit is not None:
            yield unit
            unit = self._parents.get(unit)


def given_to(receiver: int, day: date) -> list[Delegation]:
    """The delegations in force by which somebody signs for others."""
    return list(
        Delegation.select().where(
            Delegation.receiver == receiver,
            Delegation.ended_at.is_null(),
            Delegation.begins_on <= day,
            Delegation.ends_on.is_null() | (Delegation.ends_on >= day),
        )
    )


def covers(delegation: Delegation, task: Task, subject: str) -> bool:
    """Whether a delegation holds for a step."""
    if delegation.task_id is not None:
        return bool(delegation.task_id == task.id)
    return delegation.subject in ("", subject)
