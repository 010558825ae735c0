"""Who is paid: made from contributors; what the finance office says of them, and the bank account, sealed."""

from __future__ import annotations

import re
from typing import Any

from panel.api import Institution, Person, PersonKind, Refused, _, audit, records, transaction, vault
from plugins.stipend.choices import PayeeKind
from plugins.stipend.ledger import Payee

KINDS = {PersonKind.STAFF.value: PayeeKind.STAFF, PersonKind.STUDENT.value: PayeeKind.STUDENT}
ACCOUNT = re.compile(r"[0-9]{8,32}")


def new_payee(institution: Institution, person: Person | None, name: str, unit_name: str) -> dict[str, Any]:
    """The values of a payee: a person of the roster, or somebody outside by name and unit."""
    kind = PayeeKind.OUTSIDE if person is None else KINDS.get(person.kind, PayeeKind.OUTSIDE)
    return {
        "institution": institution,
        "person": person,
        "name": (person.name if person is not None else "") or name,
        "unit_name": unit_name,
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
