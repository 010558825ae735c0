"""The verbs on duties, who holds them, and who answers for an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from panel.api import Holding, Institution, NotFound, Person, Refused, Unit, _, _l, audit, records, today, transaction
from plugins.accounts.services import Account, Custodian, Operator
from plugins.oversight.models import Duty
from plugins.oversight.policy import DutyKind


def open_on(day: date) -> Any:
    """That a duty is held on a day, as a condition."""
    return (Duty.since <= day) & (Duty.until.is_null() | (Duty.until >= day))


def holders(institution: Institution | int, day: date) -> Any:
    """The duties held on a day, joined with their kinds, people and units."""
    return (
        Duty.select(Duty, DutyKind, Person, Unit)
        .join_from(Duty, DutyKind)
        .join_from(Duty, Unit)
        .join_from(Duty, Person, "LEFT JOIN")
        .where(Duty.institution == institution, open_on(day))
    )


def appoint(values: dict[str, Any]) -> Duty:
    """Give somebody a duty. `values`: kind, unit, person and any of since, until, appointed_by, tasks, note.

    Raises Refused where the kind asks for a person (or for a unit) and none (or one) is named, for somebody out of
    service, and where as many hold it as may.
    """
    values = {name: value for name, value in values.items() if value is not None}
    with transaction():
        values.setdefault("since", today())
        _fits(values["kind"], values.get("person"), values["since"])
        _room(values["kind"], values["unit"], values["since"])
        return records.create(Duty, **values)


def change_duty(row: Duty, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a duty; who held it stays as it was: a successor has a row of their own."""
    with transaction():
        person = values.get("person", row.person)
        if "person" in values and row.person is not None and person != row.person:
            raise Refused(_("End this duty and enter a new one: who held it stays on record."), "person")
        _fits(values.get("kind", row.kind), person, values.get("since") or row.since)
        records.update(row, expected_version, **values)


def _fits(kind: DutyKind, person: Person | None, since: date) -> None:
    if kind.by_unit and person is not None:
        raise Refused(_("“%(kind)s” is held by a unit; leave the person empty.", kind=kind), "person")
    if not kind.by_unit and person is None:
        raise Refused(_("Name the person who holds this duty."), "person")
    if person is not None and not person.in_service(max(since, today())):
        raise Refused(_("%(name)s is not in service.", name=person), "person")


def _room(kind: DutyKind, unit: Unit, since: date) -> None:
    if kind.most is None:
        return
    held = Duty.select().where(Duty.kind == kind, open_on(since))
    if kind.of_each_unit:
        held = held.where(Duty.unit == unit)
    if held.count() >= kind.most:
        raise Refused(_("%(most)s hold this duty already; end one first.", most=kind.most), "kind")


def end_duty(row: Duty, until: date, reason: str = "") -> None:
    """End a duty on a day, the last on which it is held."""
    with transaction(), audit.acting(reason=reason):
        if Duty.get_by_id(row.id).until is not None:
            raise Refused(_("This duty has ended already."))
        if until < row.since:
            raise Refused(_("A duty cannot end before it begins."), "until")
        records.update(row, until=until)


def hand_over_duty(row: Duty, successor: Person, note: str = "") -> Duty:
    """Pass a duty on: it ends yesterday for the holder and begins today for the successor."""
    if successor.institution_id != row.institution_id:
        raise NotFound(_("This page does not exist, or is not yours to see."))
    with transaction():
        end_duty(row, max(row.since, today() - timedelta(days=1)), note)
        return appoint(
            {
                "institution": row.institution_id,
                "kind": row.kind,
                "unit": row.unit,
                "person": successor,
                "tasks": row.tasks,
                "note": note[:300],
            }
        )


def _held_by(people: Iterable[Person]) -> list[Duty]:
    ids = [person.id for person in people]
    query = Duty.select(Duty, DutyKind, Unit).join_from(Duty, DutyKind).join_from(Duty, Unit)
    return list(query.where(Duty.person.in_(ids), Duty.until.is_null() | (Duty.until >= today())))


duty = Holding(
    kind="oversight.duty",
    title=_l("Holds a duty"),
    held_by=_held_by,
    holder=lambda row: row.__data__["person"],
    subject=lambda row: f"{row.kind} · {row.unit}",
    hand_over=hand_over_duty,
    end=None,
)


# ── groups, and who answers for an account ─────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """A group with its duties in order; each with whoever holds it now."""

    name: str
    lines: list[tuple[DutyKind, list[Duty]]]

    @property
    def vacant(self) -> list[DutyKind]:
        """The duties fewer people hold than must."""
        return [kind for kind, held in self.lines if not kind.of_each_unit and len(held) < kind.least]


def groups(institution: Institution, day: date) -> list[Group]:
    """Every group, by name, and first what belongs to none. Two queries."""
    kinds = list(
        DutyKind.select()
        .where(DutyKind.institution == institution)
        .order_by(DutyKind.group, DutyKind.position, DutyKind.id)
    )
    held: dict[int, list[Duty]] = {kind.id: [] for kind in kinds}
    for row in holders(institution, day).order_by(Duty.since, Duty.id):
        held[row.__data__["kind"]].append(row)
    names = list(dict.fromkeys(kind.group for kind in kinds))
    return [Group(name, [(k, held[k.id]) for k in kinds if k.group == name]) for name in names]


@dataclass(frozen=True)
class Card:
    """Who answers for an account (s0-07-r04): supervising duties, the responsible person, who runs and keeps it."""

    account: Account
    supervising: list[Duty]
    responsible: Person | None
    operators: list[Person]
    custodians: list[Person]


def card_of(account: Account, day: date | None = None) -> Card:
    """The responsibility card of an account: duties of its unit, and those of the whole institution."""
    day = day or today()
    above = [int(part) for part in account.unit.path.split("/") if part]
    supervising = (
        holders(account.institution_id, day)
        .where(
            DutyKind.answers_for_accounts,
            ~DutyKind.of_each_unit | Duty.unit.in_(above),
        )
        .order_by(DutyKind.group, DutyKind.position, DutyKind.id)
    )
    rows, nearest = list(supervising), dict[int, int]()
    for row in rows:  # of a duty each unit has, the nearest unit's counts
        if row.kind.of_each_unit:
            kind = row.__data__["kind"]
            nearest[kind] = max(nearest.get(kind, 0), above.index(row.__data__["unit"]))
    rows = [r for r in rows if not r.kind.of_each_unit or above.index(r.unit.id) == nearest[r.kind.id]]
    return Card(account, rows, account.responsible, _people(Operator, account, day), _people(Custodian, account, day))


def _people(model: Any, account: Account, day: date) -> list[Person]:
    terms = (
        model.select(model, Person)
        .join(Person)
        .where(model.account == account, model.since <= day, model.until.is_null() | (model.until >= day))
        .order_by(model.since, model.id)
    )
    return list(dict.fromkeys(term.person for term in terms))
