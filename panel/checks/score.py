"""The compliance score: 100 less the weights of what is open, 0 at the least; a unit's is the mean of its records.

The formula is shown on the page that shows the score; the weights are here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from peewee import JOIN, SQL, Case, fn

from panel.checks.declare import Severity
from panel.checks.models import Finding, Score
from panel.database import key_of
from panel.org.models import Institution, Unit

WEIGHTS = {Severity.ERROR: 20, Severity.WARNING: 8, Severity.NOTICE: 2}
FULL = 100


def visible(day: date) -> Any:
    """Open findings that no waiver hides on the day."""
    return Finding.closed_at.is_null() & (Finding.waived_until.is_null() | (Finding.waived_until < day))


def points(counts: dict[Severity, int]) -> int:
    """The score of one record with so many findings of each severity."""
    return max(0, FULL - sum(WEIGHTS[severity] * count for severity, count in counts.items()))


def scores(model: Any, institution_id: int, day: date, areas: Iterable[str]) -> Any:
    """(id, unit_id, points, findings) of every record of a model that is scored."""
    weight = Case(Finding.severity, [(severity.value, weight) for severity, weight in WEIGHTS.items()])
    on = (Finding.subject_id == model.id) & (Finding.subject_type == key_of(model)) & visible(day) & _of_areas(areas)
    left = FULL - fn.COALESCE(fn.SUM(weight), 0)
    floor = Case(None, [(left < 0, 0)], left)
    return (
        model.select(model.id, model.unit, floor.alias("points"), fn.COUNT(Finding.id).alias("findings"))
        .join(Finding, JOIN.LEFT_OUTER, on=on)
        .where(model.institution == institution_id, model.in_score(model))
        .group_by(model.id, model.unit)
    )


def of_records(model: Any, ids: Iterable[int], institution_id: int, day: date, areas: Iterable[str]) -> dict[int, int]:
    """The scores of some records, one query for all."""
    query = scores(model, institution_id, day, areas).where(model.id.in_(list(ids)))
    return {row: int(score) for row, _unit, score, _findings in query.tuples()}


def snapshot(institution: Institution, day: date, models: Iterable[Any], areas: Iterable[str]) -> None:
    """Keep the day's scores of every unit and of the institution; run again, it replaces them."""
    rows: list[dict[str, Any]] = []
    for model in models:
        each = scores(model, institution.id, day, areas).alias("each")
        above, below = Unit.alias(), Unit.alias()
        means: Any = (
            above.select(
                above.id,
                fn.AVG(each.c.points),
                fn.COUNT(each.c.id),
                fn.SUM(each.c.findings),
            )
            .join(below, on=below.path.startswith(above.path))
            .join(each, on=each.c.unit_id == below.id)
            .where(above.institution == institution.id, below.institution == institution.id)
            .group_by(above.id)
        )
        for unit, mean, count, findings in means.tuples():
            rows.append(_row(institution, unit, day, mean, count, findings))
        whole: Any = Unit.select(fn.AVG(each.c.points), fn.COUNT(SQL("*")), fn.SUM(each.c.findings)).from_(each)
        mean, count, findings = whole.tuples().get()
        if count:
            rows.append(_row(institution, None, day, mean, count, findings))
    Score.delete().where(Score.institution == institution, Score.day == day).execute()
    for start in range(0, len(rows), 500):
        Score.insert_many(rows[start : start + 500]).execute()


def _row(institution: Institution, unit: int | None, day: date, mean: Any, count: Any, findings: Any) -> dict[str, Any]:
    return {
        "institution": institution.id,
        "unit": unit,
        "day": day,
        "points": int(float(mean) + 0.5),
        "records": int(count),
        "findings": int(findings),
    }


def trend(institution: Institution, since: date, unit: Unit | None = None) -> list[tuple[date, int]]:
    """(day, points) since a day, oldest first."""
    of = Score.unit.is_null() if unit is None else Score.unit == unit
    query: Any = Score.select(Score.day, Score.points).where(Score.institution == institution, of, Score.day >= since)
    return list(query.order_by(Score.day).tuples())


def _of_areas(areas: Iterable[str]) -> Any:
    from panel.checks.registry import checks

    return Finding.code.in_([check.code for check in checks.of(areas)])


def scored_models(areas: Iterable[Any]) -> list[Any]:
    """The models that have a score: those that say which rows it is about."""
    return [model for area in areas for model in area.models if hasattr(model, "in_score")]
