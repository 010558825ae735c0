"""Sealing: entries are closed over by a chain of seals, one chain an institution and one for what belongs to none."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from panel.audit import marks
from panel.audit.models import Entry, Seal
from panel.database import db, is_postgres, transaction, utcnow
from panel.runtime import runtime

NOBODY = 0  # the chain of entries that belong to no institution
WINDOW = 2000  # entries of one transaction
PATIENCE = 15.0  # seconds to wait for transactions that may still bring earlier entries
LOCK = 0x5EA1  # of the one that seals, on PostgreSQL
HEADS = "audit-heads.json"


def seal_all() -> dict[int, int]:
    """Seal whatever is not sealed yet; gives how many entries, by chain. Work grows with the new entries only."""
    done: dict[int, int] = defaultdict(int)
    upto = settled_id()
    while upto:
        sealed = _seal_window(upto)
        if not sealed:
            break
        for one in sealed:
            done[one.institution_id] += one.count
    if done:
        keep_heads(done)
    return dict(done)


def settled_id() -> int:
    """The id up to which every entry that will ever be is there; 0 where that cannot be told now.

    PostgreSQL gives ids away before the commit: an entry may come in below one that is there already. Whoever holds
    such an id holds the table's lock, so those who held it when the newest entry was seen are waited for.
    """
    newest = Entry.select(Entry.id).order_by(Entry.id.desc()).limit(1).scalar() or 0
    if not is_postgres():
        return int(newest)
    until, writing = time.monotonic() + PATIENCE, _writers()
    while writing and time.monotonic() < until:
        time.sleep(0.05)
        writing &= _writers()
    return 0 if writing else int(newest)


def _writers() -> set[str]:
    """The transactions under way that have written entries, other than this one."""
    rows = db.execute_sql(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'audit_entry'::regclass"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()"
    )
    return {name for (name,) in rows.fetchall()}


def sealed_upto() -> int:
    """The id up to which everything is sealed, in all chains: windows are sealed whole, in the order of their ends."""
    return int(Seal.select(Seal.last_id).order_by(Seal.id.desc()).limit(1).scalar() or 0)


def _seal_window(upto: int) -> list[Seal]:
    with transaction():
        if is_postgres():
            db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        found = Entry.select().where(Entry.id > sealed_upto(), Entry.id <= upto).order_by(Entry.id).limit(WINDOW)
        chains: dict[int, list[Any]] = defaultdict(list)
        rows: Any = found.dicts()
        for row in rows:
            chains[row["institution_id"] or NOBODY].append(row)
        in_order = sorted(chains.items(), key=lambda item: item[1][-1]["id"])
        return [_close(chain, rows) for chain, rows in in_order]


def _close(chain: int, rows: Sequence[Mapping[str, Any]]) -> Seal:
    before = last_of(chain)
    values = {
        "institution_id": chain,
        "number": before.number + 1 if before else 1,
        "at": utcnow(),
        "first_id": rows[0]["id"],
        "last_id": rows[-1]["id"],
        "count": len(rows),
        "total": (before.total if before else 0) + len(rows),
        "leaves": "\n".join(f"{row['id']}:{leaf(row)}" for row in rows),
        "previous": before.hash if before else "",
    }
    key = marks.keys()[0]
    return Seal.create(**values, hash=marks.name_of(key) + _hash(key, values))


def last_of(chain: int) -> Seal | None:
    """The end of a chain."""
    return Seal.select().where(Seal.institution_id == chain).order_by(Seal.number.desc()).first()


def leaf(row: Mapping[str, Any]) -> str:
    """What a seal keeps of an entry: a hash of its place and all it says."""
    data = marks.canonical([row["id"], row["mark"]]) + marks.content(row)
    return hashlib.sha256(data).hexdigest()[:40]


def _hash(key: bytes, values: Mapping[str, Any]) -> str:
    at = values["at"].isoformat(timespec="microseconds")
    names = ("institution_id", "number", "first_id", "last_id", "count", "total", "leaves", "previous")
    data = marks.canonical([at, *(values[name] for name in names)])
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def is_whole(seal: Seal) -> bool:
    """Whether a seal is as it was made, by a key this instance has."""
    key = marks.known().get(seal.hash[: marks.SHORT])
    return key is not None and hmac.compare_digest(seal.hash, seal.hash[: marks.SHORT] + _hash(key, seal.__data__))


# ── the ends of the chains, kept outside the database ──────────────────────────────────────────


def heads() -> dict[int, tuple[int, str]]:
    """The end of each chain when it was last sealed from here: number and hash."""
    try:
        known = json.loads(_heads_file().read_text("ascii"))
    except (OSError, ValueError):
        return {}
    return {int(chain): (int(number), str(text)) for chain, (number, text) in known.items()}


def keep_heads(chains: Mapping[int, int] | Sequence[int], even_if_shorter: bool = False) -> None:
    """Remember the ends of chains, unless they no longer contain the end remembered before: that is for `verify`."""
    kept = heads()
    for chain in chains:
        end = last_of(chain)
        if even_if_shorter or chain not in kept or holds(chain, *kept[chain]):
            kept.pop(chain, None)
            if end is not None:
                kept[chain] = (end.number, end.hash)
    path = _heads_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(kept), "ascii")
    temporary.replace(path)


def holds(chain: int, number: int, text: str) -> bool:
    """Whether a chain has this seal."""
    here = (Seal.institution_id == chain) & (Seal.number == number) & (Seal.hash == text)
    return bool(Seal.select().where(here).exists())


def _heads_file() -> Path:
    return runtime().settings.instance / HEADS
