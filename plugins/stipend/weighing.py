"""What a batch of pieces earns and how it is shared: figures in, entries and open questions out; nothing is written.

Everything an amount came from is kept beside it, so that each line can be followed, and reckoned again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from plugins.content.services import Part
from plugins.stipend import tariff
from plugins.stipend.choices import Per, ProblemKind
from plugins.stipend.rates import Rate, RateCard
from plugins.stipend.tariff import FACTOR, Card, Channel, Earned, Fee, Work

MAIN = (Part.AUTHOR, Part.PHOTO, Part.VIDEO, Part.DESIGN, Part.EDITOR)  # who is paid for a piece, the first there is
OWN_PART = {Per.PHOTO.value: Part.PHOTO.value, Per.VIDEO.value: Part.VIDEO.value}


class Out(NamedTuple):
    """A release: `level` is that of its medium; the institution's accounts count as its own media."""

    submission: int
    release: int
    on: date
    level: str
    account: bool


class Piece(NamedTuple):
    """What a submission was when it was collected."""

    id: int
    headline: str
    unit: int
    kind: str
    class_: str
    source: str
    words: int
    photos: int
    videos: int


class Giver(NamedTuple):
    """Somebody's part in a piece; `member` is the unit whose staff the person is."""

    id: int
    submission: int
    part: str
    person: int | None
    name: str
    unit_name: str
    share: int | None
    kind: str | None
    member: int | None


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


@dataclass
class Batch:
    """The pieces of a batch with all that is known of them."""

    pieces: dict[int, Piece]
    outs: dict[int, list[Out]]
    givers: dict[int, list[Giver]]
    factors: dict[int, tuple[int, str]]  # confirmed: submission → (value, reason)
    proposed: set[int]
    reads: dict[int, int]  # release → figure of the day that counts
    today: date


@dataclass
class Rules:
    """The cards of a month and whom nothing is paid."""

    cards: list[Laid]
    people: dict[int, list[tuple[date, date | None, str]]] = field(default_factory=dict)
    units: dict[int, list[tuple[date, date | None, str]]] = field(default_factory=dict)
    kinds: dict[str, list[tuple[date, date | None, str]]] = field(default_factory=dict)

    def card_of(self, on: date) -> Laid | None:
        return next((c for c in self.cards if c.since <= on and (c.until is None or c.until >= on)), None)

    def why_not(self, piece: Piece, giver: Giver, on: date) -> str:
        """Why nothing is paid to somebody for a piece; empty where something is."""
        spans = [*self.kinds.get(piece.kind, ())]
        if giver.person is not None:
            spans += self.people.get(giver.person, ())
            if giver.kind == "staff" and giver.member is not None:
                spans += self.units.get(giver.member, ())
        return next((why for since, until, why in spans if since <= on and (until is None or until >= on)), "")


class Found(NamedTuple):
    """One contributor's amount, with how it came about."""

    giver: Giver
    piece: Piece
    amount: int
    frozen: dict[str, Any]
    note: str


def weigh(batch: Batch, rules: Rules) -> Iterator[Found | tuple[int, ProblemKind]]:
    """Each amount of the batch, or (submission, why there is none)."""
    for piece_id, piece in batch.pieces.items():
        outs, givers = batch.outs[piece_id], batch.givers.get(piece_id, [])
        on = min(out.on for out in outs)
        card = rules.card_of(on)
        if not givers:
            yield piece_id, ProblemKind.NOBODY
            continue
        if card is None:
            yield piece_id, ProblemKind.NO_CARD
            continue
        found = _fee(batch, piece, outs, card)
        if isinstance(found, ProblemKind):
            yield piece_id, found
            continue
        if piece_id in batch.proposed:
            yield piece_id, ProblemKind.PROPOSED
        try:
            yield from _shared(batch, rules, piece, givers, card, on, *found)
        except ValueError:
            yield piece_id, ProblemKind.SHARES


