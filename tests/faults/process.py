"""A worker or scheduler as `panel worker` and `panel scheduler` are, that notices losses in seconds, not minutes."""

from __future__ import annotations

import signal
import sys
from datetime import timedelta

from panel import config, create_app, lifeline
from panel.jobs import planner, queue, runner, worker
from panel.notify import deliver
from plugins.stipend import collecting


def main(kind: str) -> None:
    queue.RESEND_AFTER = timedelta(seconds=3)
    queue.LIVE_TTL = 4
    runner.BEAT = 1.0
    worker.MONITORING = 2
    collecting.CHUNK = 100  # pieces in one transaction, so that a kill finds some entered and some not
    deliver.LEASE = timedelta(seconds=10)  # longer, as outside, than the database is ever held
    lifeline.tie_to_supervisor(signal.SIGKILL)
    app = create_app(config.load())
    if kind == "worker":
        worker.work(app)
    else:
        planner.Planner(app, every=0.5, stale=timedelta(seconds=3)).run()


if __name__ == "__main__":
    main(sys.argv[1])
