"""The sweeps: all rows of an institution by night, and after large changes only what was left to look at."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from peewee import fn

from panel.checks import engine, judging
from panel.checks.declare import Check
from panel.checks.models import Broken, Dirty, Finding, Swept
from panel.checks.registry import checks
from panel.checks.saving import areas_on, record_broken, run
from panel.database import transaction, utcnow
from panel.org.models import Institution


@dataclass
class Report:
    """What a sweep changed; `broken` are the codes of the checks that raised."""

    opened: int = 0
    closed: int = 0
    broken: list[str] = field(default_factory=list)


def sweep(institution: Institution, day: date | None = None) -> Report:
    """Look at every row of an institution, by the policy of the day (today). Safe to repeat and to interrupt."""
    started = time.monotonic()
    on = day or engine.today_in(institution)
    before = _last_dirty(institution)
    report = Report()
    active = checks.of(areas_on(institution))
    sweep_checks(active, institution, on, report)
    _lapse_waivers(institution, on)
    Dirty.delete().where(Dirty.institution == institution, Dirty.id <= before).execute()
    for judged in {j for check in active for j in check.sees}:
        judging.forget_gone(judged)
    _note(institution, on, time.monotonic() - started, report)
    return report


def sweep_dirty(institution: Institution) -> Report:
    """Look at what saves left behind: rows by id, or all rows of a check whose parameters changed."""
    report, day, before = Report(), engine.today_in(institution), _last_dirty(institution)
    rows: dict[str, set[int] | None] = {}
    query: Any = Dirty.select(Dirty.code, Dirty.rows).where(Dirty.institution == institution, Dirty.id <= before)
    for code, ids in query.tuples():
        known = rows.get(code, set())
        rows[code] = None if ids is None or known is None else known | set(ids)
    areas = set(areas_on(institution))
    whole: list[Check] = []
    groups: dict[tuple[Any, frozenset[int]], list[Check]] = defaultdict(list)
    for code, found in rows.items():
        if code not in checks or checks[code].area not in areas:
            continue
        if found is None:
            whole.append(checks[code])
        else:
            groups[checks[code].subject, frozenset(found)].append(checks[code])
    sweep_checks(whole, institution, day, report)
    for (_subject, wanted), together in groups.items():
        _apply(together, sorted(wanted), institution, day, report)
    Dirty.delete().where(Dirty.institution == institution, Dirty.id <= before).execute()
    return report


def sweep_checks(wanted: Iterable[Check], institution: Institution, day: date, report: Report) -> None:
    """Run checks on every row of an institution; `report` is added to."""
    broken = _codes(Broken.select(Broken.code).where(Broken.institution == institution))
    standing = Finding.select(Finding.code).where(Finding.institution == institution, Finding.closed_at.is_null())
    open_codes = _codes(standing.distinct())
    for check in wanted:
        try:
            judging.judge(check.sees, institution.id)
            found = engine.candidates(check, [institution.id], day, check.code in open_codes)
        except Exception as error:
            record_broken(check.code, institution, error)
            report.broken.append(check.code)
            continue
        if check.code in broken:
            Broken.delete().where(Broken.institution == institution, Broken.code == check.code).execute()
        _apply([check], found, institution, day, report)


def _codes(query: Any) -> set[str]:
    return {code for (code,) in query.tuples()}


def _apply(together: list[Check], ids: list[int], institution: Institution, day: date, report: Report) -> None:
    for chunk in engine.chunks(ids):
        with transaction():
            engine.hold(together[0].subject, chunk)
            outcome = run(together, chunk, day, institution)
        report.opened += len(outcome.opened)
        report.closed += outcome.closed
        report.broken += [code for code in outcome.broken if code not in report.broken]


def _last_dirty(institution: Institution) -> int:
    """The newest mark there is: what is left behind while the sweep runs is for the next one."""
    return int(Dirty.select(fn.MAX(Dirty.id)).where(Dirty.institution == institution).scalar() or 0)


def _lapse_waivers(institution: Institution, day: date) -> None:
    """Nothing hides a finding after its waiver's last day."""
    Finding.update(waived_until=None).where(
        Finding.institution == institution, Finding.closed_at.is_null(), Finding.waived_until < day
    ).execute()


def _note(institution: Institution, day: date, seconds: float, report: Report) -> None:
    values = {
        "day": day,
        "at": utcnow(),
        "seconds": round(seconds),
        "opened": report.opened,
        "closed": report.closed,
    }
    Swept.insert(institution=institution, **values).on_conflict(
        conflict_target=[Swept.institution], update={getattr(Swept, n): v for n, v in values.items()}
    ).execute()
