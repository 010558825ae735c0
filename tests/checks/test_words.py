"""Words are found however they are written; patterns cannot run away."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.checks.patterns import PatternFits, check_pattern
from panel.checks.words import Words, fold
from panel.errors import Refused

WORDS = Words([(1, "北大", ["东北大学", "湖北大"]), (2, "PKU", []), (3, "检察官", []), (4, "Peking University", [])])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("北大青年", {1}),
        ("北 大 青年", {1}),
        ("北·大", {1}),
        ("北\u200b大", {1}),
        ("pku读书会", {2}),
        ("ＰＫＵ读书会", {2}),
        ("P.K.U. 青年", {2}),
        ("РКU青年", {2}),  # Cyrillic Р and К
        ("ΡΚυ 青年", {2}),  # Greek
        ("Pᴋᴜ", set()),  # small capitals are letters of their own, and nobody types them
        ("我是pku人", {2}),
        ("myPKU", {2}),
        ("stop kung fu", set()),
        ("铁检小檢察官", {3}),
        ("PEKING  UNIVERSITY 图书馆", {4}),
        ("Pek1ng Univers1ty", {4}),
        ("Pékìng Üniversity", {4}),
        ("东北大学团委", set()),
        ("湖北大冶融媒", set()),
        ("东北大学与北大", {1}),
        ("理学院", set()),
        ("", set()),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, found: set[int]) -> None:
    assert WORDS.found_in(text) == found


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once_and_nothing_breaks_it(text: str) -> None:
    once = fold(text).text
    assert all(letter.isalnum() for letter in once)
    WORDS.found_in(text)


@given(
    st.sampled_from(["北大", "PKU", "检察官"]),
    st.sampled_from([" ", "·", "．", "\u3000", "\u200b"]),
    st.text(max_size=5),
)
def test_separators_hide_no_word(word: str, separator: str, tail: str) -> None:
    spread = separator.join(word)
    assert WORDS.found_in(f"——{spread}——{tail}")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*)*中", "(a|aa)+$", "([a-zA-Z]+)*\\d"])
def test_a_pattern_that_could_run_away_is_refused_quickly(pattern: str) -> None:
    began = time.monotonic()
    try:
        check_pattern(pattern)
    except Refused:
        pass
    else:  # the engine saw through it: then it must be quick on anything
        assert not PatternFits(pattern)("a" * 120 + "!")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("pattern", ["(", "[a", "a" * 301, "(?P<x"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(Refused):
        check_pattern(pattern)


def test_a_good_pattern_fits_the_whole_name() -> None:
    check_pattern("示范大学.+")
    fits = PatternFits("示范大学.+")
    assert fits("示范大学团委")
    assert not fits("今日示范大学团委")
