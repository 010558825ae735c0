"""Sealing a secret for one column of one row, and opening it there."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel import records
from panel.database import key_of, transaction
from panel.errors import Refused
from panel.vault import masters
from panel.vault.models import DataKey

NONCE = 12  # bytes
FIRST, PREFIX = "v1:", "v2:"  # the first version knew no data keys: a master key, bound to table and institution


def put(row: Any, name: str, text: str) -> None:
    """Seal `text` for the column `name` of a stored row, and store it. An empty text is stored as it is."""
    with transaction():
        sealed = seal(row, name, text) if text else ""
        records.derive(type(row), type(row).id == row.id, **{name: sealed})
        row.__data__[name] = sealed


def read(row: Any, name: str) -> str:
    """Open the secret in the column `name`. Raises Refused where its key is not at hand or it was sealed elsewhere."""
    sealed = row.__data__[name]
    if not sealed:
        return ""
    try:
        return _open(row, name, sealed)
    except (InvalidTag, ValueError, LookupError):
        raise Refused(masters.missing()) from None  # the cause may hold what was being read


def seal(row: Any, name: str, text: str) -> str:
    """`text` as it is stored in that column."""
    key = _current(row.__data__["institution"])
    return f"{PREFIX}{key.number}:{_encrypt(_unwrap(key), text.encode(), _bound(row, name))}"


def key_number(sealed: str) -> int:
    """The number of the data key a text is sealed with; 0 for the first version."""
    return int(sealed.split(":", 2)[1]) if sealed.startswith(PREFIX) else 0


def _open(row: Any, name: str, sealed: str) -> str:
    institution = row.__data__["institution"]
    if sealed.startswith(PREFIX):
        key = DataKey.get_or_none(DataKey.institution == institution, DataKey.number == key_number(sealed))
        if key is None:
            raise LookupError
        return _decrypt(_unwrap(key), sealed.split(":", 2)[2], _bound(row, name)).decode()
    if sealed.startswith(FIRST):
        purpose = f"{key_of(type(row))}:{institution}".encode()
        return _with_any(sealed.removeprefix(FIRST), purpose).decode()
    raise ValueError


def _bound(row: Any, name: str) -> bytes:
    """What a text is bound to: copied to another row, column, institution or kind, it does not open."""
    extra = [str(row.__data__[column]) for column in type(row)._meta.fields[name].bound]
    return json.dumps([key_of(type(row)), name, row.id, row.__data__["institution"], *extra]).encode()


# ── data keys ──────────────────────────────────────────────────────────────────────────────────


def _current(institution_id: int) -> DataKey:
    """The key that seals; the first one is made when it is first needed."""
    query = DataKey.select().where(DataKey.institution == institution_id, DataKey.retired_at.is_null())
    found = query.order_by(DataKey.number.desc()).first()
    if found is not None:
        return found
    if not DataKey.select().exists():
        masters.make()
    try:
        return make_key(institution_id, 1)
    except Refused:
        found = query.first()  # another process made it at the same moment
        if found is None:
            raise
        return found


def make_key(institution_id: int, number: int) -> DataKey:
    """A new data key of an institution."""
    master = masters.in_force()
    wrapped = _encrypt(master.key, AESGCM.generate_key(256), _wrapping(institution_id, number))
    return records.create(DataKey, institution=institution_id, number=number, wrapped=wrapped, master=master.id)


def rewrap(key: DataKey, master: masters.Master) -> None:
    """Wrap a data key by another master key. Raises Refused where the one it is wrapped by is not at hand."""
    try:
        plain = _unwrap(key)
    except (InvalidTag, ValueError, LookupError):
        raise Refused(masters.missing()) from None
    wrapped = _encrypt(master.key, plain, _wrapping(key.institution_id, key.number))
    records.derive(DataKey, DataKey.id == key.id, wrapped=wrapped, master=master.id)


def opens(key: DataKey) -> bool:
    """Whether the master key of a data key is at hand and opens it."""
    try:
        return len(_unwrap(key)) == 32
    except (InvalidTag, ValueError, LookupError):
        return False


def _unwrap(key: DataKey) -> bytes:
    master = next((m for m in masters.known() if m.id == key.master), None)
    if master is None:
        raise LookupError
    return _decrypt(master.key, key.wrapped, _wrapping(key.institution_id, key.number))


def _wrapping(institution_id: int, number: int) -> bytes:
    return json.dumps(["vault.data_key", institution_id, number]).encode()


# ── the cipher ─────────────────────────────────────────────────────────────────────────────────


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> str:
    nonce = os.urandom(NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound)).decode()


def _decrypt(key: bytes, sealed: str, bound: bytes) -> bytes:
    data = base64.b64decode(sealed, validate=True)
    return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound)


def _with_any(sealed: str, bound: bytes) -> bytes:
    for master in masters.known():
        try:
            return _decrypt(master.key, sealed, bound)
        except InvalidTag:
            continue
    raise LookupError
