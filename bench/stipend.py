"""Settling a month of N pieces of N/10 contributors beside the bare SQL aggregate that yields the same totals.

    python -m bench.stipend [--pieces 100000] [--database sqlite:///…|postgresql://…]

A month as offices have it: originals and reprints, a quarter by several authors, a third out on two channels, a fifth
with a confirmed factor. The aggregate finds each piece once, its rate and factor, shares it out with the odd fen to the
first author, and sums by contributor.

The panel enters a piece in the night after its release, with all the rules of the card, an entry for each
contribution, so that each amount can be followed, and the payees with their audit entries. Settling, when the month
is over, is what is left: the pieces that have changed since the night, here one in 75 whose factor was decided, and
all the sums. The runs alternate, each with other factors; the totals of each contributor must be equal. Prints one
JSON object: seconds, ratios, the peak of memory.

    bare_seconds      the aggregate
    gather_seconds    entering all pieces, every payee new: the nights of the month together
    settle_seconds    settling, from the click to the last total
    whole_seconds     entering all anew in place of what there is, as after a change of the rate card
    write_seconds     an INSERT … SELECT of the entries as they are into a table with the same columns, keys and indexes
    ratio             of settling to the aggregate
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from panel import audit, config, create_app, migrate, records
from panel.access.identity import acting_as, system
from panel.access.models import PluginSwitch
from panel.database import db, insert_rows, inside_verb, is_postgres
from panel.org.models import Institution, Person, Unit
from plugins.content.models import Contribution, Release, Submission
from plugins.content.policy import Medium
from plugins.stipend import services
from plugins.stipend.models import Factor, Payee, PayeeLine, Recount, Settlement

MONTH = date(2026, 3, 1)
ROUNDS = 3
LATE = "月底"  # why the factors were raised that are decided after the last night
BARE = """
SELECT person_id, COUNT(*), SUM(fen) FROM (
    SELECT person_id, fee / among + CASE WHEN place = 1 THEN fee - fee / among * among ELSE 0 END AS fen FROM (
        SELECT c.person_id, CASE WHEN s.source = 'original' THEN 20 * COALESCE(f.value, 100) ELSE 1000 END AS fee,
            COUNT(*) OVER (PARTITION BY c.submission_id) AS among,
            ROW_NUMBER() OVER (PARTITION BY c.submission_id ORDER BY c.position) AS place
        FROM (
            SELECT DISTINCT submission_id FROM content_release
            WHERE institution_id = {institution} AND state = 'out' AND released_on BETWEEN '2026-03-01' AND '2026-03-31'
        ) r
        JOIN content_submission s ON s.id = r.submission_id
        JOIN content_contribution c ON c.submission_id = s.id
        LEFT JOIN stipend_factor f ON f.submission_id = s.id AND f.state = 'confirmed'
    ) shared
) paid
GROUP BY person_id
"""


def build(pieces: int) -> Institution:
    """An institution with so many released pieces of one month, some ten of each contributor."""
    institution = records.create(Institution, name="基准大学", kind="university")
    root = records.create(Unit, institution=institution, name="基准大学", kind="root")
    for plugin in ("accounts", "content", "stipend"):
        records.create(PluginSwitch, institution=institution, plugin=plugin, enabled=True)
    services.on_enable(institution)
    services.take_example(institution, "company", date(2026, 1, 1))
    media = [records.create(Medium, institution=institution, name=n, level="institution") for n in ("校报", "广播")]
    base: dict[str, Any] = {"institution": institution.id}
    step = 20_000
    with inside_verb():
        people = insert_rows(
            Person,
            [{**base, "unit": root.id, "name": f"作者{n}", "kind": "staff"} for n in range(max(1, pieces // 10))],
        )
        for start in range(0, pieces, step):
            numbers = range(start, min(start + step, pieces))
            rows = [
                {
                    **base,
                    "unit": root.id,
                    "headline": f"稿件{n}",
                    "source": "original" if n % 3 else "reprint",
                    "state": "released",
                    "print": str(n),
                    "frozen": str(n),
                    "released_on": MONTH + timedelta(days=n % 31),
                }
                for n in numbers
            ]
            pieces_here = list(zip(insert_rows(Submission, rows), numbers, strict=True))
            parts = [
                {**base, "submission": i, "person": people[(n + place) % len(people)], "position": place}
                for i, n in pieces_here
                for place in range(1 + (n % 4 == 0) + (n % 20 == 0))
            ]
            insert_rows(Contribution, parts)
            outs = [
                {**base, "submission": i, "medium": medium.id, "released_on": MONTH + timedelta(days=n % 31)}
                for i, n in pieces_here
                for medium in media[: 1 + (n % 3 == 0)]
            ]
            insert_rows(Release, outs)
            weighed = [
                {**base, "submission": i, "value": 150 + 50 * (n % 4), "reason": reason, "state": state}
                for i, n in pieces_here
                if n % 3
                for reason, state, fits in (("重要", "confirmed", n % 5 == 1), (LATE, "proposed", n % 75 == 2))
                if fits
            ]
            insert_rows(Factor, weighed)
    if is_postgres():
        db.execute_sql("ANALYZE")
    return institution


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pieces", type=int, default=100_000)
    parser.add_argument("--database", default="")
    parser.add_argument("--json", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhangyin-bench-") as folder:
        settings = {"database": given.database} if given.database else {}
        app = create_app(config.load(Path(folder), environ={}, secret_key="0123456789abcdef" * 3, **settings))
        with app.app_context(), db.connection_context(), audit.acting("cli", user_name="bench"):
            migrate.up(app.extensions["zhangyin"].registry)
            found = measure(given.pieces)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    print(text)
    if given.json:
        Path(given.json).write_text(text, encoding="utf-8")


def measure(pieces: int) -> dict[str, Any]:
    """Build, gather; then decide factors, settle and aggregate by turns."""
    institution = build(pieces)
    bare: list[float] = []
    settling: list[float] = []
    with acting_as(system(institution)):
        _settle_the_month_before(institution)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        gathering, _none = _timed(lambda: services.gather(institution, 1, _quiet))
        settlement = services.begin(institution, MONTH)
        for mark in range(2, 2 + ROUNDS):
            _decide(institution, 100 + 50 * mark % 200)
            settling.append(_timed(partial(services.settle, settlement.id, mark))[0])
            seconds, rows = _timed(lambda: db.execute_sql(BARE.format(institution=institution.id)).fetchall())
            bare.append(seconds)
            _compare(settlement, pieces, rows)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        writing = _write()
        records.derive(Settlement, Settlement.id == settlement.id, ground="")
        whole, _none = _timed(lambda: services.settle(settlement.id, 2 + ROUNDS))
        _compare(settlement, pieces, rows)
    return {
        "database": "postgresql" if is_postgres() else "sqlite",
        "pieces": pieces,
        "payees": len(rows),
        "bare_seconds": round(min(bare), 3),
        "gather_seconds": round(gathering, 2),
        "settle_seconds": round(min(settling), 3),
        "whole_seconds": round(whole, 2),
        "write_seconds": round(writing, 2),
        "ratio": round(min(settling) / min(bare), 2),
        "memory_grown_mb": round((after - before) / 1024, 1),
    }


def _quiet(_done: int, _total: int) -> None:
    """Nobody watches."""


def _settle_the_month_before(institution: Institution) -> None:
    settlement = services.begin(institution, date(2026, 2, 1))
    services.settle(settlement.id, 1)
    services.approved(Settlement.get_by_id(settlement.id))


def _decide(institution: Institution, value: int) -> None:
    """Decide the factor of one piece in 75, as the verbs do, without their audit."""
    with inside_verb():
        Factor.update(value=value, state="confirmed").where(Factor.reason == LATE).execute()
    late = Factor.select(Factor.institution, Factor.submission).where(Factor.reason == LATE)
    Recount.insert_from(late, [Recount.institution_id, Recount.submission_id]).execute()


def _compare(settlement: Settlement, pieces: int, rows: list[Any]) -> None:
    """What the settlement pays each contributor is what the aggregate says."""
    lines: Any = PayeeLine.select(Payee.person, PayeeLine.entries, PayeeLine.gross).join(Payee)
    assert {tuple(map(int, row)) for row in rows} == set(lines.where(PayeeLine.settlement == settlement).tuples())
    stored = Settlement.get_by_id(settlement.id)
    assert (stored.pieces, stored.payees, stored.gross) == (pieces, len(rows), sum(int(row[2]) for row in rows))


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def _write() -> float:
    """Seconds of writing the entries once more, as they are."""
    if is_postgres():
        made = ["CREATE TABLE bench_entry (LIKE stipend_entry INCLUDING ALL)"]
        rows = (
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'stipend_entry'::regclass AND contype = 'f'"
        )
        made += [f"ALTER TABLE bench_entry ADD {text}" for _name, text in db.execute_sql(rows).fetchall()]
    else:
        rows = "SELECT sql FROM sqlite_master WHERE tbl_name = 'stipend_entry' AND sql IS NOT NULL ORDER BY type DESC"
        made = [row[0].replace("stipend_entry", "bench_entry") for row in db.execute_sql(rows).fetchall()]
    for statement in made:
        db.execute_sql(statement)
    seconds, _none = _timed(lambda: _committed("INSERT INTO bench_entry SELECT * FROM stipend_entry ORDER BY id"))
    db.execute_sql("DROP TABLE bench_entry")
    return seconds


def _committed(sql: str) -> None:
    with db.atomic():
        db.execute_sql(sql)


if __name__ == "__main__":
    main()
