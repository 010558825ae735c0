"""What a migration script makes tables with; `check` builds its comparison with the same.

A script hands in frozen copies of its own, never the application's models, which move on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peewee import (  # type: ignore[attr-defined]  # sort_models is public, but missing in the stubs
    Database,
    Model,
    PostgresqlDatabase,
    SchemaManager,
    sort_models,
)


def create_tables(database: Database, models: Iterable[type[Model]]) -> None:
    """Make tables with their constraints and indexes, and the triggers of those that say `append_only`."""
    for model in sort_models(models):
        SchemaManager(model, database).create_all(safe=False)
        if getattr(model, "append_only", False):
            run_sql(database, **append_only(model._meta.table_name))


def append_only(table: str) -> dict[str, list[str]]:
    """The triggers that make a table refuse every change but new rows, whoever asks; see `run_sql`."""
    text = f"{table} is append-only: what is written there is never changed or deleted"
    refuse = f"BEGIN\n    SELECT RAISE(ABORT, '{text}');\nEND"
    known = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608
    error = f"RAISE EXCEPTION '{text}'\n    USING ERRCODE = 'integrity_constraint_violation'"
    function = f"{table}_refuse()"
    return {
        "sqlite": [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}\n{refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}\n{refuse}",
            # REPLACE deletes the old row without asking the trigger above.
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}\nWHEN {known}\n{refuse}",
        ],
        "postgres": [
            f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    {error};\nEND\n$$",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}\nEXECUTE FUNCTION {function}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}\nEXECUTE FUNCTION {function}",
        ],
    }


def run_sql(database: Database, *, sqlite: Sequence[str] = (), postgres: Sequence[str] = ()) -> None:
    """Run the statements meant for this kind of database."""
    for statement in postgres if isinstance(database, PostgresqlDatabase) else sqlite:
        database.execute_sql(statement)
