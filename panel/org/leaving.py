"""Leaving and moving: everything a person holds, in any area, finds a successor or is ended first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from panel import audit, records
from panel.access.identity import current
from panel.access.models import User
from panel.access.sessions import end_sessions
from panel.database import transaction
from panel.errors import Refused
from panel.i18n import _, ngettext, today
from panel.org.holdings import Held, Holding, held
from panel.org.models import Institution, Person, Unit
from panel.runtime import runtime

Choices = Mapping[str, Person | None]  # the key of a Held to its successor; None ends it without one


def holdings() -> list[Holding]:
    """The kinds of things that can be held here: the core's, and those of the plugins that are on."""
    who = current()
    registry = runtime().registry
    areas = [*registry.core, *(entry for entry in registry if who is not None and who.plugin_on(entry.name))]
    found = {h.kind: h for area in areas for h in area.defined("services", Holding)}
    return list(found.values())


def held_by(person: Person) -> list[Held]:
    """Everything the person holds."""
    return held(person, holdings())


def leave(person: Person, last_day: date, choices: Choices, note: str = "") -> None:
    """Hand over or end all the person holds, and note their last day; their sessions end at once.

    Their user may log in until that day has passed. Raises Refused while anything has neither successor nor end.
    """
    with transaction(), audit.acting(reason=note or _("Left the institution")):
        stored = Person.get_by_id(person.id)
        _settle(stored, choices, last_day, note)
        records.update(person, in_service_until=last_day)
        changed_service(stored, person)
        end_sessions(User.person == person.id)


def move(person: Person, unit: Unit, choices: Choices, note: str = "") -> None:
    """Hand over or end all the person holds, and put them in another unit; their sessions end at once."""
    from panel.org.permissions import OrgPermission
    from panel.org.services import within

    who = current()
    with transaction(), audit.acting(reason=note or _("Moved to another unit")):
        stored = Person.get_by_id(person.id)
        if who is not None:
            within(who, OrgPermission.PERSON_EDIT, unit)
        if unit.institution_id != stored.institution_id or unit.archived_at is not None:
            raise Refused(_("Choose an open unit of this institution."), "unit")
        if unit.id == stored.unit_id:
            raise Refused(_("%(person)s is in %(unit)s already.", person=person, unit=unit), "unit")
        _settle(stored, choices, today(), note)
        records.update(person, unit=unit, leads_unit=False)
        changed_service(stored, person)


def changed_service(before: Person, after: Person) -> None:
    """Draw the consequences of another unit or last day; called in the transaction that wrote it.

    Raises Refused where the person still holds something that a move or a leaving must hand over.
    """
    gone = _gone(after) and not _gone(before)
    moved = before.unit_id != after.unit_id
    if gone or moved:
        if rest := held_by(after):
            raise Refused(_unsettled(after, rest))
        end_sessions(User.person == after.id)
    if gone:
        deactivate_leavers(after.institution_id, after)


def deactivate_leavers(institution: Institution | int, person: Person | None = None) -> int:
    """Users whose person's last day has passed no longer log in; gives how many. Run every night, safe to repeat."""
    query = (
        User.select(User)
        .join(Person, on=(User.person == Person.id))
        .where(User.institution == institution, User.active, Person.in_service_until < today())
    )
    if person is not None:
        query = query.where(Person.id == person.id)
    count = 0
    for user in list(query):
        with transaction(), audit.acting(reason=_("The last day in service has passed")):
            records.update(user, active=False)
            end_sessions(User.id == user.id)
        count += 1
    return count


def _gone(person: Person) -> bool:
    return person.in_service_until is not None and person.in_service_until < today()


def _settle(person: Person, choices: Choices, last_day: date, note: str) -> None:
    """Carry out the choices; raises Refused, naming what is open, unless they settle everything."""
    things = held_by(person)
    open_things = [
        thing
        for thing in things
        if thing.key not in choices or (choices[thing.key] is None and thing.holding.end is None)
    ]
    if open_things:
        raise Refused(_unsettled(person, open_things))
    for thing in things:
        successor = choices[thing.key]
        if successor is not None:
            _refuse_unfit(person, successor, last_day)
            thing.holding.hand_over(thing.row, successor, note)
        elif thing.holding.end is not None:
            thing.holding.end(thing.row, note)


def _refuse_unfit(person: Person, successor: Person, last_day: date) -> None:
    if successor.institution_id != person.institution_id:
        raise Refused(_("A successor must belong to the same institution."))
    if successor.id == person.id:
        raise Refused(_("%(person)s cannot be their own successor.", person=person))
    if not successor.in_service() or not successor.in_service(max(last_day, today())):
        raise Refused(_("%(person)s is not in service and cannot take anything over.", person=successor))


def _unsettled(person: Person, things: list[Held]) -> str:
    names = "、".join(f"{thing.holding.title}：{thing.text}" for thing in things[:5])
    return ngettext(
        "%(person)s still holds %(num)s thing: %(names)s. Hand it over or end it first.",
        "%(person)s still holds %(num)s things: %(names)s. Hand them over or end them first.",
        len(things),
        person=person,
        names=names if len(things) <= 5 else f"{names}…",
    )
