"""The text of a migration script: frozen copies of models as Python."""

from __future__ import annotations

import enum
import importlib.util
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

import peewee
from peewee import (  # type: ignore[attr-defined]  # sort_models is public, but missing in the stubs
    SQL,
    BigAutoField,
    CharField,
    CompositeKey,
    DecimalField,
    Entity,
    Field,
    ForeignKeyField,
    Index,
    Model,
    Node,
    NodeList,
    SqliteDatabase,
    sort_models,
)

from panel.migrate.compare import Difference
from panel.migrate.tables import append_only

BASE = "class Row(Model):\n    id = BigAutoField()\n\n    class Meta:\n        legacy_table_names = False\n"
HELPERS = ("change_table", "create_tables", "run_sql")
LONGEST_LITERAL = 92  # characters; what fits the deepest place in a line of 120


class Script:
    """Collects what a script does; `text()` writes it. `notes` tells its author what to settle by hand."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.notes: list[str] = []
        self._created: list[type[Model]] = []
        self._changed: list[tuple[type[Model], list[Difference]]] = []
        self._dropped: list[str] = []

    def create(self, model: type[Model]) -> None:
        """Make a table."""
        self._created.append(model)

    def change(self, model: type[Model], differences: list[Difference]) -> None:
        """Bring a table to the model's shape."""
        self._changed.append((model, differences))

    def drop(self, table: str) -> None:
        """Drop a table with its rows."""
        self._dropped.append(table)
        self.notes.append(f"drops the table {table} with its rows: is that meant?")

    def text(self) -> str:
        """The whole file, formatted where ruff is installed."""
        copied = sort_models([*self._created, *(model for model, _ in self._changed)])
        keys = [key for model in copied for key in _meta(model).refs]
        others = sorted({key.rel_model for key in keys} - set(copied), key=class_name)
        parts = [BASE] if copied else []
        parts += [_stub(model, keys) for model in others]
        parts += [_copy(model) for model in copied]
        steps = "\n".join(self._steps()) or "pass"
        parts.append(f"def up(migrator: SchemaMigrator, db: Database) -> None:\n{_indented(steps)}\n")
        body = "\n\n".join(parts)
        return formatted(f'"""{self.title}."""\n\n{_imports(body)}\n\n\n{body}')

    def _steps(self) -> Iterable[str]:
        if self._created:
            yield f"create_tables(db, [{', '.join(class_name(model) for model in sort_models(self._created))}])"
        for model in self._created:
            if getattr(model, "append_only", False):
                kinds = append_only(_meta(model).table_name).items()
                yield f"run_sql(db, {', '.join(f'{kind}={_statements(texts)}' for kind, texts in kinds)})"
        for model, differences in self._changed:
            yield from (f"# {difference}" for difference in differences)
            fill = ", ".join(f"{_literal(column)}: {value}" for column, value in self._fill(model, differences))
            yield f"change_table(db, {class_name(model)}" + (f", fill={{{fill}}})" if fill else ")")
            self._note_lost_columns(model, differences)
        for table in self._dropped:
            yield f"migrator.migrate(migrator.drop_table({_literal(table)}))"

    def _fill(self, model: type[Model], differences: list[Difference]) -> Iterable[tuple[str, str]]:
        """What rows get in columns that must no longer be empty: the model's default where it is plain."""
        for difference in differences:
            field = _meta(model).columns.get(difference.name) if difference.kind == "column" else None
            if field is None or field.null or "NOT NULL" in (difference.found or ""):
                continue
            default = field.default() if field.default in (dict, list) else field.default
            default = default.value if isinstance(default, enum.Enum) else default
            if isinstance(default, (str, int, float, dict, list)):
                yield difference.name, _literal(default) if isinstance(default, str) else repr(default)
            else:
                yield difference.name, "None"
                self.notes.append(f"say in `fill` what the rows of {difference.table} get in {difference.name}")

    def _note_lost_columns(self, model: type[Model], differences: list[Difference]) -> None:
        columns = [difference for difference in differences if difference.kind == "column"]
        lost = [difference.name for difference in columns if difference.wanted is None]
        new = [difference.name for difference in columns if difference.found is None]
        if lost:
            hint = f"; renamed? add renamed={{{_literal(new[0])}: {_literal(lost[0])}}}" if new else ""
            self.notes.append(f"drops {', '.join(lost)} of {_meta(model).table_name} with what it holds{hint}")


