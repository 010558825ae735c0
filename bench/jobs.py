"""How fast is background work: our runs beside RQ's own no-op jobs through one worker, and messages through the outbox.

    python -m bench.jobs [--jobs 500] [--messages 5000]

A run of the ledger is claimed and ended in the database, which a no-op of RQ's is not; messages leave in batches, so
that many go through one run. Prints one JSON object; ends with 1 where messages a second do not exceed RQ's rate.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from flask import Flask

from panel import audit, config, create_app, migrate, records
from panel.access.identity import acting_as, system
from panel.database import db, inside_verb
from panel.jobs import queue, worker
from panel.jobs.models import Run, RunState
from panel.jobs.registry import Task
from panel.notify import deliver, services
from panel.notify.outbox import Notice, Post
from panel.org.models import Institution, Person, Unit
from tests.services import redis_in


def noop(*_args: Any) -> None:
    """What RQ's own rate is measured with."""


def rq_rate(app: Flask, count: int) -> float:
    """No-op jobs a second through one of our workers, without the ledger."""
    for _number in range(count):
        queue.queue("default").enqueue(noop, result_ttl=0)
    began = time.perf_counter()
    worker.work(app, burst=True)
    return count / (time.perf_counter() - began)


def ledger_rate(app: Flask, institution: Institution, count: int) -> float:
    """No-op runs of the ledger a second through one worker."""
    runtime = app.extensions["zhangyin"]
    runtime.tasks["jobs.noop"] = Task("jobs.noop", lambda run: None)
    with acting_as(system(institution)):
        for _number in range(count):
            queue.enqueue("jobs.noop", institution=institution)
    began = time.perf_counter()
    worker.work(app, burst=True)
    took = time.perf_counter() - began
    done = Run.select().where(Run.task == "jobs.noop", Run.state == RunState.DONE).count()
    assert done == count, f"{done} of {count} runs were done"
    return count / took


class Sink(BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        pass


def message_rate(institution: Institution, unit: Unit, count: int) -> tuple[float, float]:
    """Notices told, and messages delivered to an HTTP server on loopback, a second."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with acting_as(system(institution)):
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        channel = services.add_channel({"kind": "webhook", "name": "汇", "secrets": {"url": url}})
    with inside_verb(), db.atomic():
        for start in range(0, count, 500):
            rows = [
                {"institution": institution.id, "unit": unit.id, "name": f"人{n}"} for n in range(start, start + 500)
            ]
            Person.insert_many(rows).execute()
    people = list(Person.select().where(Person.unit == unit).limit(count))
    began = time.perf_counter()
    Post(institution).tell([Notice(p, "k", "bench.thing", p.id, unit.id, text="事项") for p in people])
    told = time.perf_counter() - began
    began = time.perf_counter()
    sent = deliver.drain(channel.id, seconds=600)["sent"]
    took = time.perf_counter() - began
    server.shutdown()
    assert sent == count, f"{sent} of {count} messages left"
    return count / told, sent / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--messages", type=int, default=5000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for redis in redis_in(Path(folder) / "r"):
            settings = config.load(folder, environ={}, environment="testing", redis=redis.url)
            app = create_app(replace(settings, local_targets=True))
            with app.app_context(), db.connection_context(), audit.acting("cli", user_name="bench"):
                migrate.up(app.extensions["zhangyin"].registry)
                institution = records.create(Institution, name="基准大学", kind="university")
                unit = records.create(Unit, institution=institution, name="基准大学", kind="root")
                told, sent = message_rate(institution, unit, given.messages)
                rates = {"rq": rq_rate(app, given.jobs), "ledger": ledger_rate(app, institution, given.jobs)}
    result = {
        "RQ no-op jobs per second": round(rates["rq"]),
        "ledger runs per second": round(rates["ledger"]),
        "share of RQ's rate": round(rates["ledger"] / rates["rq"], 2),
        "notices told per second": round(told),
        "messages delivered per second": round(sent),
        "holds": sent > rates["rq"],
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))
    sys.exit(0 if result["holds"] else 1)


if __name__ == "__main__":
    main()
