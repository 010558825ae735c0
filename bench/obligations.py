"""Does the scan touch only what is due? 1,000 due among 10,000 obligations, and among 1,000,000.

    python -m bench.obligations [--due 1000] [--database sqlite:///…|postgresql://…]

Holds the scan of the large table to twice the time of the small one. Prints one JSON object; ends with 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from panel import audit, config, create_app, migrate, records
from panel.database import db, insert_rows, inside_verb, utcnow
from panel.notify.models import Message
from panel.obligations.models import Obligation
from panel.obligations.remind import Scan, institutions_due
from panel.org.models import Institution, Person, Unit

SMALL, LARGE, PEOPLE = 10_000, 1_000_000, 200
LIMIT = 2.0
ROUNDS = 5


def build(count: int) -> Institution:
    """An institution with so many open obligations, none of them due before next year."""
    institution = records.create(Institution, name=f"基准大学 {count}", kind="university")
    unit = records.create(Unit, institution=institution, name="基准大学", kind="root")
    base = {"institution": institution.id, "unit": unit.id}
    far = utcnow() + timedelta(days=400)
    with inside_verb(), db.atomic():
        insert(Person, ({**base, "name": f"人{n}"} for n in range(PEOPLE)))
        people = [p for (p,) in Person.select(Person.id).where(Person.unit == unit).tuples()]
        common = {
            **base,
            "kind": "obligations.duty",
            "subject_type": "obligations.duty",
            "subject_text": "事项",
            "due_on": far.date(),
            "next_at": far,
        }
        insert(Obligation, ({**common, "subject_id": n + 1, "person": people[n % PEOPLE]} for n in range(count)))
    return institution


def insert(model: Any, rows: Any) -> None:
    """Insert many rows past the verbs: the bench is about finding them."""
    rows = iter(rows)
    while batch := list(islice(rows, 20_000)):
        insert_rows(model, [model(**row).__data__ for row in batch])


def measure(institution: Institution, due: int) -> float:
    """Seconds for one scan of so many due obligations, messages written; the median of some rounds."""
    times = []
    first = Obligation.select(Obligation.id).where(Obligation.institution == institution).order_by(Obligation.id)
    ids = [i for (i,) in first.limit(due).tuples()]
    for number in range(ROUNDS):
        past = utcnow() - timedelta(days=10 + number)
        for start in range(0, due, 500):
            Obligation.update(next_at=past, due_on=past.date(), reached=None).where(
                Obligation.id.in_(ids[start : start + 500])
            ).execute()
        began = time.perf_counter()
        found = institutions_due(utcnow())
        counts = Scan(institution).run()
        times.append(time.perf_counter() - began)
        assert institution in found
        assert counts["looked at"] == due, counts
        assert counts["messages"] == due, counts
    return statistics.median(times)


def run(url: str, due: int) -> dict[str, Any]:
    """Migrate, fill and measure one database."""
    with tempfile.TemporaryDirectory() as folder:
        address = url or f"sqlite:///{Path(folder) / 'bench.db'}"
        app = create_app(config.load(folder, environ={}, environment="testing", database=address))
        db.connect(reuse_if_open=True)
        with app.app_context(), audit.acting("cli", user_name="bench"):
            migrate.up(app.extensions["zhangyin"].registry)
            seconds = {}
            for count in (SMALL, LARGE):
                institution = build(count)
                db.execute_sql("ANALYZE")
                seconds[count] = measure(institution, due)
            messages = Message.select().count()
        db.close()
    ratio = seconds[LARGE] / seconds[SMALL]
    return {
        "database": address.partition(":")[0],
        "due": due,
        "seconds": {str(count): round(took, 3) for count, took in seconds.items()},
        "ratio": round(ratio, 2),
        "obligations per second": round(due / seconds[LARGE]),
        "messages": messages,
        "holds": ratio <= LIMIT,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--due", type=int, default=1000)
    parser.add_argument("--database", default="", help="address; default: a SQLite file")
    given = parser.parse_args()
    result = run(given.database, given.due)
    print(json.dumps(result, ensure_ascii=False, indent=2))
    sys.exit(0 if result["holds"] else 1)


if __name__ == "__main__":
    main()
