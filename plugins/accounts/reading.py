"""What the pages read: the people of a page of accounts in one query, and all there is to one account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import JOIN, Value

from panel.api import Person, PersonKind, serving, today
from plugins.accounts.models import (
    Account,
    Custodian,
    Device,
    FormerName,
    Handover,
    Operator,
    PasswordChange,
    SealedCopy,
)
from plugins.accounts.operators import MAY_OPERATE
from plugins.accounts.secrets.reading import secrets_part
from plugins.accounts.timeline import events, lanes


@dataclass(frozen=True)
class Named:
    """Somebody with a term that is still open."""

    id: int
    name: str
    left_on: date | None  # the day they left, if they have

    def __str__(self) -> str:
        return self.name


def load_people(accounts: Sequence[Any]) -> None:
    """Hang `custodians` and `operators`, the people of the open terms, on each account: one query for all."""
    found: dict[tuple[int, str], list[Named]] = {}
    ids = [account.id for account in accounts]
    terms = _open_people(Custodian, "custodians", ids) + _open_people(Operator, "operators", ids)
    now = today()
    for account_id, kind, _term, person_id, name, until in sorted(terms.tuples() if ids else [], key=lambda t: t[2]):
        left = until if until is not None and until < now else None
        found.setdefault((account_id, kind), []).append(Named(person_id, name, left))
    for account in accounts:
        account.custodians = found.get((account.id, "custodians"), [])
        account.operators = found.get((account.id, "operators"), [])


def _open_people(model: Any, kind: str, ids: Iterable[int]) -> Any:
    return (
        model.select(model.account, Value(kind), model.id, Person.id, Person.name, Person.in_service_until)
        .join(Person)
        .where(model.account.in_(ids), model.until.is_null())
    )


def who_may(field: str) -> Any:
    """The people a field of the form may name: in service today, and of a kind that may (s0-07-r11, s0-07-r13)."""
    day = today()
    condition = serving(Person, day)
    kinds = {"responsible": (PersonKind.STAFF,), "operators": MAY_OPERATE}.get(field)
    return condition & Person.kind.in_([k.value for k in kinds]) if kinds else condition


def account_page(account: Account) -> dict[str, Any]:
    """All parts of one account, for its page; a query for each kind."""
    terms = _with_person(Custodian, account).order_by(Custodian.since, Custodian.id)
    operators = _with_person(Operator, account).order_by(Operator.until.is_null(False), Operator.since.desc())
    given = _handovers(account)
    changes = list(
        PasswordChange.select(PasswordChange, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(PasswordChange.account == account)
        .order_by(PasswordChange.on.desc(), PasswordChange.id.desc())
    )
    terms, operators, copies = list(terms), list(operators), _copies(account)
    return {
        **secrets_part(account, terms, copies),
        "keepers": [t for t in terms if t.until is None],
        "operators": [o for o in operators if o.until is None],
        "past_operators": [o for o in operators if o.until is not None],
        "sealed": next((c for c in copies if c.retired_on is None), None),
        "past_copies": [c for c in copies if c.retired_on is not None],
        "devices": list(_devices(account)),
        "changes": changes,
        "former_names": list(FormerName.select().where(FormerName.account == account).order_by(FormerName.id.desc())),
        "lanes": lanes(terms, given, [c.on for c in changes], today()),
        "events": events(terms, given),
        "today": today(),
    }


def _with_person(model: Any, account: Account) -> Any:
    return model.select(model, Person).join(Person).where(model.account == account)


def _handovers(account: Account) -> list[Handover]:
    leaving, taking, witness = Person.alias(), Person.alias(), Person.alias()
    return list(
        Handover.select(Handover, leaving, taking, witness, SealedCopy)
        .join_from(Handover, leaving, on=Handover.leaving == leaving.id, attr="leaving")
        .join_from(Handover, taking, on=Handover.taking == taking.id, attr="taking")
        .join_from(Handover, witness, JOIN.LEFT_OUTER, on=Handover.witness == witness.id, attr="witness")
        .join_from(Handover, SealedCopy, JOIN.LEFT_OUTER)
        .where(Handover.account == account)
        .order_by(Handover.on.desc(), Handover.id.desc())
    )


def _copies(account: Account) -> list[SealedCopy]:
    by, keeper, opener = Person.alias(), Person.alias(), Person.alias()
    return list(
        SealedCopy.select(SealedCopy, by, keeper, opener)
        .join_from(SealedCopy, by, on=SealedCopy.sealed_by == by.id, attr="sealed_by")
        .join_from(SealedCopy, keeper, JOIN.LEFT_OUTER, on=SealedCopy.keeper == keeper.id, attr="keeper")
        .join_from(SealedCopy, opener, JOIN.LEFT_OUTER, on=SealedCopy.opened_by == opener.id, attr="opened_by")
        .where(SealedCopy.account == account)
        .order_by(SealedCopy.sealed_on.desc(), SealedCopy.id.desc())
    )


def _devices(account: Account) -> Any:
    return (
        Device.select(Device, Person)
        .join(Person, JOIN.LEFT_OUTER)
        .where(Device.account == account, Device.until.is_null())
        .order_by(Device.id)
    )
