"""What can be done in the background: functions marked @task or @scheduled in an area's `jobs.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panel.jobs import cron

if TYPE_CHECKING:
    from panel.jobs.models import Run
    from panel.plugin import Loaded

QUEUES = ("urgent", "default", "slow")  # a worker empties them in this order


@dataclass(frozen=True)
class Task:
    """A function `work(run, **args)` that a worker runs; its result, a dict of JSON values or None, is kept.

    It may be run again after a crash, so it must be idempotent. `cron` is in the institution's time zone; of a
    `system` task there is one run for the whole installation, in the panel's time zone.
    """

    name: str  # <area>.<verb>
    work: Callable[..., dict[str, Any] | None]
    title: Any = ""  # lazily translated
    queue: str = "default"
    timeout: int = 600  # seconds
    attempts: int = 3
    cron: str | None = None
    system: bool = False
    keep_days: int = 90  # how long its done runs are kept; failed ones are kept for longer

    def __call__(self, run: Run, **args: Any) -> dict[str, Any] | None:
        return self.work(run, **args)

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]


def task(name: str, **options: Any) -> Callable[[Callable[..., dict[str, Any] | None]], Task]:
    """Mark a function as work that can be queued under `name`, `<area>.<verb>`; options are Task's."""
    return lambda work: Task(name, work, **options)


def scheduled(name: str, *, cron: str, **options: Any) -> Callable[[Callable[..., dict[str, Any] | None]], Task]:
    """Mark a function as work that the planner starts whenever `cron` is due, for every institution."""
    return task(name, cron=cron, **options)


def collect(areas: Iterable[Loaded]) -> tuple[dict[str, Task], list[str]]:
    """All tasks by name, and what is wrong with any of them, one line each."""
    tasks: dict[str, Task] = {}
    problems: list[str] = []
    for area in areas:
        for found in area.defined("jobs", Task):
            where = f"plugin {area.name}: {area.folder / 'jobs.py'}: task {found.name}"
            if not found.name.startswith(f"{area.name}.") or found.name.count(".") != 1:
                problems.append(f"{where}: its name must read {area.name}.<verb>")
            if found.name in tasks:
                problems.append(f"{where}: the name is taken twice")
            if found.queue not in QUEUES:
                problems.append(f"{where}: queue {found.queue!r} is none of {', '.join(QUEUES)}")
            if found.cron is not None and (wrong := cron.problem(found.cron)):
                problems.append(f"{where}: {wrong}")
            tasks[found.name] = found
    return tasks, problems
