"""Migrations: how the database gets from one release to the next, and whether it got there.

The core has one chain of numbered scripts (`migrations/core`), each plugin its own; see docs/decisions/0003.
A script imports `create_tables`, `change_table` and `run_sql` from here.
"""

from panel.migrate.chain import MigrationError, Step, pending, status, up
from panel.migrate.change import change_table
from panel.migrate.compare import Difference, check
from panel.migrate.tables import create_tables, run_sql
from panel.migrate.write import new

__all__ = [
    "Difference",
    "MigrationError",
    "Step",
    "change_table",
    "check",
    "create_tables",
    "new",
    "pending",
    "run_sql",
    "status",
    "up",
]
