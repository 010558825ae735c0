"""Commendations, rounds of assessment, supervision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from panel.api import Institution, Person, Refused, Unit, _, records, today, transaction
from plugins.violations.cases import open_case
from plugins.violations.choices import About, Measured, Source, Verdict
from plugins.violations.common import me, past, said, same_institution
from plugins.violations.models import Assessment, Case, Commendation, Round, Supervision
from plugins.violations.policy import Criterion

FULL = 100.0


def commend(values: dict[str, Any]) -> Commendation:
    """Enter a commendation (s1-08-r15, s2-06-r16, s4-01-r33). `values`: institution, reason, unit or person, more."""
    person, unit = values.get("person"), values.get("unit")
    institution = values["institution"]
    same_institution(institution if isinstance(institution, int) else institution.id, person, unit)
    if unit is None and person is None:
        raise Refused(_("Name a person or a unit."), "unit")
    reason = said(str(values.get("reason") or ""), "reason", _("Say what it is for."))
    past(values.get("on"), "on")
    whole = unit if person is None else unit or person.unit
    return records.create(Commendation, **{**values, "unit": whole, "reason": reason})


def begin_assessment(
    round_: Round, unit: Unit | None = None, person: Person | None = None, **values: Any
) -> Assessment:
    """Take a unit or a person into a round; `values`: points, grade, basis where they are known already.

    Raises Refused once the round is closed, and for who is in it already.
    """
    same_institution(round_.institution_id, unit, person)
    if unit is None and person is None:
        raise Refused(_("Name a person or a unit."), "unit")
    with transaction():
        _open(round_)
        whole = unit or person.unit  # type: ignore[union-attr]
        there = Assessment.select().where(Assessment.round == round_, Assessment.unit == whole)
        if there.where(Assessment.person == person if person else Assessment.person.is_null()).exists():
            raise Refused(_("This one is in the round already."), "person" if person else "unit")
        made = records.create(
            Assessment, institution=round_.institution_id, round=round_, unit=whole, person=person, **values
        )
        if made.points is None:
            mark(made, {}, made.basis, made.grade)
    return made


def _open(round_: Round) -> None:
    if Round.get_by_id(round_.id).closed_on is not None:
        raise Refused(_("The round is closed."))


def mark(row: Assessment, given: Mapping[str, float | None], basis: str = "", grade: str = "") -> None:
    """Enter the points of criteria by name; those the panel counts it counts itself. The result is their weighted
    mean over the criteria that have points."""
    with transaction():
        _open(row.round)
        criteria = list(
            Criterion.select()
            .where(Criterion.institution == row.institution_id, Criterion.active)
            .order_by(Criterion.id)
        )
        counted = {c.name: counted_points(c, row) for c in criteria if c.measured != Measured.HAND}
        points = {**row.marks, **given, **counted}
        if any(p is not None and not 0 <= p <= FULL for p in points.values()):
            raise Refused(_("Points are from 0 to 100."))
        known = [(c.weight, points[c.name]) for c in criteria if points.get(c.name) is not None]
        weights = sum(weight for weight, _points in known)
        total = round(sum(w * float(p or 0) for w, p in known) / weights, 1) if weights else row.points
        kept = {c.name: points[c.name] for c in criteria if points.get(c.name) is not None}
        records.update(row, marks=kept, points=total, basis=basis.strip() or row.basis, grade=grade.strip()[:40])


def counted_points(criterion: Criterion, row: Assessment) -> float:
    """The points of a criterion that the panel counts: so many less for each founded breach, more for commendations."""
    first, last = row.round.since, row.round.until
    if criterion.measured == Measured.COMMENDATIONS:
        query = Commendation.select().where(Commendation.on.between(first, last))
        query = query.where(Commendation.person == row.person if row.person else Commendation.unit == row.unit)
        return min(FULL, float(criterion.each * query.count()))
    zone = ZoneInfo(row.institution.time_zone)
    begin, end = (datetime.combine(d, t, zone) for d, t in ((first, time.min), (last, time.max)))
    cases = Case.select().where(Case.verdict == Verdict.FOUNDED, Case.decided_at.between(begin, end))
    cases = cases.where(Case.person == row.person if row.person else _of_unit(row.unit))
    return max(0.0, FULL - criterion.each * cases.count())


def _of_unit(unit: Unit) -> Any:
    people = Person.select(Person.id).where(Person.unit == unit)
    return (Case.accused_unit == unit) | Case.person.in_(people)


def close_round(round_: Round, on: date | None = None) -> None:
    """Close a round: its results stand. Raises Refused without a result, or with one that has no points."""
    with transaction():
        _open(round_)
        rows = list(Assessment.select().where(Assessment.round == round_))
        if not rows:
            raise Refused(_("Nobody was assessed in this round yet."))
        if left := [str(row.person or row.unit) for row in rows if row.points is None and not row.grade]:
            raise Refused(_("Without points or grade: %(names)s", names="、".join(left[:5])))
        records.update(round_, closed_on=past(on, "on"))


def supervise(values: dict[str, Any]) -> Supervision:
    """Note what supervision found; each problem opens a case with it as source (s1-12-r17, s1-20-r12)."""
    institution: Institution = values["institution"]
    same_institution(institution.id, values["unit"], values.get("person"))
    text = said(str(values.get("text") or ""), "text", _("Say what was looked at."))
    on = past(values.get("on"), "on")
    with transaction():
        made = records.create(Supervision, **{**values, "text": text, "on": on, "person": values.get("person") or me()})
        for problem in (made.problems or "").splitlines():
            if problem.strip():
                open_case(
                    {
                        "institution": institution,
                        "accused_unit": made.unit,
                        "facts": problem.strip(),
                        "happened_on": on,
                        "source": Source.INSPECTION.value,
                        "source_type": "violations.supervision",
                        "source_id": made.id,
                        "source_text": f"{About(made.about).label} · {on}",
                    }
                )
    return made


def by_kind(institution: Institution, since: date) -> Counter[str]:
    """How many founded cases of each kind there were since a day."""
    begin = datetime.combine(since, time.min, ZoneInfo(institution.time_zone))
    rows = Case.select().where(
        Case.institution == institution, Case.verdict == Verdict.FOUNDED, Case.decided_at >= begin
    )
    return Counter(str(case.kind) for case in rows)


def periods_due(last: date | None, months: int) -> date:
    """The last day of the period that is to be assessed next, counted in whole periods of the calendar year."""
    if last is None:
        month = (today().month - 1) // months * months or 12
        year = today().year if month != 12 or today().month > 12 else today().year - 1
        return _month_end(year, month)
    count = last.year * 12 + last.month - 1 + months
    return _month_end(count // 12, count % 12 + 1)


def _month_end(year: int, month: int) -> date:
    from calendar import monthrange

    return date(year, month, monthrange(year, month)[1])


def change_commendation(row: Commendation, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change a commendation; the unit stays where none is named."""
    values = {name: value for name, value in values.items() if name != "unit" or value is not None}
    said(str(values.get("reason", row.reason) or ""), "reason", _("Say what it is for."))
    past(values.get("on"), "on")
    records.update(row, expected_version, **values)


def change_round(row: Round, expected_version: int | None, values: dict[str, Any]) -> None:
    """Change the name or period of a round that is not closed."""
    with transaction():
        _open(row)
        records.update(row, expected_version, **values)
