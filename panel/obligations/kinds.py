"""Kinds of obligation: what an area's `obligations.py` declares, and what an institution made of it."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from panel.database import area_of, key_of
from panel.obligations.models import Audience, Ladder, LadderStep, Role
from panel.obligations.steps import Plan, Step, problem
from panel.runtime import runtime

if TYPE_CHECKING:
    from peewee import ModelSelect

    from panel.org.models import Institution, Person, Unit
    from panel.plugin import Loaded


@dataclass(frozen=True)
class Every:
    """An interval: so many days, or so many months (the last of the month where the day does not exist)."""

    days: int | None = None
    months: int | None = None

    def after(self, day: date) -> date:
        """The day one interval later."""
        if self.days:
            return day + timedelta(days=self.days)
        count = day.year * 12 + day.month - 1 + (self.months or 0)
        year, month = divmod(count, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))

    def __bool__(self) -> bool:
        return bool(self.days or self.months)


STANDARD = Plan(
    (*(Step(-d) for d in (60, 30, 15, 7, 1, 0)), Step(3, Audience.LEAD), Step(7, Audience.OFFICE)), repeat_every=3
)
SHORT = Plan((*(Step(-d) for d in (7, 1, 0)), Step(3, Audience.LEAD), Step(7, Audience.OFFICE)), repeat_every=3)
AT_ONCE = Plan((Step(0), Step(1), Step(3, Audience.LEAD), Step(7, Audience.OFFICE)), repeat_every=3, workdays=False)


@dataclass(frozen=True)
class Terms:
    """What holds for a kind in an institution: its ladder, how often it recurs, how far it may be put off."""

    plan: Plan
    every: Every = Every()
    snooze_times: int = 2
    snooze_days: int = 14
    active: bool = True


@dataclass(frozen=True)
class Due:
    """What a subject owes. `anchor` is what the date counts from: another one later means this round is done.

    Without a `person` it is owed by the holders of `role` in `unit`. `recurs` overrides the interval of the kind;
    a `fixed` day stays what it was when the obligation opened.
    """

    on: date
    unit: Unit | int
    person: Person | int | None = None
    role: Role = Role.LEAD
    anchor: date | str = ""
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    urgent: bool = False
    recurs: Every | None = None
    fixed: bool = False


@dataclass(frozen=True)
class Evidence:
    """What somebody showed when ticking off. `on` is the day it was done; `until` the new date, where one is asked."""

    on: date
    note: str = ""
    file: str = ""
    file_name: str = ""
    until: date | None = None


@dataclass(frozen=True)
class Kind:
    """Something that falls due again and again for rows of one model.

    `due(row, terms)` says what a row owes (None: nothing); it is asked whenever the row or a part of it changes, and
    for all rows of `rows(institution)` at night. `done(row, evidence)` writes what ticking off means for the subject,
    in the same transaction, and may raise Refused; a kind without one recurs by its own history. `met(row)` gives the
    day, or moment, on which the subject's own page did what a row no longer owes (None: nothing was done, it is no
    longer due). `asks` lists the evidence that must be given: note, file, until. `rules` are the articles that demand
    it.
    """

    name: str  # <area>.<what>
    title: Any
    model: Any
    due: Callable[[Any, Terms], Due | None]
    rows: Callable[[Institution], ModelSelect] | None = None
    every: Every = Every()
    plan: Plan = STANDARD
    done: Callable[[Any, Evidence], Any] | None = None
    met: Callable[[Any], date | datetime | None] | None = None
    asks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    help: Any = ""
    endpoint: str = ""  # of the subject's page; default: its RecordView's details
    done_at: str = (
        ""  # endpoint of the page where it is done, by the subject's id; default: ticked off among one's work
    )
    word: Any = ""  # what the button to it says
    also: tuple[Any, ...] = ()  # models that are no part of `model` but decide
    ids: Callable[[Any], Iterable[int]] | None = None  # the subjects a row of `also` decides about
    interval: Callable[[Institution], Every | None] | None = None  # what the institution's policy lays down

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]

    @property
    def subject_type(self) -> str:
        return key_of(self.model)

    def select(self, institution: Institution) -> ModelSelect:
        """Every row that may owe something."""
        if self.rows is not None:
            return self.rows(institution)
        query: ModelSelect = self.model.select().where(self.model.institution == institution)
        return query


def collect(areas: Iterable[Loaded]) -> tuple[dict[str, Kind], list[str]]:
    """All kinds by name, and what is wrong with any of them, one line each."""
    kinds: dict[str, Kind] = {}
    problems: list[str] = []
    for area in areas:
        for kind in area.defined("obligations", Kind):
            where = f"plugin {area.name}: {area.folder / 'obligations.py'}: kind {kind.name}"
            if not kind.name.startswith(f"{area.name}.") or kind.name.count(".") != 1:
                problems.append(f"{where}: its name must read {area.name}.<what>")
            if kind.name in kinds:
                problems.append(f"{where}: the name is taken twice")
            if area_of(kind.model) != area.name and area.name not in ("obligations",):
                allowed = {*area.plugin.requires, *area.plugin.uses, "org", "access"}
                if area_of(kind.model) not in allowed:
                    problems.append(f"{where}: {key_of(kind.model)} belongs to a plugin it does not require")
            if wrong := problem([s.day for s in kind.plan.steps], kind.plan.repeat_every):
                problems.append(f"{where}: {wrong}")
            kinds[kind.name] = kind
    return kinds, problems


def all_kinds() -> dict[str, Kind]:
    return runtime().kinds


def title_of(name: str) -> Any:
    """A kind's title; the bare name where its plugin is gone."""
    kind = all_kinds().get(name)
    return kind.title if kind else name


def on_here(institution: Institution) -> list[Kind]:
    """The kinds of the core and of the plugins that are on."""
    from panel.access.identity import system

    registry, identity = runtime().registry, system(institution)
    return [k for k in all_kinds().values() if k.area not in registry or identity.plugin_on(k.area)]


def preset(kind: Kind) -> Terms:
    """What holds where the institution has said nothing."""
    return Terms(kind.plan, kind.every)


def terms_of(institution: Institution) -> dict[str, Terms]:
    """What holds for every kind in an institution; an interval of its policy goes before one of the ladder."""
    ladders = {row.id: row for row in Ladder.select().where(Ladder.institution == institution)}
    steps: dict[int, list[Step]] = {}
    if ladders:
        for rung in LadderStep.select().where(LadderStep.institution == institution):
            steps.setdefault(rung.__data__["ladder"], []).append(Step(rung.day, Audience(rung.audience)))
    terms = {name: preset(kind) for name, kind in all_kinds().items()}
    for row in ladders.values():
        terms[row.kind] = Terms(
            Plan(tuple(steps.get(row.id, ())), row.repeat_every, row.workdays, row.hour),
            Every(row.every_days, row.every_months),
            row.snooze_times,
            row.snooze_days,
            row.active,
        )
    for name, kind in all_kinds().items():
        if kind.interval is not None and (every := kind.interval(institution)):
            terms[name] = replace(terms[name], every=every)
    return terms
