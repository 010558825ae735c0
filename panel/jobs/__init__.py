"""Background work: declared by plugins, planned and kept in the ledger, carried by Redis, done by workers."""

from panel.jobs.registry import QUEUES, Task, collect, scheduled, task

__all__ = ["QUEUES", "Task", "collect", "scheduled", "task"]
