"""Reads what a settlement collects, batch by batch: the same number of queries whatever a month holds."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import JOIN, Expression, fn

from panel.api import Person, Unit, today
from plugins.content.services import Contribution, MediumLevel, Release, Submission, reads_by
from plugins.stipend.cards import month_end
from plugins.stipend.choices import CLOSED, EntryKind, FactorState
from plugins.stipend.ledger import Entry, Factor, Settlement
from plugins.stipend.rates import Exclusion, Rate, RateCard
from plugins.stipend.weighing import Batch, Giver, Out, Piece, Rules, laid

LATE_MONTHS = 3  # so far back what was entered late is still collected
Medium: Any = Release._meta.fields["medium"].rel_model


def window(settlement: Settlement) -> Expression:
    """The releases a settlement collects: those of its month, and those entered late for months that are closed."""
    earlier = settlement.month.replace(day=1) - timedelta(days=31 * LATE_MONTHS)
    closed = Settlement.select(Settlement.month).where(
        Settlement.institution == settlement.institution_id,
        Settlement.state.in_(CLOSED),
        Settlement.month.between(earlier.replace(day=1), settlement.month - timedelta(days=1)),
    )
    months = [settlement.month, *(s.month for s in closed)]
    spans: Expression = reduce(or_, (Release.released_on.between(m, month_end(m)) for m in months))
    return (Release.institution == settlement.institution_id) & (Release.state == "out") & spans


def submissions(settlement: Settlement) -> array[int]:
    """The ids of the pieces to look at, eight bytes each."""
    query: Any = Release.select(Release.submission).where(window(settlement)).distinct().order_by(Release.submission)
    return array("q", (row[0] for row in query.tuples().iterator()))


def batch_of(settlement: Settlement, ids: Sequence[int], rules: Rules) -> Batch:
    """What is known of some pieces; who was paid for them in another settlement is left out."""
    outs: dict[int, list[Out]] = {}
    level = fn.COALESCE(Medium.level, MediumLevel.INSTITUTION.value)
    released: Any = (
        Release.select(Release.submission, Release.id, Release.released_on, level, Release.account.is_null(False))
        .join(Medium, JOIN.LEFT_OUTER)
        .where(Release.submission.in_(list(ids)), window(settlement))
        .order_by(Release.id)
        .tuples()
    )
    for row in released:
        outs.setdefault(row[0], []).append(Out(row[0], row[1], row[2], row[3], bool(row[4])))
    s = Submission
    columns = (s.id, s.headline, s.unit, s.kind, s.class_, s.source, s.words, s.photos, s.videos)
    told: Any = s.select(*columns).where(s.id.in_(list(outs))).order_by(s.id).tuples()
    pieces = {p[0]: Piece(*p) for p in told}
    givers, paid = _givers(settlement, list(outs))
    for done in paid - givers.keys():  # all of it is paid already, in another month
        pieces.pop(done, None)
    factors, proposed = _factors(list(outs))
    reads = _reads([o for group in outs.values() for o in group], rules)
    return Batch(pieces, outs, givers, factors, proposed, reads, today())


def _givers(settlement: Settlement, ids: list[int]) -> tuple[dict[int, list[Giver]], set[int]]:
    """Who is still to be paid by piece, and the pieces somebody was paid for elsewhere."""
    c = Contribution
    rows: Any = (
        c.select(
            c.id, c.submission, c.part, c.person, c.name, c.unit_name, c.share, Person.name, Person.kind, Person.unit
        )
        .join(Person, JOIN.LEFT_OUTER)
        .where(c.submission.in_(ids))
        .order_by(c.submission, c.part, c.position)
        .tuples()
    )
    elsewhere: Any = Entry.select(Entry.submission).where(
        Entry.submission.in_(ids), Entry.kind == EntryKind.PIECE.value, Entry.settlement != settlement
    )
    paid = {row[0] for row in elsewhere.tuples()}
    found: dict[int, list[Giver]] = {}
    for r in rows:
        if r[1] not in paid:
            found.setdefault(r[1], []).append(Giver(r[0], r[1], r[2], r[3], r[7] or r[4], r[5], r[6], r[8], r[9]))
    return found, paid


def _factors(ids: list[int]) -> tuple[dict[int, tuple[int, str]], set[int]]:
    rows: Any = (
        Factor.select(Factor.submission, Factor.value, Factor.reason, Factor.state)
        .where(Factor.submission.in_(ids), Factor.state != FactorState.REJECTED.value)
        .tuples()
    )
    known, proposed = {}, set()
    for submission, value, reason, state in rows:
        if state == FactorState.CONFIRMED:
            known[submission] = (value, reason)
        else:
            proposed.add(submission)
    return known, proposed


def _reads(outs: list[Out], rules: Rules) -> dict[int, int]:
    """The figure of the day that counts, for each release of a card that asks for reads; one query a day."""
    days: dict[date, list[int]] = {}
    for out in outs:
        card = rules.card_of(out.on)
        if card is not None and card.asks_reads and out.on + timedelta(days=card.reads_days) <= today():
            days.setdefault(out.on + timedelta(days=card.reads_days), []).append(out.release)
    found: dict[int, int] = {}
    for day, releases in days.items():
        found |= reads_by(releases, day)
    return found


def rules_of(settlement: Settlement) -> Rules:
    """The cards of the months a settlement collects, and its exclusions."""
    first = settlement.month - timedelta(days=31 * (LATE_MONTHS + 1))
    held = RateCard.institution == settlement.institution_id
    cards = list(RateCard.select().where(held, RateCard.until.is_null() | (RateCard.until >= first)))
    lines: dict[int, list[Rate]] = {c.id: [] for c in cards}
    for rate in Rate.select().where(Rate.card.in_(cards)).order_by(Rate.id):
        lines[rate.__data__["card"]].append(rate)
    rules = Rules([laid(card, lines[card.id]) for card in cards])
    for one in Exclusion.select().where(Exclusion.institution == settlement.institution_id):
        span = (one.since, one.until, one.reason)
        person, unit = one.__data__["person"], one.__data__["unit"]
        if person is not None:
            rules.people.setdefault(person, []).append(span)
        elif unit is not None:
            path = Unit.get_by_id(unit).path
            units = Unit.select().where(Unit.institution == settlement.institution_id, Unit.path.startswith(path))
            for below in units:
                rules.units.setdefault(below.id, []).append(span)
        else:
            rules.kinds.setdefault(one.kind, []).append(span)
    return rules
