"""The vault: what a secret is bound to, and changing every key while others read and write."""

from __future__ import annotations

import base64
import os
import stat
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panel import audit, config, doctor, records, vault
from panel.access.identity import acting_as
from panel.audit.models import Entry
from panel.cli import main
from panel.database import db, key_of
from panel.errors import Refused
from panel.notify import secrets, services
from panel.notify.models import Channel
from panel.runtime import runtime
from panel.vault import masters, rotation, sealing
from panel.vault.models import DataKey
from tests.cast import World

Channels = dict[str, Channel]


def again(channel: Channel) -> Channel:
    return Channel.get_by_id(channel.id)


def sign(channel: Channel) -> str:
    return secrets.unsealed(again(channel))["sign"]


def test_a_secret_opens_in_its_own_row_column_and_institution_only(channels: Channels, world: World) -> None:
    mine, foreign = again(channels["uni"]), again(channels["other"])
    assert sign(mine) == "SEC-uni"
    with acting_as(world.identity("alice")):
        beside = services.add_channel({"kind": "folder", "name": "beside"})
    for row in (foreign, beside):
        records.derive(Channel, Channel.id == row.id, secret=mine.secret)
        with pytest.raises(Refused, match=r"vault\.key"):
            secrets.unsealed(again(row))
    for broken in (mine.secret[:-4] + "AAA=", mine.secret.replace("v2:1:", "v2:9:"), "v2:1:!!", "v1:AAAA", "plain"):
        records.derive(Channel, Channel.id == mine.id, secret=broken)
        with pytest.raises(Refused):
            secrets.unsealed(again(mine))


def test_a_wrapped_key_is_bound_to_its_institution_and_number(channels: Channels, world: World) -> None:
    mine = DataKey.get(DataKey.institution == world.uni)
    other = DataKey.get(DataKey.institution == world.other)
    records.derive(DataKey, DataKey.id == other.id, wrapped=mine.wrapped)
    assert sealing.opens(mine)
    assert not sealing.opens(DataKey.get_by_id(other.id))
    assert "别处学院" in rotation.problems()[0]


def test_what_the_first_version_sealed_stays_readable_and_is_sealed_anew(channels: Channels, world: World) -> None:
    channel, nonce = channels["uni"], os.urandom(12)
    old = AESGCM(masters.known()[0].key).encrypt(
        nonce, b'{"sign": "SEC-old"}', f"notify.channel:{world.uni.id}".encode()
    )
    records.derive(Channel, Channel.id == channel.id, secret=sealing.FIRST + base64.b64encode(nonce + old).decode())
    assert sign(channel) == "SEC-old"
    assert rotation.sealed_with(world.uni) == {0: 1}
    rotation.renew_master()
    assert sign(channel) == "SEC-old"
    assert rotation.reseal(world.uni) == 1
    assert again(channel).secret.startswith("v2:1:")
    assert sign(channel) == "SEC-old"


def test_a_rotation_is_broken_off_and_taken_up(channels: Channels, world: World, monkeypatch: Any) -> None:
    with acting_as(world.identity("alice")):
        more = [
            services.add_channel(
                {
                    "kind": "dingtalk",
                    "name": f"c{n}",
                    "secrets": {"url": f"https://oapi.dingtalk.com/r?t={n}", "sign": str(n)},
                }
            )
            for n in range(5)
        ]
    monkeypatch.setattr(rotation, "BATCH", 2)
    assert rotation.renew_data_key(world.uni).number == 2
    assert rotation.reseal(world.uni, most=3) == 3
    assert rotation.sealed_with(world.uni) == {1: 3, 2: 3}
    assert [sign(c) for c in more] == ["0", "1", "2", "3", "4"]  # both keys open meanwhile
    with acting_as(world.identity("alice")):
        services.change_channel(again(more[4]), None, {"secrets": {"sign": "new"}})  # written meanwhile: the new key
    assert again(more[4]).secret.startswith("v2:2:")
    rotation.reseal(world.uni)
    assert rotation.sealed_with(world.uni) == {2: 6}
    assert rotation.reseal(world.uni) == 0
    assert (sign(channels["uni"]), sign(more[4]), sign(channels["other"])) == ("SEC-uni", "new", "SEC-other")
    assert rotation.forget() == (0, 0)  # replaced a moment ago: somebody may be sealing with it
    records.update(DataKey.get(DataKey.number == 1, DataKey.institution == world.uni), retired_at=None)
    old = DataKey.get(DataKey.number == 1, DataKey.institution == world.uni)
    records.update(old, retired_at=rotation.utcnow() - timedelta(days=2))
    assert rotation.forget() == (1, 0)
    assert sign(more[0]) == "0"


