"""Settling a month of N pieces of N/10 contributors beside the bare SQL aggregate that yields the same totals.

    python -m bench.stipend [--pieces 100000] [--database sqlite:///…|postgresql://…]

The aggregate sums one rate by contributor; settling also writes an entry with its steps for each piece, so that each
amount can be followed. Prints one JSON object: seconds of both, their ratio, and the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import date, timedelta
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
from plugins.stipend.models import Settlement

MONTH = date(2026, 3, 1)
BARE = """
SELECT c.person_id, COUNT(*), SUM(CASE WHEN s.source = 'original' THEN 2000 ELSE 1000 END)
FROM content_release r
JOIN content_submission s ON s.id = r.submission_id
JOIN content_contribution c ON c.submission_id = s.id
WHERE r.institution_id = {institution} AND r.state = 'out' AND r.released_on BETWEEN '2026-03-01' AND '2026-03-31'
GROUP BY c.person_id
"""


def build(pieces: int) -> Institution:
    """An institution with so many released pieces of one month, ten of each contributor."""
    institution = records.create(Institution, name="基准大学", kind="university")
    root = records.create(Unit, institution=institution, name="基准大学", kind="root")
    for plugin in ("accounts", "content", "stipend"):
        records.create(PluginSwitch, institution=institution, plugin=plugin, enabled=True)
    services.on_enable(institution)
    services.take_example(institution, "company", date(2026, 1, 1))
    medium = records.create(Medium, institution=institution, name="校报", level="institution")
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
            ids = insert_rows(Submission, rows)
            parts = [
                {**base, "submission": i, "person": people[n % len(people)]} for i, n in zip(ids, numbers, strict=True)
            ]
            insert_rows(Contribution, parts)
            outs = [
                {**base, "submission": i, "medium": medium.id, "released_on": MONTH + timedelta(days=n % 31)}
                for i, n in zip(ids, numbers, strict=True)
            ]
            insert_rows(Release, outs)
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
    """Build, aggregate, settle, settle again."""
    institution = build(pieces)
    began = time.perf_counter()
    rows = db.execute_sql(BARE.format(institution=institution.id)).fetchall()
    bare = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    with acting_as(system(institution)):
        settlement = services.begin(institution, MONTH)
        for _run in range(2):
            began = time.perf_counter()
            services.reckon_now(settlement)
            seconds.append(time.perf_counter() - began)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = Settlement.get_by_id(settlement.id)
    assert (stored.pieces, stored.payees, stored.gross) == (pieces, len(rows), sum(int(row[2]) for row in rows))
    return {
        "database": "postgresql" if is_postgres() else "sqlite",
        "pieces": pieces,
        "payees": len(rows),
        "bare_seconds": round(bare, 3),
        "settle_seconds": round(seconds[0], 2),
        "again_seconds": round(seconds[1], 2),
        "ratio": round(seconds[0] / bare, 1),
        "memory_grown_mb": round((after - before) / 1024, 1),
    }


if __name__ == "__main__":
    main()
