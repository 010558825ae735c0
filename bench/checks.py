"""What the checks cost beside the bare SQL of their queries: the nightly sweep, a sweep after changes, one save.

    python -m bench.checks [--accounts 1000000] [--database sqlite:///…|postgresql://…]

Holds the sweep to 1.5 times the bare SQL, a sweep after 100 changes to twice that of the 100 rows alone, and the
checks of one save to 20 ms. Prints one JSON object; ends with 1 where a limit is passed.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from panel import audit, config, create_app, migrate, records
from panel.access.identity import acting_as, system
from panel.access.models import PluginSwitch
from panel.checks import engine, policy, saving, sweep
from panel.checks.compiled import COLUMNS, breaches
from panel.checks.registry import checks
from panel.checks.saving import areas_on, recording
from panel.database import db, insert_rows, inside_verb
from panel.org.models import Institution, Person, Unit
from plugins.accounts import services
from plugins.accounts.models import Account, Custodian, Operator, Platform, SealedCopy
from plugins.accounts.policy import AccountsPolicy, NameWord

DAY = date(2026, 3, 2)
UNITS, PER_PERSON = 500, 4
ALL_ON = {
    "password_days": 380,
    "undertaking_required": False,
    "device_check_days": 30,
    "max_administrators": 2,
    "faculty_post": "书记",
    "official_unit": "单位1",
    "changes_filed_days": 3,
    "silent_days": 190,
}


def build(app: Any, accounts: int) -> Institution:
    """An institution with so many accounts, people, custodians, operators and envelopes; most are in order."""
    chance = random.Random(7)
    institution = records.create(Institution, name="基准大学", kind="university")
    root = records.create(Unit, institution=institution, name="基准大学", kind="root")
    records.create(PluginSwitch, institution=institution, plugin="accounts", enabled=True)
    services.on_enable(institution)
    base: dict[str, Any] = {"institution": institution.id}
    policy.change(
        AccountsPolicy,
        institution,
        policy.BEGINNING,
        {**ALL_ON, "name_pattern": "账号.*"},
        reason="everything is looked at",
    )
    for word in ("北大", "PKU", "燕园", "账号99"):
        records.create(NameWord, institution=institution, word=word)
    with inside_verb(), db.atomic():
        insert(Unit, ({**base, "parent": root.id, "name": f"单位{n}", "kind": "faculty"} for n in range(UNITS)))
        units = [u for (u,) in Unit.select(Unit.id).where(Unit.parent == root).tuples()]
        left = [None] * 49 + [DAY - timedelta(days=30)]
        insert(
            Person,
            (
                {**base, "unit": units[n % UNITS], "name": f"人{n}", "post": "书记", "in_service_until": left[n % 50]}
                for n in range(accounts // PER_PERSON)
            ),
        )
        people = [p for (p,) in Person.select(Person.id).tuples()]
        platforms = [p for (p,) in Platform.select(Platform.id).tuples()]
        insert(
            Account,
            (
                {
                    **base,
                    "name": f"账号{n}",
                    "platform": platforms[n % len(platforms)],
                    "unit": units[n % UNITS],
                    "responsible": people[n % len(people)],
                    "identifier": f"id{n}",
                    "register_key": f"k:id{n}",
                    "level": "second",
                    "status": "active",
                    "filing_number": f"备{n}" if n % 20 else "",
                    "password_changed_on": DAY - timedelta(days=n % 400),
                    "published_on": DAY - timedelta(days=n % 200),
                }
                for n in range(accounts)
            ),
        )
        ids = [a for (a,) in Account.select(Account.id).tuples()]
        day = {"since": DAY - timedelta(days=500)}
        keepers = (
            (a, people[(n + k) % len(people)]) for n, a in enumerate(ids) for k in range(3 if n % 50 == 0 else 1)
        )
        insert(Custodian, ({**base, "account": a, "person": p, **day} for a, p in keepers))
        insert(
            Operator,
            ({**base, "account": a, "person": people[n % len(people)], **day} for n, a in enumerate(ids) if n % 30),
        )
        insert(
            SealedCopy,
            (
                {**base, "account": a, "place": "档案室", "sealed_on": DAY, "sealed_by": chance.choice(people)}
                for n, a in enumerate(ids)
                if n % 25
            ),
        )
    db.execute_sql("ANALYZE")
    return institution


def insert(model: Any, rows: Any) -> None:
    """Insert many rows past the verbs: the bench is about reading them."""
    rows = iter(rows)
    while batch := list(islice(rows, 20000)):
        insert_rows(model, [model(**row).__data__ for row in batch])


def bare(institution: Institution) -> float:
    """Seconds for the queries alone, on all rows of the institution."""
    started = time.perf_counter()
    for check in checks.of(areas_on(institution)):
        statement = breaches([check], "institutions")
        # Every value is made and none is carried to Python: the least that asking can cost.
        sql = f"SELECT COUNT(*), SUM(LENGTH(facts)) FROM ({named(statement.sql)}) AS found"
        db.execute_sql(sql, statement.bound(day=DAY, institutions=[institution.id])).fetchone()
    return time.perf_counter() - started


def named(sql: str) -> str:
    """The statement with its columns named; SQLite names them after their text."""
    return f"WITH found({COLUMNS}) AS ({sql}) SELECT * FROM found"


def timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def after_changes(institution: Institution, count: int = 100) -> tuple[float, float]:
    """Seconds of a sweep after so many changes, and of looking at these rows alone."""
    ids = [a for (a,) in Account.select(Account.id).order_by(Account.id).limit(count).tuples()]
    concerned = [check for check in checks.of(areas_on(institution)) if check.subject is Account]
    day, swept, alone = engine.today_in(institution), [], []
    for _turn in range(7):
        with db.atomic():
            saving.leave([(check, ids) for check in concerned], institution)
        swept.append(timed(lambda: sweep.sweep_dirty(institution)))
        with db.atomic():
            alone.append(timed(lambda: saving.run(concerned, ids, day, institution)))
    return statistics.median(swept), statistics.median(alone)


def saves(count: int = 60) -> tuple[float, float]:
    """(median, worst) milliseconds that the checks add to a save: all that runs between the write and the commit."""
    spent: list[float] = []
    observe = saving.observe

    def clocked(touches: Any) -> None:
        spent.append(timed(lambda: observe(touches)) * 1000)

    from panel import database

    database.write_observers[:] = [clocked]
    rows = list(Account.select().order_by(Account.id.desc()).limit(count))
    people = list(Person.select().where(Person.in_service_until.is_null()).limit(count))
    for turn, account in enumerate(rows):
        with recording():
            if turn % 3 == 0:
                records.update(account, name=f"新{turn}")
            elif turn % 3 == 1:
                records.update(account, status="idle", filing_number="")
            else:
                services.add_custodian(account, people[turn])
    database.write_observers[:] = [observe]
    return statistics.median(spent), max(spent)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000_000)
    options.add_argument("--database", default="")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = config.load(
            Path(folder),
            environ={},
            environment="testing",
            secret_key="0123456789abcdef" * 3,
            database=given.database or f"sqlite:///{folder}/bench.db",
        )
        app = create_app(settings)
        with app.app_context(), db.connection_context(), audit.acting("cli", user_name="bench"):
            migrate.up(app.extensions["zhangyin"].registry)
            institution = build(app, given.accounts)
            with acting_as(system(institution)):
                found = measure(institution)
    print(json.dumps({"accounts": given.accounts, **found}, ensure_ascii=False, indent=2))
    sys.exit(0 if found["holds"] else 1)


def measure(institution: Institution) -> dict[str, Any]:
    first = timed(lambda: sweep.sweep(institution, DAY))
    bare(institution)
    queries = statistics.median(bare(institution) for _turn in range(3))
    nightly = statistics.median(timed(lambda: sweep.sweep(institution, DAY)) for _turn in range(3))
    changed, alone = after_changes(institution)
    median, worst = saves()
    limits = nightly <= 1.5 * queries and changed <= 2 * alone and worst <= 20
    return {
        "checks": len(checks.of(areas_on(institution))),
        "first_sweep_s": round(first, 2),
        "bare_sql_s": round(queries, 2),
        "nightly_sweep_s": round(nightly, 2),
        "nightly_to_bare": round(nightly / queries, 2),
        "after_100_changes_ms": round(changed * 1000, 1),
        "the_100_rows_alone_ms": round(alone * 1000, 1),
        "after_to_alone": round(changed / alone, 2),
        "save_median_ms": round(median, 2),
        "save_worst_ms": round(worst, 2),
        "holds": limits,
    }


if __name__ == "__main__":
    main()
