"""New keys while the panel runs: the old ones open what they sealed until nothing is left that they seal.

All of it may be broken off at any row and taken up again: what a row is sealed with stands in the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from panel import audit, records
from panel.access.identity import acting_as, system
from panel.database import SealedText, key_of, transaction, utcnow
from panel.org.models import Institution
from panel.runtime import runtime
from panel.vault import masters, sealing
from panel.vault.models import DataKey

BATCH = 200
GRACE = timedelta(days=1)  # a process may still be sealing with the key it read before it was replaced


def columns() -> Iterator[tuple[Any, str]]:
    """Every column that holds sealed text, as (model, name)."""
    for model in runtime().registry.models:
        yield from ((model, f.name) for f in model._meta.sorted_fields if isinstance(f, SealedText))


def renew_master() -> int:
    """A new master key wraps the data keys of every institution; gives how many."""
    masters.renew()
    return rewrap_all()


def rewrap_all() -> int:
    """Wrap by the master key in force whatever another one still wraps; gives how many keys."""
    master = masters.in_force()
    count = 0
    for key in list(DataKey.select().where(DataKey.master != master.id).order_by(DataKey.id)):
        with transaction():
            sealing.rewrap(key, master)
            audit.note("rewrapped", key, {"master": master.id})
        count += 1
    return count


def renew_data_key(institution: Institution) -> DataKey:
    """A new data key seals from now on; `reseal` takes over what the others sealed."""
    with transaction():
        keys = list(DataKey.select().where(DataKey.institution == institution).order_by(DataKey.number))
        if not keys:
            masters.make()
        fresh = sealing.make_key(institution.id, keys[-1].number + 1 if keys else 1)
        for key in keys:
            if key.retired_at is None:
                records.update(key, retired_at=utcnow())
    return fresh


def reseal(institution: Institution, most: int | None = None) -> int:
    """Seal with the present key whatever another one sealed, a batch a transaction; gives how many secrets.

    A row that is written meanwhile is left as it was written. `most` ends it early.
    """
    present = DataKey.select().where(DataKey.institution == institution, DataKey.retired_at.is_null())
    key = present.order_by(DataKey.number.desc()).first()
    if key is None:
        return 0
    done = 0
    with acting_as(system(institution)):
        for model, name in columns():
            last = 0
            while rows := list(_waiting(model, name, institution, key).where(model.id > last).limit(BATCH)):
                last = rows[-1].id
                with transaction():
                    for row in rows:
                        done += _reseal(row, name)
                        if done == most:
                            return done
    return done


def _reseal(row: Any, name: str) -> int:
    model, before = type(row), row.__data__[name]
    sealed = sealing.seal(row, name, sealing.read(row, name))
    unchanged = (model.id == row.id) & (model._meta.fields[name] == before)
    return records.derive(model, unchanged, **{name: sealed})


def _waiting(model: Any, name: str, institution: Institution, key: DataKey) -> Any:
    column = model._meta.fields[name]
    other = (column != "") & ~column.startswith(f"{sealing.PREFIX}{key.number}:")
    return model.select().where(model.institution == institution, other).order_by(model.id)


def sealed_with(institution: Institution) -> dict[int, int]:
    """How many secrets each data key seals, by its number (0: the first version, without one)."""
    counts: dict[int, int] = {}
    for model, name in columns():
        column = model._meta.fields[name]
        for (sealed,) in model.select(column).where(model.institution == institution, column != "").tuples():
            number = sealing.key_number(sealed)
            counts[number] = counts.get(number, 0) + 1
    return counts


def forget() -> tuple[int, int]:
    """Delete data keys replaced a day ago that seal nothing, then master keys that wrap nothing; gives how many each.

    Backups made before keep their data keys, but need the master keys that are forgotten here.
    """
    gone = 0
    for institution in Institution.select().order_by(Institution.id):
        used = sealed_with(institution)
        old = DataKey.select().where(DataKey.institution == institution, DataKey.retired_at < utcnow() - GRACE)
        for key in [k for k in old if not used.get(k.number)]:
            records.delete(key)
            gone += 1
    first_version = any(sealed_with(institution).get(0) for institution in Institution.select())
    wrapping = {key.master for key in DataKey.select(DataKey.master)}
    unused = set() if first_version else {m.id for m in masters.known()[1:]} - wrapping
    masters.forget(unused)
    return gone, len(unused)


def problems() -> list[str]:
    """What keeps secrets from being read, one line each, for `panel doctor`."""
    at_hand = {master.id for master in masters.known()}
    found = []
    for key in DataKey.select(DataKey, Institution).join(Institution).order_by(DataKey.id):
        if not sealing.opens(key):
            why = "cannot be opened with it" if key.master in at_hand else "is not at hand"
            found.append(f"{key.institution}, key {key.number}: its master key {key.master} {why}")
    return found


def unreadable(institution: Institution) -> list[str]:
    """Every secret of the institution that does not open, as `table row`."""
    found = []
    for model, name in columns():
        column = model._meta.fields[name]
        for row in model.select().where(model.institution == institution, column != "").order_by(model.id):
            try:
                sealing.read(row, name)
            except Exception:
                found.append(f"{key_of(model)} {row.id}")
    return found
