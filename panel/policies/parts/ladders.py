"""Reminder ladders: how an institution is reminded of a kind of obligation, and how often that recurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from panel.i18n import _, ngettext
from panel.obligations import kinds, ladders
from panel.obligations.kinds import Every, Kind
from panel.obligations.models import Audience, Ladder
from panel.obligations.steps import Step, problem
from panel.org.models import Institution
from panel.policies.parts.base import Part, Terms, joined, sources
from panel.policies.tables import Table


@dataclass(frozen=True, kw_only=True)
class LadderPart(Part):
    """The ladder of one kind: steps as `[days from the due date, whom they tell]`."""

    table: ClassVar[str] = "ladder"
    kind: str  # certification.review
    every_days: int | None = None
    every_months: int | None = None
    steps: tuple[tuple[int, str], ...] = ()  # none: those the panel brings
    repeat_every: int | None = None

    @property
    def key(self) -> str:
        return f"ladder {self.kind}"

    @property
    def area(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def title(self) -> str:
        return _("Reminders: %(name)s", name=kinds.title_of(self.kind))

    @property
    def declared(self) -> Kind | None:
        return kinds.all_kinds().get(self.kind)

    def misfits(self) -> list[tuple[str, str]]:
        if self.declared is None:
            return [("kind", _("There is no kind of obligation %(name)s.", name=self.kind))]
        wrong = problem([day for day, _tells in self.steps], self.repeat_every) if self.steps else ""
        return [("steps", str(wrong))] if wrong else []

    def terms(self) -> kinds.Terms:
        """What would hold for the kind."""
        assert self.declared is not None
        terms = kinds.preset(self.declared)
        if self.steps:
            steps = tuple(Step(day, Audience(tells)) for day, tells in self.steps)
            terms = replace(terms, plan=replace(terms.plan, steps=steps, repeat_every=self.repeat_every))
        if self.every_days or self.every_months:
            terms = replace(terms, every=Every(self.every_days, self.every_months))
        return terms

    def holds(self, terms: Terms) -> bool:
        return bool(self._now(terms) == self.terms())

    def _now(self, terms: Terms) -> kinds.Terms:
        every: dict[str, kinds.Terms] = terms.once("ladders", lambda: kinds.terms_of(terms.institution))
        return every[self.kind]

    def before(self, terms: Terms) -> str:
        return _worded(self._now(terms))

    def after(self, terms: Terms) -> str:
        return _worded(self.terms())

    @classmethod
    def apply(cls, parts: Sequence[LadderPart], terms: Terms) -> None:
        for part in parts:
            if part.declared is not None and not part.holds(terms):
                ladders.set_ladder(part.declared, part.terms())

    @classmethod
    def read(cls, table: Table) -> LadderPart:
        days, months = table.number("every_days", 1, 3660), table.number("every_months", 1, 120)
        if days and months:
            table.wrong("every_months", _("It recurs every so many days or months, not both; from 1 up."))
        return cls(
            kind=table.text("kind", need=True, most=80),
            every_days=days,
            every_months=months,
            steps=_steps(table),
            repeat_every=table.number("repeat_every", 1, 365),
            **sources(table),
        )

    def written(self) -> dict[str, Any]:
        values: dict[str, Any] = {"kind": self.kind, "every_days": self.every_days, "every_months": self.every_months}
        values |= {"steps": [list(step) for step in self.steps], "repeat_every": self.repeat_every}
        return {name: value for name, value in values.items() if value}

    @classmethod
    def present(cls, institution: Institution) -> list[LadderPart]:
        own = [row.kind for row in Ladder.select(Ladder.kind).where(Ladder.institution == institution, Ladder.active)]
        terms = kinds.terms_of(institution)
        return [
            cls(
                kind=name,
                every_days=terms[name].every.days,
                every_months=terms[name].every.months,
                steps=tuple((step.day, step.audience.value) for step in terms[name].plan.steps),
                repeat_every=terms[name].plan.repeat_every,
                rules=kinds.all_kinds()[name].rules,
            )
            for name in sorted(own)
            if name in terms
        ]


def _steps(table: Table) -> tuple[tuple[int, str], ...]:
    found = []
    tells = tuple(audience.value for audience in Audience)
    for item in table.items("steps"):
        if isinstance(item, list) and len(item) == 2 and isinstance(item[0], int) and item[1] in tells:
            found.append((item[0], item[1]))
        else:
            table.wrong("steps", _('each step reads [days, whom it tells], such as [-30, "owner"].'))
            return ()
    return tuple(found)


def _worded(terms: kinds.Terms) -> str:
    every = ""
    if terms.every.days:
        every = ngettext("every %(num)s day", "every %(num)s days", terms.every.days)
    elif terms.every.months:
        every = ngettext("every %(num)s month", "every %(num)s months", terms.every.months)
    steps = "、".join(f"{step.day:+d}" if step.day else "0" for step in terms.plan.steps)
    return joined((every, _("reminders on the days %(days)s", days=steps) if steps else ""))
