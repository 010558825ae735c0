"""Pinyin initials: what somebody types to find a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.org.names import initials


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三丰", "zsf"),
        ("单雄信", "sxx"),
        ("尉迟恭", "ycg"),
        ("曾国藩", "zgf"),
        ("欧阳修", "oyx"),
        ("John Smith", "js"),
        ("买买提·阿不都", "mmtabd"),
        ("李Ming", "lm"),
        ("", ""),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


@given(st.text(max_size=80))
def test_any_text_gives_initials_that_fit_the_column(name: str) -> None:
    assert len(initials(name)) <= 60
