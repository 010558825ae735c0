"""What only Python sees is looked at once for each version of a row and of what it is judged by."""

from __future__ import annotations

from typing import Any

from panel import records
from panel.checks import judging
from panel.checks.models import Judgement, Mark
from plugins.accounts.policy import NameWord
from plugins.accounts.rules import words_in_name
from tests.policies.conftest import Register, register

__all__ = ["register"]


def marks() -> set[tuple[int, str]]:
    return set(Mark.select(Mark.subject_id, Mark.text).where(Mark.code == words_in_name.code).tuples())


def judged(register: Register) -> int:
    return judging.judge([words_in_name], register.uni.id)


def test_each_row_is_judged_once_in_batches_of_any_size(register: Register, monkeypatch: Any) -> None:
    monkeypatch.setattr(judging, "BATCH", 2)
    accounts = [register.account(name) for name in ("北大甲", "乙", "北大丙", "PKU 丁", "戊")]
    assert judged(register) == 0  # nothing to judge by
    register.add(NameWord, word="北大")
    word = register.add(NameWord, word="pku")
    Judgement.delete().execute()
    Mark.delete().execute()
    assert judged(register) == 5
    expected = {(accounts[0].id, "北大"), (accounts[2].id, "北大"), (accounts[3].id, "pku")}
    assert marks() == expected
    assert judged(register) == 0

    records.update(accounts[1], purpose="宣传")  # another version of one row
    assert judged(register) == 1
    records.update(word, exceptions="PKU 丁")  # another stamp
    assert judged(register) == 0  # the save saw to all of them
    assert marks() == expected - {(accounts[3].id, "pku")}


def test_marks_go_with_their_row_and_with_the_last_word(register: Register) -> None:
    word = register.add(NameWord, word="北大")
    account = register.account("北大甲")
    other = register.account("北大乙")
    assert len(marks()) == 2
    records.delete(account)
    judging.forget_gone(words_in_name)
    assert marks() == {(other.id, "北大")}
    records.delete(word)
    assert marks() == set()
    assert not Judgement.select().where(Judgement.code == words_in_name.code).exists()
