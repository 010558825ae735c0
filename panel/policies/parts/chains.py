"""Approval chains, with their steps and conditions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from panel import records
from panel.access.models import Role
from panel.approvals import conditions, declare
from panel.approvals.chains import save_chain
from panel.approvals.models import Act, Chain, ChainStep, Of, Who
from panel.errors import Refused
from panel.i18n import _
from panel.org.models import Institution
from panel.policies.catalogue import rules as catalogue
from panel.policies.parts.base import ROLE_CODES, Asked, Part, Terms, joined, sources
from panel.policies.tables import Table
from panel.runtime import runtime

PARTIES = (Who.ROLE.value, Who.PARENT.value, Who.OFFICE.value)  # a preset names no person
UNIT = "unit"  # the field of a condition whose values are names of units
SPECIAL = {"of": Of.ANY.value, "act": Act.APPROVE.value}


@dataclass(frozen=True, kw_only=True)
class ChainStepPart:
    """One step as the file lays it down."""

    name: str
    who: str = Who.ROLE.value
    role: str = "lead"
    office: str = ""
    of: str = Of.ANY.value
    with_previous: bool = False
    when: tuple[Mapping[str, Any], ...] = ()
    days: int | None = None
    proof: bool = False
    opinion: bool = False
    act: str = Act.APPROVE.value
    rules: tuple[str, ...] = ()

    @classmethod
    def read(cls, table: Table) -> ChainStepPart:
        who = table.text("who", one_of=PARTIES) or Who.ROLE.value
        office = table.text("office", most=120)
        if (who == Who.OFFICE) != bool(office):
            table.wrong("office", _("is named where who = “office”, and only there."))
        step = cls(
            name=table.text("name", need=True, most=120),
            who=who,
            role=table.text("role", most=60) or "lead",
            office=office,
            of=table.text("of", one_of=tuple(o.value for o in Of)) or Of.ANY.value,
            with_previous=table.flag("with_previous"),
            when=read_conditions(table),
            days=table.number("days", 1, 365),
            proof=table.flag("proof"),
            opinion=table.flag("opinion"),
            act=table.text("act", one_of=tuple(a.value for a in Act)) or Act.APPROVE.value,
            rules=sources(table)["rules"],
        )
        table.end()
        return step

    def written(self) -> dict[str, Any]:
        values: dict[str, Any] = {"name": self.name, "who": self.who, "role": self.role, "office": self.office}
        values |= {"of": self.of, "with_previous": self.with_previous, "when": [dict(c) for c in self.when]}
        values |= {"days": self.days, "proof": self.proof, "opinion": self.opinion, "act": self.act}
        values["rules"] = list(self.rules)
        return {name: value for name, value in values.items() if value and SPECIAL.get(name) != value}

    def worded(self, subject: declare.Subject | None) -> str:
        """The step in words, its condition in brackets."""
        where = conditions.worded(self.when, subject) if self.when else ""
        return f"{self.name}〔{where}〕" if where else self.name


@dataclass(frozen=True, kw_only=True)
class ChainPart(Part):
    """Who signs for a subject, in what order."""

    table: ClassVar[str] = "chain"
    subject: str
    name: str
    when: tuple[Mapping[str, Any], ...] = ()
    own: bool = False
    bulk: bool = False
    steps: tuple[ChainStepPart, ...] = ()

    @property
    def key(self) -> str:
        return f"chain {self.subject}/{self.name}"[:250]

    @property
    def area(self) -> str:
        return self.subject.partition(".")[0]

    @property
    def declared(self) -> declare.Subject | None:
        return runtime().subjects.get(self.subject)

    @property
    def title(self) -> str:
        return _("Chain “%(name)s”: %(subject)s", name=self.name, subject=declare.title_of(self.subject))

    def asks(self) -> Sequence[Asked]:
        offices = [s.office for s in self.steps if s.office]
        for condition in (*self.when, *(c for s in self.steps for c in s.when)):
            if condition.get("field") == UNIT:
                offices += [str(name) for name in condition.get("is", condition.get("not", ()))]
        roles = [s.role for s in self.steps if s.role not in ROLE_CODES]
        return [Asked("office", n) for n in dict.fromkeys(offices)] + [Asked("role", n) for n in dict.fromkeys(roles)]

    def misfits(self) -> list[tuple[str, str]]:
        subject = self.declared
        if subject is None:
            return [("subject", _("Nothing called %(name)s is decided by chains here.", name=self.subject))]
        wrong = []
        whens = [("when", self.when), *((f"steps[{n}].when", s.when) for n, s in enumerate(self.steps, 1))]
        for key, when in whens:
            try:
                conditions.checked(list(when), subject)
            except Refused as refusal:
                wrong.append((key, str(refusal)))
        return wrong

    def found(self, institution: Institution) -> Chain | None:
        row: Chain | None = Chain.get_or_none(
            Chain.institution == institution, Chain.subject == self.subject, Chain.name == self.name
        )
        return row

    def superseded(self, institution: Institution) -> list[Chain]:
        """The chains that were the rest until now: there is one for what no condition catches, and this will be it."""
        if self.when:
            return []
        others = Chain.select().where(
            Chain.institution == institution, Chain.subject == self.subject, Chain.active, Chain.name != self.name
        )
        return [chain for chain in others if not chain.when]

    def holds(self, terms: Terms) -> bool:
        row = self.found(terms.institution)
        if row is None or not row.active or self.superseded(terms.institution):
            return False
        return _of_row(row).worth() == self.renamed(terms).worth()

    def worth(self) -> str:
        bare = replace(self, steps=tuple(replace(step, rules=()) for step in self.steps))
        return json.dumps(bare.written(), ensure_ascii=False, sort_keys=True, default=str)

    def renamed(self, terms: Terms) -> ChainPart:
        """The chain with the institution's own names of offices and roles, as it reads once it is in force."""
        steps = [
            replace(
                step,
                office=_called(f"office:{step.office}", step.office, terms),
                role=_called(f"role:{step.role}", step.role, terms),
                when=tuple(_matched(step.when, terms)),
            )
            for step in self.steps
        ]
        return replace(self, steps=tuple(steps), when=tuple(_matched(self.when, terms)))

    def before(self, terms: Terms) -> str:
        row = self.found(terms.institution)
        shown = [_of_row(row)] if row and row.active else [_of_row(r) for r in self.superseded(terms.institution)]
        lines = [f"{_('Replaces “%(name)s”', name=part.name)}：{part.worded()}" for part in shown]
        return "\n".join(lines) if not (row and row.active) else shown[0].worded()

    def after(self, terms: Terms) -> str:
        return self.worded()

    def plain(self) -> str:
        return self.worded()

    def worded(self) -> str:
        """The chain as one line: steps in order, parallel ones joined, conditions in brackets."""
        subject = self.declared
        text = ""
        for step in self.steps:
            text += (" ＋ " if step.with_previous else " → ") if text else ""
            text += step.worded(subject)
        where = conditions.worded(self.when, subject) if self.when else ""
        extra = _("applicants may sign their own") if self.own else ""
        return joined((f"〔{where}〕" if where else "", text, extra))

    @classmethod
    def apply(cls, parts: Sequence[ChainPart], terms: Terms) -> None:
        for part in parts:
            for other in part.superseded(terms.institution):
                if not any(p.key == _of_row(other).key for p in parts):
                    records.update(other, active=False)
            part._put(terms)
        for subject in dict.fromkeys(part.subject for part in parts):
            _order(terms.institution, subject, [part.name for part in parts if part.subject == subject])

    def _put(self, terms: Terms) -> None:
        values = {"subject": self.subject, "name": self.name, "own": self.own, "bulk": self.bulk, "active": True}
        values |= {"when": _matched(self.when, terms), "rules": " ".join(self.rules)}
        steps = [_step_values(step, terms) for step in self.steps]
        if not self.holds(terms):
            save_chain(terms.institution, {**values, "steps": steps}, self.found(terms.institution))

    @classmethod
    def read(cls, table: Table) -> ChainPart:
        steps = tuple(ChainStepPart.read(step) for step in table.tables("steps"))
        if not steps:
            table.wrong("steps", _("A chain needs at least one step."))
        return cls(
            subject=table.text("subject", need=True, most=80),
            name=table.text("name", need=True, most=120),
            when=read_conditions(table),
            own=table.flag("own"),
            bulk=table.flag("bulk"),
            steps=steps,
            **sources(table),
        )

    def written(self) -> dict[str, Any]:
        values: dict[str, Any] = {"subject": self.subject, "name": self.name, "when": [dict(c) for c in self.when]}
        values |= {"own": self.own, "bulk": self.bulk}
        kept = {name: value for name, value in values.items() if value}
        return {**kept, "steps": [step.written() for step in self.steps]}

    @classmethod
    def present(cls, institution: Institution) -> list[ChainPart]:
        rows = Chain.select().where(Chain.institution == institution, Chain.active)
        return [_of_row(row) for row in rows.order_by(Chain.subject, Chain.position, Chain.id)]