def _fee(batch: Batch, piece: Piece, outs: list[Out], card: Laid) -> tuple[Work, Fee] | ProblemKind:
    factor = batch.factors.get(piece.id, (_usual(card.card), ""))[0]
    channels = tuple(Channel(o.release, o.level, batch.reads.get(o.release)) for o in outs)
    work = Work(piece.kind, piece.class_, piece.source or "", piece.words, piece.photos, piece.videos, channels, factor)
    if not tariff.allowed(card.card, factor):
        return ProblemKind.RANGE
    if card.asks_reads:
        for out in outs:
            if out.account and out.release not in batch.reads and _would_ask(card, work, out):
                later = out.on + timedelta(days=card.reads_days) > batch.today
                return ProblemKind.READS_LATER if later else ProblemKind.NO_READS
    fee = tariff.fee(card.card, work)
    if not any(earned.steps for earned in (*fee.paid, *fee.left)):
        return ProblemKind.NO_RATE
    return work, fee


def _usual(card: Card) -> int:
    """The factor of a piece for which nobody proposed one: 1, or the nearest the card allows."""
    return max(card.least_factor, min(FACTOR, card.most_factor))


def _would_ask(card: Laid, work: Work, out: Out) -> bool:
    """Whether reads decide about this release: a line that asks for them fits it otherwise."""
    for rate in card.card.rates:
        low, high = rate.reads_from, rate.reads_to
        if low is None and high is None:
            continue
        if tariff.fits(rate, work, Channel(out.release, out.level, low if low is not None else high)):
            return True
    return False


def _by_part(fee: Fee, card: Laid, parts: Sequence[str]) -> dict[str, int]:
    """The fee by the part it is paid for; a cap takes from what was added last."""
    main = next(p.value for p in MAIN if p.value in parts)
    total: dict[str, int] = {}
    for earned in fee.paid:
        over = sum(step[3] for step in earned.steps) - earned.amount
        for rate, _count, _base, after in reversed(earned.steps):
            cut = min(max(over, 0), after)
            over -= cut
            part = OWN_PART.get(card.pers[rate], main)
            part = part if part in parts else main
            total[part] = total.get(part, 0) + after - cut
    return total


def _shared(
    batch: Batch, rules: Rules, piece: Piece, givers: list[Giver], card: Laid, on: date, work: Work, fee: Fee
) -> list[Found]:
    parts = list(dict.fromkeys(g.part for g in givers))
    amounts = _by_part(fee, card, parts)
    steps = [_shown(earned, card, batch) for earned in fee.paid]
    shared: dict[str, Any] = {
        "card": card.id,
        "on": on.isoformat(),
        "factor": work.factor,
        "why": batch.factors.get(piece.id, (0, ""))[1],
        "words": work.words,
        "photos": work.photos,
        "videos": work.videos,
        "fee": fee.amount,
        "paid": steps,
        "left": [_shown(earned, card, batch) for earned in fee.left],
    }
    found: list[Found] = []
    for part in parts:
        among = [g for g in givers if g.part == part]
        whole = amounts.get(part, 0)
        for place, (giver, amount) in enumerate(
            zip(among, tariff.split(whole, len(among), card.way, [g.share for g in among]), strict=True)
        ):
            why = rules.why_not(piece, giver, on)
            frozen = {**shared, "part": part, "part_fee": whole, "way": card.way, "place": place, "of": len(among)}
            if giver.share is not None:
                frozen["share"] = giver.share
            if why:
                frozen["excluded"] = amount
            found.append(Found(giver, piece, 0 if why else amount, frozen, why[:300]))
    return found


def _shown(earned: Earned, card: Laid, batch: Batch) -> dict[str, Any]:
    """A channel with its steps as they are kept: [line, count, fen before the factor, fen after]."""
    kept: dict[str, Any] = {"release": earned.channel, "amount": earned.amount}
    if earned.channel in batch.reads:
        kept["reads"] = batch.reads[earned.channel]
    kept["steps"] = [[card.names[r], card.pers[r], f"{c.normalize():f}", b, a] for r, c, b, a in earned.steps]
    if earned.capped:
        kept["capped"] = True
    return kept
