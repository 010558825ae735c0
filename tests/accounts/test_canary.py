"""The whole life of a secret with a value that cannot be missed; afterwards it is nowhere but where it was shown."""

from __future__ import annotations

import base64
import gzip
import io
import logging
import os
import re
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from panel import backup, records
from panel.access.models import Grant, Role
from panel.database import db, is_postgres
from panel.jobs.models import Run
from panel.jobs.queue import enqueue
from panel.runtime import Runtime
from panel.vault import rotation, sealing
from plugins.accounts.models import Account
from plugins.accounts.secrets import opening as opening_module
from plugins.accounts.secrets.models import Secret, SecretOpening
from tests.access.test_log_in import PASSWORD, STORED
from tests.cast import World

CANARIES = ("Kestrel-7-under-the-eaves", "Merlin-8/in the loft?", "Hobby-9+over=the&reeds")
PAGES = 130


def forms_of(text: str) -> set[bytes]:
    """The text as it might lie about: as it is, in UTF-16, hex, base64 wherever it begins, in an address, reversed."""
    plain = text.encode()
    found = {plain, text.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode(), plain[::-1]}
    found |= {quote(text, safe="").encode(), quote(text).encode(), text.replace(" ", "+").encode()}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain).decode()
        inner = whole[4 if shift else 0 : len(whole) - 4]
        found |= {inner.encode(), inner.translate(str.maketrans("+/", "-_")).encode()}
    return found


TRACES = {trace: text for text in CANARIES for trace in forms_of(text)}


def traces(data: bytes) -> set[str]:
    return {text for trace, text in TRACES.items() if trace in data}


def unpacked(data: bytes, name: str = "") -> Iterator[bytes]:
    """The data, and what is packed in it, at any depth."""
    yield data
    if data[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(data))
    elif data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from unpacked(archive.read(member))
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for entry in archive:
                if source := archive.extractfile(entry):
                    yield from unpacked(source.read())
    elif data[:1] == b"\x78":
        try:
            yield zlib.decompress(data)
        except zlib.error:
            return


def leaks(where: str, data: bytes) -> list[str]:
    return [f"{where}: {text}" for part in unpacked(data) for text in traces(part)]


def test_the_net_has_no_holes() -> None:
    for text in CANARIES:
        plain = text.encode()
        for shift in range(3):
            assert traces(base64.b64encode(b"x" * shift + plain + b"yyyy")) == {text}
        packed = gzip.compress(b"..." + plain)
        book = io.BytesIO()
        with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", packed)
        assert leaks("x", book.getvalue()) == [f"x: {text}"]
        assert leaks("x", zlib.compress(plain)) == [f"x: {text}"]
    assert not traces(b"Kestrel-7")


