"""Who is paid: made from contributors; what the finance office says of them, and the bank account, sealed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from panel.api import PersonKind, Refused, _, audit, records, transaction, vault
from plugins.stipend.choices import PayeeKind
from plugins.stipend.ledger import Payee
from plugins.stipend.weighing import Giver

KINDS = {PersonKind.STAFF.value: PayeeKind.STAFF, PersonKind.STUDENT.value: PayeeKind.STUDENT}
ACCOUNT = re.compile(r"[0-9]{8,32}")


def key_of(giver: Giver) -> tuple[Any, ...]:
    """What tells payees apart: the person, or outside the roster the name with the unit."""
    return (giver.person,) if giver.person is not None else (giver.name, giver.unit_name)


def payees_of(institution_id: int, givers: Iterable[Giver]) -> dict[tuple[Any, ...], int]:
    """The payee of each contributor, made where there is none yet."""
    wanted = {key_of(giver): giver for giver in givers}
    known = _known(institution_id, wanted)
    missing = [giver for key, giver in wanted.items() if key not in known]
    if missing:
        records.bulk_create(Payee, [_new(institution_id, giver) for giver in missing])
        known |= _known(institution_id, {key_of(giver): giver for giver in missing})
    return known


def _known(institution_id: int, wanted: dict[tuple[Any, ...], Giver]) -> dict[tuple[Any, ...], int]:
    people = [key[0] for key in wanted if len(key) == 1]
    names = {key[0] for key in wanted if len(key) == 2}
    of = Payee.institution == institution_id
    found: dict[tuple[Any, ...], int] = {}
    if people:
        rows: Any = Payee.select(Payee.person, Payee.id).where(of, Payee.person.in_(people)).tuples()
        found |= {(person,): payee for person, payee in rows}
    if names:
        outside: Any = Payee.select(Payee.name, Payee.unit_name, Payee.id).where(
            of, Payee.person.is_null(), Payee.name.in_(list(names))
        )
        found |= {(name, unit): payee for name, unit, payee in outside.tuples()}
    return found


def _new(institution_id: int, giver: Giver) -> dict[str, Any]:
    kind = PayeeKind.OUTSIDE if giver.person is None else KINDS.get(giver.kind or "", PayeeKind.OUTSIDE)
    return {
        "institution": institution_id,
        "person": giver.person,
        "name": giver.name,
        "unit_name": giver.unit_name,
        "kind": kind.value,
    }


def set_account(payee: Payee, bank: str, account: str) -> None:
    """Seal the bank account of a payee; lists show its last four figures. Raises Refused for no account number."""
    digits = re.sub(r"[\s-]", "", account)
    if digits and not ACCOUNT.fullmatch(digits):
        raise Refused(_("A bank account has 8 to 32 figures."), "account")
    if digits and not bank.strip():
        raise Refused(_("Name the bank."), "bank")
    with transaction():
        records.update(payee, bank=bank.strip(), account_tail=digits[-4:])
        vault.put(payee, "account_sealed", digits)


def account_of(payee: Payee) -> str:
    """The bank account in full; whoever asks answers for the log line. Raises Refused where the key is not at hand."""
    return vault.read(payee, "account_sealed")


def reveal(payee: Payee) -> str:
    """The bank account in full, with a line in the log."""
    account = account_of(payee)
    with transaction():
        audit.note("revealed", payee, {"fields": [str(_("Bank account"))]})
    return account
