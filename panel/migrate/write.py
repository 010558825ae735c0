"""Writing the next script of a chain: what the models have and its earlier scripts do not build.

The comparison is made in a database in memory, so what a developer's own database holds does not matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from peewee import Database

from panel.database import make_database
from panel.migrate.chain import Chain, MigrationError, apply, chain_of, chains
from panel.migrate.compare import Difference, check
from panel.migrate.script import Script
from panel.plugin import CORE_AREAS, Registry


@dataclass(frozen=True)
class Written:
    """The new file, and what its author must still settle by hand."""

    path: Path
    notes: list[str]


def new(registry: Registry, area: str, name: str, *, rewrite: bool = False, empty: bool = False) -> Written | None:
    """Write the next script of `area` ("core" or a plugin) from the difference; None when there is none.

    `rewrite` makes the area's first and only script anew, for as long as no release contains it; `empty` writes one
    that does nothing yet, for a change of data. Raises MigrationError.
    """
    chain = chain_of(registry, "core" if area in CORE_AREAS else area)
    existing = chain.scripts()
    if rewrite and len(existing) > 1:
        raise MigrationError(f"{chain.name} has {len(existing)} migrations; only a first one can be made anew")
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not words:
        raise MigrationError(f"{name!r}: name the change in a few Latin letters, for example add_phone")
    earlier = [] if rewrite else existing
    with _scratch(registry, replace(chain, folder=chain.folder / "none") if rewrite else chain) as database:
        differences = check(database, chain.models)
    if not differences and not empty:
        return None
    number = int(earlier[-1].name[:3]) + 1 if earlier else 1
    title = words.replace("_", " ").capitalize() if earlier else f"The first tables of {chain.name}"
    script = _script(chain, differences, title)
    text = script.text()
    path = chain.folder / f"{number:03}_{words}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    if rewrite:
        for old in existing:
            old.unlink()
    path.write_text(text, encoding="utf-8")
    return Written(path, [*script.notes, *_left_over(registry, chain)])


@contextmanager
def _scratch(registry: Registry, chain: Chain) -> Iterator[Database]:
    """A database in memory with the scripts of a chain, and of those it needs, applied."""
    needed = [other for other in chains(registry) if other.name in chain.needs]
    database = make_database("sqlite:///:memory:")
    with database.connection_context():
        apply(database, [*needed, chain])
        yield database


def _script(chain: Chain, differences: list[Difference], title: str) -> Script:
    models: dict[str, Any] = {model._meta.table_name: model for model in chain.models}
    script = Script(title)
    changed: dict[str, list[Difference]] = defaultdict(list)
    for difference in differences:
        if difference.kind != "table" or None not in (difference.wanted, difference.found):
            changed[difference.table].append(difference)
        elif difference.found is None:
            script.create(models[difference.table])
        else:
            script.drop(difference.table)
    for table, found in changed.items():
        script.change(models[table], found)
    return script


def _left_over(registry: Registry, chain: Chain) -> list[str]:
    """What the new script does not bring about, found by running it."""
    with _scratch(registry, chain) as database:
        return [f"not brought about, write it by hand: {found}" for found in check(database, chain.models)]
