"""Who is told: the holders of a role in a unit or the nearest one above, and what happens where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from panel.access.models import Grant, User
from panel.access.models import Role as AccessRole
from panel.obligations.models import Audience, Obligation, Role
from panel.org.models import Institution, Person, Unit


class Directory:
    """The institution's people by role and unit, read once for many obligations (three queries)."""

    def __init__(self, institution: Institution | int, today: date) -> None:
        self.today = today
        units: Any = Unit.select(Unit.id, Unit.parent).where(Unit.institution == institution).tuples()
        self._parents: dict[int, int | None] = dict(units)
        self._people: dict[int, Person] = {}
        self._held: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        rows: Any = (
            Grant.select(Grant.unit, AccessRole.code, User.person)
            .join_from(Grant, AccessRole)
            .join_from(Grant, User)
            .where(Grant.institution == institution, AccessRole.code != "", User.active, User.person.is_null(False))
            .tuples()
        )
        for unit, code, person in rows:
            self._held[code, unit].append(person)
        leads = Person.select().where(Person.institution == institution, Person.leads_unit)
        for person in leads:
            self._people[person.id] = person
            self._held["heads", person.unit_id].append(person.id)
        self.load(p for people in self._held.values() for p in people)

    def load(self, ids: Iterable[int | None]) -> list[Person]:
        """The people of these ids; those not known yet are read in one query."""
        wanted = {i for i in ids if i is not None}
        missing = [i for i in wanted if i not in self._people]
        if missing:
            self._people |= {p.id: p for p in Person.select().where(Person.id.in_(missing))}
        return [self._people[i] for i in wanted if i in self._people]

    def person(self, person_id: int | None) -> Person | None:
        """Somebody in service, or None."""
        person = self._people.get(person_id) if person_id else None
        return person if person is not None and person.in_service(self.today) else None

    def holders(self, role: str, unit_id: int) -> list[Person]:
        """Who holds a role in the unit, else in the nearest unit above it; a unit lead is whoever heads it."""
        codes = ("heads", "lead") if role == Role.LEAD else (role,)
        for unit in self._line(unit_id):
            for code in codes:
                if found := [p for i in self._held.get((code, unit), ()) if (p := self.person(i))]:
                    return found
        return []

    def units_held(self, person_id: int) -> list[int] | None:
        """The units where somebody holds any role, and all below; None: everywhere."""
        held = {unit for (_code, unit), people in self._held.items() if person_id in people}
        if any(self._parents.get(unit) is None for unit in held):
            return None
        return [unit for unit in self._parents if held.intersection(self._line(unit))]

    def _line(self, unit_id: int) -> Iterator[int]:
        """A unit and those above it."""
        unit: int | None = unit_id
        while unit is not None:
            yield unit
            unit = self._parents.get(unit)

    def anywhere(self, role: str) -> list[Person]:
        """Who holds a role in any unit."""
        ids = {i for (code, _unit), people in self._held.items() if code == role for i in people}
        return [p for i in sorted(ids) if (p := self.person(i))]

    def owners(self, obligation: Obligation) -> list[Person]:
        """Who owes it today: the person, else the role, else the unit lead, else the publicity office."""
        named = self.person(obligation.person_id)
        if named is not None:
            return [named]
        unit = obligation.unit_id
        if obligation.person_id is None and (found := self.holders(obligation.role, unit)):
            return found
        return self.holders(Role.LEAD, unit) or self.office(unit)

    def office(self, unit_id: int) -> list[Person]:
        """The publicity office: its role here or above, else wherever it is held, else the administrators."""
        return (
            self.holders(Role.PUBLICITY, unit_id) or self.anywhere(Role.PUBLICITY) or self.anywhere(Role.ADMINISTRATOR)
        )

    def told(self, obligation: Obligation, audience: Audience) -> dict[int, tuple[Person, Audience]]:
        """Everybody a step tells, and in what capacity."""
        told: dict[int, tuple[Person, Audience]] = {}
        groups = [(Audience.OWNER, self.owners(obligation))]
        if audience in (Audience.LEAD, Audience.OFFICE):
            groups.append((Audience.LEAD, self.holders(Role.LEAD, obligation.unit_id)))
        if audience == Audience.OFFICE:
            groups.append((Audience.OFFICE, self.office(obligation.unit_id)))
        for capacity, people in groups:
            for person in people:
                told.setdefault(person.id, (person, capacity))
        return told
