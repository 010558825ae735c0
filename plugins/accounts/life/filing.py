"""Filing (备案): giving numbers, recording what was filed with whom, and owing it where a change was not decided."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from peewee import fn

from panel.api import Institution, Refused, Unit, _, is_postgres, policy_of, records, today, transaction
from plugins.accounts.choices import Filing, Status
from plugins.accounts.life.choices import Event
from plugins.accounts.life.models import FilingRecord
from plugins.accounts.models import Account
from plugins.accounts.policy import BLANK, AccountsPolicy
from plugins.accounts.preconditions import locked, past

WEBSITE = "site"  # of a website the filing number is the ICP number, which the state gives


def file_account(
    account: Account,
    event: Event,
    application: Any = None,
    on: date | None = None,
    number: str = "",
    note: str = "",
) -> FilingRecord:
    """File an account: what the register says is what is filed from now on.

    Without `number` it keeps the one it has, or gets the next of the institution's scheme. What was owed to offices
    for it is settled by this only where an application was approved (s0-07-r14).
    """
    with transaction():
        account = locked(account)
        on = past(on, "filed_on")
        given: dict[str, Any] = {"number": number.strip() or account.filing_number}
        if not given["number"]:
            given = next_number(account, on)
        record = records.create(
            FilingRecord,
            institution=account.institution_id,
            account=account,
            event=event.value,
            application=application,
            owed_on=on,
            filed_on=on,
            note=note,
            **given,
        )
        values: dict[str, Any] = {"filing": Filing.FILED.value, "filed_on": on}
        if account.platform.family != WEBSITE or number.strip():
            values["filing_number"] = given["number"]
        records.update(account, **values)
        if application is not None:
            for owed in owed_for(account):
                records.update(owed, filed_on=on, application=application)
    return record


def confirm_filing(account: Account, number: str = "", on: date | None = None, note: str = "") -> FilingRecord:
    """Confirm that an account that was there before is filed. Raises Refused where it is, or is closed."""
    with transaction():
        stored = locked(account)
        if stored.filing == Filing.FILED:
            raise Refused(_("%(name)s is filed already.", name=stored.name))
        if stored.status == Status.CLOSED:
            raise Refused(_("%(name)s is closed; nothing more is filed for it.", name=stored.name))
        return file_account(stored, Event.CONFIRMATION, None, on or stored.filed_on, number, note)


def confirm_all(accounts: Any) -> int:
    """Confirm each of these that is unfiled and not closed; gives how many."""
    wanted = [a for a in accounts if a.filing == Filing.UNFILED and a.status != Status.CLOSED]
    with transaction():
        for account in wanted:
            confirm_filing(account)
    return len(wanted)


def owe_filing(account: Account, what: str) -> None:
    """Owe each office of the policy a filing of this change; one that is owed already takes it in (s0-07-r14)."""
    policy = policy_of(AccountsPolicy, account.institution_id, today())
    names = [n for n in re.split(r"[、,，;；]+", policy.filing_offices if policy else "") if n.strip()]
    if not names or account.status == Status.CLOSED:
        return
    days = policy.changes_filed_days if policy and policy.changes_filed_days is not None else 3
    owed = {record.__data__["office"]: record for record in owed_for(account)}
    for office in offices(account.institution_id, names):
        there = owed.get(office.id)
        if there is not None:
            if what not in there.text:
                records.update(there, text=f"{there.text}；{what}"[:300])
            continue
        records.create(
            FilingRecord,
            institution=account.institution_id,
            account=account,
            event=Event.CHANGE.value,
            office=office,
            text=what[:300],
            owed_on=today() + timedelta(days=days),
        )


def settle_filing(record: FilingRecord, on: date | None = None, note: str = "") -> None:
    """Tick off one owed filing. With the last of an account's, its data count as filed on that day."""
    with transaction():
        account = locked(record.account)
        stored = FilingRecord.get_by_id(record.id)
        if stored.filed_on is not None:
            raise Refused(_("This was filed on %(day)s already.", day=stored.filed_on))
        on = past(on, "on")
        records.update(record, filed_on=on, note=note[:300])
        if not owed_for(account) and account.filing == Filing.FILED:
            records.update(account, filed_on=on)


def owed_for(account: Account) -> list[FilingRecord]:
    """The filings of an account that some office still waits for."""
    return list(
        FilingRecord.select()
        .where(FilingRecord.account == account, FilingRecord.filed_on.is_null())
        .order_by(FilingRecord.id)
    )


def offices(institution_id: int, names: list[str]) -> list[Unit]:
    """The units of these names. What is called otherwise is left out: a unit is renamed sooner than a policy."""
    wanted = [name.strip() for name in names]
    found = Unit.select().where(Unit.institution == institution_id, Unit.name.in_(wanted), Unit.archived_at.is_null())
    return list(found.order_by(Unit.id))


def next_number(account: Account, on: date) -> dict[str, Any]:
    """The next number of the institution's scheme that no account bears: number, year, serial."""
    if is_postgres():  # one at a time; SQLite writes one at a time anyway
        Institution.select().where(Institution.id == account.institution_id).for_update().execute()
    policy = policy_of(AccountsPolicy, account.institution_id, on)
    scheme = (policy.filing_scheme if policy else "") or "{year}-{number:3}"
    last: Any = FilingRecord.select(fn.MAX(FilingRecord.serial)).where(
        FilingRecord.institution == account.institution_id, FilingRecord.year == on.year
    )
    serial = (last.scalar() or 0) + 1
    while _taken(account.institution_id, number := _filled(scheme, account, on, serial)):
        serial += 1
    return {"number": number, "year": on.year, "serial": serial}


def _taken(institution_id: int, number: str) -> bool:
    return bool(Account.select().where(Account.institution == institution_id, Account.filing_number == number).exists())


def _filled(scheme: str, account: Account, on: date, serial: int) -> str:
    values = {
        "year": f"{on.year}",
        "month": f"{on.month:02}",
        "unit": account.unit.code or account.unit.name,
        "platform": account.platform.name,
        "number": str(serial),
    }
    return BLANK.sub(lambda found: values[found[1]].rjust(int(found[2] or 0), "0"), scheme)[:80]
