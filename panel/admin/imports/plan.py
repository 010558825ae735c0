"""The dry run: what an import would create, change, leave and refuse, before anything is written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from panel.access.identity import Identity
from panel.access.scope import scope
from panel.admin.imports.columns import Column, Kind, fold
from panel.admin.imports.people import Named
from panel.admin.imports.resolve import Answers, Found, Resolver, Roster, UnitEntry
from panel.admin.imports.sheet import ParsedRow, Sheet
from panel.admin.imports.target import Change, Current, New, Target, Values
from panel.admin.models import Outcome
from panel.i18n import _, plain
from panel.org.models import Institution

Report = Callable[[int, int, str], None]  # done, total, what is being done


def quiet(_done: int, _total: int, _message: str) -> None:
    """Reports to nobody."""


@dataclass(slots=True)
class Trouble:
    """Why a row is refused. `column` is the name of its Column."""

    column: str
    message: str
    code: str = ""  # cell, ask, unknown, scope, repeated or check
    value: str = ""  # the cell's text, or the name in it that is meant


@dataclass(slots=True)
class PlannedRow:
    """One row of the sheet: what becomes of it. `values` are the filled cells, in the planner's form."""

    number: int
    values: Values
    remarks: dict[str, str]
    outcome: Outcome = Outcome.REFUSED
    label: str = ""
    stored: Current | None = None
    changes: Values = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    unknown: list[New] = field(default_factory=list)
    asked: dict[str, tuple[str, tuple[int, ...], int | None]] = field(
        default_factory=dict
    )  # name → column, ids, choice
    phones: dict[str, str] = field(default_factory=dict)  # of people to be created, from their brackets

    @property
    def offered(self) -> bool:
        """Whether what is unknown to the roster is all that may be wrong with it."""
        return all(trouble.code == "unknown" for trouble in self.troubles)


@dataclass
class Unknown:
    """A unit or person the roster does not know: offered for creation. `unit`: where a person will belong."""

    new: New
    key: str
    create: bool
    unit: int | New | None = None
    phone: str = ""
    rows: list[int] = field(default_factory=list)


@dataclass
class Plan:
    """All that an import would do. `digest` is the same as long as it would do the same."""

    target: Target
    resolver: Resolver
    rows: list[PlannedRow]
    unknown: dict[New, Unknown]

    @cached_property
    def counts(self) -> dict[str, int]:
        counted = Counter(row.outcome.value for row in self.rows)
        counts = {outcome.value: counted[outcome.value] for outcome in Outcome}
        return counts | {"cells": sum(len(row.changes) for row in self.rows if row.outcome == Outcome.CHANGED)}

    @property
    def created(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome == Outcome.CREATED]

    @property
    def changed(self) -> list[Change]:
        rows = [row for row in self.rows if row.outcome == Outcome.CHANGED]
        return [Change(row.stored.id, row.stored.version, row.changes) for row in rows if row.stored]

    def wanted(self, kind: str) -> list[Unknown]:
        """The units or people that rows to be written need created."""
        needed = {new for row in self.rows if row.outcome != Outcome.REFUSED for new in row.unknown}
        return [unknown for new, unknown in self.unknown.items() if new.kind == kind and new in needed]

    @cached_property
    def digest(self) -> str:
        state = hashlib.sha256()
        for row in self.rows:
            parts: list[Any] = [row.number, row.outcome.value]
            if row.outcome == Outcome.CREATED:
                parts.append(row.values)
            elif row.stored and row.outcome == Outcome.CHANGED:
                parts += [row.stored.id, row.stored.version, row.changes]
            else:
                parts += [(trouble.column, trouble.code) for trouble in row.troubles]
            state.update(json.dumps(parts, default=_canonical, ensure_ascii=False).encode())
        for unknown in (*self.wanted("unit"), *self.wanted("person")):
            parent = self.resolver.parent_of(unknown.key) if unknown.new.kind == "unit" else None
            place = parent.id if parent else unknown.unit
            state.update(json.dumps([unknown.new, place, unknown.phone], default=_canonical).encode())
        return state.hexdigest()


