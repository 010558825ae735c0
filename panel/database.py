"""The connection, the base models and the transaction that everything is written in.

SQLite (WAL) is the embedded default, PostgreSQL the choice for many machines; every model works on both.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from peewee import (
    BigAutoField,
    CharField,
    Database,
    DatabaseProxy,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    PostgresqlDatabase,
    SqliteDatabase,
    TextField,
    _WriteQuery,
)
from playhouse.db_url import parse as parse_url
from playhouse.postgres_ext import PooledPsycopg3Database

db = DatabaseProxy()


class WriteOutsideVerb(RuntimeError):
    """A row was about to be written past `panel.records`, where no audit entry would be made."""


_in_verb: ContextVar[bool] = ContextVar("in_verb", default=False)


@contextmanager
def inside_verb() -> Iterator[None]:
    """Opens the audited tables for writing; for `panel.records` alone."""
    token = _in_verb.set(True)
    try:
        yield
    finally:
        _in_verb.reset(token)


class _Guarded:
    """Refuses every write query to an audited table that does not come from a verb of `panel.records`."""

    def execute(self, query: Any, **options: Any) -> Any:
        if isinstance(query, _WriteQuery) and not _in_verb.get():
            model = getattr(query, "model", None)
            if getattr(model, "audited", False):
                raise WriteOutsideVerb(f"{type(query).__name__} on {key_of(model)}: write through panel.records")
        return super().execute(query, **options)  # type: ignore[misc]


class GuardedSqlite(_Guarded, SqliteDatabase):
    """SQLite with the write guard."""


class GuardedPostgres(_Guarded, PooledPsycopg3Database):
    """PostgreSQL (psycopg 3, pooled) with the write guard."""


def make_database(url: str) -> Database:
    """A database for `sqlite:///path` or `postgresql://user:password@host/name`.

    Raises ValueError for any other scheme.
    """
    if url.startswith("sqlite:///"):
        return GuardedSqlite(
            url.removeprefix("sqlite:///"),
            pragmas={"journal_mode": "wal", "busy_timeout": 30000, "foreign_keys": 1, "synchronous": 1},
            lock_type="IMMEDIATE",  # a deferred lock upgrade fails at once under several processes
        )
    if url.startswith(("postgresql://", "postgres://")):
        parameters = parse_url(url, unquote_password=True)
        name = parameters.pop("database")
        return GuardedPostgres(name, max_connections=32, stale_timeout=300, **parameters)
    raise ValueError(f"unknown database address {url.split(':', 1)[0]}: use sqlite:/// or postgresql://")


def connect(url: str) -> Database:
    """Point `db` at `url`. Forked children drop the inherited connection by themselves."""
    database = make_database(url)
    db.initialize(database)
    _dispose_after_fork()
    return database


@functools.cache
def _dispose_after_fork() -> None:
    os.register_at_fork(after_in_child=lambda: db.obj is not None and db.dispose())


def is_postgres() -> bool:
    return isinstance(db.obj, PostgresqlDatabase)


_decided: ContextVar[bool] = ContextVar("decided", default=False)


@dataclass
class Touch:
    """A row that a verb of `panel.records` wrote: `before` holds the old values of what an update changed."""

    action: Literal["create", "update", "delete"]
    row: Any
    before: dict[str, Any] = field(default_factory=dict)
    decided: bool = field(default_factory=lambda: _decided.get())


# Called before the outermost transaction commits, with all that it wrote; may write, and may raise Refused.
write_observers: list[Callable[[list[Touch]], None]] = []
_touches: ContextVar[list[Touch] | None] = ContextVar("touches", default=None)


@contextmanager
def transaction() -> Iterator[None]:
    """One transaction, or a savepoint inside one. Observers of what was written run at the end of the outermost."""
    outer = _touches.get()
    if outer is not None:
        mark = len(outer)
        try:
            with db.atomic():
                yield
        except BaseException:
            del outer[mark:]  # rolled back to the savepoint: never written
            raise
        return
    touches: list[Touch] = []
    token = _touches.set(touches)
    try:
        with db.atomic():
            yield
            while touches:
                written, touches[:] = list(touches), []
                for observer in write_observers:
                    observer(written)
    finally:
        _touches.reset(token)


def in_transaction() -> bool:
    """Whether a `transaction()` is open, so that what is written now may yet be rolled back."""
    return _touches.get() is not None


@contextmanager
def as_decided() -> Iterator[None]:
    """Within it is written what signatures have decided: what it breaks becomes a finding, and refuses nobody."""
    token = _decided.set(True)
    try:
        yield
    finally:
        _decided.reset(token)


def touched(touch: Touch) -> None:
    """Remember a write for the observers; for `panel.records` alone, inside its transaction."""
    touches = _touches.get()
    assert touches is not None
    touches.append(touch)


def utcnow() -> datetime:
    """Now, aware, in UTC; the one clock of the panel (tests replace it)."""
    return datetime.now(UTC)


class UtcDateTimeField(DateTimeField):
    """Stores naive UTC; takes and gives aware datetimes."""

    def db_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(UTC).replace(tzinfo=None)
        return super().db_value(value)

    def python_value(self, value: Any) -> Any:
        value = super().python_value(value)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


class SecretText(TextField):
    """Text that never reaches the audit, an export or a page by itself: it is redacted by its type."""


class SealedText(SecretText):
    """Text that `panel.vault` sealed for its row: for this table, column, id and institution, and for what the columns
    `bound` hold. Elsewhere it does not open."""

    def __init__(self, *args: Any, bound: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*args, default="", **options)
        self.bound = bound


class PersonalText(CharField):
    """A phone, mailbox or ID number: masked wherever it is shown, in full on request with a line in the log."""


class MoneyField(IntegerField):
    """Whole fen; shown and typed as yuan."""


def _table_name(model: type[Model]) -> str:
    return key_of(model).replace(".", "_")


def area_of(model: type) -> str:
    """The core package or plugin a class belongs to: `panel.org.models` gives `org`, `visits.models` gives `visits`.

    What stands deeper belongs to the same (`plugins.accounts.life.models` to `accounts`).
    """
    parts = model.__module__.split(".")
    return parts[1] if len(parts) > 2 else parts[0]


def key_of(model: Any) -> str:
    """The model's name everywhere in the panel: `org.unit`, `accounts.account`."""
    return _key_of(model)


