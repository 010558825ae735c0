"""A slow, plain reckoner, written from the rules: piece by piece, with fractions; what a settlement must equal."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any

from panel.i18n import today
from plugins.content.models import Contribution, Release
from plugins.content.outgoing import ReadCount
from plugins.stipend.models import Exclusion, Factor, RateCard, Settlement, TaxTable

MAIN = ("author", "photo", "video", "design", "editor")
Shares = dict[int, int]  # contribution → fen


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def counted(rate: Any, piece: Any) -> Fraction:
    thousands = Fraction(piece.words, 1000)
    if rate.per == "thousand":
        ways = {"up": ceil, "down": floor, "half": half_up, "exact": lambda x: x}
        return Fraction(ways[rate.rounding](thousands))
    return Fraction({"piece": 1, "photo": piece.photos, "video": piece.videos}[rate.per])


def within(value: int | None, low: int | None, high: int | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def fits(rate: Any, piece: Any, level: str, reads: int | None) -> bool:
    for names, value in (
        (rate.kinds, piece.kind),
        (rate.classes, piece.class_),
        (rate.sources, piece.source or ""),
        (rate.levels, level),
    ):
        if names and value not in names:
            return False
    return within(piece.words, rate.words_from, rate.words_to) and within(reads, rate.reads_from, rate.reads_to)


def factor_of(piece: Any, card: Any) -> int:
    found = Factor.get_or_none(Factor.submission == piece, Factor.state == "confirmed")
    return found.value if found else min(max(100, card.least_factor), card.most_factor)


def channel(card: Any, piece: Any, level: str, reads: int | None, factor: int) -> list[tuple[str, int]]:
    """The steps of a release: (paid for, fen), a cap taken from what was added last."""
    steps, best = [], None
    for rate in sorted(card.rates, key=lambda r: r.id):
        if not fits(rate, piece, level, reads):
            continue
        fen = half_up(counted(rate, piece) * rate.amount)
        if rate.factor:
            fen = half_up(Fraction(fen * factor, 100))
        if rate.per in ("piece", "thousand") and not rate.bonus:
            best = (rate.per, fen) if best is None or fen > best[1] else best
        else:
            steps.append((rate.per, fen))
    steps = ([best] if best else []) + steps
    if card.piece_cap is None:
        return steps
    left, found = card.piece_cap, []
    for per, fen in steps:
        found.append((per, min(fen, left)))
        left -= found[-1][1]
    return found


def fee(card: Any, piece: Any, outs: list[Release]) -> list[tuple[str, int]] | str:
    factor = factor_of(piece, card)
    if not card.least_factor <= factor <= card.most_factor:
        return "range"
    asking = [r for r in card.rates if r.reads_from is not None or r.reads_to is not None]
    channels = []
    for out in outs:
        level, day = (
            out.medium.level if out.medium else "institution",
            out.released_on + timedelta(days=card.reads_days),
        )
        known = ReadCount.select().where(ReadCount.release == out, ReadCount.on <= day).order_by(ReadCount.on.desc())
        row = known.first() if asking and day <= today() else None
        reads = row.reads if row else None
        if reads is None and out.account and any(fits(r, piece, level, _some(r)) for r in asking):
            return "reads_later" if day > today() else "no_reads"
        channels.append(channel(card, piece, level, reads, factor))
    if not any(channels):
        return "no_rate"
    if card.highest_only:
        return max(channels, key=lambda steps: sum(fen for _per, fen in steps))
    return [step for steps in channels for step in steps]


def _some(rate: Any) -> int:
    return rate.reads_from if rate.reads_from is not None else rate.reads_to


def excluded(given: Contribution, piece: Any, on: Any) -> bool:
    for one in Exclusion.select().where(Exclusion.institution == piece.__data__["institution"]):
        if one.since > on or (one.until and one.until < on):
            continue
        person = given.person
        if one.kind:
            hit = one.kind == piece.kind
        elif one.person:
            hit = person is not None and one.person == person
        else:
            hit = person is not None and person.kind == "staff" and person.unit.path.startswith(one.unit.path)
        if hit:
            return True
    return False


def share_out(card: Any, piece: Any, steps: list[tuple[str, int]], on: Any) -> Shares | str:
    given = list(Contribution.select().where(Contribution.submission == piece).order_by(Contribution.position))
    parts = defaultdict(list)
    for one in given:
        parts[one.part].append(one)
    main, fen_of = next(p for p in MAIN if p in parts), dict.fromkeys(parts, 0)
    for per, fen in steps:
        fen_of[per if per in ("photo", "video") and per in parts else main] += fen
    found: Shares = {}
    for part, people in parts.items():
        weights = [1] * len(people)
        if card.split == "first":
            weights = [1] + [0] * (len(people) - 1)
        if card.split == "shares" and any(p.share is not None for p in people):
            weights = [p.share or 0 for p in people]
            if sum(weights) != 10_000:
                return "shares"
        cuts = [floor(Fraction(fen_of[part] * weight, sum(weights))) for weight in weights]
        cuts[0] += fen_of[part] - sum(cuts)
        found |= {p.id: 0 if excluded(p, piece, on) else cut for p, cut in zip(people, cuts, strict=True)}
    return found


def tax(fen: int, income: str, settlement: Settlement) -> int:
    table = (
        TaxTable.select()
        .where(TaxTable.institution == settlement.institution, TaxTable.income == income)
        .order_by(TaxTable.since.desc())
        .first()
    )
    if fen <= 0 or not table.brackets:
        return 0
    less = Fraction(table.allowance) if fen <= table.threshold else Fraction(fen * table.share, 10_000)
    left = max(Fraction(0), fen - less) * Fraction(table.counts, 10_000)
    until = next(b for b in table.brackets if b[0] is None or left <= b[0])
    return half_up(max(Fraction(0), left * Fraction(until[1], 10_000) - until[2]))


def reckon(settlement: Settlement, pieces: list[Any]) -> tuple[Shares, set[tuple[int, str]]]:
    """The fen of each contribution, and (submission, why nothing is paid); before the cap of a month."""
    paid: Shares = {}
    problems: set[tuple[int, str]] = set()
    for piece in pieces:
        outs = list(Release.select().where(Release.submission == piece, Release.state == "out").order_by(Release.id))
        if not outs:
            continue
        on = min(out.released_on for out in outs)
        card = next((c for c in RateCard if c.since <= on and (c.until is None or c.until >= on)), None)
        if not Contribution.select().where(Contribution.submission == piece).exists():
            problems.add((piece.id, "nobody"))
            continue
        steps = "no_card" if card is None else fee(card, piece, outs)
        if isinstance(steps, str):
            problems.add((piece.id, steps))
            continue
        if Factor.select().where(Factor.submission == piece, Factor.state == "proposed").exists():
            problems.add((piece.id, "proposed"))
        shares = share_out(card, piece, steps, on)
        if isinstance(shares, str):
            problems.add((piece.id, shares))
        else:
            paid |= shares
    return paid, problems
