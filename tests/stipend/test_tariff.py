"""What a piece earns, how it is shared, what is withheld: hand-computed amounts, and what always holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.stipend.tariff import SHARES, Card, Channel, Rate, Work, allowed, capped, fee, split
from plugins.stipend.tax import Bracket, Table, withheld, withheld_from

ONE = (Channel(1),)
ROYALTY = Table(400_000, 80_000, 2000, 7000, (Bracket(None, 2000),))
LABOUR = Table(
    400_000,
    80_000,
    2000,
    10_000,
    (Bracket(2_000_000, 2000), Bracket(5_000_000, 3000, 200_000), Bracket(None, 4000, 700_000)),
)


def work(**values: object) -> Work:
    given_ = {"kind": "photos", "class_": "general", "source": "original", "words": 0, "photos": 0, "videos": 0}
    return Work(**{**given_, "channels": ONE, **values})  # type: ignore[arg-type]


COMPANY = Card(
    (
        Rate(1, "piece", 2000, sources=frozenset({"original"})),
        Rate(2, "piece", 1000, sources=frozenset({"reprint"}), factor=False),
    ),
    least_factor=100,
    most_factor=300,
)


@pytest.mark.rule("s0-11-r13")
def test_each_used_piece_earns_twenty_yuan() -> None:
    assert sum(fee(COMPANY, work()).amount for _piece in range(3)) == 6000


@pytest.mark.rule("s0-11-r14")
def test_quality_multiplies_by_one_to_three() -> None:
    assert sum(fee(COMPANY, work(factor=f)).amount for f in (100, 100, 200, 300)) == 14000
    assert not allowed(COMPANY, 350)
    assert not allowed(COMPANY, 50)
    assert fee(COMPANY, work(factor=250)).amount == 5000


@pytest.mark.rule("s0-11-r15")
def test_a_reprint_earns_ten_yuan_whatever_its_factor() -> None:
    assert sum(fee(COMPANY, work(source="reprint", factor=300)).amount for _piece in range(6)) == 6000


AUDIT = Card(
    (
        Rate(1, "piece", 2000, words_to=999),
        Rate(2, "piece", 3000, words_from=1000),
        Rate(3, "photo", 500),
        *(
            Rate(4 + n, "piece", amount, reads_from=low, reads_to=high, bonus=True)
            for n, (low, high, amount) in enumerate(
                [
                    (1001, 2000, 5000),
                    (2001, 5000, 20000),
                    (5001, 10000, 30000),
                    (10001, 20000, 60000),
                    (20001, None, 100000),
                ]
            )
        ),
    )
)


@pytest.mark.parametrize(
    ("words", "photos", "reads", "amount"),
    [
        (999, 0, None, 2000),
        (1000, 0, 1000, 3000),
        (1200, 2, 1001, 9000),
        (800, 0, 5000, 22000),
        (800, 1, 20001, 102500),
    ],
)
def test_brackets_of_reads_add_to_the_base(words: int, photos: int, reads: int | None, amount: int) -> None:
    assert fee(AUDIT, work(words=words, photos=photos, channels=(Channel(1, reads=reads),))).amount == amount


@pytest.mark.parametrize(
    ("rounding", "words", "amount"),
    [("up", 1001, 14000), ("down", 1999, 7000), ("half", 1500, 14000), ("half", 1499, 7000), ("exact", 1234, 8638)],
)
def test_a_part_of_a_thousand_characters_counts_as_the_card_says(rounding: str, words: int, amount: int) -> None:
    assert fee(Card((Rate(1, "thousand", 7000, rounding),)), work(words=words)).amount == amount


def test_only_the_highest_channel_pays_and_the_others_are_shown() -> None:
    levels = {"national": 100_000, "provincial": 50_000, "municipal": 10_000}
    rates = tuple(Rate(n, "piece", a, levels=frozenset({level})) for n, (level, a) in enumerate(levels.items()))
    channels = tuple(Channel(n, level) for n, level in enumerate(("municipal", "national", "provincial")))
    best = fee(Card(rates), work(channels=channels))
    assert (best.amount, [e.channel for e in best.paid], [e.channel for e in best.left]) == (100_000, [1], [0, 2])
    assert fee(Card(rates, highest_only=False), work(channels=channels)).amount == 160_000


def test_a_piece_earns_no_more_than_its_cap_and_a_person_no_more_than_theirs() -> None:
    assert fee(Card((Rate(1, "piece", 5000),), 100, 300, piece_cap=12000), work(factor=300)).amount == 12000
    assert capped([4000, 4000, 4000], 10000) == [4000, 4000, 2000]
    assert capped([4000, 4000], None) == [4000, 4000]


@given(st.integers(0, 10**8), st.integers(1, 12), st.sampled_from(["equal", "first", "shares"]), st.data())
def test_the_parts_sum_to_the_whole_to_the_fen(amount: int, count: int, way: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, SHARES), min_size=count - 1, max_size=count - 1)))
    shares = [b - a for a, b in zip([0, *cuts], [*cuts, SHARES], strict=True)]
    parts = split(amount, count, way, shares)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    if way == "equal":
        assert max(parts[1:], default=0) - min(parts[1:], default=0) <= 0


def test_shares_that_do_not_sum_are_refused() -> None:
    with pytest.raises(ValueError, match="sum"):
        split(100, 2, "shares", [5000, 4999])
    with pytest.raises(ValueError, match="nobody"):
        split(100, 0, "equal")
    assert split(1001, 3, "equal") == [335, 333, 333]


@pytest.mark.parametrize(
    ("gross", "royalty", "labour"),
    [
        (800, 0, 0),
        (1_000, 28, 40),
        (3_000, 308, 440),
        (4_000, 448, 640),
        (5_000, 560, 800),
        (25_000, 2_800, 4_000),
        (62_500, 7_000, 13_000),
        (100_000, 11_200, 25_000),
    ],
)
def test_tax_withheld(gross: int, royalty: int, labour: int) -> None:
    assert withheld(gross * 100, ROYALTY) == royalty * 100
    assert withheld(gross * 100, LABOUR) == labour * 100
    assert withheld(gross * 100, Table()) == 0


def test_four_pieces_of_800_owe_nothing_each_and_336_together() -> None:
    assert withheld_from([80_000] * 4, ROYALTY, merged=False) == 0
    assert withheld_from([80_000] * 4, ROYALTY, merged=True) == 33_600


@given(st.integers(-(10**9), 10**9))
def test_no_more_is_withheld_than_is_earned(gross: int) -> None:
    for table in (ROYALTY, LABOUR):
        assert 0 <= withheld(gross, table) <= max(gross, 0)


@given(st.integers(0, 400_000 * 20), st.integers(0, 400_000))
def test_who_earns_more_is_left_with_more(gross: int, more: int) -> None:
    for table in (ROYALTY, LABOUR):
        assert gross + more - withheld(gross + more, table) >= gross - withheld(gross, table) - 1
