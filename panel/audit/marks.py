"""The mark of an audit entry: a keyed hash of all it says, made as it is written.

Whoever can write to the database, but has not the key file of the instance, cannot make an entry that bears a mark.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panel.runtime import Runtime

KEY_FILE = "audit.key"
SHORT = 8  # letters of a key's own name, which every mark and seal begins with
FIELDS = (
    "at", "institution_id", "actor_kind", "user_id", "user_name", "ip", "agent", "correlation", "action",
    "subject_type", "subject_id", "subject_text", "root_type", "root_id", "before", "after", "reason",
)  # fmt: skip

_runtime: Runtime | None = None  # entries are also written outside requests; the settings are those of the panel


def init_app(runtime: Runtime) -> None:
    """Say where the key lies: beside the settings of this panel."""
    global _runtime
    _runtime = runtime


def mark_of(values: Mapping[str, Any]) -> str:
    """The mark of an entry's values under the key in force."""
    key = keys()[0]
    return name_of(key) + _hash(key, content(values))


def bears_its_mark(values: Mapping[str, Any], mark: str) -> bool:
    """Whether an entry says what it said when it was marked, under any key this instance has."""
    key = known().get(mark[:SHORT])
    return key is not None and hmac.compare_digest(mark, mark[:SHORT] + _hash(key, content(values)))


def content(values: Mapping[str, Any]) -> bytes:
    """What an entry says, as the same bytes whichever database gives it back."""
    return canonical([_plain(values.get(name)) for name in FIELDS])


def canonical(value: Any) -> bytes:
    """JSON in one spelling only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    """Numbers as one text each: PostgreSQL gives 10000000000000000 where 1e16 was stored."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.isoformat(timespec="microseconds")
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if value is None or isinstance(value, (bool, str)):
        return value
    return {"#": format(Decimal(repr(value)).normalize(), "f")}


def _hash(key: bytes, data: bytes) -> str:
    return hmac.new(key, data, hashlib.sha256).hexdigest()[:40]


# ── keys ───────────────────────────────────────────────────────────────────────────────────────


def keys() -> tuple[bytes, ...]:
    """The key in force, then the former ones."""
    if _runtime is None:
        raise RuntimeError("no panel was made in this process: audit entries cannot be marked")
    return _given(_runtime.settings.audit_key) or _stored(_runtime.settings.instance / KEY_FILE)


def known() -> dict[str, bytes]:
    """Every key by its name."""
    return _named(keys())


@functools.cache
def _named(found: tuple[bytes, ...]) -> dict[str, bytes]:
    return {name_of(key): key for key in found}


@functools.cache
def name_of(key: bytes) -> str:
    """What a key is called: tells it from others and gives nothing of it away."""
    return hashlib.sha256(b"zhangyin audit key" + key).hexdigest()[:SHORT]


@functools.cache
def _given(text: str) -> tuple[bytes, ...]:
    return tuple(line.strip().encode() for line in text.split(",") if line.strip())


@functools.cache
def _stored(path: Path) -> tuple[bytes, ...]:
    if not path.is_file():
        _write(path)
    return tuple(line.strip().encode() for line in path.read_text("ascii").splitlines() if line.strip())


def _write(path: Path) -> None:
    """A new key, whole or not at all; whoever comes second keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as target:
        target.write(secrets.token_hex(32) + "\n")
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