@functools.cache
def _key_of(model: Any) -> str:
    return f"{area_of(model)}.{snake(model.__name__)}"


def snake(name: str) -> str:
    """A class's name in small letters: `LoginDelay` is `login_delay`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class BaseModel(Model):
    """A table. `audited` tables are written by `panel.records` only; bookkeeping of the machine is not audited."""

    audited: ClassVar[bool] = False
    derived: ClassVar[tuple[str, ...]] = ()  # columns that follow from an audited act: see records.derive
    withheld: ClassVar[tuple[str, ...]] = ()  # columns the audit does not name the values of
    title: ClassVar[Any] = ""  # the singular, lazily translated
    titles: ClassVar[Any] = ""  # the plural
    called: ClassVar[str] = "name"  # the field rows are called and sorted by; where there is none, their id
    scope_unit: ClassVar[str | None] = None  # foreign key to the unit that decides who sees a row
    scope_institution: ClassVar[str | None] = (
        None  # for a table that is not Owned: plain column of the institution's id
    )
    scope_parent: ClassVar[str | None] = None  # foreign key to the row this one is a part of: seen and logged with it

    id = BigAutoField()

    class Meta:
        database = db
        legacy_table_names = False
        table_function = _table_name


BATCH = 400  # rows an INSERT
VALUES = 30_000  # of one statement; SQLite takes 32,766


def insert_rows(model: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert many rows and give their ids, in order.

    One statement for a batch, whose text is written once: peewee's `insert_many` writes it anew, value by value.
    Raises WriteOutsideVerb for an audited table, outside a verb.
    """
    if model.audited and not _in_verb.get():
        raise WriteOutsideVerb(f"insert_rows on {key_of(model)}: write through panel.records")
    fields = [field for field in model._meta.sorted_fields if field.name != "id"]
    size = max(1, min(BATCH, VALUES // len(fields)))
    on_sqlite = not is_postgres()
    marks = ("json(?)" if on_sqlite and isinstance(field, JSONField) else str(db.param) for field in fields)
    one = f"({', '.join(marks)})"
    names = ", ".join(f'"{field.column_name}"' for field in fields)
    ids: list[int] = []
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        sql = f'INSERT INTO "{model._meta.table_name}" ({names}) VALUES {", ".join([one] * len(batch))} RETURNING "id"'  # noqa: S608
        values = [_stored(field, row, on_sqlite) for row in batch for field in fields]
        ids += [row_id for (row_id,) in db.execute_sql(sql, values).fetchall()]
    return ids


def _stored(field: Any, row: Mapping[str, Any], on_sqlite: bool) -> Any:
    """The value as the database takes it; the field's default where the row has none."""
    value = row[field.name] if field.name in row else _default(field)
    if on_sqlite and isinstance(field, JSONField):
        return None if value is None else field._dumps(value)  # type: ignore[attr-defined]
    return field.db_value(value)


def _default(field: Any) -> Any:
    return field.default() if callable(field.default) else field.default


class RestrictedKey(ForeignKeyField):
    """A foreign key that never deletes what refers to it."""

    def __init__(self, model: Any, **options: Any) -> None:
        options.setdefault("on_delete", "RESTRICT")
        super().__init__(model, **options)


class Record(BaseModel):
    """A row people edit: dated, versioned (a stale save is refused) and audited."""

    audited = True

    created_at = UtcDateTimeField(default=utcnow)
    updated_at = UtcDateTimeField(default=utcnow)
    version = IntegerField(default=1)
