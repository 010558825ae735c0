"""Importing the register as offices keep it in Excel: which rows are one account, what is refused, and writing them.

Rows are one account when platform family and ID agree; without an ID, when family, name and unit do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from panel.api import (
    ImportChange,
    ImportCurrent,
    ImportProblem,
    ImportTarget,
    Institution,
    Person,
    PersonKind,
    Refused,
    Unit,
    _,
    fold,
    records,
    today,
)
from plugins.accounts.choices import CHANGES, Filing, OperatorKind, Status
from plugins.accounts.custody import end_custodian
from plugins.accounts.governing import CHANGE, GUARDED, governed
from plugins.accounts.models import Account, Custodian, Operator, Platform
from plugins.accounts.operators import MAY_OPERATE, end_operator
from plugins.accounts.permissions import AccountsPermission
from plugins.accounts.preconditions import require_in_service
from plugins.accounts.register import change_account, register_key
from plugins.accounts.vocabulary import STATUSES, columns

# A register without a column for the state often says it among the notes.
NOTED = frozenset({Status.IDLE, Status.SUSPENDED, Status.CLOSING})
PEOPLE = ("operators", "custodians")
RULED = frozenset({"name", "platform", "identifier", "responsible", "status", "closed_on"})


class Register:
    """One institution's register, as an import sees it. What it knows was loaded when it was first asked."""

    def __init__(self, institution: Institution) -> None:
        self.institution = institution
        self.known: dict[Hashable, ImportCurrent] = {}

    def target(self) -> ImportTarget:
        """What the importer asks."""
        return ImportTarget(
            model=Account,
            permission=AccountsPermission.ACCOUNT_IMPORT,
            columns=columns(self._spellings()),
            key=self.key,
            current=self.current,
            create=self.create,
            change=self.change,
            label=lambda values: str(values.get("name") or ""),
            check=self.check,
            units=("unit",),
        )

    @cached_property
    def platforms(self) -> dict[int, Platform]:
        rows = (
            Platform.select().where(Platform.institution == self.institution).order_by(Platform.position, Platform.id)
        )
        return {row.id: row for row in rows}

    @cached_property
    def people(self) -> dict[int, Person]:
        return {row.id: row for row in Person.select().where(Person.institution == self.institution)}

    @cached_property
    def filed(self) -> set[int]:
        """The accounts whose filed data a chain protects; none where there is no chain."""
        if not governed(self.institution.id, CHANGE):
            return set()
        rows: Any = Account.select(Account.id).where(
            Account.institution == self.institution, Account.filing == Filing.FILED
        )
        return {row for (row,) in rows.tuples()}

    def _spellings(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for platform in self.platforms.values():
            found.setdefault(platform.name, platform.id)
        for platform in self.platforms.values():
            for spelling in re.split(r"[、,，;；\n]", platform.synonyms):
                if spelling.strip() and fold(spelling) not in map(fold, found):
                    found[spelling.strip()] = platform.id
        return found

    def key(self, values: Mapping[str, Any]) -> Hashable | None:
        """What makes two rows one account; None for a row that says too little to tell."""
        platform = self.platforms.get(values.get("platform") or 0)
        if platform is None or not values.get("name"):
            return None
        identity = register_key(platform, values.get("identifier") or "")
        return identity or (platform.family, fold(values["name"]), values.get("unit"))

    def current(self, institution: Institution) -> list[ImportCurrent]:
        """Every account as stored, in three queries."""
        own = [c.name for c in columns({}) if c.name not in PEOPLE]
        held = {name: self._terms(model) for name, model in (("operators", Operator), ("custodians", Custodian))}
        rows = []
        for account in Account.select().where(Account.institution == institution).order_by(Account.id):
            values = {name: account.__data__[name] for name in own}
            values |= {name: held[name].get(account.id, []) for name in PEOPLE}
            rows.append(ImportCurrent(account.id, account.version, values))
        self.known = {self.key(row.values): row for row in rows}
        return rows

    def _terms(self, model: Any) -> dict[int, list[int]]:
        """Account id → who holds it now; of a closed account, who did when it was closed."""
        found: dict[int, list[int]] = defaultdict(list)
        query = model.select(model.account, model.person).join(Account)
        query = query.where(
            model.institution == self.institution, model.until.is_null() | (model.until == Account.closed_on)
        )
        for account_id, person_id in query.order_by(model.id).tuples():
            found[account_id].append(person_id)
        return found

    def check(self, values: dict[str, Any]) -> Iterator[ImportProblem]:
        """The rules that one row can break, for what it adds to the account as stored."""
        stored = self.known.get(self.key(values))
        before = stored.values if stored else {}
        if before.get("status") == Status.CLOSED:
            if any(_differs(before.get(name), value) for name, value in values.items() if value is not None):
                yield ImportProblem("name", _("This account is closed since %(day)s.", day=before["closed_on"]))
            return
        yield from self._check_filed(stored, values)
        yield from self._check_people(values, before)
        yield from _check_status(values, before)
        opened, until = values.get("opened_on") or before.get("opened_on"), values.get("certified_until")
        if opened and until and until < opened:
            yield ImportProblem("certified_until", _("A verification cannot end before the account was opened."))
        if (on := values.get("followers_on")) and on > today():
            yield ImportProblem("followers_on", _("%(day)s is still to come. Enter the day it happened.", day=on))

    def _check_filed(self, stored: ImportCurrent | None, values: Mapping[str, Any]) -> Iterator[ImportProblem]:
        """What is filed changes by an approved application, not by a sheet."""
        if stored is None or stored.id not in self.filed:
            return
        for name in (n for n in (*GUARDED, "operators") if values.get(n) is not None):
            if _differs(stored.values.get(name), values[name]):
                text = _("The account is filed: this changes by an approved application only.")
                yield ImportProblem(name, text)

    def _check_people(self, values: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[ImportProblem]:
        roles = (
            ("responsible", (PersonKind.STAFF,)),  # s0-07-r11
            ("operators", MAY_OPERATE),  # s0-07-r13
            ("custodians", tuple(PersonKind)),
        )
        for column, kinds in roles:
            old = before.get(column)
            already = set(old if isinstance(old, list) else [old])
            named = values.get(column)
            for person_id in named if isinstance(named, list) else [named]:
                person = self.people.get(person_id) if isinstance(person_id, int) else None
                if person is None or person_id in already:
                    continue  # nobody, somebody still to be created, or named before
                try:
                    require_in_service(person, column, kinds)
                except Refused as refusal:
                    yield ImportProblem(column, str(refusal))
        platform = self.platforms[values["platform"]]
        limit, named = platform.limit(OperatorKind.LONG), len(set(values.get("operators") or ()))
        if limit is not None and named > limit:
            yield ImportProblem(
                "operators",
                _(
                    "%(platform)s allows %(limit)s operators; %(count)s are named.",
                    platform=platform,
                    limit=limit,
                    count=named,
                ),
            )

    def create(self, institution: Institution, rows: list[dict[str, Any]]) -> list[Account]:
        """Enter accounts with their operators and custodians, set-based."""
        rows = [dict(row) for row in rows]
        named = [{name: row.pop(name, None) or [] for name in PEOPLE} for row in rows]
        stored = [self._with_rows(_filled(row)) for row in rows]
        accounts = records.bulk_create(Account, [{**row, "institution": institution} for row in stored])
        self._add_terms(Operator, [(a, p) for a, who in zip(accounts, named, strict=True) for p in who["operators"]])
        self._add_terms(Custodian, [(a, p) for a, who in zip(accounts, named, strict=True) for p in who["custodians"]])
        return accounts

    def change(self, institution: Institution, changes: list[ImportChange]) -> None:
        """Change accounts. A list of people stands for all of them: who is no longer named, ends today."""
        accounts: dict[int, Account] = {}
        for start in range(0, len(changes), 900):
            ids = [change.id for change in changes[start : start + 900]]
            mine = Account.select().where(Account.institution == institution, Account.id.in_(ids))
            accounts |= {account.id: account for account in mine}
        for change in changes:
            account = accounts[change.id]
            values = {name: value for name, value in change.values.items() if name not in PEOPLE}
            values = self._with_rows(_noted(values, Status(account.status)))
            if "followers" in values:
                values.setdefault("followers_on", today())
            verb = change_account if RULED & values.keys() else _update
            verb(account, change.version, values)
        self._change_terms(Operator, "operators", accounts, changes)
        self._change_terms(Custodian, "custodians", accounts, changes)

    def _change_terms(
        self, model: Any, column: str, accounts: Mapping[int, Account], changes: Iterable[ImportChange]
    ) -> None:
        wanted = {change.id: change.values[column] for change in changes if change.values.get(column)}
        if not wanted:
            return
        running = self._terms(model)
        end = end_operator if model is Operator else end_custodian
        for account_id, people in wanted.items():
            gone = set(running.get(account_id, [])) - set(people)
            for row in model.select().where(model.account == account_id, model.until.is_null(), model.person.in_(gone)):
                end(row, note=_("No longer named in the imported register"))
        added = [(accounts[a], p) for a, who in wanted.items() for p in who if p not in running.get(a, [])]
        self._add_terms(model, added)

    def _add_terms(self, model: Any, pairs: list[tuple[Account, int]]) -> None:
        pairs = list(dict.fromkeys(pairs))
        rows = []
        for account, person_id in pairs:
            closed_on = account.closed_on
            term = {"since": closed_on or today(), "until": closed_on}
            rows.append(
                {"institution": self.institution, "account": account, "person": self._person(person_id), **term}
            )
        records.bulk_create(model, rows)

    def _with_rows(self, values: dict[str, Any]) -> dict[str, Any]:
        """Keys as rows, so that the audit can name them without a query each."""
        values = dict(values)
        if "platform" in values:
            values["platform"] = self.platforms[values["platform"]]
        if "unit" in values:
            values["unit"] = self._unit(values["unit"])
        if values.get("responsible") is not None:
            values["responsible"] = self._person(values["responsible"])
        if "platform" in values and "identifier" in values:
            values["register_key"] = register_key(values["platform"], values["identifier"])
        return values

    @cached_property
    def units(self) -> dict[int, Unit]:
        return {row.id: row for row in Unit.select().where(Unit.institution == self.institution)}

    def _unit(self, unit_id: int) -> Unit:
        if unit_id not in self.units:  # created by this very import
            del self.units
        return self.units[unit_id]

    def _person(self, person_id: int) -> Person:
        if person_id not in self.people:
            del self.people
        return self.people[person_id]


def account_import(institution: Institution) -> ImportTarget:
    """The account register of an institution as an import target."""
    return Register(institution).target()


def _differs(stored: Any, wanted: Any) -> bool:
    return set(stored) != set(wanted) if isinstance(stored, list) else stored != wanted


def _update(account: Account, version: int, values: dict[str, Any]) -> None:
    records.update(account, version, **values)


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """A new account's values: empty text for empty cells, and what a register means by saying nothing."""
    values = {name: value for name, value in values.items() if value is not None}
    values.setdefault("identifier", "")
    if values.get("followers") is not None:
        values.setdefault("followers_on", today())
    values = _noted(values, None)
    values.setdefault("status", Status.ACTIVE.value)
    return values


def _noted(values: dict[str, Any], here: Status | None) -> dict[str, Any]:
    """With the status that the notes tell, where no column tells it and it can be reached from `here`."""
    if "status" in values or not values.get("note"):
        return values
    for piece in re.split(r"[、,，;；。\s]+", values["note"]):
        status = STATUSES.get(piece)
        if status and Status(status) in NOTED and (here is None or Status(status) in CHANGES[here]):
            return {**values, "status": status}
    return values


def _check_status(values: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[ImportProblem]:
    wanted, here = values.get("status"), before.get("status")
    if wanted == Status.CLOSED and not values.get("closed_on"):
        yield ImportProblem("closed_on", _("Enter the day the account was closed on."))
    elif values.get("closed_on") and wanted != Status.CLOSED:
        yield ImportProblem("closed_on", _("A closed account has the day it was closed on; no other has."))
    elif wanted and here and wanted != here and Status(wanted) not in CHANGES[Status(here)]:
        yield ImportProblem(
            "status",
            _(
                "From “%(here)s” an account cannot become “%(wanted)s”.",
                here=Status(here).label,
                wanted=Status(wanted).label,
            ),
        )
