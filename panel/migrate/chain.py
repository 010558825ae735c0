"""The chains of migration scripts, and applying them.

A script is `NNN_name.py` with `up(migrator, db)`; it runs in one transaction with its line in the history. Scripts
only go forward: the way back is the backup made before.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peewee import Database, PostgresqlDatabase
from playhouse.migrations import Migration, Runner

from panel import audit
from panel.database import BaseModel, db, utcnow
from panel.errors import Refused
from panel.migrate.lock import one_at_a_time
from panel.plugin import Registry

CORE = "core"
FILE_NAME = re.compile(r"(\d{3})_[a-z0-9_]+\.py")
PATIENCE = 600.0  # seconds to wait for another process that migrates
LOCK_TIMEOUT = "30s"  # PostgreSQL: give up rather than block every reader behind a long query of someone else


class MigrationError(Refused):
    """The database was not migrated; the message says what to do."""


@dataclass(frozen=True)
class Chain:
    """The scripts of the core or of one plugin, the models they build, and the names of the chains they need."""

    name: str
    folder: Path
    models: tuple[type[BaseModel], ...]
    needs: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The history table."""
        return f"migrations_{self.name}"

    def scripts(self) -> list[Path]:
        """The files in order. Raises MigrationError for a name without a number, or two with one number."""
        seen: dict[str, Path] = {}
        for path in sorted(self.folder.glob("*.py")) if self.folder.is_dir() else []:
            if path.name == "__init__.py":
                continue
            match = FILE_NAME.fullmatch(path.name)
            if match is None:
                raise MigrationError(f"{path}: a migration is named NNN_words.py, for example 002_add_phone.py")
            if other := seen.get(match.group(1)):
                raise MigrationError(
                    f"{self.name}: {other.name} and {path.name} have the same number; "
                    f"give the one that was never applied the next free number ({self.folder})"
                )
            seen[match.group(1)] = path
        return list(seen.values())


@dataclass(frozen=True)
class Step:
    """A script of a chain. `applied` is when (UTC), None while pending; `path` is None where the file is gone."""

    chain: str
    name: str
    number: int
    applied: datetime | None
    path: Path | None

    def __str__(self) -> str:
        return f"{self.chain}/{self.name}"


def chains(registry: Registry) -> list[Chain]:
    """The core's chain, then the plugins', each after those it requires."""
    models = tuple(model for area in registry.core for model in area.models)
    found = [Chain(CORE, registry.core[0].migrations, models)]
    for entry in registry:
        needs = (CORE, *registry.needs(entry.name))
        found.append(Chain(entry.name, entry.migrations, tuple(entry.models), needs))
    return found


def chain_of(registry: Registry, name: str) -> Chain:
    """The chain by name. Raises MigrationError with the names there are."""
    found = {chain.name: chain for chain in chains(registry)}
    if name not in found:
        raise MigrationError(f"there are no migrations of {name!r}; there are those of {', '.join(found)}")
    return found[name]


def up(
    registry: Registry,
    *,
    plugin: str | None = None,
    to: int | None = None,
    database: Database | None = None,
    patience: float = PATIENCE,
    tell: Callable[[str], None] | None = None,
) -> list[str]:
    """Apply what is pending, in dependency order; gives the names of the scripts applied, `core/001_initial`.

    `plugin` limits it to that chain ("core" for the core's) and those it needs, `to` to its scripts up to a number.
    `tell` is called with each name as it is applied. Another process that migrates is waited for.
    Raises MigrationError; what was applied before the script that failed stays.
    """
    wanted = chains(registry)
    if plugin is not None:
        last = chain_of(registry, plugin)
        wanted = [chain for chain in wanted if chain.name in (*last.needs, plugin)]
    elif to is not None:
        raise MigrationError("say which chain should stop at that number: --plugin core, or a plugin's name")
    target: Database = database or db.obj
    if target.in_transaction():
        raise MigrationError("migrations run outside any transaction: each makes its own")
    with one_at_a_time(target, patience):
        return apply(target, wanted, to, tell)


def apply(
    database: Database, wanted: Sequence[Chain], to: int | None = None, tell: Callable[[str], None] | None = None
) -> list[str]:
    """Apply the pending scripts of these chains, the last one only up to number `to`; the caller holds the lock."""
    done: list[str] = []
    for chain in wanted:
        for step in _plan(database, chain, to if chain is wanted[-1] else None):
            step()
            done.append(step.label)
            if tell:
                tell(step.label)
    return done