class Life:
    """One user's way through the pages; every answer is kept but those that reveal."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.seen = client, dict[str, bytes]()

    def ask(self, address: str, form: dict[str, str] | None = None, reveals: bool = False) -> Any:
        answer = self.client.get(address) if form is None else self.client.post(address, data=form)
        if not reveals:
            kept = f"{'POST' if form else 'GET'} {address} {len(self.seen)}"
            self.seen[kept] = answer.data + repr(dict(answer.headers)).encode()
        return answer

    def open(self, secret: Secret, reason: str, proof: str = PASSWORD) -> SecretOpening | None:
        """Ask for an opening; None where it was refused."""
        answer = self.ask(f"/accounts/secrets/open/?id={secret.id}", {"reason": reason, "proof": proof})
        if answer.status_code == 422:
            return None
        return SecretOpening.get_by_id(int(answer.headers["Location"].rpartition("=")[2]))

    def show(self, opening: SecretOpening, reveals: bool = True) -> Any:
        return self.ask(f"/accounts/secrets/opening/?id={opening.id}", {"proof": PASSWORD}, reveals)

    def crawl(self, start: str) -> int:
        """Every page that links lead to."""
        waiting, known = [start], {start}
        while waiting and len(known) < PAGES:
            answer = self.ask(waiting.pop(0))
            for link in re.findall(rb'(?:href|src)="([^"#]+)', answer.data):
                address = unescape(link.decode())
                parts = urlsplit(address)
                if not parts.netloc and parts.path.startswith("/") and address not in known and "logout" not in address:
                    known.add(address)
                    waiting.append(address)
        return len(known)


@pytest.fixture
def runtime(app: Flask, redis: Any, redis_url: str) -> Iterator[Runtime]:
    at_work: Runtime = app.extensions["zhangyin"]
    at_work.settings = replace(at_work.settings, redis=redis_url)
    with app.app_context():
        yield at_work


@pytest.fixture
def life(runtime: Runtime, uni: World, client_of: Callable[..., FlaskClient]) -> Life:
    for name in ("alice", "carol"):
        records.update(uni.users[name], password_hash=STORED)
    return Life(client_of(uni.user("alice")))


def test_the_canary_is_nowhere_but_where_it_was_shown(
    life: Life,
    account: Account,
    runtime: Runtime,
    uni: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    redis: Any,
    tmp_path: Path,
    database: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    first, second, third = CANARIES
    secret = _sealed_through_errors(life, account, first, monkeypatch)

    # opened: refused without a proof, shown once, refused again
    assert life.open(secret, "发布停水通知", proof=first) is None  # a slip of the clipboard
    opening = life.open(secret, "发布停水通知")
    assert opening is not None
    assert first in unescape(life.show(opening).text)  # the one place it is
    assert life.show(opening, reveals=False).status_code == 422

    # replaced, keys changed, opened under the new ones; an error in the middle shows nothing
    life.ask(f"/accounts/secrets/replace/?id={secret.id}", {"text": second, "changed_on": ""})
    rotation.renew_master()
    rotation.renew_data_key(uni.uni)
    assert rotation.reseal(uni.uni, most=1) == 1
    opening = life.open(secret, "交接核对")
    assert opening is not None
    with monkeypatch.context() as patched:
        patched.setattr(opening_module, "tell", _fail)
        assert life.show(opening, reveals=False).status_code == 500
    assert second in unescape(life.show(opening).text)

    # one that does not open, one that is destroyed
    life.ask(f"/accounts/secrets/?id={account.id}", {"kind": "other", "label": "x", "text": third})
    other = Secret.get(Secret.kind == "other")
    stored = other.sealed
    records.derive(Secret, Secret.id == other.id, sealed=secret.sealed)
    opening = life.open(other, "检查")
    assert opening is not None
    assert life.show(opening, reveals=False).status_code == 422
    records.derive(Secret, Secret.id == other.id, sealed=stored)
    assert sealing.key_number(stored) == 2

    # exports, pages, the backup, work in the background
    found = []
    for kind in ("xlsx", "csv"):
        for name in ("account", "secret_opening", "custodian"):
            life.ask(f"/accounts/{name}/export/?format={kind}")
        life.ask(f"/audit/entry/export/?format={kind}")
    assert life.crawl("/") > 60
    assert life.crawl(f"/accounts/account/details/?id={account.id}") > 30
    if not is_postgres():
        db.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")
    path = backup.make(runtime.settings, runtime.settings.backups)
    backup.prove(path, runtime.settings)
    runs = [enqueue(task, institution=uni.uni, key="canary") for task in ("vault.reseal", "obligations.settle")]
    terminal = _work(runtime, database, tmp_path, during=lambda: found.extend(_in_redis(redis)))
    assert {Run.get_by_id(run.id).state for run in runs} == {"done"}
    life.ask(f"/accounts/secrets/destroy/?id={other.id}", {"reason": "改用信封", "proof": PASSWORD})

    found += _in_redis(redis)
    found += [leak for name, data in life.seen.items() for leak in leaks(name, data)]
    found += leaks("log", caplog.text.encode()) + leaks("terminal", terminal)
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert {"vault.key"} <= {p.name for p in files}
    assert any(p.name.endswith(".tar.gz") for p in files)
    assert is_postgres() or {"panel.db", "panel.db-wal"} <= {p.name for p in files}
    found += [leak for path in files for leak in leaks(path.name, path.read_bytes())]
    assert not found
    assert "request failed" in caplog.text  # the log was listened to
    assert sum(len(data) for data in life.seen.values()) > 300_000


def _sealed_through_errors(life: Life, account: Account, text: str, monkeypatch: pytest.MonkeyPatch) -> Secret:
    """Refused for its form and for what the verb says, broken off by an error, and sealed at last."""
    address = f"/accounts/secrets/?id={account.id}"
    assert life.ask(address, {"kind": "no-such", "text": text}).status_code == 422
    assert life.ask(address, {"kind": "password", "text": text, "changed_on": "2999-01-01"}).status_code == 422
    with monkeypatch.context() as patched:
        patched.setattr("plugins.accounts.secrets.sealing.learn", _fail)
        assert life.ask(address, {"kind": "password", "text": text}).status_code == 500
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_encrypt", _fail)
        assert life.ask(address, {"kind": "password", "text": text}).status_code == 500
    assert not Secret.select().exists()
    assert life.ask(address, {"kind": "password", "text": text}).status_code == 302
    assert life.ask(address, {"kind": "password", "text": text}).status_code == 422  # there is one already
    return Secret.get()


def _fail(*_values: Any, **_options: Any) -> None:
    raise RuntimeError("broken off in the middle")


def _in_redis(redis: Any) -> list[str]:
    """What leaks through Redis: every value, and the dump it writes."""
    found = []
    for key in redis.keys("*"):
        kind = redis.type(key)
        read = {b"string": redis.get, b"hash": redis.hgetall, b"list": lambda k: redis.lrange(k, 0, -1)}
        read |= {b"set": redis.smembers, b"zset": lambda k: redis.zrange(k, 0, -1), b"stream": redis.xrange}
        value = read[kind](key)
        values = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        for part in [key, *([values] if isinstance(values, bytes) else values)]:
            found += leaks("redis", part if isinstance(part, bytes) else repr(part).encode())
    redis.save()
    dump = Path(redis.config_get("dir")["dir"]) / redis.config_get("dbfilename")["dbfilename"]
    return found + leaks("dump.rdb", dump.read_bytes())


def _work(runtime: Runtime, database: str, folder: Path, during: Callable[[], None]) -> bytes:
    """A real worker process empties the queues; gives what it wrote to its terminal."""
    during()
    env = {k: v for k, v in os.environ.items() if not k.startswith("PANEL_")} | {
        "PANEL_INSTANCE": str(folder),
        "PANEL_ENVIRONMENT": "testing",
        "PANEL_DATABASE": database,
        "PANEL_REDIS": runtime.settings.redis,
        "PANEL_LOG_LEVEL": "DEBUG",
    }
    done = subprocess.run(
        [sys.executable, "-m", "panel", "worker", "--burst"], env=env, capture_output=True, timeout=240, check=True
    )
    during()
    return done.stdout + done.stderr


@pytest.mark.one_database
def test_nor_does_who_releases_it_see_it(
    life: Life, account: Account, uni: World, client_of: Callable[..., FlaskClient]
) -> None:
    """Two people: what the second is told, is shown and signs holds nothing of it."""
    from panel.access.identity import acting_as
    from panel.approvals import services as approvals
    from panel.approvals.models import Chain, ChainStep, Task
    from plugins.accounts.secrets.policy import SecretsPolicy

    records.update(SecretsPolicy.get(SecretsPolicy.institution == uni.uni), two_people=True)
    role = records.create(Role, institution=uni.uni, name="核准", code="publicity", permissions=[])
    records.create(Grant, institution=uni.uni, user=uni.users["carol"], role=role, unit=uni.root_unit)
    chain = records.create(Chain, institution=uni.uni, subject="accounts.secret_opening", name="启封")
    records.create(ChainStep, institution=uni.uni, chain=chain, position=1, name="核准", role=role)
    life.ask(f"/accounts/secrets/?id={account.id}", {"kind": "password", "text": CANARIES[0]})
    opening = life.open(Secret.get(), "交接核对")
    assert opening is not None
    assert life.show(opening, reveals=False).status_code == 422
    second = Life(client_of(uni.user("carol")))
    second.crawl("/")
    with acting_as(uni.identity("carol")):
        approvals.decide(Task.get(Task.state == "open"), "approve", "同意")
    second.crawl("/")
    assert CANARIES[0] in unescape(life.show(opening).text)
    assert not [leak for name, data in (life.seen | second.seen).items() for leak in leaks(name, data)]
