"""How many accounts there are, on which platforms and in which units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from peewee import fn

from panel.api import Bar, Chart, Identity, Series, Unit, _l, scope
from plugins.accounts.choices import Status
from plugins.accounts.models import Account, Platform
from plugins.accounts.permissions import AccountsPermission as P

MOST = 8
IN_USE = (Status.ACTIVE, Status.PENDING)
SERIES = (Series(_l("In use"), "bar"), Series(_l("Idle or suspended"), "soft"))


def _by(model: Any, key: Any) -> Callable[[Identity], list[Bar]]:
    def read(identity: Identity) -> list[Bar]:
        rows: Any = (
            scope(Account.select(key, model.name, Account.status, fn.COUNT(Account.id)), P.ACCOUNT_VIEW, identity)
            .join(model, on=(key == model.id))
            .where(Account.status != Status.CLOSED)
            .group_by(key, model.name, Account.status)
            .tuples()
        )
        used, idle, names = Counter[int](), Counter[int](), {}
        for row, name, status, count in rows:
            names[row] = name
            (used if status in IN_USE else idle)[row] += count
        most = (used + idle).most_common(MOST)
        return [Bar(names[row], (used[row], idle[row])) for row, _count in most]

    return read


platforms = Chart(
    name="accounts.platforms",
    title=_l("Accounts by platform"),
    series=SERIES,
    read=_by(Platform, Account.platform),
    permission=P.ACCOUNT_VIEW,
    label=_l("Platform"),
    endpoint="accounts_account.index_view",
    home=True,
    order=20,
)
units = Chart(
    name="accounts.units",
    title=_l("Accounts by unit"),
    series=SERIES,
    read=_by(Unit, Account.unit),
    permission=P.ACCOUNT_VIEW,
    label=_l("Unit"),
    endpoint="accounts_account.index_view",
    order=40,
)