def read_conditions(table: Table) -> tuple[Mapping[str, Any], ...]:
    """`when`: tables with a field and one of is, not, least, most. What the field may hold is asked of the subject."""
    found = []
    for one in table.tables("when"):
        name = one.text("field", need=True, most=60)
        tests = [test for test in conditions.TESTS if test in one.data]
        if len(tests) != 1 or set(one.data) - {"field", *conditions.TESTS}:
            one.wrong("", _("A condition says one of: is, not, least, most."))
            continue
        value = one.data[tests[0]]
        lists = tests[0] in ("is", "not")
        if lists and (
            not isinstance(value, list) or not value or not all(isinstance(v, str | bool | int) for v in value)
        ):
            one.wrong(tests[0], _("must be a list of values."))
            continue
        if not lists and (isinstance(value, bool) or not isinstance(value, int | float)):
            one.wrong(tests[0], _("must be %(called)s.", called=_("a number")))
            continue
        found.append({"field": name, tests[0]: value})
    return tuple(found)


def _matched(when: Sequence[Mapping[str, Any]], terms: Terms) -> list[dict[str, Any]]:
    """The conditions with the institution's own names of units, as they are stored."""
    found = []
    for condition in when:
        test = next(name for name in condition if name != "field")
        value = condition[test]
        if test in ("is", "not"):
            value = [conditions.as_text(v) for v in value]
        if condition["field"] == UNIT:
            value = [getattr(terms.found.get(f"office:{name}"), "name", name) for name in value]
        found.append({"field": condition["field"], test: value})
    return found


