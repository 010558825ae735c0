"""Bringing a table to a new shape with its rows, on both databases, in one call of a migration script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from peewee import (
    SQL,
    CommaNodeList,
    Database,
    EnclosedNodeList,
    Entity,
    Field,
    Model,
    Node,
    NodeList,
    PostgresqlDatabase,
    SchemaManager,
    Value,
    fn,
)

from panel.migrate.compare import of_database, of_models

TEMPORARY = "_rebuilt"
# What goes by its own statements; tables and columns are handled apart, triggers are left as they are.
_PARTS = ("foreign key", "check", "constraint", "index")


def change_table(
    database: Database,
    model: type[Model],
    *,
    renamed: Mapping[str, str] | None = None,
    fill: Mapping[str, Any] | None = None,
) -> None:
    """Bring the table of `model` to its shape, keeping the rows. Columns the model lacks are dropped.

    `renamed` maps new column names to old ones. `fill` gives what rows without a value get in a column: a value, or
    SQL("…") over the old row. SQLite copies the table into a new one; PostgreSQL alters what differs.
    """
    change = _alter if isinstance(database, PostgresqlDatabase) else _rebuild
    with database.bind_ctx([model], bind_refs=False, bind_backrefs=False):  # fields ask it how values are stored
        change(database, model, dict(renamed or {}), dict(fill or {}))


def _filling(model: type[Model], column: str, value: Any) -> Node:
    if isinstance(value, Node):
        return value
    return Value(value, converter=model._meta.columns[column].db_value)


def _rebuild(database: Database, model: type[Model], renamed: dict[str, str], fill: dict[str, Any]) -> None:
    """As https://sqlite.org/lang_altertable.html#otheralter says; foreign keys are checked before the commit."""
    meta = model._meta
    table = meta.table_name
    old = {row[0] for row in database.execute_sql("SELECT name FROM pragma_table_info(?)", (table,))}
    kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
    triggers = [row[0] for row in database.execute_sql(kept, (table,))]
    values: dict[str, Node] = {}
    for column in meta.columns:
        source = renamed.get(column, column)
        if source in old and column in fill:
            values[column] = fn.COALESCE(Entity(source), _filling(model, column, fill[column]))
        elif source in old:
            values[column] = Entity(source)
        elif column in fill:
            values[column] = _filling(model, column, fill[column])
    meta.set_table_name(table + TEMPORARY)
    try:
        SchemaManager(model, database).create_table(safe=False)
    finally:
        meta.set_table_name(table)
    columns = EnclosedNodeList([Entity(column) for column in values])
    source = NodeList((SQL("SELECT"), CommaNodeList(list(values.values())), SQL("FROM"), Entity(table)))
    database.execute(NodeList((SQL("INSERT INTO"), Entity(table + TEMPORARY), columns, source)))
    database.execute(NodeList((SQL("DROP TABLE"), Entity(table))))
    database.execute(NodeList((SQL("ALTER TABLE"), Entity(table + TEMPORARY), SQL("RENAME TO"), Entity(table))))
    SchemaManager(model, database).create_indexes(safe=False)
    for statement in triggers:
        database.execute_sql(statement)


def _alter(database: Database, model: type[Model], renamed: dict[str, str], fill: dict[str, Any]) -> None:
    """Drop what differs, mend the columns, make what is missing, each as the server itself words it."""
    meta = model._meta
    table = meta.table_name
    alter = f'ALTER TABLE "{table}"'
    for new, old in renamed.items():
        database.execute_sql(f'{alter} RENAME COLUMN "{old}" TO "{new}"')
    wanted, found = of_models(database, [model])[table], of_database(database)[table]
    differing = sorted(part for part in {*wanted, *found} if wanted.get(part) != found.get(part))
    if any(kind == "primary key" for kind, _ in differing):
        raise ValueError(f"{table}: change_table does not change primary keys")
    for kind, name in differing:
        if kind in _PARTS and (kind, name) in found:
            for constraint in _names(database, table, kind, name):
                drop = f'DROP INDEX "{name}"' if kind == "index" else f'{alter} DROP CONSTRAINT "{constraint}"'
                database.execute_sql(drop)
    columns = [name for kind, name in differing if kind == "column"]
    for column in columns:
        if column not in meta.columns:
            database.execute_sql(f'{alter} DROP COLUMN "{column}"')
        elif ("column", column) not in found:
            database.execute_sql(f'{alter} ADD COLUMN "{column}" {_type(database, meta.columns[column])}')
    for column, value in fill.items():
        place = Entity(column)
        update = (SQL("UPDATE"), Entity(table), SQL("SET"), place, SQL("="), _filling(model, column, value))
        database.execute(NodeList((*update, SQL("WHERE"), place, SQL("IS NULL"))))
    for column in columns:
        if column in meta.columns:
            for change in _column_changes(database, meta.columns[column]):
                database.execute_sql(f'{alter} ALTER COLUMN "{column}" {change}')
    for kind, name in differing:
        if kind in _PARTS and (kind, name) in wanted:
            text = wanted[kind, name]
            named = f'ADD CONSTRAINT "{name}" ' if kind in ("check", "constraint") else "ADD "
            database.execute_sql(text if kind == "index" else f"{alter} {named}{text}")


def _names(database: Database, table: str, kind: str, name: str) -> list[str]:
    """The constraint's name; foreign keys go by their columns in the catalogue."""
    if kind != "foreign key":
        return [name]
    return [str(key.name) for key in database.get_foreign_keys(table) if key.column == name]


def _type(database: Database, field: Field) -> str:
    text, _ = database.get_sql_context().sql(field.ddl_datatype(database.get_sql_context())).query()
    return f"{text} COLLATE {field.collation}" if field.collation else str(text)


def _column_changes(database: Database, field: Field) -> Iterator[str]:
    declared = _type(database, field)
    yield "DROP DEFAULT"  # the old one may not fit the new type
    yield f'TYPE {declared} USING "{field.column_name}"::{declared.split(" COLLATE ")[0]}'
    for constraint in field.constraints or ():
        if match := re.match(r"DEFAULT\s+(.+)", getattr(constraint, "sql", ""), re.IGNORECASE | re.DOTALL):
            yield f"SET DEFAULT {match.group(1)}"
    yield "DROP NOT NULL" if field.null else "SET NOT NULL"
