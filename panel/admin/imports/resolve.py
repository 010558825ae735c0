"""Names in a sheet as units and people of the roster: what is unknown is offered for creation, what fits two asked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from panel.access.identity import Identity
from panel.admin.imports.columns import fold
from panel.admin.imports.people import Named
from panel.admin.imports.target import New
from panel.i18n import _, today
from panel.org.models import Institution, Person, Unit
from panel.org.permissions import OrgPermission

NEAR = 0.75  # how alike two names are that one may be a slip of the other
COMPARISONS = 50_000  # of names, at most, in search of such slips
LONGEST = {"unit": 120, "person": 60}  # characters of a new name


@dataclass
class Answers:
    """What the user decided about one import. Keys of units and people are their folded names.

    `chosen`: `person:64:王伟` (that row) or `person:*:王伟` (every row) → id of the one that is meant; so for units.
    """

    create_units: bool = True
    create_people: bool = True
    not_units: set[str] = field(default_factory=set)
    not_people: set[str] = field(default_factory=set)
    parents: dict[str, int] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    skip: bool = False  # leave refused rows out

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Answers:
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        for name in ("not_units", "not_people"):
            known[name] = set(known.get(name, ()))
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return {name: sorted(v) if isinstance(v := getattr(self, name), set) else v for name in vars(self)}

    def creates(self, kind: str, key: str) -> bool:
        if kind == "unit":
            return self.create_units and key not in self.not_units
        return self.create_people and key not in self.not_people

    def choice(self, kind: str, row: int, key: str) -> int | None:
        return self.chosen.get(f"{kind}:{row}:{key}", self.chosen.get(f"{kind}:*:{key}"))


class UnitEntry(NamedTuple):
    id: int
    name: str
    path: str
    archived: bool


class PersonEntry(NamedTuple):
    id: int
    name: str
    unit_id: int
    number: str | None
    post: str
    phone: str
    since: date | None
    until: date | None

    def in_service(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or self.until >= day)


class Found(NamedTuple):
    """What a name stands for, or why for nothing (`code`: ask, unknown, scope). `options`: the ids it fits."""

    value: int | New | None = None
    code: str = ""
    message: str = ""
    options: tuple[int, ...] = ()
    remark: str = ""


class Asked(NamedTuple):
    """A name that fits several units or people."""

    name: str
    ids: tuple[int, ...]
    rows: list[int]


class Roster:
    """Units and people of one institution, as far as a sheet names them; two queries."""

    def __init__(self, institution: Institution, names: Iterable[str]) -> None:
        wanted = set(names)
        self.units: dict[int, UnitEntry] = {}
        self.units_by_key: dict[str, list[UnitEntry]] = {}
        rows: Any = Unit.select(Unit.id, Unit.name, Unit.path, Unit.archived_at.is_null(False), Unit.code)
        for *entry, code in rows.where(Unit.institution == institution).order_by(Unit.path, Unit.id).tuples():
            unit = UnitEntry(*entry)
            self.units[unit.id] = unit
            for key in dict.fromkeys((fold(unit.name), fold(code))):
                if key:
                    self.units_by_key.setdefault(key, []).append(unit)
        self.names: dict[int, str] = {}
        self.people: dict[int, PersonEntry] = {}
        self.people_by_key: dict[str, list[PersonEntry]] = {}
        fields = (Person.id, Person.name, Person.unit, Person.number, Person.post, Person.phone)
        rows = Person.select(*fields, Person.in_service_from, Person.in_service_until)
        for entry in rows.where(Person.institution == institution).order_by(Person.id).tuples():
            self.names[entry[0]] = entry[1]
            key = fold(entry[1])
            if key in wanted:
                person = self.people[entry[0]] = PersonEntry(*entry)
                self.people_by_key.setdefault(key, []).append(person)

    def place(self, unit_id: int) -> str:
        """A unit with those above it but the root: 理学院 / 物理系."""
        path = [int(part) for part in self.units[unit_id].path.strip("/").split("/") if part]
        return " / ".join(self.units[i].name for i in path[1:] if i in self.units) or self.units[unit_id].name


def covers(reach: Sequence[str] | None, path: str) -> bool:
    """Whether a unit is at or below one of the paths (None: the whole institution)."""
    return reach is None or any(path.startswith(held) for held in reach)


class Resolver:
    """Finds what names stand for, for one importer. `reach`: where they may import."""

    def __init__(self, roster: Roster, identity: Identity, permission: str, answers: Answers) -> None:
        self.roster, self.answers = roster, answers
        self.today = today()
        self.reach = identity.reach(permission)
        self.may_add_units = identity.reach(OrgPermission.UNIT_CREATE)
        self.may_add_people = identity.reach(OrgPermission.PERSON_CREATE)
        self.may_see_people = identity.reach(OrgPermission.PERSON_VIEW)
        self.spellings: dict[tuple[str, str], str] = {}
        self.asked: dict[tuple[str, str], Asked] = {}  # kind and key → the question, answered or not
        self._near: dict[str, str] = {}

    # ── units ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def parents(self) -> dict[int, UnitEntry]:
        """Where new units may be created, the highest first."""
        return {
            unit.id: unit
            for unit in self.roster.units.values()
            if not unit.archived and covers(self.reach, unit.path) and covers(self.may_add_units, unit.path)
        }

    def parent_of(self, key: str) -> UnitEntry | None:
        """Where a new unit goes: as the user says, else as high up as they may create one."""
        chosen = self.parents.get(self.answers.parents.get(key, 0))
        return chosen or next(iter(self.parents.values()), None)

    def unit(self, name: str, row: int) -> Found:
        key = fold(name)
        known = self.roster.units_by_key.get(key, [])
        mine = [unit for unit in known if covers(self.reach, unit.path)]
        alive = [unit for unit in mine if not unit.archived]
        if len(alive) == 1:
            return Found(alive[0].id)
        if alive:
            return self._asked("unit", key, name, row, [unit.id for unit in alive])
        if mine:
            return Found(None, "scope", _("“%(unit)s” is archived. Reopen it, or enter another unit.", unit=name))
        if known:
            return Found(None, "scope", _("You may not import for “%(unit)s”. Take this row out.", unit=name))
        if not key or len(name) > LONGEST["unit"] or self.parent_of(key) is None:
            return Found(None, "scope", self._not_there("unit", name))
        return self._created("unit", key, name)

    # ── people ─────────────────────────────────────────────────────────────────────────────

    def person(self, named: Named, row: int, phones: Iterable[str] = (), stored: Iterable[int] = ()) -> Found:
        """`phones` of the row, and who is `stored` in the place of the name: they tell people of one name apart."""
        key = fold(named.name)
        known = self.roster.people_by_key.get(key, [])
        if not known:
            if not key or len(named.name) > LONGEST["person"] or self.may_add_people == []:
                return Found(None, "scope", self._not_there("person", named.name))
            return self._created("person", key, named.name)
        fitting = self._told_apart(known, named, set(phones), set(stored))
        if len(fitting) > 1:
            return self._asked("person", key, named.name, row, [person.id for person in fitting])
        only = fitting[0]
        left = only.until is not None and only.until < self.today
        remark = _("%(name)s left on %(day)s.", name=only.name, day=only.until) if left else ""
        return Found(only.id, remark=remark)

    def _told_apart(
        self, known: list[PersonEntry], named: Named, phones: set[str], stored: set[int]
    ) -> list[PersonEntry]:
        """Who of several people of one name is meant, by the surest mark that fits exactly one of them."""
        if len(known) == 1:
            return known
        note = fold(named.note or "")
        marks = (
            lambda p: bool(named.phone) and p.phone == named.phone,
            lambda p: bool(p.number) and bool(note) and fold(p.number) in note,
            lambda p: bool(note) and fold(self.roster.units[p.unit_id].name) == note,
            lambda p: bool(p.phone) and p.phone in phones,
            lambda p: p.id in stored,
            lambda p: p.in_service(self.today),
        )
        for mark in marks:
            fitting = [person for person in known if mark(person)]
            if len(fitting) == 1:
                return fitting
        return [person for person in known if person.in_service(self.today)] or known

    def may_hire(self, path: str) -> bool:
        """Whether the importer may enter people in the unit with this path."""
        return covers(self.may_add_people, path)

    # ── both ───────────────────────────────────────────────────────────────────────────────

    def describe(self, kind: str, row_id: int) -> str:
        """One of several of a name, so that a user can tell which: unit, post and number; a unit by those above it."""
        if kind == "unit":
            return self.roster.place(row_id)
        person = self.roster.people[row_id]
        unit = self.roster.units[person.unit_id]
        parts = [person.name, unit.name]
        if covers(self.may_see_people, unit.path):
            parts += [person.post, person.number or ""]
        if person.until is not None and person.until < self.today:
            parts.append(_("left on %(day)s", day=person.until))
        return "，".join(part for part in parts if part)

    def _asked(self, kind: str, key: str, name: str, row: int, ids: list[int]) -> Found:
        asked = self.asked.setdefault((kind, key), Asked(name, tuple(ids), []))
        if row not in asked.rows[-1:]:
            asked.rows.append(row)
        chosen = self.answers.choice(kind, row, key)
        if chosen in ids:
            return Found(chosen, options=tuple(ids))
        message = _("%(count)s fit “%(name)s”. Choose which one is meant.", count=len(ids), name=name)
        return Found(None, "ask", message, tuple(ids))

    def _created(self, kind: str, key: str, name: str) -> Found:
        new = New(kind, self.spellings.setdefault((kind, key), name))
        if self.answers.creates(kind, key):
            return Found(new)
        return Found(
            new, "unknown", _("“%(name)s” is not in the roster. Tick it to create it, or correct it.", name=name)
        )

    def _not_there(self, kind: str, name: str) -> str:
        if len(name) > LONGEST[kind]:
            return _("The name is too long; at most %(limit)s characters fit.", limit=LONGEST[kind])
        near = self.near(name) if kind == "unit" else ""
        if near:
            return _("“%(name)s” is not in the roster. Is it “%(near)s”?", name=name, near=near)
        return _("“%(name)s” is not in the roster. Correct the name, or ask an administrator to add it.", name=name)

    def near(self, name: str) -> str:
        """The unit whose name is nearly this one, or nothing; looked for as long as that is cheap."""
        if name not in self._near:
            names = self._names if (len(self._near) + 1) * len(self._names) <= COMPARISONS else []
            self._near[name] = next(iter(difflib.get_close_matches(name, names, n=1, cutoff=NEAR)), "")
        return self._near[name]

    @cached_property
    def _names(self) -> list[str]:
        return [unit.name for unit in self.roster.units.values() if not unit.archived and covers(self.reach, unit.path)]
