# ruff: noqa: S608 - the statements are put together from names of ours; every value is bound
"""Opening and closing findings: whole sets of rows in a handful of statements, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from panel import database
from panel.checks.compiled import COLUMNS, Statement, breaches
from panel.checks.declare import Check
from panel.checks.models import Finding, Waiver
from panel.database import db, is_postgres
from panel.org.models import Institution

FINDING, WAIVER = Finding._meta.table_name, Waiver._meta.table_name
CHUNK = 2000  # rows that are reconciled in one transaction

_TABLE = (
    "(code VARCHAR(80) NOT NULL, institution_id BIGINT NOT NULL, subject_id BIGINT NOT NULL, unit_id BIGINT, "
    "severity VARCHAR(10) NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (subject_id, code))"
)
_OPEN = "f.closed_at IS NULL AND f.code = b.code AND f.subject_id = b.subject_id"


@dataclass(frozen=True)
class Opened:
    """A finding that was just opened, or got worse. `waived`: an exception is in force for it."""

    id: int
    code: str
    subject_id: int
    facts: dict[str, Any]
    waived: bool


@dataclass(frozen=True)
class Outcome:
    """What a run changed; `broken` are the codes of the checks that raised."""

    opened: Sequence[Opened] = ()
    closed: int = 0
    broken: Sequence[str] = ()


def today_in(institution: Institution) -> date:
    """The calendar day where the institution is."""
    return database.utcnow().astimezone(ZoneInfo(institution.time_zone)).date()


def reconcile(checks: Sequence[Check], ids: Collection[int], day: date) -> Outcome:
    """Make the findings of these checks true for these rows, inside the caller's transaction.

    The checks must share a subject. Rows that are gone have no findings.
    """
    if not checks or not ids:
        return Outcome()
    collect(breaches(checks, "ids"), day=day, ids=ids)
    codes = [check.code for check in checks]
    worse = _refresh({check.code: check for check in checks})
    opened = _open(database.key_of(checks[0].subject), day)
    return Outcome([*opened, *worse], _close(codes, ids))


def collect(statement: Statement, **given: Any) -> int:
    """Run the checks into the temporary table of breaches, in place of what was there; gives how many there are."""
    if is_postgres():
        db.execute_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS checks_breach {_TABLE}")
        if db.execute_sql("SELECT 1 FROM checks_breach LIMIT 1").fetchone():  # emptying costs ten times the look
            db.execute_sql("TRUNCATE checks_breach")
    else:
        db.execute_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS checks_breach {_TABLE} WITHOUT ROWID")
        db.execute_sql("DELETE FROM checks_breach")
    inserted = db.execute_sql(
        f"INSERT INTO checks_breach ({COLUMNS}) SELECT * FROM ({statement.sql}) AS found WHERE 1 = 1"
        f" ON CONFLICT DO NOTHING",
        statement.bound(**given),
    )
    return int(inserted.rowcount)


def _open(subject: str, day: date) -> list[Opened]:
    """Open what breaks a rule and has no open finding."""
    now, mark = _moment(database.utcnow()), _param()
    cursor = db.execute_sql(
        f"INSERT INTO {FINDING} (created_at, updated_at, version, institution_id, code, subject_type, subject_id,"
        f" unit_id, severity, facts, opened_at, waived_until)"
        f" SELECT {mark}, {mark}, 1, b.institution_id, b.code, {mark}, b.subject_id, b.unit_id, b.severity, b.facts,"
        f" {mark}, (SELECT MAX(w.until) FROM {WAIVER} AS w WHERE w.subject_id = b.subject_id AND w.code = b.code"
        f" AND w.until >= {mark} AND w.since <= {mark})"
        f" FROM checks_breach AS b WHERE NOT EXISTS (SELECT 1 FROM {FINDING} AS f WHERE {_OPEN})"
        f" ON CONFLICT DO NOTHING RETURNING id, code, subject_id, facts, waived_until",
        [now, now, subject, now, _day(day), _day(day)],
    )
    return [Opened(i, code, row, json.loads(facts), waived is not None) for i, code, row, facts, waived in cursor]


def _close(codes: Sequence[str], ids: Collection[int]) -> int:
    """Close the open findings of these rows that no longer break their rule."""
    rows, names = _among("f.subject_id", ids), _among("f.code", codes)
    return int(
        db.execute_sql(
            f"UPDATE {FINDING} AS f SET closed_at = {_param()} WHERE f.closed_at IS NULL AND {rows[0]}"
            f" AND {names[0]} AND NOT EXISTS (SELECT 1 FROM checks_breach AS b WHERE {_OPEN})",
            [_moment(database.utcnow()), rows[1], names[1]],
        ).rowcount
    )


def _refresh(checks: Mapping[str, Check]) -> list[Opened]:
    """Bring values, unit and severity of the open findings up to date; gives those whose measure grew."""
    stale = db.execute_sql(
        # SQLite has no figures about a temporary table; CROSS JOIN tells it to begin with the few rows there.
        f"SELECT f.id, f.code, f.subject_id, f.facts, b.facts, f.waived_until"
        f" FROM checks_breach AS b CROSS JOIN {FINDING} AS f WHERE {_OPEN} AND ({_STALE})"
    ).fetchall()
    if not stale:
        return []
    ids = _among("f.id", [row[0] for row in stale])
    db.execute_sql(
        f"UPDATE {FINDING} AS f SET facts = b.facts, unit_id = b.unit_id, severity = b.severity"
        f" FROM checks_breach AS b WHERE {_OPEN} AND {ids[0]}",
        [ids[1]],
    )
    worse = []
    for i, code, row, before, after, waived in stale:
        facts = json.loads(after)
        if code in checks and checks[code].worse(json.loads(before), facts):
            worse.append(Opened(i, code, row, facts, waived is not None))
    return worse


_STALE = "f.facts <> b.facts OR f.severity <> b.severity OR f.unit_id IS DISTINCT FROM b.unit_id"


def candidates(check: Check, institutions: Collection[int], day: date, has_open: bool = True) -> list[int]:
    """Rows whose findings of a check may have to change, looking at every row of the institutions.

    Takes no lock: each candidate is judged again by `reconcile`, which does. `has_open`: whether it has findings.
    """
    found = collect(breaches([check], "institutions"), day=day, institutions=institutions)
    if not found and not has_open:
        return []
    if found and is_postgres():
        db.execute_sql("ANALYZE checks_breach")
    here = _among("f.institution_id", institutions)
    wrong = db.execute_sql(
        f"SELECT b.subject_id FROM checks_breach AS b LEFT JOIN {FINDING} AS f ON {_OPEN}"
        f" WHERE f.id IS NULL OR {_STALE}"
        f" UNION ALL SELECT f.subject_id FROM {FINDING} AS f WHERE f.closed_at IS NULL AND {here[0]}"
        f" AND f.code = {_param()} AND NOT EXISTS (SELECT 1 FROM checks_breach AS b WHERE {_OPEN})",
        [here[1], check.code],
    )
    return [row for (row,) in wrong]


def chunks(ids: Sequence[int], size: int = CHUNK) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def hold(model: Any, ids: Collection[int]) -> None:
    """Hold the subjects until the transaction ends: two savers must not each see only half of what breaks a rule."""
    if is_postgres():
        table = model._meta.table_name
        db.execute_sql(f'SELECT 1 FROM "{table}" WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE', [sorted(ids)])


def _among(column: str, values: Collection[Any]) -> tuple[str, Any]:
    """A condition on a list of any length, and its one parameter."""
    if is_postgres():
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(list(values))


def _param() -> str:
    return "%s" if is_postgres() else "?"


def _moment(at: datetime) -> Any:
    return Finding.opened_at.db_value(at)


def _day(day: date) -> Any:
    return day if is_postgres() else day.isoformat()
