"""The page of tokens: made and ended with a fresh proof, shown once, one's own alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from panel import records
from panel.access import passwords
from panel.tokens.models import Token
from tests.cast import World
from tests.tokens.conftest import Script

PASSWORD = "a long enough word 7"


@pytest.mark.one_database
def test_a_token_is_made_and_ended_with_a_fresh_proof(world: World, client_of: Any, script: Script) -> None:
    records.update(world.user("alice"), password_hash=passwords.hash_password(PASSWORD))
    alice = client_of(world.user("alice"))
    form = {"name": "同步", "days": "30", "permissions-sent": "1", "permissions": ["org.unit.view"]}
    assert alice.post("/tokens/token/new/", data={**form, "proof": "wrong"}).status_code == 422
    made = alice.post("/tokens/token/new/", data={**form, "proof": PASSWORD})
    assert made.status_code == 200, made.text
    secret = re.findall(r"zy_[\w-]{43}", made.text)[0]
    assert script("GET", "/org/unit", secret=secret).status_code == 200
    assert secret not in alice.get("/tokens/token/").text, "shown once"
    row = Token.get()
    assert client_of(world.user("bob")).get(f"/tokens/token/end/?id={row.id}").status_code in (200, 404)
    assert client_of(world.user("dave")).get(f"/tokens/token/end/?id={row.id}").status_code == 404
    assert alice.post(f"/tokens/token/end/?id={row.id}", data={}).status_code == 302, "the proof is fresh still"
    assert script("GET", "/org/unit", secret=secret).status_code == 401
