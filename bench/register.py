"""The account register beside Django's admin: list, search, filter and sort, deep page, edit form.

Both run in this process on the same tables, logged in, 50 rows a page, the same seven columns, one institution's rows
(of 200 institutions, or, with `--institutions 1`, all rows in one). Median of the given number of requests, after two
to warm up; the two take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import data
from panel import audit, config, create_app, migrate, records
from panel.access.models import PluginSwitch, User
from panel.access.sessions import open_session
from panel.database import db
from panel.org.models import Institution

COLUMNS = "name,platform,unit,responsible,certified_until,status,followers"


def _app(address: str, instance: Path) -> Any:
    """The panel on a migrated, empty database."""
    settings = config.load(
        instance, environ={}, environment="testing", secret_key="bench" * 4 + "0123456789abcdef", database=address
    )
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    db.connect(reuse_if_open=True)
    with audit.acting("migration", user_name="bench"):
        migrate.up(app.extensions["zhangyin"].registry)
    return app


def _log_in(app: Any, institution: int) -> Any:
    home = Institution.get_by_id(institution)
    with audit.acting("cli", user_name="bench"):
        for entry in app.extensions["zhangyin"].registry:
            records.create(PluginSwitch, institution=home, plugin=entry.name, enabled=True)
        user = records.create(User, institution=home, username="bench", display_name="Bench", site_admin=True)
        opened = open_session(user)
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id=opened, _fresh=True, locale="zh_Hans_CN")
    return client


def _cases(rows: int, account: int) -> dict[str, tuple[str, str]]:
    """Case → (our address, Django's address)."""
    last = max(1, rows // 50 - 1)
    ours, theirs = f"/accounts/account/?size=50&cols={COLUMNS}", "/admin/bench/account/?"
    return {
        "list": (ours, theirs),
        "search": (f"{ours}&q=理学院", f"{theirs}q=理学院"),
        "filter + sort": (f"{ours}&status=idle&sort=name", f"{theirs}status__exact=idle&o=1"),
        "deep page": (f"{ours}&page={last}", f"{theirs}p={last}"),
        "edit form": (f"/accounts/account/edit/?id={account}", f"/admin/bench/account/{account}/change/"),
    }


def _time(client: Any, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return took * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=100_000)
    options.add_argument("--institutions", type=int, default=200)
    options.add_argument("--requests", type=int, default=25)
    options.add_argument("--database", default="", help="a PostgreSQL address; default: an SQLite file")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = asked.database or f"sqlite:///{folder}/bench.db"
        app = _app(address, Path(folder))
        data.fill(asked.accounts, asked.institutions)
        ours = _log_in(app, 1)
        from bench import django_admin

        theirs = django_admin.start(address, 1)
        rows = asked.accounts // asked.institutions
        print(f"{asked.accounts:,} accounts, {asked.institutions} institutions, {rows:,} rows seen, ms a page")
        print(f"{'':14} {'ours':>8} {'Django':>8} {'ratio':>7}")
        results = {}
        for name, (here, there) in _cases(rows, 1 + asked.institutions * (rows // 2)).items():
            times: tuple[list[float], list[float]] = ([], [])
            for turn in range(asked.requests + 2):
                for side, (client, url) in enumerate(((ours, here), (theirs, there))):
                    took = _time(client, url)
                    if turn > 1:
                        times[side].append(took)
            mine, other = (statistics.median(t) for t in times)
            results[name] = {"ours_ms": mine, "django_ms": other, "ratio": mine / other}
            print(f"{name:14} {mine:8.1f} {other:8.1f} {mine / other:7.2f}")
        if asked.json:
            asked.json.write_text(json.dumps(results, indent=2))
        db.close()


if __name__ == "__main__":
    main()