def _step_values(step: ChainStepPart, terms: Terms) -> dict[str, Any]:
    office = terms.found.get(f"office:{step.office}") if step.office else None
    return {
        "name": step.name,
        "who": step.who,
        "role": _role(step.role, terms),
        "office": office,
        "of": step.of,
        "with_previous": step.with_previous,
        "when": _matched(step.when, terms),
        "days": step.days,
        "proof": step.proof,
        "opinion": step.opinion,
        "act": step.act,
        "rules": " ".join(step.rules),
    }


def _role(name: str, terms: Terms) -> Role:
    found = terms.found.get(f"role:{name}")
    if found is None:
        found = Role.get_or_none(Role.institution == terms.institution, (Role.code == name) | (Role.name == name))
    if not isinstance(found, Role):
        raise Refused(_("There is no role %(name)s here.", name=name))
    return found


def _steps(chain: Chain) -> list[ChainStep]:
    return list(ChainStep.select().where(ChainStep.chain == chain).order_by(ChainStep.position))


def _called(key: str, name: str, terms: Terms) -> str:
    """What the institution calls an office or a role that was matched."""
    row = terms.found.get(key)
    return name if row is None else (getattr(row, "code", "") if isinstance(row, Role) else "") or row.name


def _order(institution: Institution, subject: str, first: list[str]) -> None:
    """Those named stand first, in their order; the others keep theirs."""
    query = Chain.select().where(Chain.institution == institution, Chain.subject == subject)
    rows = list(query.order_by(Chain.position, Chain.id))
    rows.sort(key=lambda row: first.index(row.name) if row.name in first else len(first))
    for place, row in enumerate(rows, 1):
        records.update(row, position=place)


def _of_row(row: Chain) -> ChainPart:
    """A chain in force as a part. Steps signed by a named person become their role: presets name nobody."""
    parts = []
    for step in _steps(row):
        role = step.role
        parts.append(
            ChainStepPart(
                name=step.name,
                who=step.who if step.who in PARTIES else Who.ROLE.value,
                role=(role.code or role.name) if role else "lead",
                office=step.office.name if step.office else "",
                of=step.of,
                with_previous=step.with_previous,
                when=tuple(step.when),
                days=step.days,
                proof=step.proof,
                opinion=step.opinion,
                act=step.act,
                rules=tuple(rule for rule in step.rules.split() if rule in catalogue()),
            )
        )
    return ChainPart(
        subject=row.subject,
        name=row.name,
        when=tuple(row.when),
        own=row.own,
        bulk=row.bulk,
        steps=tuple(parts),
        rules=tuple(rule for rule in row.rules.split() if rule in catalogue()),
    )