def _canonical(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def make(
    target: Target,
    sheet: Sheet,
    institution: Institution,
    identity: Identity,
    answers: Answers,
    report: Report = quiet,
) -> Plan:
    """The plan for a parsed sheet. The rows stay in the order of the sheet. Writes nothing."""
    return Planner(target, sheet, institution, identity, answers).plan(report)


class Planner:
    """Goes through the rows once: resolve names, match with what is stored, compare."""

    def __init__(
        self, target: Target, sheet: Sheet, institution: Institution, identity: Identity, answers: Answers
    ) -> None:
        self.target, self.sheet, self.identity = target, sheet, identity
        self.columns = {column.name: column for column in target.columns}
        self.phone_columns = [c.name for c in target.columns if c.kind == Kind.PHONE]
        self.title = title_column(target)
        self.roster = Roster(institution, _people_named(sheet, self.columns))
        self.resolver = Resolver(self.roster, identity, target.permission, answers)
        self.stored: dict[Hashable, Current] = {}
        for current in target.current(institution):
            key = target.key(current.values)
            if key is not None:
                self.stored.setdefault(key, current)
        self.seen: dict[Hashable, int] = {}
        self.unknown: dict[New, Unknown] = {}

    def plan(self, report: Report) -> Plan:
        rows, total = [], len(self.sheet.rows)
        for done, parsed in enumerate(self.sheet.rows):
            if done % 100 == 0:
                report(done, total, _("Checking the rows"))
            row = self._resolve(parsed)
            self._judge(row)
            rows.append(row)
            parsed.values = {}  # the plan has them now; of a long sheet both would be in memory
        # Rows to be written come first: where one of them puts a person, that person is created.
        for row in sorted(rows, key=lambda r: r.outcome == Outcome.REFUSED):
            self._offer(row)
        report(total, total, "")
        return Plan(self.target, self.resolver, rows, self.unknown)

    # ── names to rows of the roster ────────────────────────────────────────────────────────

    def _resolve(self, parsed: ParsedRow) -> PlannedRow:
        row = PlannedRow(parsed.row_number, {}, dict(parsed.remarks))
        row.troubles = [Trouble(e.field, e.message, "cell", e.value) for e in parsed.errors]
        people: list[tuple[str, Any]] = []
        for name, value in parsed.values.items():
            if value is None:
                continue
            if name in self.target.units:
                self._take(row, name, value, self.resolver.unit(value, row.number))
            elif self.columns[name].kind in (Kind.PERSON, Kind.PEOPLE):
                people.append((name, value))
            else:
                row.values[name] = value
        stored = self._match(row)
        phones = {p for n in self.phone_columns for p in _listed(row.values.get(n))}
        for name, value in people:
            before = {p for p in _listed(stored.values.get(name)) if isinstance(p, int)} if stored else set()
            for named in _listed(value):
                found = self.resolver.person(named, row.number, phones, before)
                if isinstance(found.value, New) and named.phone:
                    row.phones.setdefault(found.value.name, named.phone)
                self._take(row, name, named.name, found, several=self.columns[name].kind == Kind.PEOPLE)
        return row

    def _match(self, row: PlannedRow) -> Current | None:
        key = self.target.key(row.values)
        return self.stored.get(key) if key is not None else None

    def _take(self, row: PlannedRow, column: str, text: str, found: Found, several: bool = False) -> None:
        if found.options and text not in row.asked:  # once a row is enough
            row.asked[text] = (column, found.options, found.value if isinstance(found.value, int) else None)
        if found.code:
            row.troubles.append(Trouble(column, found.message, found.code, text))
        if isinstance(found.value, New):
            row.unknown.append(found.value)
        if found.remark:
            row.remarks[column] = found.remark
        if found.value is None:
            return
        if several:
            known = row.values.setdefault(column, [])
            if found.value not in known:
                known.append(found.value)
        else:
            row.values[column] = found.value

    # ── what becomes of a row ──────────────────────────────────────────────────────────────

    def _judge(self, row: PlannedRow) -> None:
        key = self.target.key(row.values)
        first = self.seen.setdefault(key, row.number) if key is not None else row.number
        row.stored = self.stored.get(key) if key is not None else None
        row.label = self.target.label(row.values)[:300]
        self._check_people(row)
        if first != row.number:
            message = _("This is the same as row %(row)s. Delete one of the two.", row=first)
            row.troubles.append(Trouble(self.title, message, "repeated", row.label))
        elif row.stored and not self._in_sight(row.stored):
            message = _("This is already in the panel, under a unit you may not import for. Take this row out.")
            row.troubles.append(Trouble(self.title, message, "scope", row.label))
        elif row.stored is None and not self._placed(row):
            message = _("Enter a unit you may import for.")
            row.troubles.append(Trouble(self.title, message, "scope", row.label))
        if row.stored:
            before = row.stored.values
            row.changes = {n: v for n, v in row.values.items() if not _same(before.get(n), v)}
        if not row.troubles and (row.changes or row.stored is None):
            row.troubles += [Trouble(p.column, p.message, "check") for p in self.target.check(row.values)]
        if row.troubles:
            row.outcome = Outcome.REFUSED
        elif row.stored is None:
            row.outcome = Outcome.CREATED
        else:
            row.outcome = Outcome.CHANGED if row.changes else Outcome.UNCHANGED

    def _placed(self, row: PlannedRow) -> bool:
        """Whether a new row belongs to a unit the importer may import for; each unit it names was checked by itself."""
        if self.resolver.reach is None or not self.target.units:
            return True
        return any(row.values.get(name) is not None for name in self.target.units) or bool(row.troubles)

    def _check_people(self, row: PlannedRow) -> None:
        """People to be created must be ones the importer may enter in the unit they will belong to."""
        if any(trouble.column in self.target.units for trouble in row.troubles):
            return
        for new in row.unknown:
            if new.kind == "person" and not self.resolver.may_hire(self._path(self._home(row))):
                column = next(n for n, v in row.values.items() if new in _listed(v))
                message = _("“%(name)s” is not in the roster, and you may not add people there.", name=new.name)
                row.troubles.append(Trouble(column, message, "scope", new.name))

    def _home(self, row: PlannedRow) -> int | New | None:
        """The unit that people created for a row belong to: its own, else the root."""
        own = next((row.values[n] for n in self.target.units if row.values.get(n) is not None), None)
        return own if own is not None else next(iter(self.roster.units), None)

    def _path(self, unit: int | New | None) -> str:
        if isinstance(unit, New):
            parent: UnitEntry | None = self.resolver.parent_of(fold(unit.name))
            return parent.path if parent else ""
        return self.roster.units[unit].path if unit is not None else ""

    def _in_sight(self, current: Current) -> bool:
        return self._visible is None or current.id in self._visible

    @cached_property
    def _visible(self) -> set[int] | None:
        """Ids of the stored rows the importer may change; None: all."""
        if self.resolver.reach is None:
            return None
        query: Any = scope(self.target.model.select(self.target.model.id), self.target.permission, self.identity)
        return {row_id for (row_id,) in query.tuples()}

    def _offer(self, row: PlannedRow) -> None:
        if not row.offered:
            return
        for new in row.unknown:
            key = fold(new.name)
            unknown = self.unknown.get(new)
            if unknown is None:
                unknown = Unknown(new, key, self.resolver.answers.creates(new.kind, key))
                self.unknown[new] = unknown
            if not unknown.rows or unknown.rows[-1] != row.number:
                unknown.rows.append(row.number)
            if new.kind == "person":
                unknown.phone = unknown.phone or row.phones.get(new.name, "")
                unknown.unit = unknown.unit if unknown.unit is not None else self._home(row)


def title_column(target: Target) -> str:
    """The column that names a row: the first plain text that is no unit."""
    plainly = (c.name for c in target.columns if c.kind == Kind.TEXT and c.name not in target.units)
    return next(plainly, target.columns[0].name)


def _people_named(sheet: Sheet, columns: Mapping[str, Column]) -> Iterator[str]:
    names = [c.name for c in columns.values() if c.kind in (Kind.PERSON, Kind.PEOPLE)]
    for row in sheet.rows:
        for name in names:
            for named in _listed(row.values.get(name)):
                if isinstance(named, Named):
                    yield fold(named.name)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return len(wanted) == len(_listed(stored)) and all(v in _listed(stored) for v in wanted)
    return bool(stored == wanted) or (stored is not None and plain(stored) == plain(wanted))