def test_a_new_master_key_needs_no_restart(channels: Channels, world: World) -> None:
    path = runtime().settings.vault_file
    before = masters.known()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rotation.renew_master() == 2
    assert len(masters.known()) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {k.master for k in DataKey.select()} == {masters.known()[0].id} != {before[0].id}
    assert rotation.forget() == (0, 1)
    assert masters.known()[0].id not in {m.id for m in before}
    assert (sign(channels["uni"]), sign(channels["other"])) == ("SEC-uni", "SEC-other")
    assert Entry.select().where(Entry.action == "vault.data_key.rewrapped").count() == 2
    texts = [base64.b64encode(m.key).decode() for m in (*before, *masters.known())]
    assert not [e for e in Entry.select() if any(t in f"{e.before}{e.after}" for t in texts)]
    assert all(t not in repr(m) for m in masters.known() for t in texts)


@pytest.mark.one_database
def test_master_keys_come_from_the_setting_and_are_judged_at_the_start(channels: Channels, tmp_path: Any) -> None:
    at_work = runtime()
    key, fresh = masters.known()[0].key, os.urandom(32)
    both = ",".join(base64.b64encode(k).decode() for k in (fresh, key))
    kept = at_work.settings
    kept.vault_file.unlink()
    with pytest.raises(Refused):
        sign(channels["uni"])
    assert [d.state for d in doctor._vault(None, kept)] == ["failure"]  # type: ignore[arg-type]
    at_work.settings = replace(kept, vault_key=both)
    try:
        assert sign(channels["uni"]) == "SEC-uni"
        with pytest.raises(Refused, match="vault_key"):
            rotation.renew_master()
        assert rotation.rewrap_all() == 2
        at_work.settings = replace(kept, vault_key=both.split(",")[0])
        assert sign(channels["uni"]) == "SEC-uni"
        assert [d.state for d in doctor._vault(None, at_work.settings)] == ["ok"]  # type: ignore[arg-type]
        assert both.split(",")[0] not in repr(at_work.settings)
    finally:
        at_work.settings = kept
    for weak in ("x", "AAAA", base64.b64encode(bytes(32)).decode(), ","):
        with pytest.raises(config.SettingsError) as error:
            config.load(tmp_path, environ={}, environment="testing", vault_key=weak)
        assert len(weak) < 3 or weak not in str(error.value)
    (tmp_path / "vault.key").write_text("not a key")
    with pytest.raises(config.SettingsError, match=r"vault\.key"):
        config.load(tmp_path, environ={}, environment="testing")


def test_keys_change_while_others_read_and_write(channels: Channels, world: World, database: str) -> None:
    """Readers and a writer on connections of their own, through three rotations of both keys."""
    app, wrong, ends = _app(), [], threading.Event()

    def work(write: bool) -> None:
        with app.app_context(), audit.acting("cli", user_name="t"), acting_as(world.identity("alice")):
            db.connect(reuse_if_open=True)
            count = 0
            while not ends.is_set() and count < 200:
                count += 1
                try:
                    if write:
                        vault.put(again(channels["uni"]), "secret", '{"sign": "SEC-uni"}')
                    assert sign(channels["uni"]) == "SEC-uni"
                except Exception as error:
                    wrong.append(repr(error))
            db.close()

    threads = [threading.Thread(target=work, args=(n == 0,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for _round in range(3):
        rotation.renew_master()
        rotation.renew_data_key(world.uni)
        rotation.reseal(world.uni)
    ends.set()
    for thread in threads:
        thread.join(30)
    assert not wrong
    rotation.reseal(world.uni)
    assert set(rotation.sealed_with(world.uni)) == {4}
    assert sign(channels["uni"]) == "SEC-uni"


def _app() -> Any:
    from flask import current_app

    return current_app._get_current_object()


def test_every_sealed_column_is_found(channels: Channels) -> None:
    found = {f"{key_of(model)}.{name}" for model, name in rotation.columns()}
    assert {"notify.channel.secret", "accounts.secret.sealed"} <= found
    assert all(name in model.derived for model, name in rotation.columns())  # never in the audit, not even redacted


def test_the_command_offers_its_words() -> None:
    assert set(main.commands["vault"].commands) == {"status", "rotate", "finish", "forget"}  # type: ignore[attr-defined]
