"""Who belongs in which group, and who is therefore to be added: kept true at every change of roster and groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from panel.api import Institution, Person, Touched, Unit, follow, records, today, transaction
from plugins.groupchat.choices import GroupState, Match, MemberState
from plugins.groupchat.groups import Group, Member, Reach

ACTIVE = GroupState.ACTIVE.value


class Belonging:
    """Who belongs where in one institution, read once: three queries."""

    def __init__(self, institution: Institution | int, group_ids: Sequence[int] | None = None) -> None:
        query: Any = (
            Reach.select(Reach, Unit.path.alias("path"))
            .join_from(Reach, Unit, "LEFT JOIN")
            .switch(Reach)
            .join(Group, on=(Reach.group == Group.id))
            .where(Reach.institution == institution, Group.state == ACTIVE)
            .objects()
        )
        if group_ids is not None:
            query = query.where(Reach.group.in_(list(group_ids)))
        self.reaches: dict[int, list[Any]] = defaultdict(list)
        for reach in query:
            self.reaches[reach.group_id].append(reach)

    def fits(self, group_id: int, person: Person, path: str) -> bool:
        """Whether somebody in the unit at `path` belongs in a group."""
        return any(
            (reach.path is None or path.startswith(reach.path))
            and (not reach.kind or reach.kind == person.kind)
            and (not reach.post or reach.post == person.post)
            for reach in self.reaches.get(group_id, ())
        )

    def groups_of(self, person: Person, path: str) -> set[int]:
        """The groups somebody belongs in."""
        return {group_id for group_id in self.reaches if self.fits(group_id, person, path)}


def people_of(institution: Institution | int, ids: Iterable[int] | None = None) -> list[Any]:
    """People with the path of their unit as `path`."""
    query = Person.select(Person, Unit.path.alias("path")).join(Unit).where(Person.institution == institution)
    return list((query if ids is None else query.where(Person.id.in_(list(ids)))).objects())


def expected_in(group: Group) -> list[Person]:
    """The people in service who belong in a group."""
    belonging = Belonging(group.institution_id, [group.id])
    people = people_of(group.institution_id)
    return [p for p in people if p.in_service() and belonging.fits(group.id, p, p.path)]


def settle_people(institution_id: int, ids: Sequence[int]) -> None:
    """Expect people where they now belong and are not; expect them no longer where they do not."""
    belonging = Belonging(institution_id)
    if not belonging.reaches:
        return
    people = people_of(institution_id, ids)
    _settle(belonging, people, Member.person.in_(list(ids)), set(belonging.reaches))


def settle_groups(institution_id: int, ids: Sequence[int]) -> None:
    """The same for all people of some groups."""
    belonging = Belonging(institution_id, ids)
    people = people_of(institution_id) if belonging.reaches else []
    _settle(belonging, people, Member.group.in_(list(ids)), set(ids))


def _settle(belonging: Belonging, people: Sequence[Any], which: Any, groups: set[int]) -> None:
    wanted = {
        (group_id, person.id)
        for person in people
        if person.in_service()
        for group_id in belonging.groups_of(person, person.path)
    }
    members = list(Member.select().where(which, Member.person.is_null(False), Member.state != MemberState.GONE))
    there = {(m.group_id, m.person_id) for m in members}
    institution = people[0].institution_id if people else None
    with transaction():
        for member in members:
            key = (member.group_id, member.person_id)
            if member.state == MemberState.EXPECTED and key not in wanted and member.group_id in groups:
                records.update(member, state=MemberState.GONE.value, left_on=today())
        fresh = sorted(wanted - there)
        records.bulk_create(
            Member,
            [
                {
                    "institution": institution,
                    "group": group_id,
                    "person": person_id,
                    "state": MemberState.EXPECTED.value,
                    "match": Match.REAL_NAME.value,
                }
                for group_id, person_id in fresh
            ],
        )


@follow(Person, "unit", "kind", "post", "in_service_from", "in_service_until")
def roster_changed(institution_id: int, touched: Touched) -> None:
    """Whoever arrives, moves or leaves is to be added or removed at once (s1-23-r03)."""
    settle_people(institution_id, touched.ids)


@follow(Reach)
def reach_changed(institution_id: int, touched: Touched) -> None:
    """Others belong in a group now."""
    settle_groups(institution_id, touched.values("group"))


@follow(Group, "state")
def group_changed(institution_id: int, touched: Touched) -> None:
    """A group is opened or closed."""
    settle_groups(institution_id, touched.ids)
