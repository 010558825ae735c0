"""What a PostgreSQL schema holds, in PostgreSQL's own words."""

from __future__ import annotations

from peewee import Database

# Every definition is printed by the server with the schema first in the search path, so that two schemas built from
# the same models read the same. Names of foreign and primary keys are left out: nothing refers to them.
_TABLES = "SELECT relname, '', '' FROM pg_class WHERE relnamespace = {here} AND relkind IN ('r', 'p')"

_COLUMNS = """
SELECT c.relname, a.attname,
       format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || quote_ident(o.collname) ELSE '' END
       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE a.attidentity WHEN 'a' THEN ' IDENTITY ALWAYS' WHEN 'd' THEN ' IDENTITY' ELSE '' END
       || CASE WHEN d.adbin IS NULL THEN '' WHEN a.attgenerated <> '' THEN ' GENERATED AS ' ELSE ' DEFAULT ' END
       || coalesce(pg_get_expr(d.adbin, d.adrelid, true), '')
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_collation o ON o.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = {here} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""

_KEYS = """
SELECT c.relname,
       (SELECT string_agg(a.attname, ', ' ORDER BY k.nth)
        FROM unnest(n.conkey) WITH ORDINALITY AS k(attnum, nth)
        JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.attnum),
       pg_get_constraintdef(n.oid, true)
FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
WHERE c.relnamespace = {here} AND n.contype = {type}
"""

_CONSTRAINTS = """
SELECT c.relname, n.conname, pg_get_constraintdef(n.oid, true)
FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
WHERE c.relnamespace = {here} AND n.contype IN {types}
"""

_INDEXES = """
SELECT c.relname, i.relname,
       pg_get_indexdef(x.indexrelid, 0, true) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = {here} AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.oid AND n.contype <> 'f')
"""

_TRIGGERS = r"""
SELECT c.relname, t.tgname,
       pg_get_triggerdef(t.oid, true)
       || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' (disabled)' ELSE ' (' || t.tgenabled::text || ')' END
       || ': ' || trim(regexp_replace(p.prosrc, '\s+', ' ', 'g'))
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = {here} AND NOT t.tgisinternal
"""

_QUERIES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("table", _TABLES, {}),
    ("column", _COLUMNS, {}),
    ("primary key", _KEYS, {"type": "'p'"}),
    ("foreign key", _KEYS, {"type": "'f'"}),
    ("check", _CONSTRAINTS, {"types": "('c')"}),
    ("constraint", _CONSTRAINTS, {"types": "('u', 'x', 't')"}),
    ("index", _INDEXES, {}),
    ("trigger", _TRIGGERS, {}),
)


def read(database: Database) -> dict[str, dict[tuple[str, str], str]]:
    """The current schema: table → (kind, name) → definition."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    here = "quote_ident(current_schema())::regnamespace"
    for kind, query, words in _QUERIES:
        for table, name, text in database.execute_sql(query.format(here=here, **words)):
            held = found.setdefault(table, {})
            other = held.get((kind, name))  # two foreign keys on one column
            held[kind, name] = " and ".join(sorted([other, text])) if other else text
    return found