def class_name(model: type[Model]) -> str:
    """`org_unit` gives OrgUnit: unlike class names, table names are unique."""
    return "".join(word.title() for word in _meta(model).table_name.split("_"))


def formatted(code: str) -> str:
    """The code as `ruff format` lays it out; as it is where ruff is not installed."""
    if importlib.util.find_spec("ruff") is None:
        return code
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "-"]
    return subprocess.run(command, input=code, capture_output=True, text=True, check=True).stdout


def _meta(model: type[Model]) -> Any:
    return model._meta


def _imports(body: str) -> str:
    """What the code uses, in the order the linter wants."""
    used = set(re.findall(r"\b[A-Za-z]\w+", re.sub(r'"[^"\n]*"|\'[^\'\n]*\'', "", body)))
    names = [name for name in used if hasattr(peewee, name) and name in peewee.__all__]
    names.sort(key=lambda name: (not name.isupper(), name[0].islower(), name))
    helpers = [name for name in HELPERS if name in used]
    lines = [f"from peewee import {', '.join(names)}", "from playhouse.migrate import SchemaMigrator"]
    return "\n".join([*lines, *(["", f"from panel.migrate import {', '.join(helpers)}"] if helpers else [])])


def _indented(text: str) -> str:
    return textwrap.indent(text, "    ")


def _copy(model: type[Model]) -> str:
    """A class that builds the same table."""
    meta = _meta(model)
    inner = []
    if isinstance(meta.primary_key, CompositeKey):
        inner.append(f"primary_key = CompositeKey({', '.join(map(_literal, meta.primary_key.field_names))})")
    if plain := [index for index in meta.indexes if isinstance(index, (list, tuple))]:
        inner.append(f"indexes = [{' '.join(_index(*index) for index in plain)}]")
    if meta.constraints:
        inner.append(f"constraints = [{' '.join(f'{_constraint(node)},' for node in meta.constraints)}]")
    added = [_added_index(model, index) for index in meta.indexes if isinstance(index, Index)]
    return "\n\n".join([_class(model, meta.sorted_fields, inner), *(["\n".join(added) + "\n"] if added else [])])


def _stub(model: type[Model], keys: list[ForeignKeyField]) -> str:
    """A class for a table that exists: only what the keys refer to."""
    fields = {key.rel_field for key in keys if key.rel_model is model}
    return _class(model, sorted(fields, key=lambda field: field.name), [], "  # exists already")


def _class(model: type[Model], fields: Iterable[Field], inner: list[str], remark: str = "") -> str:
    meta = _meta(model)
    simple = _is_plain_id(meta.primary_key)
    own = [_field(field) for field in fields if not (simple and field.primary_key)]
    inner.insert(0, f"table_name = {_literal(meta.table_name)}")
    if not simple:
        inner.insert(1, "legacy_table_names = False")
    head = f"class {class_name(model)}({'Row' if simple else 'Model'}):{remark}\n"
    body = ["\n".join(own), ""] if own else []
    return head + _indented("\n".join([*body, "class Meta:", *(_indented(line) for line in inner)])) + "\n"


def _is_plain_id(field: Any) -> bool:
    return type(field) is BigAutoField and field.column_name == field.name == "id"


def _field(field: Field) -> str:
    kind = next(base for base in type(field).__mro__ if base.__module__ == "peewee")
    return f"{field.name} = {kind.__name__}({', '.join(_arguments(field))})"


