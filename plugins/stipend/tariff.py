"""What a piece earns by a rate card, and how it is shared; whole fen throughout, nothing is read or written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

FACTOR = 100  # a factor of 1.00
SHARES = 10_000  # all of a part
THOUSAND = 1000

BASES = ("piece", "thousand")  # of which the best pays; photos, videos and bonuses are added
ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half": ROUND_HALF_UP}


@dataclass(frozen=True)
class Rate:
    """A line of a rate card: `amount` fen for each piece, 1,000 characters, photo or video that fits.

    `rounding` says how a part of 1,000 characters counts: up and down to whole thousands, half to the nearer; exact in
    proportion, rounded half up to the fen. The bounds include their ends; None is no bound. Empty sets fit everything.
    A `bonus` is added to the best rate that is none.
    """

    id: int
    per: str  # piece, thousand, photo or video
    amount: int
    rounding: str = "up"
    kinds: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    words_from: int | None = None
    words_to: int | None = None
    reads_from: int | None = None
    reads_to: int | None = None
    bonus: bool = False
    factor: bool = True  # whether the factor of the piece multiplies it


@dataclass(frozen=True)
class Card:
    """What a rate card lays down for all its lines. `piece_cap` in fen; factors in hundredths, both ends allowed."""

    rates: Sequence[Rate]
    least_factor: int = FACTOR
    most_factor: int = FACTOR
    piece_cap: int | None = None
    highest_only: bool = True  # of several channels of one work only the best pays


@dataclass(frozen=True)
class Channel:
    """One release of a work: how far its medium reaches, and its reads on the day of the snapshot."""

    id: int
    level: str = ""
    reads: int | None = None


@dataclass(frozen=True)
class Work:
    """What is paid for: frozen when it is collected."""

    kind: str
    class_: str
    source: str
    words: int
    photos: int
    videos: int
    channels: Sequence[Channel]
    factor: int = FACTOR


@dataclass(frozen=True)
class Earned:
    """The fee of one channel: each step as (rate, count, fen before the factor, fen after it)."""

    channel: int
    amount: int
    steps: tuple[tuple[int, Decimal, int, int], ...] = ()
    capped: bool = False


@dataclass(frozen=True)
class Fee:
    """What a work earns: the channels that pay, and those a better one left without pay."""

    amount: int
    paid: tuple[Earned, ...] = ()
    left: tuple[Earned, ...] = field(default=())


def allowed(card: Card, factor: int) -> bool:
    """Whether a factor lies in the range of the card (s0-11-r14)."""
    return card.least_factor <= factor <= card.most_factor


def fits(rate: Rate, work: Work, channel: Channel) -> bool:
    """Whether a line of the card is about this release of this work."""
    named = ((rate.kinds, work.kind), (rate.classes, work.class_), (rate.sources, work.source))
    if any(names and value not in names for names, value in (*named, (rate.levels, channel.level))):
        return False
    if not _within(work.words, rate.words_from, rate.words_to):
        return False
    if rate.reads_from is None and rate.reads_to is None:
        return True
    return channel.reads is not None and _within(channel.reads, rate.reads_from, rate.reads_to)


def _within(value: int, least: int | None, most: int | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def fee(card: Card, work: Work) -> Fee:
    """What a work earns by a card. A factor is never applied to a line that takes none (s0-11-r13 to r15)."""
    earned = [_earned(card, work, channel) for channel in work.channels]
    if card.highest_only and len(earned) > 1:
        best = max(earned, key=lambda one: (one.amount, -one.channel))
        return Fee(best.amount, (best,), tuple(one for one in earned if one is not best))
    return Fee(sum(one.amount for one in earned), tuple(earned))


def _earned(card: Card, work: Work, channel: Channel) -> Earned:
    """The best of the lines that fit, with every bonus and count that does; no more than the cap of a piece."""
    fitting = [rate for rate in card.rates if fits(rate, work, channel)]
    base = [_step(rate, work) for rate in fitting if rate.per in BASES and not rate.bonus]
    added = [_step(rate, work) for rate in fitting if rate.per not in BASES or rate.bonus]
    best = max(base, key=lambda step: (step[3], -step[0]), default=None)
    steps = tuple(([best] if best else []) + added)
    amount = sum(step[3] for step in steps)
    if card.piece_cap is not None and amount > card.piece_cap:
        return Earned(channel.id, card.piece_cap, steps, capped=True)
    return Earned(channel.id, amount, steps)


def _step(rate: Rate, work: Work) -> tuple[int, Decimal, int, int]:
    count = _count(rate, work)
    base = _fen(count * rate.amount)
    return rate.id, count, base, _fen(Decimal(base) * work.factor / FACTOR) if rate.factor else base


def _count(rate: Rate, work: Work) -> Decimal:
    if rate.per == "thousand":
        exact = Decimal(work.words) / THOUSAND
        return exact if rate.rounding == "exact" else exact.to_integral_value(ROUNDINGS[rate.rounding])
    return Decimal({"piece": 1, "photo": work.photos, "video": work.videos}[rate.per])


def _fen(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))


def split(amount: int, count: int, way: str, shares: Sequence[int | None] = ()) -> list[int]:
    """An amount among `count` contributors in their order; what cannot be divided goes to the first.

    `way` is equal, shares (hundredths of a percent that sum to 10,000; without any: equal) or first.
    Raises ValueError for shares that do not sum, or for nobody.
    """
    if count < 1:
        raise ValueError("nobody to share among")
    if way == "first":
        return [amount] + [0] * (count - 1)
    weights = [1] * count
    if way == "shares" and any(share is not None for share in shares):
        weights = [share or 0 for share in shares]
        if len(weights) != count or sum(weights) != SHARES:
            raise ValueError("the shares do not sum to the whole")
    parts = [amount * weight // sum(weights) for weight in weights]
    parts[0] += amount - sum(parts)
    return parts


def capped(amounts: Sequence[int], cap: int | None) -> list[int]:
    """Amounts of one person in a month, in order, cut where they pass the cap of a person and month."""
    if cap is None:
        return list(amounts)
    left, found = cap, []
    for amount in amounts:
        found.append(min(amount, max(left, 0)))
        left -= found[-1]
    return found
