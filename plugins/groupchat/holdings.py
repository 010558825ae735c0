"""What a person can hold of groups: none of it is left behind when they leave or move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from panel.api import Holding, Person, _l
from plugins.groupchat.choices import GroupState
from plugins.groupchat.groups import Group, OwnerTerm
from plugins.groupchat.register import end_deputy, hand_over, name_deputy


def _owned_by(people: Iterable[Person]) -> list[Group]:
    ids = [person.id for person in people]
    query = Group.select().where(Group.owner.in_(ids), Group.state != GroupState.CLOSED)
    return list(query.order_by(Group.name, Group.id))


def _deputies(people: Iterable[Person]) -> list[OwnerTerm]:
    ids = [person.id for person in people]
    query = OwnerTerm.select(OwnerTerm, Group).join(Group)
    return list(query.where(OwnerTerm.person.in_(ids), OwnerTerm.until.is_null(), OwnerTerm.deputy))


def _pass_deputy(term: OwnerTerm, successor: Person, note: str) -> Any:
    end_deputy(term, note)
    return name_deputy(term.group, successor, note)


group_owner = Holding(
    kind="groupchat.owner",
    title=_l("Owns a group"),
    held_by=_owned_by,
    holder=lambda group: group.owner_id,
    subject=str,
    hand_over=lambda group, successor, note: hand_over(group, successor, note),
)
group_deputy = Holding(
    kind="groupchat.deputy",
    title=_l("Stands in for a group's owner"),
    held_by=_deputies,
    holder=lambda term: term.person_id,
    subject=lambda term: str(term.group),
    hand_over=_pass_deputy,
    end=lambda term, note: end_deputy(term, note),
)
