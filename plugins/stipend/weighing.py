"""What pieces alike earn, and for which part: figures in, workings or an open question out; nothing is read or written.

Pieces are alike where all that decides about their fee is the same; each such case is reckoned once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from plugins.content.services import Part
from plugins.stipend import tariff
from plugins.stipend.choices import Per, ProblemKind
from plugins.stipend.rates import Rate, RateCard
from plugins.stipend.tariff import FACTOR, Card, Channel, Earned, Fee, Work

MAIN = (Part.AUTHOR, Part.PHOTO, Part.VIDEO, Part.DESIGN, Part.EDITOR)  # who is paid for a piece, the first there is
PARTS = tuple(part.value for part in MAIN)
OWN_PART = {Per.PHOTO.value: Part.PHOTO.value, Per.VIDEO.value: Part.VIDEO.value}
LATER, NONE = "later", "none"


@dataclass(frozen=True)
class Laid:
    """A rate card as it is laid down, ready to reckon with."""

    id: int
    since: date
    until: date | None
    way: str
    reads_days: int
    card: Card
    names: Mapping[int, str]
    pers: Mapping[int, str]

    @property
    def asks_reads(self) -> bool:
        return any(r.reads_from is not None or r.reads_to is not None for r in self.card.rates)


def laid(card: RateCard, rates: Sequence[Rate]) -> Laid:
    """A stored card with its lines."""
    lines = [
        tariff.Rate(
            r.id,
            r.per,
            r.amount,
            r.rounding,
            frozenset(r.kinds),
            frozenset(r.classes),
            frozenset(r.sources),
            frozenset(r.levels),
            r.words_from,
            r.words_to,
            r.reads_from,
            r.reads_to,
            r.bonus,
            r.factor,
        )
        for r in rates
    ]
    return Laid(
        card.id,
        card.since,
        card.until,
        card.split,
        card.reads_days,
        Card(tuple(lines), card.least_factor, card.most_factor, card.piece_cap, card.highest_only),
        {r.id: r.name for r in rates},
        {r.id: r.per for r in rates},
    )


class Out(NamedTuple):
    """A release of a case: `reads` is the figure that counts, or LATER, NONE, or empty where none is asked for."""

    level: str
    account: bool
    reads: str


class Case(NamedTuple):
    """All that decides about a fee, as `plugins.stipend.collecting.collect` spells it."""

    card: str
    kind: str
    class_: str
    source: str
    words: str
    photos: str
    videos: str
    factor: str
    parts: str
    uneven: str
    media: str

    @property
    def outs(self) -> list[Out]:
        found = (one.split(":") for one in self.media.split(","))
        return [Out(level, account == "1", reads) for level, account, reads in found]

    @property
    def named(self) -> list[str]:
        return [part for n, part in enumerate(PARTS) if int(self.parts) >> n & 1]


class Worked(NamedTuple):
    """What one part of pieces alike earns, with how it came about."""

    part: str
    amount: int
    steps: dict[str, Any]

    @property
    def digest(self) -> str:
        text = json.dumps(self.steps, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def weigh(alike: str, cards: Mapping[str, Laid]) -> list[Worked] | ProblemKind:
    """What each part of pieces alike earns, or why nothing is paid."""
    case = Case(*alike.split("|"))
    if not case.named:
        return ProblemKind.NOBODY
    card = cards.get(case.card)
    if card is None:
        return ProblemKind.NO_CARD
    factor = int(case.factor) if case.factor else _usual(card.card)
    if not tariff.allowed(card.card, factor):
        return ProblemKind.RANGE
    channels = tuple(
        Channel(n, out.level, int(out.reads) if out.reads.isdecimal() else None) for n, out in enumerate(case.outs)
    )
    sizes = (int(case.words), int(case.photos), int(case.videos))
    work = Work(case.kind, case.class_, case.source, *sizes, channels, factor)
    for channel, out in zip(channels, case.outs, strict=True):
        if out.account and out.reads in (LATER, NONE) and _would_ask(card, work, channel):
            return ProblemKind.READS_LATER if out.reads == LATER else ProblemKind.NO_READS
    fee = tariff.fee(card.card, work)
    if not any(earned.steps for earned in (*fee.paid, *fee.left)):
        return ProblemKind.NO_RATE
    if card.way == "shares" and int(case.uneven):
        return ProblemKind.SHARES
    return [_worked(card, factor, fee, part, amount) for part, amount in _by_part(fee, card, case.named).items()]


def _worked(card: Laid, factor: int, fee: Fee, part: str, amount: int) -> Worked:
    steps = {
        "card": card.id,
        "factor": factor,
        "fee": fee.amount,
        "paid": [_shown(earned, card) for earned in fee.paid],
        "left": [_shown(earned, card) for earned in fee.left],
        "part": part,
        "part_fee": amount,
        "way": card.way,
    }
    return Worked(part, amount, steps)


def _usual(card: Card) -> int:
    """The factor of a piece for which nobody proposed one: 1, or the nearest the card allows."""
    return max(card.least_factor, min(FACTOR, card.most_factor))


def _would_ask(card: Laid, work: Work, channel: Channel) -> bool:
    """Whether reads decide about this release: a line that asks for them fits it otherwise."""
    for rate in card.card.rates:
        low, high = rate.reads_from, rate.reads_to
        if low is None and high is None:
            continue
        if tariff.fits(rate, work, Channel(channel.id, channel.level, low if low is not None else high)):
            return True
    return False


def _by_part(fee: Fee, card: Laid, parts: Sequence[str]) -> dict[str, int]:
    """The fee by the part it is paid for, 0 for others named; a cap takes from what was added last."""
    main = next(part for part in PARTS if part in parts)
    total = dict.fromkeys(parts, 0)
    for earned in fee.paid:
        over = sum(step[3] for step in earned.steps) - earned.amount
        for rate, _count, _base, after in reversed(earned.steps):
            cut = min(max(over, 0), after)
            over -= cut
            part = OWN_PART.get(card.pers[rate], main)
            total[part if part in parts else main] += after - cut
    return total


def _shown(earned: Earned, card: Laid) -> dict[str, Any]:
    """A channel by its place, its steps as they are kept: [line, count, fen before the factor, fen after]."""
    kept: dict[str, Any] = {"channel": earned.channel, "amount": earned.amount}
    kept["steps"] = [[card.names[r], card.pers[r], f"{c.normalize():f}", b, a] for r, c, b, a in earned.steps]
    if earned.capped:
        kept["capped"] = True
    return kept