def status(registry: Registry, database: Database | None = None) -> list[Step]:
    """Every script of every chain, applied or pending, in order."""
    target = database or db.obj
    return [step for chain in chains(registry) for step in _steps(_runner(target, chain), chain)]


def pending(registry: Registry, database: Database | None = None) -> list[Step]:
    """The scripts `up` would apply."""
    return [step for step in status(registry, database) if step.applied is None]


@dataclass(frozen=True)
class _Ready:
    """A script that was loaded and can run."""

    runner: Runner
    label: str
    name: str
    path: Path
    up: Callable[[Any, Database], None]

    def __call__(self) -> None:
        database = self.runner.database
        try:
            with audit.acting("migration", user_name=self.label), self.runner.migrator.migration_context():
                if isinstance(database, PostgresqlDatabase):
                    database.execute_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                self.up(self.runner.migrator, database)
                _check_references(database)
                self.runner.History.create(name=self.name, applied=utcnow().replace(tzinfo=None))
        except Exception as error:
            raise MigrationError(f"{self.label} failed and was undone: {_where(error, self.path)}") from error


def _plan(database: Database, chain: Chain, to: int | None) -> list[_Ready]:
    runner = _runner(database, chain)
    steps = _steps(runner, chain)
    applied = [step for step in steps if step.applied]
    waiting = [step for step in steps if not step.applied]
    newest = max((step.number for step in applied), default=0)
    for step in applied:
        if step.path is None:
            raise MigrationError(
                f"the database already has {step}, which is not in {chain.folder}: it belongs to a newer version. "
                "Install that version, or restore the backup made before it"
            )
    for step in waiting:
        if step.number < newest:
            raise MigrationError(f"{step} is numbered before {applied[-1]}, which is applied: give it the next number")
    if to is not None:
        if to not in {step.number for step in steps}:
            numbers = ", ".join(f"{step.number:03}" for step in steps) or "none"
            raise MigrationError(f"{chain.name} has no migration {to:03}; there are: {numbers}")
        if to < newest:
            raise MigrationError(f"the database is at {applied[-1]} already; the way back is a backup")
        waiting = [step for step in waiting if step.number <= to]
    ready = [_load(runner, step) for step in waiting]  # all of them before the first one runs
    runner.History.create_table()
    return ready


def _load(runner: Runner, step: Step) -> _Ready:
    assert step.path is not None
    try:
        module = Migration(step.number, step.name, str(step.path), None).load()
    except Exception as error:
        raise MigrationError(f"{step} cannot be loaded: {_where(error, step.path)}") from error
    if not callable(getattr(module, "up", None)):
        raise MigrationError(f"{step} does not define up(migrator, db) ({step.path})")
    return _Ready(runner, str(step), step.name, step.path, module.up)


def _runner(database: Database, chain: Chain) -> Runner:
    return Runner(database, str(chain.folder), chain.table)


def _steps(runner: Runner, chain: Chain) -> list[Step]:
    files = {path.stem: path for path in chain.scripts()}
    applied = runner.applied()
    found = [
        Step(chain.name, name, int(name[:3]), moment.replace(tzinfo=UTC) if moment else None, files.get(name))
        for name in sorted({*files, *applied})
        for moment in [applied.get(name)]
    ]
    return sorted(found, key=lambda step: (step.number, step.name))


def _check_references(database: Database) -> None:
    """SQLite does not enforce foreign keys while tables are rebuilt: what dangles must stop the commit."""
    if isinstance(database, PostgresqlDatabase):
        return
    broken = database.execute_sql("PRAGMA foreign_key_check").fetchmany(3)
    if broken:
        rows = "; ".join(f"{table} row {row} refers to nothing in {parent}" for table, row, parent, _ in broken)
        raise ValueError(f"foreign keys would dangle: {rows}")


def _where(error: Exception, path: Path) -> str:
    """The error and the line of the script it comes from."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    text = str(error).strip().replace("\n", "; ")
    return f"{type(error).__name__}: {text} ({path}{f', line {line}' if line else ''})"
