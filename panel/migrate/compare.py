"""Whether a database is what the models say.

The models are built in an empty place of the same kind of database (a schema that is rolled back, a database in
memory), and the two catalogues are compared. Nothing is concluded from Python about what a database would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import Database, Model, PostgresqlDatabase, ProgrammingError

from panel.database import area_of, make_database
from panel.errors import Refused
from panel.migrate import catalogue_postgres, catalogue_sqlite
from panel.migrate.tables import create_tables

Catalogue = dict[str, dict[tuple[str, str], str]]  # table → (kind, name) → definition
SCRATCH = "zhangyin_check"  # the PostgreSQL schema that never outlives its transaction
HISTORY = "migrations_"


@dataclass(frozen=True, order=True)
class Difference:
    """One thing that is not as the models say. `wanted` or `found` is None where there is none."""

    table: str
    kind: str  # table, column, primary key, foreign key, check, constraint, index, trigger
    name: str
    wanted: str | None
    found: str | None

    def __str__(self) -> str:
        what = f"{self.table}: {self.kind} {self.name}".rstrip()
        if self.found is None:
            return f"{what} is missing" + (f": {self.wanted}" if self.wanted else "")
        if self.wanted is None:
            return f"{what} is not in the models" + (f": {self.found}" if self.found else "")
        return f"{what} should be {self.wanted or 'plain'}, is {self.found or 'plain'}"


def check(database: Database, models: Sequence[type[Model]]) -> list[Difference]:
    """Everything in which `database` differs from `models`: none when they agree.

    Tables of plugins that are no longer installed and tables of others are left alone.
    """
    wanted = of_models(database, models)
    found = of_database(database)
    return compare(wanted, {table: parts for table, parts in found.items() if _is_ours(table, models, found)})


def compare(wanted: Catalogue, found: Catalogue) -> list[Difference]:
    """The differences of two catalogues, by table; a missing table is one difference."""
    differences = []
    for table in sorted({*wanted, *found}):
        want, have = wanted.get(table, {}), found.get(table, {})
        if want and have:
            for kind, name in sorted({*want, *have}):
                pair = want.get((kind, name)), have.get((kind, name))
                if _settled(pair[0]) != _settled(pair[1]):
                    differences.append(Difference(table, kind, name, *pair))
        else:
            differences.append(Difference(table, "table", "", "" if want else None, "" if have else None))
    return differences


def _settled(text: str | None) -> str | None:
    """A definition that `change_table` made from its own words reads differently in PostgreSQL, and means the same."""
    if text is None:
        return None
    return text.replace("::character varying::text", "::character varying").replace("]::text[]", "]")


def of_database(database: Database) -> Catalogue:
    """What the database holds."""
    reader = catalogue_postgres if isinstance(database, PostgresqlDatabase) else catalogue_sqlite
    return reader.read(database)


def of_models(database: Database, models: Iterable[type[Model]]) -> Catalogue:
    """What a database of the same kind holds when it is made of `models` and what they refer to.

    PostgreSQL: needs the right to create a schema, and leaves no trace; raises Refused without it.
    """
    wanted = {model._meta.table_name for model in models}
    complete = _with_targets(models)
    if not isinstance(database, PostgresqlDatabase):
        scratch = make_database("sqlite:///:memory:")
        with scratch.connection_context():
            create_tables(scratch, complete)
            return {table: parts for table, parts in of_database(scratch).items() if table in wanted}
    with database.atomic() as transaction:
        try:
            database.execute_sql(f'CREATE SCHEMA "{SCRATCH}"')
        except ProgrammingError as error:
            raise Refused(
                f"comparing needs a schema of its own for a moment, which the database refuses: {str(error).strip()} "
                "(GRANT CREATE ON DATABASE … TO the panel's account)"
            ) from error
        database.execute_sql(f'SET LOCAL search_path TO "{SCRATCH}"')
        create_tables(database, complete)
        built = {table: parts for table, parts in of_database(database).items() if table in wanted}
        transaction.rollback()
    return built


def _with_targets(models: Iterable[type[Model]]) -> list[type[Model]]:
    complete: list[type[Model]] = []
    queue = list(models)
    while queue:
        model = queue.pop()
        if model not in complete:
            complete.append(model)
            queue += model._meta.refs.values()
    return complete


def _is_ours(table: str, models: Iterable[type[Model]], found: Iterable[str]) -> bool:
    """Whether the models should know the table: named as one of their areas' tables are, the longest area deciding."""
    if table.startswith(HISTORY):
        return False
    areas = {area_of(model) for model in models}
    others = {name.removeprefix(HISTORY) for name in found if name.startswith(HISTORY)} - areas
    fitting = [name for name in areas | others if table.startswith(f"{name}_")]
    return bool(fitting) and max(fitting, key=len) in areas
