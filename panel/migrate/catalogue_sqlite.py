"""What a SQLite database holds: pragmas where there are any, the stored SQL for what has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count

from peewee import Database

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*')
      | (?P<name>"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])
      | (?P<word>[^\W\d][\w$]*)
      | (?P<number>\d[\w.]*)
      | (?P<sign><>|!=|<=|>=|==|\|\||<<|>>|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_NOT_A_COLUMN = ("constraint", "primary", "unique", "check", "foreign")

Token = tuple[str, str]  # kind and text; names without their quotes, all but strings in lower case


def read(database: Database) -> dict[str, dict[tuple[str, str], str]]:
    """The database: table → (kind, name) → definition."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    stored = list(database.execute_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"))
    for kind, name, _table, sql in stored:
        if kind == "table" and not name.startswith("sqlite_"):
            found[name] = dict(_table_parts(database, name, tokens(sql)))
    for kind, name, table, sql in stored:
        if kind in ("index", "trigger") and sql and table in found:
            found[table][kind, name] = written(tokens(sql))
    return found


def _table_parts(database: Database, table: str, sql: list[Token]) -> Iterator[tuple[tuple[str, str], str]]:
    body, after = _body(sql)
    yield ("table", ""), written(after)
    extras: dict[str, str] = {}
    unnamed = count(1)
    for part in body:
        column = part[0][1] if part[0][0] == "name" or part[0][1] not in _NOT_A_COLUMN else ""
        for kind, name, text in _clauses(part):
            if kind == "check":
                yield ("check", name or f"without a name, {next(unnamed)}"), text
            else:
                extras[column] = f"{extras.get(column, '')} {text}"
    keys = []
    columns = database.execute_sql('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', (table,))
    for name, declared, required, default, position in columns:
        text = written(tokens(declared)) + (" NOT NULL" if required else "")
        text += f" DEFAULT {written(tokens(default))}" if default is not None else ""
        yield ("column", name), text + extras.get(name.lower(), "")
        if position:
            keys.append((position, name))
    if keys:
        names = ", ".join(name for _, name in sorted(keys))
        yield ("primary key", names), f"PRIMARY KEY ({names})"
    yield from _foreign_keys(database, table)
    yield from _unique_constraints(database, table)


def _foreign_keys(database: Database, table: str) -> Iterator[tuple[tuple[str, str], str]]:
    """One for each key; two keys on the same columns read as one text, in order."""
    query = 'SELECT id, "from", "table", "to", on_delete, on_update FROM pragma_foreign_key_list(?) ORDER BY id, seq'
    keys: dict[int, list[tuple[str, ...]]] = {}
    for number, *rest in database.execute_sql(query, (table,)):
        keys.setdefault(number, []).append(tuple(rest))
    found: dict[str, list[str]] = {}
    for parts in keys.values():
        columns = ", ".join(part[0] for part in parts)
        target = ", ".join(part[2] or "its primary key" for part in parts)
        _, parent, _, on_delete, on_update = parts[0]
        text = f"REFERENCES {parent} ({target}) ON DELETE {on_delete}"
        found.setdefault(columns, []).append(text + (f" ON UPDATE {on_update}" if on_update != "NO ACTION" else ""))
    for columns, texts in found.items():
        yield ("foreign key", columns), " and ".join(sorted(texts))


def _unique_constraints(database: Database, table: str) -> Iterator[tuple[tuple[str, str], str]]:
    query = "SELECT name FROM pragma_index_list(?) WHERE origin = 'u'"
    for (index,) in database.execute_sql(query, (table,)).fetchall():
        columns = database.execute_sql("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
        names = ", ".join(name or "an expression" for (name,) in columns)
        yield ("constraint", names), f"UNIQUE ({names})"


def tokens(sql: str) -> list[Token]:
    """SQL without what carries no meaning: spaces, comments, quotes around names, and case."""
    found = []
    for match in _TOKEN.finditer(sql):
        kind, text = match.lastgroup or "", match.group()
        if kind == "name":
            text = text[1:-1].replace('""', '"')
        if kind != "space":
            found.append((kind, text if kind == "string" else text.lower()))
    return found


def written(sql: Iterable[Token]) -> str:
    """Tokens as readable text, the same for the same tokens."""
    text = " ".join(part for _, part in sql)
    return re.sub(r"(?<=\() | (?=[,)])", "", text)


def _body(sql: list[Token]) -> tuple[list[list[Token]], list[Token]]:
    """The comma-separated parts between the outer parentheses of a CREATE TABLE, and what follows them."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for position, (kind, text) in enumerate(sql):
        opens, closes = (kind, text) == ("sign", "("), (kind, text) == ("sign", ")")
        depth -= closes
        if depth == 0 and closes:
            return [part for part in parts if part], sql[position + 1 :]
        if depth == 1 and (kind, text) == ("sign", ","):
            parts.append([])
        elif depth:
            parts[-1].append((kind, text))
        depth += opens
    return [], []


def _clauses(part: list[Token]) -> Iterator[tuple[str, str, str]]:
    """(clause, constraint name, text) of the clauses of one part that no pragma tells."""
    name, depth = "", 0
    for position, token in enumerate(part):
        kind, text = token
        if depth == 0 and kind == "word":
            if text == "constraint":
                name = part[position + 1][1]
            elif text == "check":
                yield "check", name, f"CHECK {written(_parenthesised(part[position + 1 :]))}"
                name = ""
            elif text == "as":
                yield "as", "", f"GENERATED AS {written(_parenthesised(part[position + 1 :]))}"
            elif text == "collate":
                yield "collate", "", f"COLLATE {part[position + 1][1]}"
            elif text in ("autoincrement", "deferrable"):
                yield text, "", text.upper()
        depth += {("sign", "("): 1, ("sign", ")"): -1}.get(token, 0)


def _parenthesised(sql: list[Token]) -> Iterator[Token]:
    depth = 0
    for token in sql:
        yield token
        depth += {("sign", "("): 1, ("sign", ")"): -1}.get(token, 0)
        if not depth:
            return
