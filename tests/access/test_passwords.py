"""What a password must be, and how it is kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from panel.access import passwords
from panel.errors import Refused


@pytest.mark.parametrize(
    ("password", "username"),
    [
        ("Short123!", "zhou"),
        ("x" * 201, "zhou"),
        ("zhouyaqin2026", "zhouyaqin"),
        ("ZhouYaqin", "zhouyaqin"),
        ("1234567890", "zhou"),
        ("Password123", "zhou"),
        ("aaaaaaaaaaaa", "zhou"),
        ("１２３４５６７８９０", "zhou"),
    ],
)
def test_a_password_easily_guessed_is_refused(app_context: None, password: str, username: str) -> None:
    with pytest.raises(Refused) as refusal:
        passwords.check(password, username)
    assert refusal.value.field == "password"


@pytest.mark.parametrize("password", ["correct horse 7", "先审批后发布谁主办谁负责", "zhouyaqin likes tea"])
def test_a_long_uncommon_password_is_taken(app_context: None, password: str) -> None:
    passwords.check(password, "zhouyaqin")


def test_a_password_is_kept_as_a_salted_hash() -> None:
    one, other = passwords.hash_password("correct horse 7"), passwords.hash_password("correct horse 7")
    assert one != other
    assert "correct" not in one
    assert passwords.verify(one, "correct horse 7")
    assert passwords.verify(one, "ｃorrect horse ７"), "a Chinese keyboard types full-width letters"
    assert not passwords.verify(one, "correct horse 8")


def test_nothing_stored_fits_no_password() -> None:
    assert not passwords.verify("", "")
    assert not passwords.verify("", "nobody has this password")
    assert not passwords.verify("no hash at all", "x")


def test_a_weaker_hash_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse 7")
    assert passwords.outdated(weak)
    assert not passwords.outdated(passwords.hash_password("correct horse 7"))


@pytest.fixture
def app_context(panel_app: Flask):  # type: ignore[no-untyped-def]
    with panel_app.app_context():
        yield