def _arguments(field: Any) -> Iterable[str]:
    """Everything about a field that reaches the database."""
    column, is_key = field.name, isinstance(field, ForeignKeyField)
    if is_key:
        yield '"self"' if field.rel_model is field.model else class_name(field.rel_model)
        if not field.rel_field.primary_key:
            yield f"field={_literal(field.rel_field.name)}"
        yield 'backref="+"'
        for name in ("on_delete", "on_update", "deferrable", "constraint_name"):
            if value := getattr(field, name):
                yield f"{name}={_literal(value)}"
        column = field.name if field.name.endswith("_id") else f"{field.name}_id"
    if field.column_name != column:
        yield f"column_name={_literal(field.column_name)}"
    if isinstance(field, CharField):
        yield f"max_length={field.max_length}"
    if isinstance(field, DecimalField):
        yield f"max_digits={field.max_digits}, decimal_places={field.decimal_places}"
    if field.primary_key:
        yield "primary_key=True"
    if field.unique:
        yield "unique=True"
    elif bool(field.index) != is_key:
        yield f"index={bool(field.index)}"
    if field.null:
        yield "null=True"
    if field.collation:
        yield f"collation={_literal(field.collation)}"
    if field.constraints:
        yield f"constraints=[{', '.join(_node(node) for node in field.constraints)}]"


def _constraint(node: Node) -> str:
    """A table constraint, as `Check` where peewee's Check made it."""
    if isinstance(node, NodeList) and len(node.nodes) == 3 and isinstance(node.nodes[1], Entity):
        name, check = node.nodes[1], node.nodes[2]
        if isinstance(check, SQL) and check.sql.startswith("CHECK ("):
            text = check.sql.removeprefix("CHECK (").removesuffix(")")
            return f"Check({_literal(text)}, name={_literal(_sql(name)[1:-1])})"
    return _node(node)


def _index(names: Iterable[str], unique: bool) -> str:
    columns = [_literal(name) for name in names]
    return f"(({', '.join(columns)}{',' if len(columns) == 1 else ''}), {bool(unique)}),"


def _added_index(model: type[Model], index: Any) -> str:
    """A partial index, or one over expressions."""
    name = class_name(model)
    parts = [f"{name}.{part.name}" if isinstance(part, Field) else _node(part) for part in index._expressions]
    if index._unique:
        parts.append("unique=True")
    if index._using:
        parts.append(f"using={_literal(index._using)}")
    if index._nulls_distinct is not None:
        parts.append(f"nulls_distinct={index._nulls_distinct}")
    if index._where is not None:
        parts.append(f"where={_node(index._where)}")
    return f"{name}.add_index({name}.index({', '.join(parts)}, name={_literal(index._name)}))"


def _node(node: Any) -> str:
    return f"SQL({_literal(node if isinstance(node, str) else _sql(node))})"


def _sql(node: Node) -> str:
    context = SqliteDatabase(None).get_sql_context(scope=peewee.SCOPE_VALUES, value_literals=True, subquery=True)
    text, parameters = context.sql(node).query()
    if parameters:
        raise ValueError(f"{text}: its values {parameters} cannot be written into a migration")
    return str(text)


def _statements(texts: Iterable[str]) -> str:
    """A list of SQL statements, each readable over several lines."""
    quoted = [f'"""{text}""",' for text in texts]
    return f"[\n{_indented(_indented(chr(10).join(quoted)))}\n    ]"


def _literal(text: str) -> str:
    """A string literal; a long one in pieces that Python joins, so that no line grows too wide."""
    pieces = textwrap.wrap(text, LONGEST_LITERAL, drop_whitespace=False, break_on_hyphens=False, break_long_words=False)
    return " ".join(f'"{piece}"' if not {'"', "\\"} & {*piece} else repr(piece) for piece in pieces or [""])
